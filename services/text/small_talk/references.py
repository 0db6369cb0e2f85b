"""Recognises messages that only make sense after another one of the same person.

"It's the one next to the kitchen", "no, the cable is plugged in", "with the old password it works":
such a message mentions things, but not what is wrong with them. It follows its author's last
ticket, if there is one shortly before; by itself it is a ticket like any other. Only short messages
count which have nothing of a report of their own: one follow-up that is not joined costs less than
one report that is swallowed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from services.text.small_talk.follow_ups import FollowUpKind, without_mentions
from services.text.small_talk.talk import KEPT_TEXTS, has_matter
from services.text.words.word_lists import read_lists, spaced_phrases

# A single word is a ticket if it names a matter ("outage"). What follows is in words.
MIN_WORDS = 2

# Words of a message that refers back, by what it has to refer back with. The more it says besides,
# the less the reference proves.
MAX_WORDS = 12
MAX_ELLIPSIS = 7
MAX_ANSWER = 9

_TOKEN = re.compile(r"[^\W_]+|[,;.!–—-](?=\s|$)")
_CLAUSE_END = re.compile(
    r"[,;.!–—-](?:\s|$)"
    r"| (?:and|but|(?:even )?though|although|while|und|aber|obwohl|wahrend|y|pero|aunque) "
)
_CODE = re.compile(r"(?=\w*\d)\w*[^\W\d]\w*|\d{3,}")


@lru_cache(maxsize=KEPT_TEXTS)
def reference_kind(text: str) -> FollowUpKind | None:
    """Return what a message says of the ticket before it, or None if it stands for itself."""
    plain = without_mentions(text)
    if "?" in plain or "\n" in plain:
        return None
    tokens = _TOKEN.findall(plain)
    words = [token for token in tokens if token[0].isalnum()]
    message = f" {' '.join(words)} "
    if not MIN_WORDS <= len(words) <= MAX_WORDS or _has(message, "requests"):
        return None
    if _CODE.search(plain):
        is_corrected = len(words) <= MAX_ELLIPSIS and _starts(message, "corrections")
        return FollowUpKind.DETAIL if is_corrected else None
    before = [f" {' '.join(_TOKEN.findall(one))} " for one in _CLAUSE_END.split(plain)[:-1]]
    if _says_it_works(message):
        return None if any(map(_is_told, before)) else FollowUpKind.WORKS
    if _says_it_does_not(message, len(words)):
        return None if any(map(_is_told, before)) else FollowUpKind.BROKEN
    is_detail = (
        _answers(tokens, message)
        or any(_starts(message, part) for part in _PLAIN)
        or _is_limited(message)
        or _names_one(message)
        or (len(words) <= MAX_ELLIPSIS and _is_elliptic(message))
    )
    return FollowUpKind.DETAIL if is_detail else None


# The parts that refer back whatever follows them.
_PLAIN = ("corrections", "alike", "good_start", "done_already")


def _is_told(clause: str) -> bool:
    """Say whether a clause tells what is the matter: "printer jams", not "swapped the toner".

    Before "restarting didn't help" or "in the browser it works" it makes a first report of it, and
    "the toner was empty" none.
    """
    return has_matter(clause) and not _has(clause, "attempts") and not _has(clause, "past")


def _says_it_works(message: str) -> bool:
    """Whoever says that something works reports nothing: "in a private window it works"."""
    rest = _without_ending(message, "good")
    if rest is not None:
        return not _has(rest, "negations") and not _has(rest, "nuisances")
    return _starts(message, "good_start") and not _has(message, "negations")


def _says_it_does_not(message: str, length: int) -> bool:
    """Say whether something was tried in vain, or is as before, or better or worse than that."""
    if _without_ending(message, "helped_not") is not None:
        return True
    if _starts(message, "attempts") and _without_ending(message, "unchanged") is not None:
        return True
    is_compared = _has(message, "degrees") and _has(message, "still")
    return length <= MAX_ELLIPSIS and (is_compared or _starts(message, "continued"))


def _answers(tokens: Sequence[str], message: str) -> bool:
    """Say whether a message answers somebody: "nope, cable is plugged in"."""
    if _starts(message, "plain_answers"):
        return True
    has_answer = len(tokens) > MIN_WORDS and tokens[1] in {",", ";", ".", "!"}
    return has_answer and len(tokens) <= MAX_ANSWER and _starts(message, "answers")


def _names_one(message: str) -> bool:
    """Say whether a message only says which of several: "it's the one next to the kitchen"."""
    return _starts(message, "ones") and not _is_failing(message)


def _is_limited(message: str) -> bool:
    """Say whether a message says where or when it happens: "only when the laptop is docked"."""
    rests = [message[len(one) - 1 :] for one in _phrases("limits") if message.startswith(one)]
    return any(_starts(rest, "prepositions") and not _is_failing(rest) for rest in rests)


def _is_failing(message: str) -> bool:
    """Say whether a message says what fails: "only on Android no map loads"."""
    return _has(message, "trouble") or _has(message, "negations")


def _is_elliptic(message: str) -> bool:
    """Say whether a message lacks what is wrong: "also on the second floor", "the lobby too"."""
    if _starts(message, "pronouns") or _starts_before(message, "additions", "prepositions"):
        return True
    rest = message if _starts(message, "joining") else _without_ending(message, "too")
    return rest is not None and not _is_failing(rest)


def _without_ending(message: str, part: str) -> str | None:
    """Return a message without the phrase of a part that it ends with; None if with none."""
    ending = next((phrase for phrase in _phrases(part) if message.endswith(phrase)), None)
    return None if ending is None else message[: -len(ending) + 1]


def _has(message: str, part: str) -> bool:
    return any(phrase in message for phrase in _phrases(part))


def _starts(message: str, part: str) -> bool:
    return any(message.startswith(phrase) for phrase in _phrases(part))


def _starts_before(message: str, first: str, second: str) -> bool:
    """Say whether a message starts with a phrase of one part that one of another part follows."""
    return any(
        message.startswith(start) and _starts(message[len(start) - 1 :], second)
        for start in _phrases(first)
    )


@cache
def _phrases(part: str) -> tuple[str, ...]:
    """Return the phrases of a part between spaces, in all languages."""
    return spaced_phrases(read_lists("references.toml", "services.text.small_talk")[part].values())
