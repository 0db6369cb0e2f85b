"""All rows of a database reach another one, of either kind, whatever happens on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.backups import transfer as module
from bot.backups.transfer import transfer
from models import Base, Database, Item, Topic
from services.errors import InputError

ROOT = Path(__file__).parents[3]


def everything(database: Database) -> dict[str, list[tuple[str, ...]]]:
    """Return all rows of all tables, as text."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(
                tuple(map(str, row)) for row in connection.execute(sa.select(table)).all()
            )
            for table in Base.metadata.sorted_tables
        }


def ignore(_table: str, _done: int, _total: int) -> None:
    """Show no progress."""


@pytest.mark.both_databases
def test_every_row_is_copied(full: Database, empty: Database) -> None:
    """Both databases have the same rows in every table, and the result says how many."""
    copied = transfer(full, empty, ignore)
    expected = everything(full)
    assert everything(empty) == expected
    assert {one.name: one.rows for one in copied} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert sum(1 for one in copied if one.rows) > 20


def test_the_copy_goes_on_counting(full: Database, empty: Database) -> None:
    """A row that is added afterwards gets an id of its own."""
    transfer(full, empty, ignore)
    with empty.write() as session:
        last = session.scalar(sa.select(sa.func.max(Item.id)))
        first = session.scalars(sa.select(Item)).first()
        assert first is not None
        values = {
            column.name: getattr(first, column.key)
            for column in Item.__table__.columns
            if column.name != "id"
        }
        added = Item(**{**values, "external_id": "added"})
        session.add(added)
        session.flush()
        assert last is not None
        assert added.id > last


def test_words_can_be_searched_in_the_copy(full: Database, empty: Database) -> None:
    """Full-text search has what the documents have."""
    transfer(full, empty, ignore)
    if empty.is_sqlite:
        with empty.engine.connect() as connection:
            found = connection.scalar(sa.text("SELECT count(*) FROM document_words"))
            assert found == connection.scalar(sa.text("SELECT count(*) FROM documents"))


def _stop_after(calls: int) -> Callable[[str, int, int], None]:
    left = iter(range(calls))

    def progress(_table: str, _done: int, _total: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


def test_an_interrupted_copy_goes_on(
    full: Database, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it stops, running it again completes it."""
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    for calls in range(0, 90, 7):
        with pytest.raises(KeyboardInterrupt):
            transfer(full, empty, _stop_after(calls))
    transfer(full, empty, ignore)
    assert everything(empty) == everything(full)


# Copies two rows at a time, and says when it has.
_COPY = """
import sys
from bot.backups import transfer
from models import Database

transfer.ROWS_AT_ONCE = 2
source, target = map(Database.connect, sys.argv[1:])
transfer.transfer(source, target, lambda name, done, total: print(name, done, flush=True))
"""


def _kill_copy(source: Database, target: Database, steps: int) -> str:
    """Kill a process that copies after so many steps, and return the last one that it told."""
    urls = [one.engine.url.render_as_string(hide_password=False) for one in (source, target)]
    command = [sys.executable, "-c", _COPY, *urls]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(steps)]
        process.kill()
    assert process.returncode == -signal.SIGKILL
    return told[-1]


def test_a_killed_copy_goes_on(full: Database, empty: Database) -> None:
    """A process that SIGKILL ends while it copies leaves what the next one completes."""
    first, second = (_kill_copy(full, empty, steps) for steps in (9, 60))
    assert "" not in (first, second)
    assert first != second
    assert everything(empty) != everything(full)
    transfer(full, empty, ignore)
    assert everything(empty) == everything(full)


def test_topics_may_refer_to_later_ones(full: Database, empty: Database) -> None:
    """A topic whose parent has a higher id is copied, also when the copy stops between the two."""
    with full.write() as session:
        ids = session.scalars(sa.select(Topic.id).order_by(Topic.id)).all()
        session.get_one(Topic, ids[0]).parent_id = ids[-1]
    transfer(full, empty, ignore)
    assert everything(empty) == everything(full)


def test_another_database_is_not_touched(full: Database, empty: Database) -> None:
    """One that has other rows is refused, and keeps them all."""
    transfer(full, empty, ignore)
    with empty.write() as session:
        session.execute(sa.update(Item).values(title="ours"))
    before = everything(empty)
    with pytest.raises(InputError, match="items is not the same"):
        transfer(full, empty, ignore)
    assert everything(empty) == before
