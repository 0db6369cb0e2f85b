"""The models of a database, as `deja model` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from services.memory import embedding_models
from services.memory.vector_coverage import VectorCoverage, vector_coverage
from services.search.embedders.reduced import split_name

if TYPE_CHECKING:
    from bot.settings import Settings
    from models import EmbeddingModel
    from services.search.embedders.tuned_models import TunedModel

STATES = {"active": "in use", "preparing": "being made", None: "kept"}


def command_to_use(name: str, settings: Settings) -> str:
    """Return the command that brings a stored model into use, also where DEJA_DIMENSIONS is set."""
    is_whole = split_name(name)[1] is None
    every = " --dimensions 0" if settings.dimensions and is_whole else ""
    return f"deja model use {quote(name)}{every}"


@dataclass(frozen=True)
class ModelLine:
    """A model of the database, with how many tickets and products have its vectors."""

    row: EmbeddingModel
    coverage: VectorCoverage

    @property
    def share(self) -> str:
        """How many have vectors, in words."""
        done = self.coverage.items - self.coverage.missing
        return f"{done:,} of {self.coverage.items:,}"

    @property
    def state(self) -> str:
        """What it is here."""
        return STATES[self.row.state]

    def as_json(self) -> dict[str, Any]:
        """Return the line for scripts."""
        return {
            "model": self.row.name,
            "state": self.state,
            "fingerprint": self.row.fingerprint,
            "dimensions": self.row.dim,
            "items": self.coverage.items,
            "without vectors": self.coverage.missing,
            "switches": self.row.switches,
            "changed_by": self.row.changed_by,
            "changed_at": self.row.changed_at.isoformat(),
        }


def model_lines(session: Session) -> list[ModelLine]:
    """Return all models of a database, the one in use first."""
    return [
        ModelLine(row, vector_coverage(session, row.fingerprint))
        for row in embedding_models.stored_models(session)
    ]


def tuned_text(model: TunedModel) -> str:
    """Say when a model learned from the team, what it began as, and what that brought."""
    return (
        f"{model.tuned_at:%Y-%m-%d %H:%M} (UTC), from {model.base}; "
        f"MAP {model.map_before:.3f} to {model.map_after:.3f} on what was held out"
    )


def tuned_json(model: TunedModel) -> dict[str, Any]:
    """Return the same for scripts."""
    return {
        "at": model.tuned_at.isoformat(),
        "from": model.base,
        "sha256": model.sha256,
        "tickets learned from": len(model.learned_from),
        "map before": model.map_before,
        "map after": model.map_after,
    }
