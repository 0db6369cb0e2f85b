"""Explanations: why two items were judged as they were."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.queries import live_ids
from services.channels.audience import Audience
from services.errors import InputError, NotFoundError
from services.issues.groups import groups_of
from services.issues.reports import count_reports
from services.issues.verdicts import current_verdicts
from services.judgement.bands import Match, Rules
from services.judgement.calibration_store import current_model
from services.judgement.cold import ColdPair, Difference
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.cut import Cut
from services.judgement.features import PairFeatures
from services.judgement.judge import Judge, PlacedPair
from services.judgement.learned_model import Model
from services.judgement.scoring import Corpus, judge_candidates
from services.phrases import phrase
from services.text.comparing.identifiers import (
    Contradiction,
    as_written,
    contradictions,
    identifiers,
    shared_identifiers,
)
from services.text.comparing.terms import has_digit, rarest
from services.text.small_talk.talk import names_something
from services.text.stack_traces.traces import MARK, Trace, shared_error
from services.text.words.folding import fold
from services.text.words.function_words import language_of
from services.text.words.stems import stem

MAX_TERMS = 8
MAX_APART = 5

# Terms in more than this share of the items that may be read say nothing about a pair; where there
# are few items, terms in more than this number of them.
COMMON_SHARE, MIN_COMMON = 0.2, 10
# Shorter Latin words are "on" and "my", shorter numbers are parts of versions.
MIN_SHOWN_LENGTH = 3
# A standard deviation above the mean of reviewed pairs of the public sets (2026-11-25).
CROWDED_DENSITY = {"ticket": 0.665, "product": 0.865}

ITSELF = phrase("An item can't be compared with itself.")
NOTHING_TO_COMPARE = phrase(
    "There is nothing to compare: one of the two has no words or has not been processed yet."
)
TWO_KINDS = phrase("A ticket can't be compared with a product.")


@dataclass(frozen=True)
class PastDecision:
    """What somebody decided about the pair."""

    verdict: str
    by: str
    at: datetime


@dataclass(frozen=True)
class PairJudgement:
    """How a pair was judged.

    `match` has its figures and band; `cut` is where verdicts have taught to call a duplicate from,
    None where they have not; `is_learned` says whether there is a calibration at all. `difference`
    is what forbids to call the pair a duplicate without verdicts; `is_pictured` says whether both
    show the same picture and are close enough for that, `has_same_error` whether both show an error
    that is called the same way.
    """

    match: Match
    cut: Cut | None
    is_learned: bool
    is_near_exact: bool
    difference: Difference | None
    is_pictured: bool = False
    has_same_error: bool = False


@dataclass(frozen=True)
class TextComparison:
    """The words of two texts compared, each list with the rarest first.

    `shared_error` is an error in both, and whether it is called the same way in both.
    """

    shared_codes: Sequence[str]
    shared_terms: Sequence[str]
    only_ours: Sequence[str]
    only_theirs: Sequence[str]
    contradictions: Sequence[Contradiction]
    have_titles: bool
    shared_error: tuple[Trace, bool] | None = None


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
    session: Session, judge: Judge, ours: int, theirs: int, *, audience: Audience, wrong_in_ten: int
) -> Explanation:
    """Return why two stored items were judged as they were, as far as the audience may know.

    `wrong_in_ten` is the noise budget, which decides what is called a duplicate. Raises
    `NotFoundError` where the audience may not read one of them, and `InputError` where they cannot
    be compared.
    """
    one, other = _load_pair(session, judge, ours, theirs, audience)
    placed = judge.place_pairs(session, [(ours, theirs)], audience)[ours, theirs]
    features = placed.features
    model = current_model(session, audience.workspace_id, one.kind, judge.fingerprint)
    return Explanation(
        ours=ours,
        theirs=theirs,
        kind=one.kind,
        judgement=_judgement(placed, model, wrong_in_ten),
        features=features,
        text=_compare_texts(one, other, placed.corpus),
        age_gap=_age_gap(one, other),
        same_reporter=_same_reporter(one, other),
        crowded=_crowded(one.kind, features.density),
        decision=_decision(session, ours, theirs),
        group_size=_group_size(session, ours, theirs, audience),
    )


def _load_pair(
    session: Session, judge: Judge, ours: int, theirs: int, audience: Audience
) -> tuple[ComparedItem, ComparedItem]:
    if ours == theirs:
        raise InputError(ITSELF)
    pair = {ours, theirs}
    if live_ids(session, pair, audience.items) != pair:
        raise NotFoundError("There is no such item.")
    found = load_compared_items(session, judge.vectors, pair)
    if found.keys() != pair:
        raise InputError(NOTHING_TO_COMPARE)
    one, other = found[ours], found[theirs]
    if one.kind != other.kind:
        raise InputError(TWO_KINDS)
    return one, other


def _judgement(placed: PlacedPair, model: Model | None, wrong_in_ten: int) -> PairJudgement:
    one, other = placed.query, placed.other
    rules = Rules.of(model, wrong_in_ten)
    (match,) = judge_candidates(one, [(other, placed.placing)], placed.corpus, rules)
    corpus = placed.corpus
    cold = ColdPair(one, other, placed.features, match.similarity, corpus.verbosity, corpus.lexicon)
    return PairJudgement(
        match,
        rules.cut,
        model is not None,
        cold.is_repeated,
        cold.difference,
        cold.is_pictured,
        cold.has_same_error,
    )


def _compare_texts(one: ComparedItem, other: ComparedItem, corpus: Corpus) -> TextComparison:
    ours, theirs = corpus.compared_text(one), corpus.compared_text(other)
    named, others = identifiers(one.text), identifiers(other.text)
    codes = shared_identifiers(named, others)
    in_ours, in_theirs = _in_both(ours.distinct, theirs.distinct)
    return TextComparison(
        shared_codes=_spelt(codes, one.text),
        shared_terms=_informative(in_ours - set(codes), corpus, MAX_TERMS),
        only_ours=_informative(ours.distinct - in_ours, corpus, MAX_APART),
        only_theirs=_informative(theirs.distinct - in_theirs, corpus, MAX_APART),
        contradictions=[
            replace(
                found, ours=_spelt(found.ours, one.text), theirs=_spelt(found.theirs, other.text)
            )
            for found in contradictions(named, others, corpus.kind)
        ],
        have_titles=bool(ours.title_terms and theirs.title_terms),
        shared_error=shared_error(named.errors, others.errors),
    )


def _spelt(named: Sequence[str], text: str) -> tuple[str, ...]:
    return tuple(as_written(one, text) for one in named)


def _in_both(
    ours: AbstractSet[str], theirs: AbstractSet[str]
) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Return which terms of each side the other has, too, be it with another ending."""
    language = language_of(map(fold, [*ours, *theirs]))
    our_stems, their_stems = (
        {term: term if has_digit(term) else stem(term, language) for term in side}
        for side in (ours, theirs)
    )
    both = set(our_stems.values()) & set(their_stems.values())
    return (
        {term for term, of_term in our_stems.items() if of_term in both},
        {term for term, of_term in their_stems.items() if of_term in both},
    )


def _informative(of_terms: Iterable[str], corpus: Corpus, limit: int) -> list[str]:
    """Return the rarest of the terms that are informative on their own."""
    lexicon = corpus.lexicon
    common = max(lexicon.documents * COMMON_SHARE, MIN_COMMON)
    return rarest(
        (
            term
            for term in of_terms
            if not term.startswith(MARK)
            and names_something(term)
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


def _same_reporter(one: ComparedItem, other: ComparedItem) -> bool | None:
    if one.author is None or other.author is None:
        return None
    return one.author == other.author


def _crowded(kind: str, density: float) -> bool | None:
    """Say whether more items than usual are similar to the pair; None where that is unknown."""
    if math.isnan(density):
        return None
    return density >= CROWDED_DENSITY[kind]


def _decision(session: Session, ours: int, theirs: int) -> PastDecision | None:
    verdict = current_verdicts(session, ours).get(theirs)
    if verdict is None:
        return None
    return PastDecision(verdict.verdict, verdict.decided_by, verdict.decided_at)


def _group_size(session: Session, ours: int, theirs: int, audience: Audience) -> int:
    """Return how many reports of the group that contains both the audience may read."""
    group = groups_of(session, [ours]).get(ours)
    if group is None or theirs not in group.members:
        return 0
    named = live_ids(session, group.members, audience.items)
    return count_reports(session, {ours: named})[ours]
