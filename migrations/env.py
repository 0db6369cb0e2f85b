"""Alembic's entry: runs the migrations on the engine it is given, or on the settings' database."""

from __future__ import annotations

import os
from typing import Any

from alembic import context
from sqlalchemy import Engine

from models import Base, Database
from models.types import POSTGRESQL, PgVector


def _engine() -> Engine:
    engine: Engine | None = context.config.attributes.get("engine")
    if engine is not None:
        return engine
    url = os.environ.get("DEJA_DATABASE_URL")  # `alembic check` and `alembic revision` by hand
    if not url:
        raise SystemExit("Set DEJA_DATABASE_URL to the database that alembic is to work on.")
    return Database.connect(url).engine


def _include(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    # What one database alone has, the models, which serve both, do not name.
    if kind == "index":
        return not (name or "").startswith(("ix_embeddings_vector_hnsw", "ix_documents_words"))
    return not (kind == "table" and name is not None and name.startswith("document_words"))


def run() -> None:
    """Run the migrations in one transaction."""
    with _engine().connect() as connection:
        if connection.dialect.name == POSTGRESQL:  # `alembic check` reads the columns' types
            connection.dialect.ischema_names["vector"] = PgVector  # type: ignore[attr-defined]
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            render_as_batch=True,
            include_object=_include,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
