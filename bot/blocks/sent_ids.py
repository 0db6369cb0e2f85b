"""Ids that buttons, menus and forms send back. What they say may be forged."""

from __future__ import annotations

import re

# Of a row, which every database can hold, and of a conversation in Slack.
ROW_ID = r"[0-9]{1,18}"
CHANNEL_ID = r"[CGD][A-Z0-9]{0,62}"

_ROW = re.compile(ROW_ID)
_CHANNEL = re.compile(CHANNEL_ID)
_ROW_IN_CHANNEL = re.compile(rf"({CHANNEL_ID}):({ROW_ID})")


def is_row_id(text: str) -> bool:
    """Say whether a text can be the id of a row."""
    return _ROW.fullmatch(text) is not None


def is_channel_id(text: str) -> bool:
    """Say whether a text can be the Slack id of a channel."""
    return _CHANNEL.fullmatch(text) is not None


def row_in_channel(text: str) -> tuple[str, int] | None:
    """Return the channel and the row that a text like "C1:2" names; None if it names none."""
    found = _ROW_IN_CHANNEL.fullmatch(text)
    return None if found is None else (found[1], int(found[2]))
