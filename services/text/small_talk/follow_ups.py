"""Recognises messages that follow up on a ticket: "any news?", "works again", "same here".

Only for texts that say nothing of a matter themselves: what they mention ("status", "works") would
say nothing about a message of its own substance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache

from services.text.small_talk.failure_reports import says_it_failed
from services.text.small_talk.talk import KEPT_TEXTS, has_matter
from services.text.words.folding import fold_joined
from services.text.words.plain import plain_text
from services.text.words.word_lists import read_lists, spaced_phrases


class FollowUpKind(StrEnum):
    """What a follow-up says about its ticket."""

    NEWS = "news"
    WORKS = "works"
    BROKEN = "broken"
    DETAIL = "detail"
    SAME = "same"


# A longer text tells a story, in which any of the phrases may occur.
MAX_WORDS = 25

# What somebody adds to "same here". A longer reply is a report of its own.
MAX_AGREEMENT_WORDS = 12

_WORD = re.compile(r"[^\W_]+")
_MENTION = re.compile(r"<[@#!][^<>\s]*>|(?<!\S)[@#]\w[\w.\-]*")
_PLUS_ONE = re.compile(r"\s*[+➕]\s?1\b")
# Nothing but question marks: "?", "??"
_ONLY_ASKS = re.compile(r"\s*[¿?]+\s*")


def kind_of_reply(text: str) -> FollowUpKind | None:
    """Return which follow-up of its thread's ticket a reply is, or None if it is none.

    What stands in the ticket's own thread is about it: a reply may say something of the matter
    besides ("same here, on the second floor").
    """
    if begins_with_agreement(text):
        return FollowUpKind.SAME
    if says_it_failed(text):
        return FollowUpKind.BROKEN
    return None if has_matter(text) else kind_of_talk(text)


def begins_with_agreement(text: str) -> bool:
    """Say whether a text begins with saying that its author has the same problem."""
    if _PLUS_ONE.match(text):
        return True
    words = _words(text)
    start = f" {' '.join(words)} "
    is_short = len(words) <= MAX_AGREEMENT_WORDS
    return is_short and start.startswith(_phrases()[FollowUpKind.SAME])


@lru_cache(maxsize=KEPT_TEXTS)
def kind_of_talk(text: str) -> FollowUpKind | None:
    """Return which follow-up a text without a matter is, or None if it is none."""
    if _PLUS_ONE.match(text):
        return FollowUpKind.SAME
    if _ONLY_ASKS.fullmatch(text):
        return FollowUpKind.NEWS
    words = _words(text)
    if not words or len(words) > MAX_WORDS:
        return None
    spaced = f" {' '.join(words)} "
    found = next(
        (kind for kind, phrases in _phrases().items() if any(one in spaced for one in phrases)),
        None,
    )
    # Whoever asks does not know: "is this being worked on?"
    is_asked = found is FollowUpKind.WORKS and "?" in text
    return FollowUpKind.NEWS if is_asked else found


def without_mentions(text: str) -> str:
    """Return a text in one spelling: without mentions, apostrophes, accents and capitals."""
    return fold_joined(_MENTION.sub(" ", plain_text(text)))


def _words(text: str) -> list[str]:
    return _WORD.findall(without_mentions(text))


@cache
def _phrases() -> Mapping[FollowUpKind, tuple[str, ...]]:
    """Return the phrases of each kind, between spaces, the kinds in order of precedence."""
    return {
        FollowUpKind(kind): spaced_phrases(languages.values())
        for kind, languages in read_lists("follow_ups.toml", "services.text.small_talk").items()
    }
