"""The pieces that every message is made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.answers import Shown
from services.text import headline

Block = dict[str, Any]

BAND_WORDS = {"duplicate": "very alike", "similar": "alike"}
RESOLUTION_LENGTH = 180

# Slack's own limits, with room to spare where it cuts off without a word.
SECTION_LENGTH = 3000
MESSAGE_LENGTH = 12_000

_UNITS = (("year", 365), ("month", 30), ("week", 7), ("day", 1))


def escape(text: str) -> str:
    """Return `text` so that Slack shows it as it is: no mention, link or style comes of it."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A zero-width space keeps `*`, `_`, `~` and backticks from pairing up.
    return "".join(f"\u200b{c}" if c in "*_~`" else c for c in escaped)


def link(title: str, url: str | None) -> str:
    """Return a bold title, linked where there is an address."""
    words = escape(title).replace("|", "¦") or "(no text)"
    if url and url.startswith(("http://", "https://")) and not set(url) & set("<>| \n"):
        return f"*<{url}|{words}>*"
    return f"*{words}*"


def age(span: timedelta) -> str:
    """Return how long ago in the words people use: "3 weeks", "today"."""
    for unit, days in _UNITS:
        number = span.days // days
        if number:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    hours = int(span.total_seconds()) // 3600
    return f"{hours} hour{'s' if hours > 1 else ''}" if hours else "minutes"


def candidate_lines(shown: Shown, seen_at: datetime) -> str:
    """Return an item in two or three lines: title, what is known, the answer that solved it."""
    facts = [
        BAND_WORDS.get(shown.band, "a little alike"),
        escape(shown.status),
        f"{age(max(seen_at - shown.created_at, timedelta()))} earlier",
    ]
    if shown.channel:
        facts.append(f"#{escape(shown.channel)}")
    lines = [link(shown.title, shown.url), " · ".join(facts)]
    if shown.resolution:
        short = headline(None, " ".join(shown.resolution.split()), RESOLUTION_LENGTH)
        lines.append(f">:white_check_mark: {escape(short)}")
    return "\n".join(lines)


def section(text: str, **more: Any) -> Block:
    """Return a section of `mrkdwn`, cut to Slack's limit."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION_LENGTH]}, **more}


def context(text: str) -> Block:
    """Return a line of small grey text."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:SECTION_LENGTH]}]}


def button(words: str, action: str, value: str, **more: Any) -> Block:
    """Return a button; `action` comes back in the click as `deja_<action>`."""
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": words, "emoji": True},
        "action_id": f"deja_{action}",
        "value": value,
        **more,
    }
