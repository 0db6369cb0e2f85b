"""Where the noun phrases of a topic's tickets begin and end, and which of their words are rare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.topics.naming.headline_words import ARTICLES, CONJUNCTIONS, NEGATIONS, TRAILING
from services.topics.naming.readability import is_detail
from services.topics.naming.tokens import MASKED, Token
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Words that no more tickets have fill a place that other tickets fill differently. Names and
# numbers need more: half of the tickets may be about one version, and half about another one.
MAX_SLOT_SHARE, MAX_DETAIL_SHARE = 0.5, 0.67


@dataclass(frozen=True)
class NounPhrases:
    """The noun phrases of a topic, told by its function words, verbs, articles and capitals."""

    known: Vocabulary
    usage: Usage

    def is_detail(self, word: str) -> bool:
        """Say whether a word is a name or number; a capital tells no German name from a noun."""
        is_noun = self.known.language == "de" and not any(map(str.isdigit, word))
        return not is_noun and is_detail(word, self.known)

    def is_rare(self, word: str) -> bool:
        """Say whether few tickets have a word that means something."""
        if word in self.known.functions or word in NEGATIONS[self.known.language] | TRAILING:
            return False
        most = MAX_DETAIL_SHARE if self.is_detail(word) else MAX_SLOT_SHARE
        return self.known.share(word) <= most

    def places(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """Yield the first and last word of each run of words that may be a noun phrase."""
        start = 0
        for at in range(len(tokens) + 1):
            is_other = at == len(tokens) or not self.is_content(tokens[at].key)
            if is_other or self._is_done(tokens, at):
                if at > start:
                    yield start, at - 1
                start = at + 1
            elif self._ends_noun(tokens, at, start):
                yield start, at
                start = at + 1

    def _ends_noun(self, tokens: Sequence[Token], at: int, start: int) -> bool:
        """Say whether a noun phrase ends with a word, as the next one may be what it does.

        After a German noun, which has a capital, what has none; after an English word with an "s",
        "the hub drops | the wifi", unless it is the first one after an article.
        """
        word = tokens[at].key
        if self.known.language == "de":
            after = tokens[at + 1].key if at + 1 < len(tokens) else MASKED
            return word in self.known.nouns and after not in self.known.nouns
        if self.known.language != "en" or self.is_detail(word):
            return False
        is_led = at == start and at > 0 and tokens[at - 1].key in ARTICLES["en"]
        return word.endswith("s") and not word.endswith(("ss", "'s")) and not is_led

    def _is_done(self, tokens: Sequence[Token], at: int) -> bool:
        """Say whether a word is what somebody does: "how to | install", "I want to | order"."""
        if self.known.stem(tokens[at].key) not in self.usage.verbs:
            return False
        before = MASKED if at == 0 else tokens[at - 1].key
        return before not in ARTICLES[self.known.language] and (
            before == MASKED or before in self.known.functions
        )

    def is_content(self, word: str) -> bool:
        """Say whether a word may be in a noun phrase: no function word, nor only a verb."""
        if word == MASKED or word in self.known.functions:
            return False
        if word in CONJUNCTIONS[self.known.language]:
            return False
        stem = self.known.stem(word)
        return stem not in self.usage.verbs or stem in self.usage.things
