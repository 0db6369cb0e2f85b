"""Answers in JSON, of the pages that are not Bolt's."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse


def answer(start_response: StartResponse, status: int, **body: Any) -> list[bytes]:
    """Answer with a status and an object."""
    start_response(f"{status} {HTTPStatus(status).phrase}", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def answer_health(start_response: StartResponse, is_healthy: Callable[[], bool]) -> list[bytes]:
    """Answer whether all is well, as `/healthz` does on every port."""
    healthy = is_healthy()
    return answer(start_response, 200 if healthy else 503, ok=healthy)
