"""How well a phrase reads as a name: short, without single tickets' details, no string of codes."""

from __future__ import annotations

from collections.abc import Sequence

from services.text.words.folding import fold
from services.text.words.function_words import DATES, NUMERALS
from services.topics.naming.vocabulary import Vocabulary

# What a phrase loses for each detail that fewer tickets have (a date needs fewer), and each word
# beyond the first six.
MIN_DETAIL_SHARE, MIN_DATE_SHARE = 0.67, 0.3
DETAIL_COST, LENGTH_COST, SHORT = 0.92, 0.98, 6
# So does each word that no other ticket has, in a topic of so many tickets.
OWN_COST, MANY_TICKETS = 0.95, 8
# What a phrase loses if more than half of what it says are codes: versions, files, addresses. Or so
# many of them, as in what a program says of itself.
CODES_COST, MAX_CODES, MANY_CODES = 0.75, 0.5, 3

# So many letters, all of them capitals, are no acronym; so many may be one among them.
MIN_SHOUTED, MAX_ACRONYM = 10, 3

_MARKS = frozenset("._@/:#")


def readability(words: Sequence[str], known: Vocabulary) -> float:
    """Return how well a phrase names many tickets, from 0 to 1; `words` are its keys."""
    details = others = codes = meant = 0
    for word in dict.fromkeys(words):
        meant += known.is_meaningful(word)
        codes += is_code(word)
        if is_detail(word, known):
            least = MIN_DATE_SHARE if word in DATES else MIN_DETAIL_SHARE
            details += known.share(word) < least or not known.is_shared(word)
        elif known.is_meaningful(word):
            others += not known.is_shared(word)
    cost = DETAIL_COST**details * LENGTH_COST ** max(0, len(words) - SHORT)
    if len(known.tickets) >= MANY_TICKETS:
        cost *= OWN_COST**others
    return cost * (CODES_COST if codes > MAX_CODES * meant or codes >= MANY_CODES else 1.0)


def is_detail(word: str, known: Vocabulary) -> bool:
    """Say whether a word is a code, a date, a number or a name."""
    return is_code(word) or word in DATES or word in NUMERALS or word in known.names


def is_code(word: str) -> bool:
    """Say whether a word is a number, a version, an address or a file."""
    return any(map(str.isdigit, word)) or not _MARKS.isdisjoint(word)


def is_shouted(name: str) -> bool:
    """Say whether all letters of a name of several words are capitals, and no acronym is so long.

    What follows a colon may say of what kind the thing is: "FAMILY VISA: various".
    """
    said = name.partition(": ")[0]
    return said.isupper() and " " in said and sum(map(str.isalpha, said)) >= MIN_SHOUTED


def hushed(name: str, known: Vocabulary) -> str:
    """Return a name in lower case, but for "I" and short words that others write with capitals."""

    def has_capitals(word: str) -> bool:
        if known.language == "en" and word == "I":
            return True
        key = fold(word)
        is_short = len(word) <= MAX_ACRONYM and known.spellings.get(key) == word
        return is_short and key not in known.functions

    return " ".join(word if has_capitals(word) else word.lower() for word in name.split(" "))
