"""The phrases of a topic's tickets, and how good a title each of them is."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.topics.naming.distinctive_words import SEVERAL
from services.topics.naming.tokens import StopWords, TokenisedText, spans, written

# What a phrase loses that is cut at both ends wherever it is said. At 0.5 titles are cut ("printer
# prints blank"), at 1 they have one ticket's own words ("gotse shoot mahatma gandhi").
WHOLE = 0.75

# A phrase goes on to listed words that end the sentence where this share of its tickets does.
MOSTLY = 0.5


@dataclass
class KeyPhrase:
    """Where a phrase stands (ticket, first and last character), in how many tickets, and how."""

    places: list[tuple[int, int, int]] = field(default_factory=list)
    tickets: int = 0
    # At how many of these places it begins, and ends, beside no word that tells something.
    begins: int = 0
    ends: int = 0
    # The largest share of its tickets in which it is a part of one longer phrase.
    within: float = 0.0


def phrases_of(
    tickets: Sequence[TokenisedText], words: StopWords, longest: int
) -> dict[str, KeyPhrase]:
    """Return the phrases of tickets, of `longest` words at most, as `wording.spans` cuts them."""
    found: defaultdict[str, KeyPhrase] = defaultdict(KeyPhrase)
    for number, ticket in enumerate(tickets):
        seen = set()
        for key, start, end, begins, ends in spans(ticket, words, longest):
            phrase = found[key]
            phrase.places.append((number, start, end))
            phrase.begins += begins
            phrase.ends += ends
            if key not in seen:
                seen.add(key)
                phrase.tickets += 1
    _nest(found)
    return dict(found)


def _nest(found: Mapping[str, KeyPhrase]) -> None:
    """Note how much of each phrase is a part of a longer one that several tickets say."""
    for key, phrase in found.items():
        if phrase.tickets < SEVERAL:
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
    """Return how good a title a phrase is, by what each of its words tells (`weights`).

    Its words tell much; several tickets say it; it ends where what is said ends (as in
    RAKE, Rose et al. 2010, https://doi.org/10.1002/9780470689646.ch1); and it is no part of a
    longer phrase (as in the C-value, Frantzi et al. 2000, https://doi.org/10.1007/s007999900023).
    """
    telling = [word for word in key.split(" ") if word not in empty]
    tells = sum(weights[word] for word in set(telling)) / math.sqrt(len(telling))
    said = phrase.tickets / (phrase.tickets + 1)
    whole = (phrase.begins + phrase.ends) / len(phrase.places) / 2
    return tells * said * (1 - WHOLE * (1 - whole)) * (1 - phrase.within / 2)


def trails(key: str, found: Mapping[str, KeyPhrase], empty: Collection[str]) -> bool:
    """Say whether a phrase ends with words that tell nothing and most leave out: "card please",
    and not "card stopped working".
    """
    words = key.split(" ")
    if words[-1] not in empty:
        return False
    while words[-1] in empty:
        words.pop()
    short = found.get(" ".join(words))
    most = 0 if short is None else short.tickets
    return found[key].tickets < max(SEVERAL, MOSTLY * most)


def usual(tickets: Sequence[TokenisedText], phrase: KeyPhrase) -> str:
    """Return a phrase as most tickets write it; of two ways, the one with fewer capitals."""
    forms = Counter(written(tickets[at], start, end) for at, start, end in phrase.places)
    return min(forms, key=lambda form: (-forms[form], sum(map(str.isupper, form)), form))
