"""Comments of Markdown: a template's tell who writes what to write, and nobody sees them then."""

from __future__ import annotations

import re

# What begins something at a position: a block of code, a code span, a comment.
_START = re.compile(r"^ {0,3}(`{3,}(?=[^`\n]*$)|~{3,})|(`+)|<!--", re.MULTILINE)
_RUN = re.compile(r"`+")
# A line of code that needs no marks, and one of a list, in which as many spaces are no code (4.4).
_INDENTED = re.compile(r"(?: {4}|\t)[ \t]*\S")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
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
        elif _is_indented_code(text, found.start()):
            position = found.end()
        else:
            # "<!-->" is one (CommonMark 0.31, 6.6).
            end = text.find("-->", found.end() - len("--"))
            if end < 0:
                break
            position = end + len("-->")
            position += text[position : position + 1] == "\n"
            parts.append(text[kept : found.start()])
            kept = position
    return "".join([*parts, text[kept:]])


def _is_indented_code(text: str, position: int) -> bool:
    """Say whether a position is in a block of lines with four spaces before each.

    Such a block stands at the beginning or below an empty line, and not in a list.
    """
    start = text.rfind("\n", 0, position) + 1
    if not _INDENTED.match(text, start, position + 1):
        return False
    has_space = False
    for _ in range(_MAX_CODE_LINES):
        if start == 0:
            return True
        end, start = start - 1, text.rfind("\n", 0, start - 1) + 1
        line = text[start:end]
        if line.strip():
            if not _INDENTED.match(line):
                return has_space and not _LIST_ITEM.match(line)
            has_space = False
        else:
            has_space = True
    return True


# Nothing but code has as many indented lines.
_MAX_CODE_LINES = 100


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
