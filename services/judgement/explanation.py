"""Explaining: why two items were judged as they were, and what would have changed that."""

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
from services.judgement.features import ComparedText, PairFeatures
from services.judgement.judge import Judge
from services.judgement.near_exact import Kind, is_near_exact, said
from services.judgement.scoring import Corpus, evidence_on
from services.judgement.subjects import ComparedItem, load_subjects
from services.memory import term_index
from services.phrases import phrase, translatable
from services.text.identifiers import Contradiction, contradictions, identifiers, shared
from services.text.terms import rarest

MAX_TERMS = 8
MAX_APART = 5

# Words that so many of the place's items have say nothing of a pair; of a few items, none is.
COMMON_SHARE, MIN_COMMON = 0.2, 10
# Shorter Latin words are "on" and "my", shorter numbers pieces of versions.
MIN_TOLD_LENGTH = 3

ITSELF = phrase("An item can't be compared with itself.")
NOTHING_TO_COMPARE = phrase(
    "There is nothing to compare: one of the two has no words or has not been processed yet."
)
TWO_KINDS = phrase("A ticket can't be compared with a product.")

# What would have made more of a pair.
SAME_WORDS = translatable("the same words")
SAME_TITLE = translatable("the same title")
SAME_CODES = translatable("the same codes")
SHARED_CODE = translatable("a shared code")
NO_CONFLICT = translatable("no numbers that differ")
SAME_PRICE = translatable("the same price")


@dataclass(frozen=True)
class WhatIf:
    """What the probability would be, were some figures at their best; the rest stays as it is."""

    name: str
    probability: float
    crosses: bool


@dataclass(frozen=True)
class PastDecision:
    """What people decided about the pair."""

    verdict: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Judgement:
    """How a pair was judged, and from which probability (`cut`) it is called a duplicate.

    `similarity` is the raw cosine of the best chunk pair. Without a model `probability` and
    `highest` (what no pair exceeds) are None, `contributions` (log-odds, by figure, against a usual
    pair) and `what_ifs` empty.
    """

    similarity: float
    probability: float | None
    highest: float | None
    cut: float
    band: Band | None
    is_near_exact: bool
    contributions: Mapping[str, float]
    what_ifs: Sequence[WhatIf]

    @property
    def lacking(self) -> float | None:
        """The log-odds that lack to the cut, below 0 where it is reached; None without a model."""
        if self.probability is None:
            return None
        return log_odds(self.cut) - log_odds(self.probability)


@dataclass(frozen=True)
class InWords:
    """What two texts say and name, each list with the rarest first."""

    shared_codes: Sequence[str]
    shared_terms: Sequence[str]
    only_ours: Sequence[str]
    only_theirs: Sequence[str]
    contradictions: Sequence[Contradiction]
    have_titles: bool


@dataclass(frozen=True)
class Explanation:
    """Why two items of one kind were judged as they were.

    `crowded` and `same_reporter` are None where it is not known. `group_size` counts the items of
    the group with both that the place may name; 0: there is none.
    """

    ours: int
    theirs: int
    kind: str
    judgement: Judgement
    evidence: PairFeatures
    text: InWords
    age_gap: timedelta | None
    same_reporter: bool | None
    crowded: bool | None
    decision: PastDecision | None
    group_size: int


def explain(
    session: Session, judge: Judge, ours: int, theirs: int, *, place: Audience, cut: float
) -> Explanation:
    """Return why two stored items were judged as they were, to the readers of `place`.

    `cut` is the probability from which a pair is called a duplicate there. Raises `NotFoundError`
    where the place may not name one of them, and `InputError` where they cannot be compared.
    """
    one, other = _subjects(session, judge, ours, theirs, place)
    pools = term_index.pools_of(session, place, one.kind)
    corpus = judge.corpus(session, [one, other], place, pools, cut)
    evidence = evidence_on(one, other, corpus)
    return Explanation(
        ours=ours,
        theirs=theirs,
        kind=one.kind,
        judgement=_judgement(one, other, corpus, evidence),
        evidence=evidence,
        text=_in_words(one, other, corpus),
        age_gap=_age_gap(one, other),
        same_reporter=None if math.isnan(evidence.same_reporter) else bool(evidence.same_reporter),
        crowded=_crowded(one.kind, evidence.density),
        decision=_decision(session, ours, theirs),
        group_size=_group_size(session, ours, theirs, place),
    )


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability that is neither 0 nor 1."""
    return math.log(probability / (1 - probability))


def _subjects(
    session: Session, judge: Judge, ours: int, theirs: int, place: Audience
) -> tuple[ComparedItem, ComparedItem]:
    if ours == theirs:
        raise InputError(ITSELF)
    pair = {ours, theirs}
    named = session.scalars(select(Item.id).where(Item.id.in_(pair), LIVE, place.items)).all()
    if set(named) != pair:
        raise NotFoundError("There is no such item.")
    found = load_subjects(session, judge.items, pair)
    if found.keys() != pair:
        raise InputError(NOTHING_TO_COMPARE)
    one, other = found[ours], found[theirs]
    if one.kind != other.kind:
        raise InputError(TWO_KINDS)
    return one, other


def _judgement(
    one: ComparedItem, other: ComparedItem, corpus: Corpus, evidence: PairFeatures
) -> Judgement:
    model, cut = corpus.model, corpus.cut
    similarity = float((one.vectors @ other.vectors.T).max())
    probability = None if model is None else _probability(model, evidence)
    ours, theirs = corpus.document(one), corpus.document(other)
    kind: Kind = "product" if one.kind == "product" else "ticket"
    return Judgement(
        similarity=similarity,
        probability=probability,
        highest=None if model is None else model.highest,
        cut=cut,
        band=band_of(one, other, similarity, probability, cut),
        is_near_exact=is_near_exact(one.text, other.text, similarity, kind),
        contributions={} if model is None else model.contributions(evidence),
        what_ifs=[] if model is None else _what_ifs(model, evidence, ours, theirs, cut),
    )


def _in_words(one: ComparedItem, other: ComparedItem, corpus: Corpus) -> InWords:
    ours, theirs = corpus.document(one), corpus.document(other)
    named, others = identifiers(one.text), identifiers(other.text)
    codes = shared(named, others)
    return InWords(
        shared_codes=codes,
        shared_terms=_telling(
            (ours.distinct & theirs.distinct).difference(codes), corpus, MAX_TERMS
        ),
        only_ours=_telling(ours.distinct - theirs.distinct, corpus, MAX_APART),
        only_theirs=_telling(theirs.distinct - ours.distinct, corpus, MAX_APART),
        contradictions=contradictions(named, others),
        have_titles=bool(ours.title_terms and theirs.title_terms),
    )


def _probability(model: Model, evidence: PairFeatures) -> float:
    return float(model.probabilities([evidence])[0])


def _what_ifs(
    model: Model, evidence: PairFeatures, ours: ComparedText, theirs: ComparedText, cut: float
) -> list[WhatIf]:
    """Return what would have made the same of the two more likely, the most likely first."""
    now = _probability(model, evidence)
    changes: dict[str, dict[str, float]] = {SAME_WORDS: {"words": 1.0, "overlap": 1.0}}
    if ours.title_terms and theirs.title_terms:
        changes[SAME_TITLE] = {"title": 1.0}
    else:  # the words stand for the titles, too
        changes[SAME_WORDS]["title"] = 1.0
    changes[SAME_CODES if ours.codes & theirs.codes else SHARED_CODE] = {"shared_codes": 1.0}
    if evidence.conflict > 0:
        changes[NO_CONFLICT] = {"conflict": 0.0}
    if evidence.price_gap > 0:
        changes[SAME_PRICE] = {"price_gap": 0.0}
    found = []
    for name, figures in changes.items():
        then = _probability(model, replace(evidence, **figures))
        if then > now:
            found.append(WhatIf(name, then, crosses=now < cut <= then))
    return sorted(found, key=lambda one: -one.probability)


def _telling(of_terms: Iterable[str], corpus: Corpus, limit: int) -> list[str]:
    """Return the rarest of the terms that say something."""
    lexicon = corpus.lexicon
    common = max(lexicon.documents * COMMON_SHARE, MIN_COMMON)
    return rarest(
        (
            term
            for term in of_terms
            if said(term).words
            and (len(term) >= MIN_TOLD_LENGTH or not term.isascii() or not _is_plain(term))
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
    """Say whether a pair lies where more tickets are alike than usual."""
    if math.isnan(density):
        return None
    usual, place = PRIORS[kind], FEATURES.index("density")
    return density >= usual.mean[place] + usual.scale[place]


def _decision(session: Session, ours: int, theirs: int) -> PastDecision | None:
    verdict = current_verdicts(session, ours).get(theirs)
    if verdict is None:
        return None
    return PastDecision(verdict.verdict, verdict.decided_by, verdict.decided_at)


def _group_size(session: Session, ours: int, theirs: int, place: Audience) -> int:
    """Return how many of the group with both of them the place may name."""
    group = groups_of(session, [ours]).get(ours)
    if group is None or theirs not in group.members:
        return 0
    named = select(Item.id).where(Item.id.in_(group.members), LIVE, place.items)
    return len(session.scalars(named).all())
