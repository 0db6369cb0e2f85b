"""Comments of Markdown: a template's tell who writes what to write, and nobody sees them then."""

from __future__ import annotations

import re

# What begins something at a position: a block of code, a code span, a comment.
_START = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})|(`+)|<!--", re.MULTILINE)
_RUN = re.compile(r"`+")
# A code span ends with its paragraph, which a block of code and a comment on a line of its own end,
# too (CommonMark 0.31, 4.5 and 4.6).
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|\n {0,3}(?:<!--|```|~~~)")


def without_comments(text: str) -> str:
    """Return a text in Markdown without comments; in code they are a part of it."""
    if "<!--" not in text:
        return text
    next_runs = _next_equal_runs(text)
    parts: list[str] = []
    kept = position = 0
    while found := _START.search(text, position):
        if found[1]:
            position = _fence_end(text, found)
        elif found[2]:
            position = _span_end(text, found, next_runs)
        else:
            end = text.find("-->", found.end())
            if end < 0:
                break
            position = end + len("-->")
            position += text[position : position + 1] == "\n"
            parts.append(text[kept : found.start()])
            kept = position
    return "".join([*parts, text[kept:]])


def _fence_end(text: str, fence: re.Match[str]) -> int:
    """Return where a block of code ends: with a line of as many marks, or with the text."""
    mark = re.escape(fence[1][0])
    end = re.compile(rf"^ {{0,3}}{mark}{{{len(fence[1])},}}[ \t]*$", re.MULTILINE)
    found = end.search(text, fence.end())
    return found.end() if found else len(text)


def _span_end(text: str, run: re.Match[str], next_runs: dict[int, int]) -> int:
    """Return where a code span ends, or its backticks if they begin none."""
    start = next_runs.get(run.start())
    if start is None or _PARAGRAPH_END.search(text, run.end(), start):
        return run.end()
    return start + len(run[2])


def _next_equal_runs(text: str) -> dict[int, int]:
    """Return where the next run of as many backticks begins, by where each begins."""
    found: dict[int, int] = {}
    latest: dict[int, int] = {}
    for run in reversed(list(_RUN.finditer(text))):
        length = run.end() - run.start()
        if length in latest:
            found[run.start()] = latest[length]
        latest[length] = run.start()
    return found
