"""The emoji that people react with to tell Déjà something, by their names in Slack."""

from __future__ import annotations

import re
from typing import Literal, Protocol

# ✅ and ✔️ on a reply: this solved it.
SOLVED_MARKS = ("white_check_mark", "heavy_check_mark")

# What an emoji turns a message into: a ticket, or something to ignore.
OverrideKind = Literal["ticket", "ignored"]

_SKIN_TONE = re.compile("::skin-tone-[2-6]$")
_NAME = re.compile(r"[^\W_][\w+'-]{0,99}|[+-]1")


def emoji_name(text: str) -> str | None:
    """Return the name of an emoji as people write it (":pushpin:"), or None if it is not a name.

    A skin tone is left out: reactions in all tones are the same emoji.
    """
    name = _SKIN_TONE.sub("", text.strip().strip(":")).casefold()
    return name if _NAME.fullmatch(name) else None


class EmojiSettings(Protocol):
    """The emoji of a channel, "" for none."""

    @property
    def ticket_emoji(self) -> str:
        """The emoji that makes a message a ticket."""

    @property
    def ignore_emoji(self) -> str:
        """The emoji that makes Déjà ignore a message."""


def override_kind(emoji: EmojiSettings, reaction: str) -> OverrideKind | None:
    """Return what a reaction, by the name of its emoji, turns a message into, None if nothing."""
    name = emoji_name(reaction)
    if name is None:
        return None
    if name == emoji.ticket_emoji:
        return "ticket"
    return "ignored" if name == emoji.ignore_emoji else None
