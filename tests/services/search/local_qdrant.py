"""Qdrant's local mode: all of its interface in this process, without a server."""

from __future__ import annotations

import warnings
from threading import RLock
from typing import Any, cast

from qdrant_client import QdrantClient


class _OneAtATime:
    """Lets one thread at a time use a client: the local mode has no locks, unlike a server."""

    def __init__(self, client: QdrantClient) -> None:
        self._client = client
        self._lock = RLock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*values: Any, **named: Any) -> Any:
            # It says that it has no payload indexes: it needs none.
            with self._lock, warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                return method(*values, **named)

        return call


def local_qdrant() -> QdrantClient:
    """Return an empty Qdrant in memory."""
    return cast(QdrantClient, _OneAtATime(QdrantClient(":memory:")))
