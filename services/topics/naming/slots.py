"""Phrases without one ticket's details: "How to install a Canon printer" is "a printer".

Tickets of one topic say the same thing and fill one place of it differently: with a product, a
version, a place, a kind of account. Each phrase is also read without the words of its noun phrases
that few tickets have, and without parts that say nothing else ("from Ubuntu 13.04").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from services.text.words.folding import fold
from services.text.words.function_words import NUMERALS
from services.topics.naming.articles import Articles
from services.topics.naming.clauses import BARE, TicketPhrase
from services.topics.naming.headline_words import (
    ADJUNCTS,
    ARTICLES,
    CIRCUMSTANCES,
    LINKS,
    NEGATIONS,
    OWNERS,
    PARTS,
    QUESTIONS,
)
from services.topics.naming.noun_phrases import MAX_SLOT_SHARE, NounPhrases
from services.topics.naming.phrase_spans import MIN_WORDS, is_said
from services.topics.naming.tokens import Token, TokenisedText
from services.topics.naming.vocabulary import Vocabulary

# What stays in a noun phrase is what so many tickets say.
MIN_HEAD_SHARE = 0.25
# Letters of the last part of a German compound: "Sparkonto" is a "Konto".
MIN_PART = 4

_DIRECTIONS = {"en": frozenset({"to"}), "de": frozenset({"nach", "zu"}), "es": frozenset({"a"})}
# What may stand between the words of a phrase that words are left out of.
_GAP = re.compile(r"[\w\s'’.-]*")
# What stands between words that stay.
_MARKS = re.compile(r"[^\w\s]+")


_IsOwner = Callable[[Sequence[Token], int], bool]


@dataclass(frozen=True)
class Slots:
    """What the tickets of a topic share of their noun phrases."""

    nouns: NounPhrases

    @property
    def known(self) -> Vocabulary:
        """The words of the topic."""
        return self.nouns.known

    @cached_property
    def _articles(self) -> Articles:
        return Articles(self.nouns)

    @cached_property
    def _joints(self) -> frozenset[str]:
        """What a part of a phrase begins with."""
        language = self.known.language
        joints = LINKS[language] | ADJUNCTS[language] | PARTS[language] | _DIRECTIONS[language]
        return joints | CIRCUMSTANCES[language]

    def reduced(self, ticket: TokenisedText, phrase: TicketPhrase) -> TicketPhrase | None:
        """Return a phrase without what few tickets have; None if that is nothing, or too much.

        The result's `whole` is the phrase itself.
        """
        tokens = list(phrase.tokens)
        if not self._has_slot(tokens) or _is_punctuated(ticket.text, tokens):
            return None
        is_question = tokens[0].key in QUESTIONS[self.known.language]
        shared, written = self._without_modifiers(tokens)
        left = self._without_parts(shared, self._named if is_question else self._noun)
        if not self._is_enough(left) or not (len(left) < len(tokens) or written):
            return None
        written |= self._articles.fitting(ticket, tokens, left, self._joints)
        if not all(map(self._is_known, written.values())):
            return None
        found = replace(phrase, tokens=left, wording=_wording(ticket, left, written), whole=phrase)
        if phrase.says_matter and self._is_bare(found):
            return replace(found, says_matter=False, worth=found.worth * BARE)
        return found

    def _is_bare(self, phrase: TicketPhrase) -> bool:
        """Say whether two words are left, which name a thing without what is the matter with it."""
        keys = [one.key for one in phrase.tokens]
        is_short = len(keys) <= MIN_WORDS and not phrase.is_sentence
        return is_short and self.nouns.usage.verbs.isdisjoint(map(self.known.stem, keys))

    def _is_known(self, wording: str) -> bool:
        """Say whether tickets have all words, so that their readers may see these."""
        return all(self.known.share(word) > 0 for word in fold(wording).split())

    def _has_slot(self, tokens: Sequence[Token]) -> bool:
        """Say whether few tickets have a word. Without a number "five hundred dollars" is wrong."""
        is_counted = any(one.key in NUMERALS for one in tokens)
        return not is_counted and any(self.nouns.is_rare(one.key) for one in tokens)

    def _without_modifiers(self, tokens: Sequence[Token]) -> tuple[list[Token], dict[int, str]]:
        """Return a phrase whose noun phrases have no rare words before or after what is shared.

        And how those words of it are written, by offset, that are not as in their ticket.
        """
        kept, written = list(tokens), dict[int, str]()
        for start, end in self.nouns.places(tokens):
            words = tokens[start : end + 1]
            head = self._head(words)
            if head is None:
                continue
            before = tokens[start - 1].key if start else ""
            is_led = before in ARTICLES[self.known.language] | self._joints
            dropped = {
                word
                for at, word in enumerate(words)
                if at != head
                and self._is_modifier(words, at, head)
                and (is_led or self.nouns.is_detail(word.key))
            }
            kept = [one for one in kept if one not in dropped]
            if part := self._shared_part(words[head].key):
                written[words[head].start] = part
                kept[kept.index(words[head])] = words[head]._replace(key=fold(part))
        return kept, written

    def _head(self, words: Sequence[Token]) -> int | None:
        """Return the place of the noun that stays: in English and German the last, if shared."""
        order = range(len(words)) if self.known.language == "es" else range(len(words))[::-1]
        plain = [at for at in order if not self.nouns.is_detail(words[at].key)]
        if self.known.language == "de":
            plain = [at for at in plain if words[at].key in self.known.nouns]
        if plain:
            word = words[plain[0]].key
            is_shared = self.known.share(word) >= MIN_HEAD_SHARE or self._shared_part(word)
            return plain[0] if is_shared else None
        shared = (at for at in order if not self.nouns.is_rare(words[at].key))
        return next((at for at in shared if words[at].key.isalpha()), None)

    def _is_modifier(self, words: Sequence[Token], at: int, head: int) -> bool:
        """Say whether a word tells what kind of thing the noun is, and few tickets have it."""
        word = words[at].key
        if not self.nouns.is_rare(word):
            return False
        is_name = self.nouns.is_detail(words[head].key)
        if self.nouns.is_detail(word):
            # "Juno 4.2" is Juno, and "the Canon printer" a printer. But "week 4" is no week, and
            # "GitHub Codespaces" is not GitHub.
            return is_name if any(map(str.isdigit, word)) and at > head else not is_name
        # What no article stands before may be what something does: "the hub drops the wifi".
        is_before = at < head and self.known.language != "es"
        things = self.nouns.usage.things
        return is_before and {self.known.stem(word), self.known.stem(words[head].key)} <= things

    @cached_property
    def _shared_parts(self) -> dict[str, str | None]:
        """What is known of compounds."""
        return {}

    def _shared_part(self, word: str) -> str | None:
        """Return the last part of a German compound that half of the tickets have in some word.

        As it is written; only one that stands alone somewhere, too.
        """
        if self.known.language != "de" or not self.nouns.is_rare(word):
            return None
        if word not in self._shared_parts:
            ends = (word[at:] for at in range(1, len(word) - MIN_PART + 1))
            part = next((end for end in ends if end in self.known.nouns), None)
            self._shared_parts[word] = part and self._if_shared(part)
        return self._shared_parts[word]

    def _if_shared(self, part: str) -> str | None:
        tickets = self.known.tickets
        having = sum(any(word.endswith(part) for word in one.words()) for one in tickets)
        is_shared = having >= MAX_SLOT_SHARE * len(tickets)
        return self.known.spellings.get(part, part.capitalize()) if is_shared else None

    def _without_parts(self, tokens: list[Token], is_owner: _IsOwner) -> list[Token]:
        """Return a phrase without the parts that name only what few tickets have, or a thing again.

        A part begins with a preposition, "from Ubuntu 13.04", and belongs to the word before it,
        which `is_owner` accepts.
        """
        for at in range(len(tokens) - 1, 0, -1):
            if tokens[at].key in self._joints and self.nouns.is_content(tokens[at - 1].key):
                end = self._end_of_part(tokens, at)
                said = [one.key for one in tokens[at + 1 : end]]
                others = {one.key for one in [*tokens[:at], *tokens[end:]]}
                if (
                    self._is_part(said)
                    and (is_owner(tokens, at - 1) or all(map(self.nouns.is_detail, said)))
                    and self._says_nothing(said, others)
                    and self._may_end(tokens, end)
                ):
                    tokens = [*tokens[:at], *tokens[end:]]
        return tokens

    def _end_of_part(self, tokens: Sequence[Token], at: int) -> int:
        """Return where the noun phrase after a preposition ends."""
        articles = ARTICLES[self.known.language] | OWNERS[self.known.language]
        rest = tokens[at + 1 :]
        first = next((place for place, one in enumerate(rest) if one.key not in articles), 0)
        ends = (end for start, end in self.nouns.places(rest) if start == first)
        return at + 2 + next(ends, first - 1)

    def _noun(self, tokens: Sequence[Token], at: int) -> bool:
        """Say whether a word may be a noun."""
        return self.known.stem(tokens[at].key) in self.nouns.usage.things

    def _named(self, tokens: Sequence[Token], at: int) -> bool:
        """Say whether a word ends a noun phrase with an article, unlike "how does it differ"."""
        starts = (start for start, end in self.nouns.places(tokens) if end == at)
        start = next(starts, 0)
        is_led = start > 0 and tokens[start - 1].key in ARTICLES[self.known.language]
        return is_led and self._noun(tokens, at)

    def _is_part(self, words: Sequence[str]) -> bool:
        """Say whether words after a preposition are a noun phrase and no more."""
        said = [one for one in words if self.nouns.is_content(one)]
        # What comes after its first word may be what something does.
        things = self.nouns.usage.things
        return all(self.nouns.is_detail(one) or self.known.stem(one) in things for one in said[1:])

    def _says_nothing(self, words: Sequence[str], others: set[str]) -> bool:
        """Say whether few tickets have any of some words, or the phrase has them once more."""
        meant = [one for one in words if self.known.is_meaningful(one)]
        if any(one in NEGATIONS[self.known.language] for one in words):
            return False
        return bool(meant) and all(self.nouns.is_rare(one) or one in others for one in meant)

    def _may_end(self, tokens: Sequence[Token], end: int) -> bool:
        """Say whether what stays is whole: the part ends the phrase, or something is done after."""
        if end == len(tokens):
            return True
        after = tokens[end].key
        if self.known.language == "de":
            return after not in self.known.nouns | ARTICLES["de"]
        return not self.nouns.is_content(after) and after not in ARTICLES[self.known.language]

    def _is_enough(self, tokens: Sequence[Token]) -> bool:
        """Say whether a phrase still says what half of the tickets say, and does not break off."""
        is_whole = len(tokens) >= MIN_WORDS and is_said(tokens[-1].key, self.known)
        return is_whole and any(
            self.known.is_meaningful(one.key) and self.known.share(one.key) >= MAX_SLOT_SHARE
            for one in tokens
        )


def _is_punctuated(text: str, tokens: Sequence[Token]) -> bool:
    """Say whether a phrase has a label, a quotation or other marks within."""
    return not all(_GAP.fullmatch(text, one.end, after.start) for one, after in pairwise(tokens))


def _wording(ticket: TokenisedText, tokens: Sequence[Token], written: Mapping[int, str]) -> str:
    """Return the words that are left as they are written, with what stood between them."""
    pieces: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None:
            gap = ticket.text[before.end : token.start]
            pieces.append(gap if _MARKS.fullmatch(gap) else " ")
        pieces.append(written.get(token.start, ticket.text[token.start : token.end]))
    return " ".join("".join(pieces).split())
