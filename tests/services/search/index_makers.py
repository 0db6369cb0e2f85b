"""How the tests of the contract open an index."""

from __future__ import annotations

from collections.abc import Callable

from services.search.indexes.contract import VectorIndex

MakeIndex = Callable[[], VectorIndex]
