"""Explanations: why two items were judged as they were, and what would have changed that."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE
from services.channels.audience import Audience
from services.errors import InputError, NotFoundError
from services.issues.groups import groups_of
from services.issues.verdicts import current_verdicts
from services.judgement.bands import Band, band_of
from services.judgement.calibration import FEATURES, PRIORS, Model
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.features import ComparedText, PairFeatures
from services.judgement.judge import Judge
from services.judgement.near_exact import ItemKind, is_near_exact, normalise
from services.judgement.scoring import Corpus, features_of
from services.phrases import phrase, translatable
from services.text.identifiers import Contradiction, contradictions, identifiers, shared_identifiers
from services.text.terms import rarest

MAX_TERMS = 8
MAX_APART = 5

# Terms in more than this share of the items that may be read say nothing about a pair; where there
# are few items, terms in more than this number of them.
COMMON_SHARE, MIN_COMMON = 0.2, 10
# Shorter Latin words are "on" and "my", shorter numbers are parts of versions.
MIN_SHOWN_LENGTH = 3

ITSELF = phrase("An item can't be compared with itself.")
NOTHING_TO_COMPARE = phrase(
    "There is nothing to compare: one of the two has no words or has not been processed yet."
)
TWO_KINDS = phrase("A ticket can't be compared with a product.")

# What would have made a pair more likely to be duplicates.
SAME_WORDS = translatable("the same words")
SAME_TITLE = translatable("the same title")
SAME_CODES = translatable("the same codes")
SHARED_CODE = translatable("a shared code")
NO_CONFLICT = translatable("no numbers that differ")
SAME_PRICE = translatable("the same price")


@dataclass(frozen=True)
class WhatIf:
    """The probability with some features at their best, and whether it reaches the threshold."""

    name: str
    probability: float
    crosses: bool


@dataclass(frozen=True)
class PastDecision:
    """What somebody decided about the pair."""

    verdict: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PairJudgement:
    """How a pair was judged; from the probability `threshold` on it is called a duplicate.

    `similarity` is the raw cosine of the best chunk pair. `highest` is the greatest probability of
    any pair. `contributions` are log-odds by feature, relative to a usual pair. Without a model
    `probability` and `highest` are None, `contributions` and `what_ifs` empty.
    """

    similarity: float
    probability: float | None
    highest: float | None
    threshold: float
    band: Band | None
    is_near_exact: bool
    contributions: Mapping[str, float]
    what_ifs: Sequence[WhatIf]

    @property
    def missing(self) -> float | None:
        """The log-odds missing to the threshold, below 0 above it; None without a model."""
        if self.probability is None:
            return None
        return log_odds(self.threshold) - log_odds(self.probability)


@dataclass(frozen=True)
class TextComparison:
    """The words of two texts compared, each list with the rarest first."""

    shared_codes: Sequence[str]
    shared_terms: Sequence[str]
    only_ours: Sequence[str]
    only_theirs: Sequence[str]
    contradictions: Sequence[Contradiction]
    have_titles: bool


@dataclass(frozen=True)
class Explanation:
    """Why two items of one kind were judged as they were.

    `crowded` and `same_reporter` are None where that is unknown. `group_size` counts the items of
    the group that contains both, as far as the audience may read them; 0 where there is none.
    """

    ours: int
    theirs: int
    kind: str
    judgement: PairJudgement
    features: PairFeatures
    text: TextComparison
    age_gap: timedelta | None
    same_reporter: bool | None
    crowded: bool | None
    decision: PastDecision | None
    group_size: int


def explain(
    session: Session, judge: Judge, ours: int, theirs: int, *, audience: Audience, threshold: float
) -> Explanation:
    """Return why two stored items were judged as they were, as far as the audience may know.

    `threshold` is the probability from which a pair is called a duplicate. Raises `NotFoundError`
    where the audience may not read one of them, and `InputError` where they cannot be compared.
    """
    one, other = _load_pair(session, judge, ours, theirs, audience)
    corpus = judge.corpus(session, [one, other], audience, threshold)
    features = features_of(one, other, corpus)
    return Explanation(
        ours=ours,
        theirs=theirs,
        kind=one.kind,
        judgement=_judgement(one, other, corpus, features),
        features=features,
        text=_compare_texts(one, other, corpus),
        age_gap=_age_gap(one, other),
        same_reporter=None if math.isnan(features.same_reporter) else bool(features.same_reporter),
        crowded=_crowded(one.kind, features.density),
        decision=_decision(session, ours, theirs),
        group_size=_group_size(session, ours, theirs, audience),
    )


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability that is neither 0 nor 1."""
    return math.log(probability / (1 - probability))


def _load_pair(
    session: Session, judge: Judge, ours: int, theirs: int, audience: Audience
) -> tuple[ComparedItem, ComparedItem]:
    if ours == theirs:
        raise InputError(ITSELF)
    pair = {ours, theirs}
    named = session.scalars(select(Item.id).where(Item.id.in_(pair), LIVE, audience.items)).all()
    if set(named) != pair:
        raise NotFoundError("There is no such item.")
    found = load_compared_items(session, judge.vectors, pair)
    if found.keys() != pair:
        raise InputError(NOTHING_TO_COMPARE)
    one, other = found[ours], found[theirs]
    if one.kind != other.kind:
        raise InputError(TWO_KINDS)
    return one, other


def _judgement(
    one: ComparedItem, other: ComparedItem, corpus: Corpus, features: PairFeatures
) -> PairJudgement:
    model, threshold = corpus.model, corpus.threshold
    similarity = float((one.vectors @ other.vectors.T).max())
    probability = None if model is None else _probability(model, features)
    ours, theirs = corpus.compared_text(one), corpus.compared_text(other)
    kind: ItemKind = "product" if one.kind == "product" else "ticket"
    return PairJudgement(
        similarity=similarity,
        probability=probability,
        highest=None if model is None else model.highest,
        threshold=threshold,
        band=band_of(one, other, similarity, probability, threshold),
        is_near_exact=is_near_exact(one.text, other.text, similarity, kind),
        contributions={} if model is None else model.contributions(features),
        what_ifs=[] if model is None else _what_ifs(model, features, ours, theirs, threshold),
    )


def _compare_texts(one: ComparedItem, other: ComparedItem, corpus: Corpus) -> TextComparison:
    ours, theirs = corpus.compared_text(one), corpus.compared_text(other)
    named, others = identifiers(one.text), identifiers(other.text)
    codes = shared_identifiers(named, others)
    return TextComparison(
        shared_codes=codes,
        shared_terms=_informative(
            (ours.distinct & theirs.distinct).difference(codes), corpus, MAX_TERMS
        ),
        only_ours=_informative(ours.distinct - theirs.distinct, corpus, MAX_APART),
        only_theirs=_informative(theirs.distinct - ours.distinct, corpus, MAX_APART),
        contradictions=contradictions(named, others),
        have_titles=bool(ours.title_terms and theirs.title_terms),
    )


def _probability(model: Model, features: PairFeatures) -> float:
    return float(model.probabilities([features])[0])


def _what_ifs(
    model: Model, features: PairFeatures, ours: ComparedText, theirs: ComparedText, threshold: float
) -> list[WhatIf]:
    """Return what would have made a duplicate more likely, the most effective first."""
    now = _probability(model, features)
    changes: dict[str, dict[str, float]] = {SAME_WORDS: {"words": 1.0, "overlap": 1.0}}
    if ours.title_terms and theirs.title_terms:
        changes[SAME_TITLE] = {"title": 1.0}
    else:  # without titles the words count as the title, too
        changes[SAME_WORDS]["title"] = 1.0
    changes[SAME_CODES if ours.codes & theirs.codes else SHARED_CODE] = {"shared_codes": 1.0}
    if features.conflict > 0:
        changes[NO_CONFLICT] = {"conflict": 0.0}
    if features.price_gap > 0:
        changes[SAME_PRICE] = {"price_gap": 0.0}
    found = []
    for name, best in changes.items():
        then = _probability(model, replace(features, **best))
        if then > now:
            found.append(WhatIf(name, then, crosses=now < threshold <= then))
    return sorted(found, key=lambda one: -one.probability)


def _informative(of_terms: Iterable[str], corpus: Corpus, limit: int) -> list[str]:
    """Return the rarest of the terms that are informative on their own."""
    lexicon = corpus.lexicon
    common = max(lexicon.documents * COMMON_SHARE, MIN_COMMON)
    return rarest(
        (
            term
            for term in of_terms
            if normalise(term).words
            and (len(term) >= MIN_SHOWN_LENGTH or not term.isascii() or not _is_plain(term))
            and lexicon.frequencies.get(term, 0) <= common
        ),
        lexicon,
        limit,
    )


def _is_plain(term: str) -> bool:
    return term.isalpha() or term.isdigit()


def _age_gap(one: ComparedItem, other: ComparedItem) -> timedelta | None:
    if one.created_at is None or other.created_at is None:
        return None
    return abs(one.created_at - other.created_at)


def _crowded(kind: str, density: float) -> bool | None:
    """Say whether more items than usual are similar to the pair; None where that is unknown."""
    if math.isnan(density):
        return None
    usual, index = PRIORS[kind], FEATURES.index("density")
    return density >= usual.mean[index] + usual.scale[index]


def _decision(session: Session, ours: int, theirs: int) -> PastDecision | None:
    verdict = current_verdicts(session, ours).get(theirs)
    if verdict is None:
        return None
    return PastDecision(verdict.verdict, verdict.decided_by, verdict.decided_at)


def _group_size(session: Session, ours: int, theirs: int, audience: Audience) -> int:
    """Return how many items of the group that contains both the audience may read."""
    group = groups_of(session, [ours]).get(ours)
    if group is None or theirs not in group.members:
        return 0
    named = select(Item.id).where(Item.id.in_(group.members), LIVE, audience.items)
    return len(session.scalars(named).all())
