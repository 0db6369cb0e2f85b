"""Alembic's migrations, and the few things the program does with them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def config(engine: Engine | None = None) -> Config:
    """Return Alembic's configuration for this folder, working on `engine` where given."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision."""
    command.upgrade(config(engine), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision` ("base": no tables)."""
    command.downgrade(config(engine), revision)


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at, or None where it has no tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the newest revision this program knows."""
    head = _scripts().get_current_head()
    if head is None:
        raise RuntimeError("there is no migration")
    return head


def knows(revision: str) -> bool:
    """Say whether this program has that revision; a newer program's are unknown to it."""
    return revision in {known.revision for known in _scripts().walk_revisions()}


@cache
def _scripts() -> ScriptDirectory:
    """Return this program's migrations, read once: they are many files."""
    return ScriptDirectory.from_config(config())
