"""Stems of words in three languages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.text.words.stems import stem


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

    def stems(thread: int) -> list[str]:
        return [
            stem(f"{chr(97 + thread)}{chr(97 + n)}{word}{ending}", "en")
            for n in range(20)
            for word in ("print", "meet", "cancel")
            for ending in ("", "s", "ed", "ing", "ations", "fulness", "ational")
        ]

    stem.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(stems, range(16)))
    stem.cache_clear()
    assert found == [stems(thread) for thread in range(16)]


def test_each_language_has_its_own_endings() -> None:
    """English, German and Spanish."""
    assert stem("printing", "en") == stem("printed", "en")
    assert stem("druckern", "de") == stem("drucker", "de")
    assert stem("impresoras", "es") == stem("impresora", "es")
