"""Reading a large table in another process gives the same, and leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from multiprocessing import Pipe, active_children
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Document, Item, Workspace
from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.reading_process import (
    MAX_SENDING,
    MIN_ROWS,
    WordShare,
    read_tickets,
    received,
    standing_by,
)
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.batches import BATCH
from services.intake.importers.storage.store import import_entries
from services.memory.comparable_text import compared_of
from tests.conftest import NOW
from tests.levels import variations
from tests.services.intake.importers.written_files import TICKETS

FILES = {
    "table.csv": 'id,title,text,created\n1,Printer,blank pages,2026-05-04\n2,,,x\n3,VPN,"down\n',
    "issues.json": '[{"number": 1, "title": "Crash", "html_url": "https://github.com/a/b/issues/1"'
    ', "body": "on save"}, {"number": 2, "title": "Fix", "html_url": '
    '"https://github.com/a/b/pull/2", "pull_request": {"url": "x"}}]',
}


@contextmanager
def open_reader(path: Path) -> Iterator[TicketReader]:
    """Open a file that is a table."""
    with open_inputs(path, BytesIO) as (found,):
        yield TicketReader(make_plan(recognize(found, ReadOptions()), ReadOptions()), TICKETS)


def compared(entries: list[ImportEntry]) -> list[object]:
    """Return entries with what they are compared by, whichever process finds that."""
    return [(one, compared_of(one.item) if isinstance(one, Row) else None) for one in entries]


@pytest.mark.parametrize("name", variations(list(FILES), few=1))
def test_another_process_reads_the_same(tmp_path: Path, name: str) -> None:
    """Rows, errors and skipped rows come in order, and the process ends with them."""
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    with open_reader(tmp_path / name) as reader:
        elsewhere = list(read_tickets(reader, min_rows=0))
        assert compared(elsewhere) == compared(list(reader.read()))
    assert len(elsewhere) > 1
    assert not active_children()


def test_another_process_stores_the_same(
    services: Services, workspace: Workspace, tmp_path: Path
) -> None:
    """Tickets and terms are stored in the same order, and an error far into the file is counted."""
    file = tmp_path / "table.csv"
    texts = {n: f"The door of hall {n} jams" for n in range(3 * BATCH)} | {2 * BATCH: ""}
    file.write_text("id,text\n" + "".join(f"{n},{text}\n" for n, text in texts.items()))
    stored, summaries = [], []
    for source, min_rows in (("here", MIN_ROWS), ("elsewhere", 0)):
        with open_reader(file) as reader:
            named = replace(reader, defaults=replace(TICKETS, source=source))
            entries = read_tickets(named, min_rows=min_rows)
            summaries.append(import_entries(services.ingest, workspace.id, entries, NOW))
        with services.database.read() as session:
            rows = session.execute(
                select(Item.external_id, Item.text, Item.content_hash, Document.terms)
                .join(Document, Document.item_id == Item.id)
                .where(Item.source == source)
                .order_by(Item.id)
            )
            stored.append([tuple(row) for row in rows])
    assert stored[0] == stored[1]
    assert summaries[0] == summaries[1]
    assert (len(stored[1]), summaries[1].unreadable) == (3 * BATCH - 1, 1)


def test_the_other_process_starts_while_a_table_is_looked_through(tmp_path: Path) -> None:
    """It starts once there are enough rows, reads one table, and ends although it read none."""
    file = tmp_path / "table.csv"
    file.write_text(FILES["table.csv"], encoding="utf-8")
    with standing_by() as standby, open_reader(file) as reader:
        standby.on_rows(MIN_ROWS - 1)
        assert not active_children()
        for rows in (MIN_ROWS, MIN_ROWS + 1):
            standby.on_rows(rows)
        [process] = active_children()
        elsewhere = list(read_tickets(reader, min_rows=0, standby=standby))
        assert compared(elsewhere) == compared(list(reader.read()))
        assert active_children() in ([process], [])  # it may have ended, and is not another one
        assert list(read_tickets(reader, min_rows=0, standby=standby)) == elsewhere
    with standing_by() as standby:
        standby.on_rows(MIN_ROWS)
    assert not active_children()


def test_what_stops_the_other_process_is_an_error_here(tmp_path: Path) -> None:
    """A file that is gone is an error as it is without another process, and so is its end."""
    file = tmp_path / "table.csv"
    file.write_text(FILES["table.csv"], encoding="utf-8")
    with open_reader(file) as reader:
        file.unlink()
        with pytest.raises(FileNotFoundError):
            list(read_tickets(reader, min_rows=0))
    assert not active_children()


def test_rows_that_nobody_wants_any_more_are_not_read(tmp_path: Path) -> None:
    """Whoever stops in the middle, as by Ctrl-C, ends the other process, too; it may be killed."""
    file = tmp_path / "table.csv"
    rows = (f"{number},{'long words ' * 50}\n" for number in range(3000))
    file.write_text("id,text\n" + "".join(rows), encoding="utf-8")
    with open_reader(file) as reader:
        entries = read_tickets(reader, min_rows=0)
        next(entries)
        assert isinstance(entries, Generator)
        entries.close()
        assert not active_children()
        entries = read_tickets(reader, min_rows=0)
        next(entries)
        [process] = active_children()
        process.kill()
        with pytest.raises(InputError, match="reading stopped"):
            list(entries)


def test_a_process_may_end_within_a_message() -> None:
    """Large messages take several writes, and a process that needs too much memory is killed."""
    receiving, sending = Pipe(duplex=False)
    os.write(sending.fileno(), (1000).to_bytes(4, "big") + b"the beginning")
    sending.close()
    with receiving, pytest.raises(InputError, match="reading stopped"):
        list(received(receiving))


def test_who_waits_finds_more_words() -> None:
    """The words of half of the rows are found at first, of all while others are behind."""
    words = WordShare()

    def found() -> int:
        texts = (f"the printer on floor {number} jams" for number in range(8))
        return sum(words.find(None, text, "ticket", {}) is not None for text in texts)

    assert found() == 4
    for _ in range(8):
        words.adapt(2 * MAX_SENDING)
    assert found() == 8
    for _ in range(12):
        words.adapt(0.0)
    assert found() == 0
