"""How well a phrase reads as a name: short, without single tickets' details, no string of codes."""

from __future__ import annotations

from collections.abc import Sequence

from services.text.function_words import DATES, NUMERALS
from services.topics.naming.vocabulary import Vocabulary

# What a phrase loses for each detail that fewer tickets have (a date needs fewer), and each word
# beyond the first six.
MIN_DETAIL_SHARE, MIN_DATE_SHARE = 0.67, 0.3
DETAIL_COST, LENGTH_COST, SHORT = 0.92, 0.98, 6
# So does each word that no other ticket has, in a topic of so many tickets.
OWN_COST, MANY_TICKETS = 0.95, 8
# What a phrase loses if more than half of what it says are codes: versions, files, addresses.
CODES_COST, MAX_CODES = 0.75, 0.5

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
    return cost * (CODES_COST if codes > MAX_CODES * meant else 1.0)


def is_detail(word: str, known: Vocabulary) -> bool:
    """Say whether a word is a code, a date, a number or a name."""
    return is_code(word) or word in DATES or word in NUMERALS or word in known.names


def is_code(word: str) -> bool:
    """Say whether a word is a number, a version, an address or a file."""
    return any(map(str.isdigit, word)) or not _MARKS.isdisjoint(word)
