"""How the tests of the contract open an index."""

from __future__ import annotations

from collections.abc import Callable

from services.search.contract import VectorIndex

MakeIndex = Callable[[], VectorIndex]
