"""What commands say where items lack vectors of the model in use: they are not all compared."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from bot.cli.terminal import notes
from services.memory.vector_coverage import VectorCoverage, vector_coverage

REMEDY = "A running `deja serve` or `deja worker` makes them; `deja model status` shows how far."


def missing_text(coverage: VectorCoverage) -> str:
    """Return how many items lack vectors, in words."""
    share = f"{coverage.missing:,} of {coverage.items:,} tickets and products"
    return f"{share} have no vectors of the model in use, so they are not compared"


def note_missing(session: Session, fingerprint: str, where: ColumnElement[bool]) -> None:
    """Write to standard error how many of the items that pass `where` lack vectors, if any do."""
    coverage = vector_coverage(session, fingerprint, where)
    if coverage.missing:
        notes.print(f"Note: {missing_text(coverage)}. {REMEDY}", markup=False)
