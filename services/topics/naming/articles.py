"""English articles in phrases that words were left out of: "install a printer"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from services.topics.naming.distinctive_words import MIN_SUPPORT
from services.topics.naming.headline_words import ARTICLES
from services.topics.naming.noun_phrases import NounPhrases
from services.topics.naming.tokens import MASKED, Token, TokenisedText

INDEFINITE = ("a", "an")
# Articles that may be missed before a noun whose name was left out.
ADDED = (*INDEFINITE, "the", "my")


@dataclass(frozen=True)
class Articles:
    """Which articles the nouns of a topic have."""

    nouns: NounPhrases

    @cached_property
    def _before(self) -> dict[str, Counter[str]]:
        """What stands before the noun phrases that end with a word: an article, or "" for none."""
        known = self.nouns.known
        found: dict[str, Counter[str]] = {}
        for ticket in known.tickets:
            for run in ticket.runs:
                for start, end in self.nouns.places(run):
                    before = run[start - 1].key if start else MASKED
                    article = before if before in ARTICLES[known.language] else ""
                    # "Install Canon printer" says not how a printer is called without its name.
                    names = any(self.nouns.is_detail(one.key) for one in run[start:end])
                    if article or not names:
                        found.setdefault(run[end].key, Counter())[article] += 1
        return found

    def fitting(
        self,
        ticket: TokenisedText,
        before: Sequence[Token],
        after: Sequence[Token],
        written: Mapping[int, str],
        joints: Collection[str],
    ) -> dict[int, str]:
        """Return how words are written, by offset, once `before` has become `after`.

        Indefinite articles fit what follows them now, and a noun that lost its name has the article
        that it usually has. `written` is how other words are, and `joints` are prepositions.
        """
        known = self.nouns.known
        made = dict(written)
        if known.language != "en":
            return made
        follows = dict(pairwise(before))
        heads = dict(self.nouns.places(after))
        for at, (one, following) in enumerate(pairwise(after)):
            if follows[one] == following:
                continue
            if one.key in INDEFINITE:
                made[one.start] = _indefinite(following.key)
            elif (one.key not in known.functions or one.key in joints) and at + 1 in heads:
                article = self._usual(after[heads[at + 1]].key)
                if article:
                    fitting = _indefinite(following.key) if article in INDEFINITE else article
                    said = ticket.text[following.start : following.end]
                    made[following.start] = f"{fitting} {made.get(following.start, said)}"
        return made

    def _usual(self, noun: str) -> str:
        """Return the article that most noun phrases with a noun have, "" for none."""
        found = self._before.get(noun, Counter())
        counted = {one: count for one, count in found.items() if one in ADDED}
        if sum(counted.values()) < max(MIN_SUPPORT, found[""] / 2):
            return ""
        return max(sorted(counted), key=lambda one: counted[one])


def _indefinite(word: str) -> str:
    """Return the indefinite article before an English word."""
    is_vowel = word[:1] in "aeiou" and not word.startswith(("uni", "use", "eu", "one"))
    return "an" if is_vowel or word.startswith("hour") else "a"
