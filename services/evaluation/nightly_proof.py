"""The nightly proof: whether what the bot relies on holds, measured on the team's own data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Answer, Channel, Database, Document, Embedding, Item, Proof, ShownMatch, Verdict
from services.issues.verdicts import on_shown_pair
from services.judgement.cut import MIN_WRONG_SHARE
from services.judgement.noise_budget import MIN_CLICKS, is_below
from services.phrases import Percent, Phrase, phrase
from services.search.contract import VectorIndex, live_embeddings
from services.search.recall_check import check_index

QUERIES = 100
MIN_RECALL = 0.95

# Months are compared by samples; fewer tickets say nothing.
MONTH = timedelta(days=30)
SAMPLE = 100
MIN_SAMPLE = 30
# A fall of the mean cosine to the nearest earlier ticket that is told: three standard errors, and
# large enough to matter (a reworded ticket loses about as much).
DRIFT_ERRORS = 3.0
MIN_DRIFT = 0.05

KEEP = timedelta(days=90)

CheckState = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True)
class ProofCheck:
    """One check: what it found, in numbers."""

    name: str
    state: CheckState
    values: dict[str, float]

    @property
    def text(self) -> Phrase:
        """What it found, in words."""
        return _TEXTS[self.name](self)


@dataclass(frozen=True)
class NightlyProof:
    """Proves one database and its index."""

    database: Database
    index: VectorIndex
    fingerprint: str

    def run(self, now: datetime) -> list[ProofCheck]:
        """Measure everything, store the result, and return it."""
        checks = [
            self._recall(now),
            self._ghosts(),
            self._missing_vectors(),
            self._broken_references(),
            self._drift(now),
            self._precision(now),
        ]
        with self.database.write() as session:
            stored = {one.name: asdict(one) for one in checks}
            session.add(Proof(made_at=now, fingerprint=self.fingerprint, checks=stored))
            for old in session.scalars(select(Proof).where(Proof.made_at < now - KEEP)):
                session.delete(old)
        return checks

    def _recall(self, now: datetime) -> ProofCheck:
        found = check_index(
            self.database,
            self.index,
            fingerprint=self.fingerprint,
            queries=QUERIES,
            seed=now.toordinal(),
        )
        values = {"queries": float(found.queries), "recall": round(found.recall, 4)}
        return _check("recall", values, found.recall >= MIN_RECALL if found.queries else None)

    def _ghosts(self) -> ProofCheck:
        """Count what is left of deleted items in vectors and terms, and what a search finds."""
        with self.database.read() as session:
            ghosts = sum(
                session.scalar(
                    select(func.count())
                    .select_from(table)
                    .join(Item, Item.id == table.item_id)
                    .where(Item.deleted_at.is_not(None))
                )
                or 0
                for table in (Embedding, Document)
            )
            vectors = _vectors(session, self.fingerprint, [])
        found = {one.item_id for row in self.index.search(vectors, limit=10) for one in row}
        with self.database.read() as session:
            live = set(session.scalars(select(Item.id).where(Item.id.in_(found), _LIVE)))
        ghosts += len(found - live)
        return _check("ghosts", {"ghosts": float(ghosts)}, not ghosts)

    def _missing_vectors(self) -> ProofCheck:
        with self.database.read() as session:
            missing = session.scalar(
                select(func.count(Item.id)).where(
                    _LIVE,
                    Item.content_hash.is_not(None),
                    ~select(Embedding.id)
                    .where(Embedding.item_id == Item.id, Embedding.fingerprint == self.fingerprint)
                    .exists(),
                )
            )
        return _check("vectors", {"missing": float(missing or 0)}, not missing)

    def _broken_references(self) -> ProofCheck:
        broken = self.database.count_broken_references()
        return _check("references", {"broken": float(broken)}, not broken)

    def _drift(self, now: datetime) -> ProofCheck:
        """Compare how near this month's and last month's tickets are to all earlier ones."""
        recent = self._nearest_earlier(now - MONTH, now)
        before = self._nearest_earlier(now - 2 * MONTH, now - MONTH)
        if min(len(recent), len(before)) < MIN_SAMPLE:
            return ProofCheck("drift", "unknown", {"tickets": float(len(recent))})
        values = {"now": float(np.mean(recent)), "before": float(np.mean(before))}
        error = math.sqrt(np.var(recent) / len(recent) + np.var(before) / len(before))
        limit = max(MIN_DRIFT, DRIFT_ERRORS * error)
        rounded = {name: round(value, 3) for name, value in values.items()}
        return _check("drift", rounded, values["before"] - values["now"] < limit)

    def _nearest_earlier(self, since: datetime, until: datetime) -> list[float]:
        """Return the cosine of the nearest earlier ticket, for a sample of a time's tickets."""
        with self.database.read() as session:
            items = session.execute(
                select(Item.id, Item.workspace_id, Item.created_at)
                .where(
                    _LIVE,
                    Item.kind == "ticket",
                    Item.is_dated,
                    Item.created_at >= since,
                    Item.created_at < until,
                )
                .order_by(Item.id)
            ).all()
            chosen = np.random.default_rng(0).permutation(len(items))[:SAMPLE]
            some = [items[index] for index in chosen]
            vectors = {one.id: _vectors(session, self.fingerprint, [one.id]) for one in some}
        nearest = []
        for one in some:
            earlier = (
                (Item.workspace_id == one.workspace_id)
                & (Item.kind == "ticket")
                & (Item.created_at < one.created_at)
            )
            found = self.index.search(vectors[one.id][:1], limit=1, where=earlier)
            nearest += [row[0].similarity for row in found if row]
        return nearest

    def _precision(self, now: datetime) -> ProofCheck:
        """Compare the last month's decisions on flags with what the channels were promised."""
        with self.database.read() as session:
            rows = session.execute(
                select(Verdict.verdict, Channel.noise_budget)
                .select_from(ShownMatch)
                .join(Answer, Answer.id == ShownMatch.answer_id)
                .join(Channel, Channel.id == Answer.channel_id)
                .join(Verdict, on_shown_pair())
                .where(
                    ShownMatch.band == "duplicate",
                    Verdict.undone_at.is_(None),
                    Verdict.decided_at >= now - MONTH,
                )
            ).all()
        right = sum(row.verdict == "duplicate" for row in rows)
        values = {"decided": float(len(rows)), "right": float(right)}
        if len(rows) < MIN_CLICKS:
            return ProofCheck("precision", "unknown", values)
        promised = sum(1 - max(row.noise_budget / 10, MIN_WRONG_SHARE) for row in rows) / len(rows)
        values["promised"] = round(promised, 3)
        return _check("precision", values, not is_below(promised, right, len(rows)))


def newest_proof(session: Session) -> tuple[datetime, list[ProofCheck]] | None:
    """Return when the last proof was made, and its checks; None before the first one."""
    row = session.scalar(select(Proof).order_by(Proof.id.desc()).limit(1))
    return (
        None if row is None else (row.made_at, [ProofCheck(**one) for one in row.checks.values()])
    )


def failed_checks(session: Session) -> list[ProofCheck]:
    """Return the checks of the last proof that failed."""
    found = newest_proof(session)
    return [] if found is None else [one for one in found[1] if one.state == "failed"]


_LIVE = Item.deleted_at.is_(None)


def _check(name: str, values: dict[str, float], passed: bool | None) -> ProofCheck:
    state: CheckState = "unknown" if passed is None else "ok" if passed else "failed"
    return ProofCheck(name, state, values)


def _vectors(session: Session, fingerprint: str, item_ids: Sequence[int]) -> NDArray[np.float32]:
    """Return the first vectors of these items, or of any, shape `(n, dim)`."""
    statement = live_embeddings(Embedding.vector, fingerprint=fingerprint).limit(QUERIES)
    if item_ids:
        statement = statement.where(Embedding.item_id.in_(item_ids)).order_by(Embedding.chunk)
    rows = session.scalars(statement).all()
    return np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)


_TEXTS: dict[str, Callable[[ProofCheck], Phrase]] = {
    "recall": lambda one: phrase(
        "the index finds {share} of the nearest tickets", share=Percent(one.values["recall"])
    ),
    "ghosts": lambda one: phrase(
        "{n} rows of deleted tickets are left", n=int(one.values["ghosts"])
    ),
    "vectors": lambda one: phrase("{n} tickets have no vectors yet", n=int(one.values["missing"])),
    "references": lambda one: phrase(
        "{n} rows refer to rows that do not exist", n=int(one.values["broken"])
    ),
    "drift": lambda one: _drift_text(one.values),
    "precision": lambda one: phrase(
        "{right} of {decided} flags of the last month were right",
        right=int(one.values["right"]),
        decided=int(one.values["decided"]),
    ),
}


def _drift_text(values: dict[str, Any]) -> Phrase:
    if "now" not in values:
        return phrase("too few tickets to compare months")
    return phrase(
        "new tickets are {now} alike to earlier ones, a month ago {before}",
        now=Percent(values["now"]),
        before=Percent(values["before"]),
    )
