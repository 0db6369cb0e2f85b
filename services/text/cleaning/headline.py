"""A ticket's headline: its title, or the first thing that its text says."""

from __future__ import annotations

import re

from services.text.small_talk.talk import has_matter, names_something, uses_of
from services.text.small_talk.talk_words import Use
from services.text.words.plain import shorten

TITLE_LENGTH = 80

_CLAUSE_END = re.compile(r"[.,;:!?…]+\s+|\s+[-–—]+\s+")


def _first_matter(text: str) -> str:
    """Return the first line that has a matter, without what leads up to it; else the first line.

    Of a forwarded message that is its own line: "anyone seen this?" says less.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = next((one for one in lines if has_matter(one)), None)
    if line is None:
        return lines[0] if lines else ""
    at = 0
    for end in _CLAUSE_END.finditer(line):
        if not _leads_up(line[at : end.start()]):
            break
        at = end.end()
    return line[at:] or line


def _leads_up(clause: str) -> bool:
    """Say whether a clause only leads up to what a text is about: "Hi all", "quick question".

    One that names a subject ("The app, since today, …") or trouble ("not working: …") is part of
    what the text is about.
    """
    if has_matter(clause):
        return False
    uses = uses_of(clause)
    return bool(uses & (Use.GREETINGS | Use.THANKS)) or not (
        names_something(clause) or uses & Use.TROUBLE
    )


def headline(title: str | None, text: str, length: int = TITLE_LENGTH) -> str:
    """Return a one-line title of at most `length` characters: the given one, or what a text says.

    What leads up to it is left out: "Hi all, the printer is offline" is about "the printer is
    offline".
    """
    return shorten(title or _first_matter(text), length)
