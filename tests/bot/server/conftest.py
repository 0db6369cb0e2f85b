"""A bot that listens for HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving import Desk
from tests.web import Web, listening


@pytest.fixture
def web(desk: Desk) -> Iterator[Web]:
    """Have a desk's bot listen on a free port."""
    with listening(desk) as web:
        yield web
