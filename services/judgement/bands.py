"""From the figures of a pair to its band: duplicate, similar, answered, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.judgement.cold import LONG, ColdPair
from services.judgement.compared_items import ComparedItem
from services.judgement.cut import Cut
from services.judgement.features import PairFeatures
from services.judgement.learned_model import Model
from services.judgement.shown_similarity import ANSWERED_SIMILARITY, SIMILAR_SIMILARITY
from services.search.indexes.contract import Candidate
from services.text.comparing.terms import Lexicon

Band = Literal["duplicate", "similar", "answered"]

# Long tickets of one template are all alike: there a candidate must also be this much nearer to the
# query than to its own neighbours. Chosen on english_se, semeval_cqa and gitbugs_seamonkey.
MIN_CONTRAST = 0.4
# With fewer tickets nothing is known of neighbours, nor of how long tickets are.
MIN_TICKETS = 30

# From this contrast on 59 of 99 such matches are left in english_se, .81 of them right, and 7 of
# 231 in gitbugs_seamonkey.
MIN_ANSWERED_CONTRAST = 0.3

MAX_MATCHES = 3

# Where all neighbours of a candidate are copies of it, nothing is nearer than they.
MIN_SPREAD = 1e-6


@dataclass(frozen=True)
class Match:
    """A candidate that was judged.

    `similarity` is the cosine of the best chunk pair; `score` is that of its placing; `probability`
    that both are the same issue is None before there is a calibration; `band` is None where the
    candidate is not worth showing. `strength` orders the candidates of all queries: the
    calibration's figure, or the closeness before there is one. `contrast` is how much nearer the
    candidate is to the query than to its own neighbours, at most 1; `is_answered` says whether the
    candidate has an answer itself, `same_picture` whether both show a rare picture; `same_error` is
    that of its placing. `has_typed_words` says of a text that somebody typed whether the candidate
    has each of its words, but for function words.
    """

    item_id: int
    similarity: float
    score: float
    probability: float | None
    band: Band | None
    strength: float = 0.0
    contrast: float = 0.0
    is_answered: bool = False
    same_picture: bool = False
    same_error: float = 0.0
    has_typed_words: bool = False

    @property
    def shows_the_same(self) -> bool:
        """Whether both show the same picture or the same error, which words say nothing of."""
        return self.same_picture or self.same_error > 0


@dataclass(frozen=True)
class Rules:
    """How candidates are called: by a team's model where there is one, from its `cut` on."""

    model: Model | None = None
    cut: Cut | None = None

    @classmethod
    def of(cls, model: Model | None, wrong_in_ten: int) -> Rules:
        """Return the rules for a noise budget, in wrong flags of ten."""
        return cls(model, None if model is None else model.cut(wrong_in_ten))


@dataclass(frozen=True)
class PairFigures:
    """What a candidate is called by: features, raw cosine, closeness and strength.

    `verbosity` (`ranking.verbosity`) and `lexicon` are those of the corpus.
    """

    features: PairFeatures
    cosine: float
    closeness: float
    strength: float
    verbosity: float
    lexicon: Lexicon

    @property
    def contrast(self) -> float:
        """How much nearer the candidate is to the query than to its own neighbours, at most 1."""
        density = self.features.density
        return (self.features.similarity - density) / max(1 - density, MIN_SPREAD)


def band_of(
    query: ComparedItem, candidate: ComparedItem, figures: PairFigures, rules: Rules
) -> Band | None:
    """Return the band of a candidate.

    What contradicts the query, or is about another person or time, is no duplicate until verdicts
    have found a cut: above one, most pairs that seem to contradict each other were confirmed
    (`python -m benchmarks taught`). With a cut, too, what repeats it in the same words is one, and
    what shows the same picture and is close in meaning, or the same error.
    """
    cold = ColdPair(
        query, candidate, figures.features, figures.cosine, figures.verbosity, figures.lexicon
    )
    if rules.cut is None:
        is_duplicate = cold.is_duplicate
    else:
        is_shown = cold.is_pictured or cold.has_same_error
        is_duplicate = is_above_cut(figures, rules) or cold.is_repeated or is_shown
    if is_duplicate:
        return "duplicate"
    features = figures.features
    shows_the_same = bool(features.same_picture or features.same_error)
    if (shows_the_same and not features.contradiction) or _is_alike(
        query.kind, figures, SIMILAR_SIMILARITY, MIN_CONTRAST
    ):
        return "similar"
    may_answer = candidate.is_answered and not features.contradiction
    is_near = _is_alike(query.kind, figures, ANSWERED_SIMILARITY, MIN_ANSWERED_CONTRAST)
    return "answered" if may_answer and is_near else None


def is_above_cut(figures: PairFigures, rules: Rules) -> bool:
    """Say whether verdicts have taught that a pair is a duplicate."""
    if rules.model is None or rules.cut is None:
        return False
    return figures.strength >= rules.cut.strength and figures.closeness >= rules.model.min_closeness


def _is_alike(kind: str, figures: PairFigures, similarity: float, contrast: float) -> bool:
    if figures.cosine < similarity:
        return False
    knows_little = kind == "product" or figures.lexicon.documents < MIN_TICKETS
    return knows_little or figures.verbosity < LONG or figures.contrast >= contrast


def keep_an_answer(matches: Sequence[Match], limit: int) -> list[Match]:
    """Return the best `limit` matches in order; if none of them has an answer, the first that has.

    It takes the place of the last one that lacks a typed word, or of the last.
    """
    best = _best(matches, limit)
    answered = next((match for match in matches if match.is_answered), None)
    if answered is None or any(match.is_answered for match in best):
        return best
    less = [match for match in best if not match.has_typed_words] or best
    return [*(match for match in best if match is not less[-1]), answered]


def _best(matches: Sequence[Match], limit: int) -> list[Match]:
    """Return those that have all words which somebody typed, and the first of the others.

    A code or a name in a long text weighs little, and may be all that somebody knows of it.
    """
    literal = [match for match in matches if match.has_typed_words][:limit]
    others = [match for match in matches if not match.has_typed_words][: limit - len(literal)]
    kept = {match.item_id for match in (*literal, *others)}
    return [match for match in matches if match.item_id in kept]


def merge_chunks(found: Iterable[list[Candidate]]) -> list[Candidate]:
    """Merge what the chunks of one text found; each item counts with its best chunk pair."""
    best: dict[int, Candidate] = {}
    for candidates in found:
        for candidate in candidates:
            known = best.get(candidate.item_id)
            if known is None or candidate.similarity > known.similarity:
                best[candidate.item_id] = candidate
    return sorted(best.values(), key=lambda c: (-c.similarity, c.item_id))
