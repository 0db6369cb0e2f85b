"""Migrations upgrade and downgrade, and give the tables that the models describe."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import migrations
from bot.connection import ensure_current
from bot.settings import Settings
from bot.wiring import build
from models import Base, Database
from services.errors import DatabaseError
from tests.hashing import HashingEmbedder

pytestmark = pytest.mark.both_databases(every=True)


def test_up_down_and_up_again(blank: Database) -> None:
    """All tables are created, dropped completely, and created again."""
    for _ in range(2):
        migrations.upgrade(blank.engine)
        tables = set(inspect(blank.engine).get_table_names())
        of_the_index = {name for name in tables if name.startswith("document_words")}
        assert set(Base.metadata.tables) == tables - of_the_index - {"alembic_version"}
        migrations.downgrade(blank.engine, "base")
        assert set(inspect(blank.engine).get_table_names()) <= {"alembic_version"}


def test_the_models_and_the_migrations_agree(database: Database) -> None:
    """`alembic check` finds nothing to add."""
    command.check(migrations.config(database.engine))


def test_partial_indexes_have_the_conditions_of_the_models(database: Database) -> None:
    """`alembic check` does not compare conditions, which the models name for SQLite only."""
    described = {
        index.name: index.dialect_options["sqlite"]["where"]
        for table in Base.metadata.tables.values()
        for index in table.indexes
    }
    name = f"{database.engine.dialect.name}_where"
    built = {
        index["name"]: index.get("dialect_options", {}).get(name)
        for table in Base.metadata.tables
        for index in inspect(database.engine).get_indexes(table)
        if index["name"] in described
    }
    conditions = {name: str(built[name]).strip("()") for name in described}
    assert conditions == {name: str(where) for name, where in described.items()}
    assert set(conditions.values()) == {"None", "undone_at IS NULL", "rank IS NOT NULL"}


def test_every_constraint_has_a_name(database: Database) -> None:
    """A constraint with a name can be changed by a later migration."""
    inspector = inspect(database.engine)
    for table in Base.metadata.tables:
        constraints = inspector.get_foreign_keys(table) + inspector.get_unique_constraints(table)
        assert all(constraint["name"] for constraint in constraints)


def test_missing_tables_are_named(blank: Database) -> None:
    """The error of a database without tables says what to run."""
    with pytest.raises(DatabaseError, match="deja db upgrade"):
        ensure_current(blank)


def test_a_newer_database_is_refused(database: Database) -> None:
    """A database of a newer version is refused with one clear line."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer Déjà"):
        ensure_current(database)


def test_foreign_keys_are_enforced(database: Database) -> None:
    """Deleting a workspace deletes all of its rows, on both databases."""
    with database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO workspaces (id, created_at) VALUES (1, '2026-01-01 00:00:00')")
        )
        connection.execute(
            text(
                "INSERT INTO channels (id, workspace_id, is_private, is_shared) "
                "VALUES (1, 1, true, false)"
            )
        )
        connection.execute(text("DELETE FROM workspaces"))
        assert connection.scalar(text("SELECT count(*) FROM channels")) == 0


def test_two_processes_share_one_sqlite_file(sqlite_url: str, tmp_path: Path) -> None:
    """A second process on the same file sees what the first one stored."""
    settings = Settings.from_mapping(
        {"DEJA_DATA_DIR": str(tmp_path), "DEJA_DATABASE_URL": sqlite_url}
    )
    first, second = (build(settings, HashingEmbedder()) for _ in range(2))
    with first.database.write() as session:
        session.execute(text("INSERT INTO workspaces (created_at) VALUES ('2026-01-01 00:00:00')"))
    with second.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM workspaces")) == 1
    first.close()
    second.close()


def test_a_file_is_named_after_its_revision() -> None:
    """The program reads revisions from file names, so they must be those of Alembic."""
    script = ScriptDirectory.from_config(migrations.config())
    assert script.get_current_head() == migrations.newest_revision()
    assert all(migrations.knows(found.revision) for found in script.walk_revisions())
    assert not migrations.knows("9999")
