"""Alembic's migrations, and the few things the program does with them.

Alembic itself is imported only to migrate: to look at a revision, which every command does, takes
one query, and the newest one is the number in front of the last file's name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent


def config(engine: Engine | None = None) -> Config:
    """Return Alembic's configuration for this folder, working on `engine` if given."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision."""
    from alembic import command

    command.upgrade(config(engine), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision` ("base": no tables)."""
    from alembic import command

    command.downgrade(config(engine), revision)


def current_revision(engine: Engine) -> str | None:
    """Return the revision the database is at, or None if it has no tables."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def newest_revision() -> str:
    """Return the newest revision this program knows."""
    return max(_revisions())


def knows(revision: str) -> bool:
    """Say whether this program has that revision; those of newer programs are unknown to it."""
    return revision in _revisions()


def _revisions() -> set[str]:
    return {file.stem.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*.py")}
