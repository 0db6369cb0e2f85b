"""Conversations in one cell, as chat widgets write them: a line for each turn, with its author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.text.words.word_lists import words

# Lines such as `(10:00:12) Ana Diaz: It jams.`, `[2026-05-04 10:00] Kim (operator): Oil it.`,
# `10:04 AM - Support: Oil it.` and `2026-05-04T10:04:00Z Support: Oil it.`
# Each part is bounded: lines of nothing but spaces would take long otherwise.
_TURN = re.compile(
    r"^[ \t]{0,8}(?:[\[(](?P<at>\d[^\])\n]{3,40})[\])]|(?P<bare>\d[\d:./,T-]{3,22}(?: [\d:]{4,8})?"
    r"(?: ?[AP]M)?(?:Z|[+-]\d\d:?\d\d)?))"
    r"[ \t]{0,8}(?:-[ \t]{0,8})?(?P<author>[^\s:<>\[\]][^\n:<>\[\]]{0,59}?):(?=\s|$)",
    re.MULTILINE | re.IGNORECASE,
)
# Such as Kim (operator), or Agent Kim.
_TEAM = re.compile(
    r"\((?:agent|operator|support|staff|admin|bot|team|mitarbeiter|agente|operador)\)$"
    r"|^(?:agent|operator|support|staff|bot|helpdesk|help desk)\b",
    re.IGNORECASE,
)
# A text with a single line of this form may be any.
MIN_TURNS = 2
# What stands above a transcript: a title of some words, and fields of the chat.
MAX_TITLE = 5
_LABEL = re.compile(r"\w+(?: \w+){0,3} ?: *\S")
# Lines of a log look like turns.
_LEVELS = words("error err warn warning info debug fatal trace critical notice severe verbose")


@dataclass(frozen=True)
class Turn:
    """What somebody said, `at` as it is written; `is_agent` is None where the name does not say."""

    at: str
    author: str
    text: str
    is_agent: bool | None


def turns_of(text: str) -> list[Turn]:
    """Return the turns of a transcript; none of any other text."""
    found = list(_TURN.finditer(text))
    if len(found) < MIN_TURNS or any(one["author"].lower() in _LEVELS for one in found):
        return []
    heading = text[: found[0].start()].splitlines()
    return list(_turns(text, found)) if all(map(_is_heading, heading)) else []


def _is_heading(line: str) -> bool:
    """Say whether a line above all turns says nothing of the matter: "Chat started: Monday"."""
    return len(line.split()) <= MAX_TITLE or _LABEL.match(line.strip()) is not None


def _turns(text: str, found: list[re.Match[str]]) -> Iterator[Turn]:
    for number, one in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        author = one["author"].strip()
        is_agent = True if _TEAM.search(author) else None
        yield Turn((one["at"] or one["bare"]).strip(), author, text[one.end() : end], is_agent)
