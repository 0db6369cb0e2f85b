"""Judging: candidates from two sides, ranked in their corpus, with the evidence on each.

Meaning finds what is said in other words; words find codes and names. The union is ranked
(`ranking`), and on the best of it the evidence is weighed (`features`): by the team's own model
where verdicts have taught one, otherwise by the strict rule for a new team.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy.orm import Session

from models import Item
from services.channels.audience import Audience
from services.issues.groups import PairIds
from services.judgement import ranking
from services.judgement.bands import SIMILAR_SIMILARITY, Match, merge_chunks
from services.judgement.calibration import SURE, Model
from services.judgement.calibration_store import current_model
from services.judgement.features import PairFeatures
from services.judgement.scoring import Corpus, Scored, evidence_on, ranked, weighed
from services.judgement.subjects import (
    ComparedItem,
    RankedItem,
    complete,
    load_compared,
    load_subjects,
)
from services.memory import term_index
from services.memory.density import NEAREST, density
from services.memory.idf_cache import Lexicons
from services.memory.items import ItemStore
from services.memory.pool_statistics import statistics_of_pools
from services.search.contract import Candidate, VectorIndex


@dataclass(frozen=True)
class CandidateLimits:
    """How many candidates each side gives, and how many of the best-ranked are weighed.

    With `least`, what is less alike is left out before there is a model, and so is what words alone
    find: an answer would say nothing of it.
    """

    by_meaning: int
    by_words: int
    weighed: int
    least: float | None = None


# Wider lists rank a little better (benchmarks/README.md); an answer names three at most.
ANSWER = CandidateLimits(by_meaning=40, by_words=20, weighed=6, least=SIMILAR_SIMILARITY)


def limits_for_list(limit: int) -> CandidateLimits:
    """Return the breadth for a list of `limit` items that somebody asked for."""
    return CandidateLimits(max(100, limit), 100, limit)


@dataclass(frozen=True)
class Ranked:
    """What was found for a subject: matches, best first, and the nearest by meaning alone."""

    matches: list[Match]
    nearest: list[Candidate]


@dataclass(frozen=True)
class Judge:
    """Ranks and weighs what may be the same as a subject."""

    items: ItemStore
    index: VectorIndex
    lexicons: Lexicons = field(default_factory=Lexicons)

    def rank(
        self,
        session: Session,
        asked: Sequence[ComparedItem],
        place: Audience,
        breadth: CandidateLimits,
        cut: float = SURE,
    ) -> list[Ranked]:
        """Return what is found for each of `asked`, all of one kind, of what `place` may name.

        `cut` is the probability from which a match is called a duplicate.
        """
        if not asked:
            return []
        kind = asked[0].kind
        among = place.among(Item.kind == kind)
        nearest = self._by_meaning(asked, among, breadth.by_meaning)
        pools = term_index.pools_of(session, place, kind)
        model = current_model(session, place.workspace_id, kind)
        if breadth.least is not None and model is None:
            ids = [_ids(near, breadth.least) for near in nearest]
        else:
            said = self._by_words(session, asked, among, pools, breadth.by_words)
            ids = [_ids(near) | own for near, own in zip(nearest, said, strict=True)]
        known = load_compared(session, self.items, set().union(*ids), kind)
        if not known:
            return [Ranked([], near) for near in nearest]
        corpus = self._corpus(session, [*asked, *known.values()], pools, model, cut)
        measured = [_measured(one, near) for one, near in zip(asked, nearest, strict=True)]
        in_order = [
            ranked(subject, [known[i] for i in sorted(own) if i in known], corpus)[
                : breadth.weighed
            ]
            for subject, own in zip(measured, ids, strict=True)
        ]
        best = {one.item_id or 0 for own in in_order for one, *_ in own}
        subjects = complete(session, {item_id: known[item_id] for item_id in best})
        return [
            Ranked(_matches(subject, own, subjects, corpus), near)
            for subject, own, near in zip(measured, in_order, nearest, strict=True)
        ]

    def nearest(
        self, session: Session, item_ids: Sequence[int], place: Audience
    ) -> dict[int, list[Candidate]]:
        """Return the ten nearest by meaning of items, by id."""
        asked = [
            RankedItem(item_id, "", (), vectors)
            for item_id, vectors in self.items.vectors_of(session, item_ids).items()
            if len(vectors)
        ]
        if not asked:
            return {}
        found = self._by_meaning(asked, place, NEAREST)
        return {one.item_id or 0: near for one, near in zip(asked, found, strict=True)}

    def features_of_pairs(
        self, session: Session, pairs: Sequence[PairIds], place: Audience
    ) -> dict[PairIds, PairFeatures]:
        """Return the evidence on pairs of items of one kind; pairs without vectors are left out."""
        known = self._both(session, pairs)
        if not known:
            return {}
        corpus = self._corpus_of(session, known, place, SURE)
        return {pair: evidence_on(*both, corpus) for pair, both in known.items()}

    def judge_pairs(
        self, session: Session, pairs: Sequence[PairIds], place: Audience, cut: float = SURE
    ) -> dict[PairIds, Match]:
        """Judge pairs of items of one kind; pairs without vectors are left out.

        A match's `item_id` is that of the second one; its score says nothing.
        """
        known = self._both(session, pairs)
        if not known:
            return {}
        corpus = self._corpus_of(session, known, place, cut)
        return {
            pair: weighed(
                one, [(other, 0.0, float((one.vectors @ other.vectors.T).max()))], corpus
            )[0]
            for pair, (one, other) in known.items()
        }

    def corpus(
        self,
        session: Session,
        subjects: Sequence[RankedItem],
        place: Audience,
        pools: Sequence[int],
        cut: float = SURE,
    ) -> Corpus:
        """Return what is needed to compare these subjects, all of one kind, in a place."""
        model = current_model(session, place.workspace_id, subjects[0].kind)
        return self._corpus(session, subjects, pools, model, cut)

    def _corpus(
        self,
        session: Session,
        subjects: Sequence[RankedItem],
        pools: Sequence[int],
        model: Model | None,
        cut: float,
    ) -> Corpus:
        kind = subjects[0].kind
        wanted: set[str] = set()
        for subject in subjects:
            wanted.update(subject.terms)
            if kind == "product":
                wanted.update(subject.features)
        embedder = self.items.embedder
        usual = statistics_of_pools(session, pools, embedder.fingerprint, embedder.dim)
        return Corpus(
            self.lexicons.of(session, pools, wanted),
            usual,
            ranking.lexical_weight(kind, usual.median_length),
            model,
            cut,
        )

    def _both(
        self, session: Session, pairs: Sequence[PairIds]
    ) -> dict[PairIds, tuple[ComparedItem, ComparedItem]]:
        """Return both sides of the pairs that can be compared."""
        found = load_subjects(session, self.items, {item_id for pair in pairs for item_id in pair})
        return {
            (one, other): (found[one], found[other])
            for one, other in pairs
            if one in found and other in found
        }

    def _corpus_of(
        self,
        session: Session,
        pairs: Mapping[PairIds, tuple[ComparedItem, ComparedItem]],
        place: Audience,
        cut: float,
    ) -> Corpus:
        subjects = [subject for both in pairs.values() for subject in both]
        pools = term_index.pools_of(session, place, subjects[0].kind)
        return self.corpus(session, subjects, place, pools, cut)

    def _by_meaning(
        self, asked: Sequence[RankedItem], place: Audience, limit: int
    ) -> list[list[Candidate]]:
        """Return the candidates of each subject, all chunks of all of them in one search."""
        rows = np.concatenate([subject.vectors for subject in asked])
        # One more: an item finds itself.
        found = iter(self.index.search(rows, limit=limit + 1, where=place.items))
        merged = [merge_chunks([next(found) for _ in subject.vectors]) for subject in asked]
        return [
            [one for one in candidates if one.item_id != subject.item_id][:limit]
            for subject, candidates in zip(asked, merged, strict=True)
        ]

    def _by_words(
        self,
        session: Session,
        asked: Sequence[ComparedItem],
        place: Audience,
        pools: Sequence[int],
        limit: int,
    ) -> list[set[int]]:
        lexicon = self.lexicons.of(session, pools, {t for one in asked for t in one.terms})
        return [
            set(
                term_index.find(session, subject.terms, lexicon, where=place.items, limit=limit + 1)
            ) - {subject.item_id}
            for subject in asked
        ]  # fmt: skip


def _ids(near: Sequence[Candidate], least: float = -1.0) -> set[int]:
    return {one.item_id for one in near if one.similarity >= least}


def _measured(subject: ComparedItem, nearest: Sequence[Candidate]) -> ComparedItem:
    """Return the subject with its density; a new one's is that of what was found now."""
    if not math.isnan(subject.density) or not nearest:
        return subject
    return replace(subject, density=density([one.similarity for one in nearest[:NEAREST]]))


def _matches(
    subject: ComparedItem,
    ranked: Sequence[Scored],
    subjects: Mapping[int, ComparedItem],
    corpus: Corpus,
) -> list[Match]:
    """Return the ranked candidates that still live, weighed."""
    live = [
        (subjects[one.item_id or 0], score, cosine)
        for one, score, cosine in ranked
        if one.item_id in subjects
    ]
    return weighed(subject, live, corpus)
