"""The nightly proof: whether what the bot relies on holds, measured on the team's own data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Database, Proof
from services.evaluation.calibration_check import MIN_DECISIONS, decided_matches, is_calibrated
from services.evaluation.drift import MIN_SAMPLE, MONTH, NearestEarlier, has_drifted
from services.evaluation.proof_checks import TEXTS, ProofCheck
from services.evaluation.stored_rows import (
    count_found_ghosts,
    count_orphans,
    count_traces,
    count_without_vectors,
)
from services.search.indexes.contract import VectorIndex
from services.search.indexes.recall_check import MIN_RECALL, check_index

QUERIES = 100

KEEP = timedelta(days=90)


@dataclass(frozen=True)
class NightlyProof:
    """Proves one database and its index."""

    database: Database
    index: VectorIndex
    fingerprint: str

    def run(self, now: datetime) -> list[ProofCheck]:
        """Measure everything, store the result, and return it."""
        checks = [self.check(name, now) for name in TEXTS]
        stored = {one.name: asdict(one) for one in checks}
        with self.database.write() as session:
            session.execute(delete(Proof).where(Proof.made_at < now - KEEP))
            session.add(Proof(made_at=now, fingerprint=self.fingerprint, checks=stored))
        return checks

    def check(self, name: str, now: datetime) -> ProofCheck:
        """Measure one thing; nothing is stored."""
        match name:
            case "recall":
                return self._recall(now)
            case "drift":
                return self._drift(now)
            case "calibration":
                return self._calibration(now)
            case _:
                number = self._count(name, now)
                return ProofCheck.of(name, {"count": number}, passed=not number)

    def _count(self, name: str, now: datetime) -> int:
        """Return how much there is of something that must not be."""
        with self.database.read() as session:
            match name:
                case "vectors":
                    return count_without_vectors(session, self.fingerprint, now)
                case "orphans":
                    return count_orphans(session)
                case _:
                    traces = count_traces(session)
        return traces + count_found_ghosts(self.database, self.index, self.fingerprint)

    def _recall(self, now: datetime) -> ProofCheck:
        found = check_index(
            self.database,
            self.index,
            fingerprint=self.fingerprint,
            queries=QUERIES,
            seed=now.toordinal(),
        )
        values = {"queries": found.queries, "recall": round(found.recall, 4)}
        passed = found.recall >= MIN_RECALL if found.queries else None
        return ProofCheck.of("recall", values, passed=passed)

    def _drift(self, now: datetime) -> ProofCheck:
        nearest = NearestEarlier(self.database, self.index, self.fingerprint)
        recent, before = nearest.of_month(now), nearest.of_month(now - MONTH)
        if min(len(recent), len(before)) < MIN_SAMPLE:
            return ProofCheck.of("drift", {"tickets": len(recent)}, passed=None)
        means = {
            "now": round(float(np.mean(recent)), 3),
            "before": round(float(np.mean(before)), 3),
        }
        return ProofCheck.of("drift", means, passed=not has_drifted(recent, before))

    def _calibration(self, now: datetime) -> ProofCheck:
        with self.database.read() as session:
            decided = decided_matches(session, now)
        values: dict[str, float] = {
            "decided": len(decided),
            "right": sum(one.is_right for one in decided),
        }
        if len(decided) >= MIN_DECISIONS:
            values["expected"] = round(sum(one.said for one in decided), 1)
        return ProofCheck.of("calibration", values, passed=is_calibrated(decided))


def newest_proof(session: Session) -> tuple[datetime, list[ProofCheck]] | None:
    """Return when the last proof was made, and its checks; None before the first one.

    Checks of another version of Déjà are left out.
    """
    row = session.scalar(select(Proof).order_by(Proof.id.desc()).limit(1))
    if row is None:
        return None
    known = [one for name, one in row.checks.items() if name in TEXTS]
    return row.made_at, [ProofCheck(**one) for one in known]


def failed_checks(session: Session) -> list[ProofCheck]:
    """Return the checks of the last proof that failed."""
    found = newest_proof(session)
    return [] if found is None else [one for one in found[1] if one.state == "failed"]
