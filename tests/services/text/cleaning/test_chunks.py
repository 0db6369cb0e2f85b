"""Chunks: a text in pieces, each as long as a model's window."""

from __future__ import annotations

import re
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning.chunks import chunks


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=120), window=st.integers(10, 40))
def test_chunks_cover_every_token(lengths: list[int], window: int) -> None:
    """No token is lost, no chunk is longer than the window, and chunks are in order."""
    characters = (chr(0x4E00 + number) for number in range(2_000))  # every token is another
    text = " ".join("".join(islice(characters, length)) for length in lengths)
    tokens = [match.span() for match in re.finditer(r"\S", text)]
    pieces = [piece.replace(" ", "") for piece in chunks(text, tokens, window)]
    assert all(len(piece) <= window for piece in pieces)
    assert sorted(set("".join(pieces))) == sorted(text.replace(" ", ""))
    assert [piece[0] for piece in pieces] == sorted(piece[0] for piece in pieces)
