"""The phrases of a topic's tickets, and how good a title each of them is."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.topics.naming.distinctive_words import MIN_SUPPORT
from services.topics.naming.tokens import StopWords, TokenisedText, as_written, spans

# The share of its score that a phrase loses if it is cut off at both ends in all places. At 0.5
# titles are cut off ("printer prints blank"), at 1 they are one ticket's own words ("gotse shoot
# mahatma gandhi").
CUT_PENALTY = 0.75

# A phrase keeps the words without meaning at its end if this share of its tickets has them there.
MIN_ENDING_SHARE = 0.5


@dataclass
class KeyPhrase:
    """The places of a phrase (ticket, first and last offset), and how many tickets have it.

    `begins` and `ends` count the places where it begins or ends as a `Span` may. `within` is the
    largest share of its tickets in which it is a part of one longer phrase.
    """

    places: list[tuple[int, int, int]] = field(default_factory=list)
    tickets: int = 0
    begins: int = 0
    ends: int = 0
    within: float = 0.0


def find_phrases(
    tickets: Sequence[TokenisedText], stops: StopWords, max_words: int
) -> dict[str, KeyPhrase]:
    """Return the phrases of tickets (`tokens.spans`) by key, of at most `max_words` words."""
    found: defaultdict[str, KeyPhrase] = defaultdict(KeyPhrase)
    for number, ticket in enumerate(tickets):
        seen = set()
        for key, start, end, begins, ends in spans(ticket, stops, max_words):
            phrase = found[key]
            phrase.places.append((number, start, end))
            phrase.begins += begins
            phrase.ends += ends
            if key not in seen:
                seen.add(key)
                phrase.tickets += 1
    _set_within(found)
    return dict(found)


def _set_within(found: Mapping[str, KeyPhrase]) -> None:
    """Set how much of each phrase is a part of a longer one that several tickets have."""
    for key, phrase in found.items():
        if phrase.tickets < MIN_SUPPORT:
            continue
        words = key.split(" ")
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                part = found.get(" ".join(words[start:end]))
                if part is not None and part is not phrase:
                    part.within = max(part.within, phrase.tickets / part.tickets)


def title_score(
    key: str, phrase: KeyPhrase, empty: Collection[str], weights: Mapping[str, float]
) -> float:
    """Return how good a title a phrase is, with `weights` for how much its words say.

    Good titles have words with high weights, are in several tickets, begin and end where sentences
    do (RAKE, Rose et al. 2010, https://doi.org/10.1002/9780470689646.ch1), and are no part of a
    longer phrase (C-value, Frantzi et al. 2000, https://doi.org/10.1007/s007999900023).
    """
    words = [word for word in key.split(" ") if word not in empty]
    meaning = sum(weights[word] for word in set(words)) / math.sqrt(len(words))
    support = phrase.tickets / (phrase.tickets + 1)
    whole = (phrase.begins + phrase.ends) / len(phrase.places) / 2
    return meaning * support * (1 - CUT_PENALTY * (1 - whole)) * (1 - phrase.within / 2)


def trails_off(key: str, found: Mapping[str, KeyPhrase], empty: Collection[str]) -> bool:
    """Say whether a phrase ends with words without meaning that most tickets leave out.

    "card please" does, "card stopped working" does not.
    """
    words = key.split(" ")
    if words[-1] not in empty:
        return False
    while words[-1] in empty:
        words.pop()
    shorter = found.get(" ".join(words))
    tickets = 0 if shorter is None else shorter.tickets
    return found[key].tickets < max(MIN_SUPPORT, MIN_ENDING_SHARE * tickets)


def commonest_form(tickets: Sequence[TokenisedText], phrase: KeyPhrase) -> str:
    """Return a phrase as most tickets write it; of two forms, the one with fewer capitals."""
    forms = Counter(as_written(tickets[at], start, end) for at, start, end in phrase.places)
    return min(forms, key=lambda form: (-forms[form], sum(map(str.isupper, form)), form))
