"""Chunks of a cleaned text, each short enough for the window that a model reads at once."""

from __future__ import annotations

from collections.abc import Sequence

# Part of every model fingerprint: raised where cleaning changes what most texts say, so that their
# old vectors are never compared with new ones.
CLEANING_VERSION = 2

# Neighbouring chunks share an eighth of the window, so that a sentence cut at the end of one chunk
# is whole in the next.
OVERLAP_SHARE = 8

# How far a chunk's end may move back to end between words, in tokens.
WORD_SEARCH = 24


def chunks(text: str, tokens: Sequence[tuple[int, int]], window: int) -> list[str]:
    """Split `text` into overlapping pieces of at most `window` tokens, between words if possible.

    `tokens` are the (start, end) character offsets of the text's tokens in order. Every token is
    in at least one piece.
    """
    if len(tokens) <= window:
        return [text]
    overlap = window // OVERLAP_SHARE
    pieces = []
    start = 0
    while True:
        end = min(start + window, len(tokens))
        if end < len(tokens):
            end = _between_words(text, tokens, end, lowest=max(start + overlap, end - WORD_SEARCH))
        pieces.append(text[tokens[start][0] : tokens[end - 1][1]])
        if end == len(tokens):
            return pieces
        start = _between_words(text, tokens, end - overlap, lowest=start + 1)


def _between_words(text: str, tokens: Sequence[tuple[int, int]], at: int, *, lowest: int) -> int:
    """Return the nearest index at or before `at`, above `lowest`, whose token starts a word."""
    for index in range(at, max(lowest, at - WORD_SEARCH), -1):
        if text[tokens[index - 1][1] : tokens[index][0]]:  # something lies between the two
            return index
    return at
