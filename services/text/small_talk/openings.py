"""Recognises messages that follow a ticket by how they begin, whatever they mention besides.

"Us too, 3rd floor" and "solved, the cable was loose" mention things, but whoever has not read the
ticket before them does not know what they are about. English, German and Spanish.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from services.text.small_talk.follow_ups import FollowUpKind, without_mentions
from services.text.small_talk.talk import KEPT_TEXTS, has_matter
from services.text.words.word_lists import read_lists, spaced_phrases

# What says more is a report of its own.
MAX_AGREEMENT_WORDS = 9
# Words after "same here" that say where or for whom, and after "solved" that say why.
MAX_PLACE_WORDS, MAX_REASON_WORDS = 5, 12
# Of a reason in which nothing is said to have been: "solved, layer 8".
MAX_BARE_REASON_WORDS = 3

_CLAUSE_END = re.compile(r"\s*[,;:.!)–—-]+(?=\s|$)\s*|\s+\(")
_PLUS_ONE = re.compile(r"^[+➕]\s?1\b")
_WORD = re.compile(r"[^\W_]+")
# "E-41", "INV203": what has a code names a matter of its own; "3rd" is none.
_CODE = re.compile(r"\b[a-z]+-?\d+")


@lru_cache(maxsize=KEPT_TEXTS)
def kind_of_opening(text: str) -> FollowUpKind | None:
    """Return which follow-up a text is by how it begins, or None if it may stand for itself."""
    if "?" in text or "\n" in text.strip():
        return None
    plain = without_mentions(text).strip()
    if _agrees(plain):
        return FollowUpKind.SAME
    return FollowUpKind.WORKS if _says_it_is_solved(plain) else None


def _agrees(plain: str) -> bool:
    """Say whether a text says that others have the same, and at most where, or who."""
    message = _spaced(_PLUS_ONE.sub("same here ", plain))
    is_longer = len(message.split()) > MAX_AGREEMENT_WORDS
    if is_longer or _CODE.search(plain) or _has(message, "but", "trouble"):
        return False
    if _after(message, "for_others") is not None and message.endswith(_phrases("groups")):
        return True
    rest = _after(message, "agreement")
    if rest is None:
        rest = _after(message, "here")
        return rest is not None and _says_where(rest) and message.endswith(_phrases("too"))
    if _has(rest, "negations", "besides") or _asks_for_more(rest):
        return False
    is_set_off = len(_clauses(plain)) > 1 and len(rest.split()) <= MAX_PLACE_WORDS
    return not rest.strip() or is_set_off or _says_where(rest)


def _asks_for_more(rest: str) -> bool:
    """Say whether what follows "me too" asks for a thing: "I need a new laptop", not "I need help".

    What others have too is not asked for in it.
    """
    return _has(rest, "asks") and has_matter(rest)


def _says_where(rest: str) -> bool:
    return len(rest.split()) <= MAX_PLACE_WORDS and rest.startswith(_phrases("places"))


def _says_it_is_solved(plain: str) -> bool:
    """Say whether the first clause, after a courtesy, is that it is solved, and the rest why."""
    clauses = [_spaced(clause) for clause in _clauses(plain)]
    if clauses and clauses[0] in _phrases("before"):
        clauses = clauses[1:]
    if not clauses or (_after(clauses[0], "before") or clauses[0]) not in _phrases("solved"):
        return False
    return _is_reason(" ".join(clauses[1:]))


def _is_reason(rest: str) -> bool:
    """Say whether what follows "solved" says at most why.

    "The toner was empty" is why; "the toner is empty" is the next matter, and so is what is neither
    past nor very short.
    """
    length = len(rest.split())
    if length > MAX_REASON_WORDS or _has(rest, "but", "next", "asks", "besides"):
        return False
    if _has(rest, "past"):
        return not (_has(rest, "is") and _has(rest, "trouble"))
    return length <= MAX_BARE_REASON_WORDS and not _has(rest, "trouble", "negations")


def _clauses(plain: str) -> list[str]:
    return [clause for clause in _CLAUSE_END.split(plain) if clause]


def _spaced(plain: str) -> str:
    return f" {' '.join(_WORD.findall(plain))} "


def _after(message: str, part: str) -> str | None:
    """Return what follows the longest phrase that a message begins with; None if with none."""
    lengths = [len(one) for one in _phrases(part) if message.startswith(one)]
    return message[max(lengths) - 1 :] if lengths else None


def _has(message: str, *parts: str) -> bool:
    return any(phrase in message for part in parts for phrase in _phrases(part))


@cache
def _phrases(part: str) -> tuple[str, ...]:
    """Return the phrases of a part between spaces, in all languages.

    What messages that refer back have in common with these is among their lists.
    """
    lists = read_lists("references.toml", "services.text.small_talk") | read_lists(
        "openings.toml", "services.text.small_talk"
    )
    return spaced_phrases(lists[part].values())
