"""Stems of words in three languages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.text.stems import stem


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Let threads take turns all the time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("busy_threads")
def test_threads_do_not_disturb_each_other() -> None:
    """Workers and topic runs read texts at the same time, and all get the same stems."""
    words = [f"{word}{ending}" for word in ("print", "meet", "cancel") for ending in
             ("", "s", "ed", "ing", "ations", "fulness", "ational")] * 20  # fmt: skip

    def stems(_: int) -> list[str]:
        return [stem(word, "en") for word in words]

    alone = stems(0)
    with ThreadPoolExecutor(8) as threads:
        assert all(found == alone for found in threads.map(stems, range(16)))


def test_each_language_has_its_own_endings() -> None:
    """English, German and Spanish."""
    assert stem("printing", "en") == stem("printed", "en")
    assert stem("druckern", "de") == stem("drucker", "de")
    assert stem("impresoras", "es") == stem("impresora", "es")
