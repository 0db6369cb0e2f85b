"""English articles in phrases that words were left out of: "install a printer"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
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

# Short forms whose first letter is named with a vowel: "SSD", "MFA", "S3", but not "SIM".
_SPELLED = re.compile(r"[FHLMNRSX](?:[B-DF-HJ-NP-TV-XZ]{1,4}[AEIOU]?|\d+)?s?(?!\w)")
# Words that begin with the sound of a vowel: "hour", "8", and "uninstaller", but not "USB", "used".
_VOWEL = re.compile(
    r"[ai]|e(?!u)|o(?!ne)|u(?!ni(?![dmn])|s[aeub]|[ks]\b|t[ei]|(?:rl|i|ps)s?\b)|hour|honou?r|honest"
    r"|8|1[18](?!\d)",
    re.IGNORECASE,
)


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
        joints: Collection[str],
    ) -> dict[int, str]:
        """Return how words are written, by offset, once `before` has become `after`.

        Indefinite articles fit what follows them now, and a noun that lost its name has the article
        that it usually has. `joints` are prepositions.
        """
        known = self.nouns.known
        made = dict[int, str]()
        if known.language != "en":
            return made
        follows = dict(pairwise(before))
        heads = dict(self.nouns.places(after))
        for at, (one, following) in enumerate(pairwise(after)):
            if follows[one] == following:
                continue
            said = ticket.text[following.start : following.end]
            if one.key in INDEFINITE:
                made[one.start] = _indefinite(said)
            elif (one.key not in known.functions or one.key in joints) and at + 1 in heads:
                article = self._usual(after[heads[at + 1]].key)
                if article:
                    fitting = _indefinite(said) if article in INDEFINITE else article
                    made[following.start] = f"{fitting} {said}"
        return made

    def _usual(self, noun: str) -> str:
        """Return the article that most noun phrases with a noun have, "" for none."""
        found = self._before.get(noun, Counter())
        counted = {one: count for one, count in found.items() if one in ADDED}
        if sum(counted.values()) < max(MIN_SUPPORT, found[""] / 2):
            return ""
        return max(sorted(counted), key=lambda one: counted[one])


def _indefinite(word: str) -> str:
    """Return the indefinite article before an English word as it is written."""
    return "an" if _SPELLED.match(word) or _VOWEL.match(word) else "a"
