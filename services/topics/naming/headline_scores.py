"""How good a headline a phrase is: how much it says of a topic, and of how many of its tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.text.function_words import DECIDING
from services.topics.naming.clauses import Phrase
from services.topics.naming.distinctive_words import MIN_SUPPORT
from services.topics.naming.headline_words import NEGATIONS, PEOPLE
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import AllTickets, Vocabulary

# Words of a headline that mean something, and the share of them that only one ticket may have.
MAX_MEANINGS, MAX_OWN = 6, 0.25
# One of its words is in this share of the tickets. So are all on average, by what they weigh; a
# thing without what is the matter with it (`BARE`) must be in most of them.
MIN_SHARE, MIN_MEAN_SHARE, MIN_BARE_SHARE = 0.33, 0.28, 0.6
# A ticket is described by a phrase if it has this share of its words, by weight; and of the tickets
# a phrase describes this share.
MIN_OF_WORDS, MIN_DESCRIBED, MIN_BARE_DESCRIBED = 0.4, 0.34, 0.5
# What a function word takes from a score, and what each word beyond the first six does.
FUNCTION_WORD_COST, LENGTH_COST, SHORT = 0.95, 0.95, 6
# How much the number of words takes, and how much the mean share counts.
WORDS_EXPONENT, SHARE_EXPONENT = 0.3, 0.7
# Where this share of the tickets deny something, phrases that do gain and others lose.
MIN_DENIED, DENIAL_GAIN, UNDENIED_COST = 0.5, 1.3, 0.75
# No name is what more tickets than this share say the contrary of.
MAX_CONTRADICTED = 0.34


@dataclass(frozen=True)
class HeadlineScores:
    """Judges phrases by the words of one topic and of all."""

    known: Vocabulary
    everywhere: AllTickets

    def score(self, phrase: Phrase) -> float:
        """Return how good a phrase is as a headline, 0 if it is none."""
        keys = [token.key for token in phrase.tokens]
        meanings = {key for key in keys if self.known.is_meaningful(key)}
        denials = meanings & NEGATIONS[self.known.language]
        weights = {
            word: self.everywhere.distinction(word, self.known)
            for word in meanings - denials - PEOPLE
        }
        if not self._may_name(phrase, keys, weights, denials):
            return 0.0
        worth = sum(self.known.share(word) * weight for word, weight in weights.items())
        share = worth / sum(weights.values())
        if share < (MIN_MEAN_SHARE if phrase.says_matter else MIN_BARE_SHARE):
            return 0.0
        inside = 0 if phrase.is_sentence else sum(key in self.known.functions for key in keys)
        cost = FUNCTION_WORD_COST**inside * LENGTH_COST ** max(0, len(keys) - SHORT)
        if self.known.denied >= MIN_DENIED:
            cost *= DENIAL_GAIN if denials else UNDENIED_COST
        return float(
            worth / len(weights) ** WORDS_EXPONENT * share**SHARE_EXPONENT * cost * phrase.worth
        )

    def _may_name(
        self, phrase: Phrase, keys: list[str], weights: Mapping[str, float], denials: set[str]
    ) -> bool:
        """Say whether a phrase says enough, and nothing that is one ticket's alone."""
        known = self.known
        min_words = 1 if phrase.is_sentence or denials else 2
        if not min_words <= len(weights) <= MAX_MEANINGS - len(denials):
            return False
        if any(keys.count(word) > 1 for word in weights):
            return False  # "button button button"
        if denials and known.denied * len(known.tickets) < MIN_SUPPORT:
            return False
        deciding = set(keys) & DECIDING[known.language] - denials
        if not phrase.is_sentence and not all(map(known.is_shared, deciding)):
            return False
        own = {word for word in weights if not known.is_shared(word)}
        max_own = MAX_OWN * len(weights) if phrase.says_matter else 0
        if len(own) > max_own or any(is_detail(word, known) for word in own):
            return False
        min_described = MIN_DESCRIBED if phrase.says_matter else MIN_BARE_DESCRIBED
        is_common = max(map(known.share, weights)) >= MIN_SHARE
        return is_common and self._described(weights) >= min_described

    def _described(self, weights: Mapping[str, float]) -> float:
        """Return the share of the tickets that have most words of a phrase."""
        needed = MIN_OF_WORDS * sum(weights.values())
        by_stem = {self.known.stem(word): weight for word, weight in weights.items()}
        found = sum(
            sum(by_stem[one] for one in by_stem.keys() & stems) >= needed
            for stems in self.known.ticket_stems
        )
        return found / max(len(self.known.tickets), 1)


def is_detail(word: str, known: Vocabulary) -> bool:
    """Say whether a word is a name or a number."""
    return word in known.names or any(map(str.isdigit, word))


def is_contradicted(key: str, known: Vocabulary, usage: Usage) -> bool:
    """Say whether many tickets deny what a phrase says, or say what it denies."""
    words, denials = key.split(), NEGATIONS[known.language]
    verbs = {known.stem(word) for word in words if word not in known.functions} & usage.verbs
    is_denied = not denials.isdisjoint(words)
    contrary = 0
    for ticket in known.tickets:
        runs = [{token.key for token in run} for run in ticket.runs]
        same = next((one for one in runs if not verbs.isdisjoint(map(known.stem, one))), None)
        contrary += same is not None and denials.isdisjoint(same) == is_denied
    return contrary > MAX_CONTRADICTED * len(known.tickets)
