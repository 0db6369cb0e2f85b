"""Fewer dimensions: how `deja model use` gets them, and what `deja model status` says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.terminal import print_table
from models import Embedding
from services.errors import InputError, NotFoundError
from services.memory.embedding_models import ModelIdentity, find_model, identity_of
from services.search.embedders.model_table import can_be_cut
from services.search.embedders.reduced import (
    MAX_VECTORS,
    MIN_VECTORS,
    ReducedEmbedder,
    fit_directions,
    reduced_name,
)

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.evaluation.dimension_figures import DimensionFigures
    from services.search.embedders.embedding import LocalEmbedder


def reduced_identity(
    services: Services, embedder: LocalEmbedder, whole: ModelIdentity, dim: int
) -> ModelIdentity:
    """Return a model in fewer dimensions: as they were fitted before, else fitted now.

    Raises `InputError` if it has no more, or there are too few vectors to fit them on.
    """
    if dim > whole.dim:
        raise InputError(f"{whole.name} has {whole.dim} dimensions: it cannot have {dim}.")
    name = reduced_name(whole.name, dim)
    with services.database.read() as session:
        try:
            return identity_of(session, find_model(session, name))
        except NotFoundError:
            pass
        directions = None if can_be_cut(whole.name, dim) else _fit(session, whole, dim)
    reduced = ReducedEmbedder(embedder, dim, directions)
    return ModelIdentity(name, whole.sha256, reduced.fingerprint, dim, directions)


def _fit(session: Session, whole: ModelIdentity, dim: int) -> bytes:
    newest = (
        select(Embedding.vector)
        .where(Embedding.fingerprint == whole.fingerprint)
        .order_by(Embedding.id.desc())
        .limit(MAX_VECTORS)
    )
    vectors = session.scalars(newest).all()
    if len(vectors) < MIN_VECTORS:
        raise InputError(
            f"Fewer dimensions are fitted on at least {MIN_VECTORS:,} vectors of {whole.name}, and "
            f"there are {len(vectors):,}. Use all dimensions until then: --dimensions 0."
        )
    return fit_directions(np.stack(vectors), dim)


def print_dimensions(figures: list[DimensionFigures]) -> None:
    """Write what each number of dimensions takes, loses and saves."""
    whole = figures[-1]
    rows = [
        [
            str(one.dim),
            f"{one.bytes_per_item:,.0f}",
            "–" if one.map is None or whole.map is None else f"{whole.map - one.map:.3f}",
            f"{one.milliseconds:.1f}",
        ]
        for one in figures
    ]
    print_table("Dimensions", ["dimensions", "bytes a ticket", "MAP lost", "search, ms"], rows)
