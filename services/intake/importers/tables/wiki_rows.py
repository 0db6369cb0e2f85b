"""Rows of tables in wiki markup and Markdown, whose cells have bars around them."""

from __future__ import annotations

from collections.abc import Sequence


def wiki_cells(cells: Sequence[str], width: int) -> list[str]:
    """Return the cells of a row that was split at its bars; `width` is that of the rows before.

    The header of Jira's and Confluence's markup has two bars between its names, and so no empty
    cells. A backslash stands before a bar that is part of a text.
    """
    found = [*cells]
    between = found[1:-1:2]
    if len(found) >= _MIN_HEADER and len(found) % 2 and not (found[0] or found[-1] or any(between)):
        return ["", *found[2:-1:2], ""]
    if len(found) <= width or not width:
        return found
    joined: list[str] = []
    for cell in found:
        if joined and joined[-1].endswith("\\"):
            joined[-1] = f"{joined[-1][:-1]}|{cell}"
        else:
            joined.append(cell)
    return joined if len(joined) == width else found


# The cells of "||A||", the shortest header, as it is split: A and two empty ones on each side.
_MIN_HEADER = 5
