"""`deja export`, and `deja import` of its files."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Database, Item, Resolution, Topic, TopicItem, TopicRun, Verdict
from services.topics.scopes import pool_epochs, scope_of_everybody
from tests.bot.cli.history.import_files import write
from tests.databases import PostgresServer

Run = Callable[..., Result]
AT = datetime(2026, 11, 1, 8, 30, 0, 5, tzinfo=UTC)

ROWS = [
    {
        "id": "T-1",
        "subject": '=HYPERLINK("http://evil";"x") 🖨️',
        "description": "- the printer\nprints blank pages\r\n\tsince noon, “again”; ünïcode 日本",
        "status": "resolved",
        "resolution": "@admin: replace the toner",
        "created": "2026-10-01T08:00:00.123456Z",
        "comments": [{"body": "Did you look at the toner?", "author": "ana"}],
        "channel": "help",
        "priority": "high",
    },
    {"id": "T-2", "subject": "'quoted", "description": "the printer is blank", "channel": "help"},
    {"id": "T-3", "subject": "VPN", "description": "VPN asks for a code", "created": "2026-10-02"},
    {"id": "-T", "subject": "Secret", "description": "salaries are wrong", "channel": "hr"},
]


@pytest.fixture
def run(command_line: Run, database_url: str) -> Run:
    """Give the command line on tickets, one of them private, with answers, verdicts and topics."""
    file = write("rows.jsonl", *ROWS)
    assert command_line("import", file, "--yes", "--source", "desk").exit_code == 0
    lamp = write("lamp.jsonl", {"id": "L", "title": "Lamp", "price": "9.50", "in_stock": "yes"})
    assert command_line("import", lamp, "--yes", "--kind", "product").exit_code == 0
    with opened(database_url) as session:
        items = {one.external_id: one for one in session.scalars(select(Item))}
        hr = session.scalars(select(Channel).where(Channel.name == "hr")).one()
        hr.is_private, hr.slack_id = True, "CHR"
        _decide(session, items)
        _group(session, items)
    return command_line


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> Callable[[], str]:
    """Give a function that creates a database of the other kind, without tables."""

    def create() -> str:
        if database_url.startswith("postgresql"):
            return f"sqlite:///{tmp_path}/other.db"
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop("deja_other")
        return server.create("deja_other")

    return create


@contextmanager
def opened(database_url: str) -> Iterator[Session]:
    """Give a session that is committed at the end."""
    database = Database.connect(database_url)
    try:
        with database.write() as session:
            yield session
    finally:
        database.close()


def _decide(session: Session, items: dict[str, Item]) -> None:
    workspace_id = items["T-1"].workspace_id
    for pair, verdict, undone in [
        (("T-1", "T-2"), "related", AT),
        (("T-1", "T-2"), "duplicate", None),
        (("T-2", "T-3"), "distinct", None),
        (("T-1", "-T"), "distinct", None),
    ]:
        first, second = sorted(items[one].id for one in pair)
        row = Verdict(workspace_id=workspace_id, item_a_id=first, item_b_id=second)
        row.verdict, row.decided_by, row.decided_at = verdict, "U1", AT.replace(day=2)
        row.undone_by, row.undone_at = ("U2" if undone else None), undone
        session.add(row)
        session.flush()
    for text, undone_by in [("", "U1"), ("+ replace it 🎉", None)]:
        solved = Resolution(item_id=items["T-1"].id, text=text, marked_by="U3", marked_at=AT)
        solved.undone_by, solved.undone_at = undone_by, AT if undone_by else None
        session.add(solved)


def _group(session: Session, items: dict[str, Item]) -> None:
    scope = scope_of_everybody(items["T-1"].workspace_id)
    parent = Topic(
        workspace_id=scope.workspace_id,
        audience_id=scope.audience_id,
        title="=Printers 🖨️",
        terms=["printer", "toner"],
        named_by="U1",
        quality=0.5,
        purity=0.25,
        fingerprint="model",
        centroid=np.asarray([0.6, 0.8], dtype=np.float32),
        created_at=AT,
    )
    session.add(parent)
    session.flush()
    for rank, id_ in enumerate(["T-1", "T-2"]):
        member = TopicItem(item_id=items[id_].id, audience_id=scope.audience_id, kind="team")
        member.topic_id, member.fit, member.rank, member.moved_by = parent.id, 0.5, rank, None
        session.add(member)
    run = TopicRun(workspace_id=scope.workspace_id, audience_id=scope.audience_id, kind="team")
    run.topics, run.tickets, run.unclustered = {}, 3, 1
    run.newest_item = max(one.id for one in items.values())
    run.pool_epochs, run.made_by, run.made_at = pool_epochs(session, scope.audience), "U1", AT
    session.add(run)


def state(database_url: str) -> dict[str, object]:
    """Return what is stored, without row ids and storage times."""
    with opened(database_url) as session:
        names = {one.id: one.external_id for one in session.scalars(select(Item))}
        channels = {one.id: one for one in session.scalars(select(Channel))}
        tickets = sorted(
            (one.source, one.external_id, one.kind, one.title, one.text, one.author, one.url,
             one.status, one.resolution, one.resolved_at, one.created_at, one.is_dated,
             json.dumps(one.extra, sort_keys=True), one.content_hash,
             one.channel_id and (channels[one.channel_id].name,
                                 channels[one.channel_id].is_private))
            for one in session.scalars(select(Item))
        )  # fmt: skip
        verdicts = sorted(
            (*sorted((names[one.item_a_id], names[one.item_b_id])), one.verdict, one.decided_by,
             one.decided_at, one.undone_by or "", one.undone_at or AT)
            for one in session.scalars(select(Verdict))
        )  # fmt: skip
        answers = sorted(
            (names[one.item_id], one.text, one.marked_by, one.marked_at, one.undone_by or "")
            for one in session.scalars(select(Resolution))
        )
        topics = [
            (one.title, one.terms, one.named_by, one.quality, one.centroid.tolist(), one.created_at)
            for one in session.scalars(select(Topic))
        ]
        members = sorted(
            (names[one.item_id], one.fit, one.rank) for one in session.scalars(select(TopicItem))
        )
        runs = [
            (one.tickets, one.made_by, one.made_at) for one in session.scalars(select(TopicRun))
        ]
    return {
        "tickets": tickets,
        "verdicts": verdicts,
        "answers": answers,
        "topics": topics,
        "members": members,
        "runs": runs,
    }


def rows_of(file: str, table: str) -> list[dict[str, object]]:
    """Return the rows of a table of an archive of JSON lines."""
    with zipfile.ZipFile(file) as archive:
        return [json.loads(line) for line in archive.read(f"{table}.jsonl").splitlines()]


@pytest.mark.both_databases
@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_an_export_is_imported_to_the_same_state(
    run: Run,
    database_url: str,
    format_: str,
    fresh_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database of the other kind gets the same state; a second import changes nothing."""
    before = state(database_url)
    assert "Did you look at the toner?" in str(before["tickets"])
    result = run("export", "out.zip", "--format", format_, "--private", "--json")
    assert result.exit_code == 0, result.output
    counts = json.loads(result.stdout)["rows"]
    assert (counts["tickets"], counts["answers"], counts["verdicts"]) == (5, 2, 4)
    other = fresh_database()
    monkeypatch.setenv("DEJA_DATABASE_URL", other)
    assert run("db", "upgrade").exit_code == 0
    first = run("import", "out.zip", "--json")
    assert first.exit_code == 0, first.output
    imported = json.loads(first.stdout)
    assert imported["added"] == 5
    assert imported["files"][0]["restored"]["verdicts"] == {
        "added": 4, "unchanged": 0, "left_out": 0
    }  # fmt: skip
    assert state(other) == before
    again = json.loads(run("import", "out.zip", "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 5)
    assert again["files"][0]["restored"]["verdicts"]["unchanged"] == 4
    assert state(other) == before
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    assert run("import", "out.zip").exit_code == 0
    assert state(database_url) == before


def test_private_channels_are_left_out(run: Run) -> None:
    """Without --private the file has no ticket of a private channel, and no verdict on one."""
    result = run("export", "out.zip")
    assert "1 of private channels left out: add --private." in result.stderr
    assert {one["id"] for one in rows_of("out.zip", "tickets")} == {"T-1", "T-2", "T-3", "L"}
    assert len(rows_of("out.zip", "verdicts")) == 3
    with zipfile.ZipFile("out.zip") as archive:
        assert all(b"salaries" not in archive.read(name) for name in archive.namelist())


def test_filters_are_those_of_search(run: Run) -> None:
    """Filters choose tickets with everything about them; other words are refused."""
    assert run("export", "out.zip", "--filter", "is:solved in:#help").exit_code == 0
    assert [one["id"] for one in rows_of("out.zip", "tickets")] == ["T-1"]
    assert rows_of("out.zip", "verdicts") == []
    assert [one["id"] for one in rows_of("out.zip", "topic_tickets")] == ["T-1"]
    for wrong, reason in [
        ("printer", "'printer' is no filter"),
        ("is:lost", "is:lost"),
        ("before:yesterday", "yesterday is not a date"),
        (
            "in:#hepl",
            "I don't know of a channel #hepl that can be searched here. Do you mean #help?",
        ),
    ]:
        result = run("export", "other.zip", "--filter", wrong)
        assert (result.exit_code, Path("other.zip").exists()) == (1, False)
        assert reason in " ".join(result.stderr.split())


def test_a_file_is_replaced_only_when_told_to(run: Run) -> None:
    """Without --force an existing file is kept; only its owner can read a new one."""
    Path("out.zip").write_text("mine")
    assert run("export", "out.zip").exit_code == 1
    assert Path("out.zip").read_text() == "mine"
    assert run("export", "out.zip", "--force").exit_code == 0
    assert stat.S_IMODE(Path("out.zip").stat().st_mode) == 0o600
    assert not list(Path.cwd().glob(".*.part"))


def test_vectors_come_with_their_ids(run: Run) -> None:
    """Row n of the vectors belongs to line n of the ids, and the model is given."""
    result = run("export", "out.zip", "--vectors", "npy", "--json")
    (model,) = json.loads(result.stdout)["vectors"]
    with zipfile.ZipFile("out.zip") as archive, archive.open("vectors-1.npy") as file:
        vectors = np.load(file)
    assert vectors.shape == (model["rows"], model["dim"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    ids = rows_of("out.zip", "vectors-1")
    assert [one["id"] for one in ids] == ["T-1", "T-2", "T-3", "L"]
    assert run("export", "table.zip", "--vectors", "parquet").exit_code == 0


def test_a_damaged_archive_is_one_line(run: Run) -> None:
    """An archive that lacks a table, or is of a newer version, is refused with a clear message."""
    assert run("export", "out.zip").exit_code == 0
    for name, manifest in [
        ("newer.zip", {"version": 99, "format": "jsonl", "rows": {}}),
        ("empty.zip", {"version": 1, "format": "jsonl", "rows": {}}),
        ("wrong.zip", []),
    ]:
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("deja-export.json", json.dumps(manifest))
        result = run("import", name)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)


def test_a_zip_bomb_is_refused(run: Run) -> None:
    """A table that unpacks to many times its size is not read."""
    manifest = {"version": 1, "format": "jsonl", "rows": {}}
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deja-export.json", json.dumps(manifest))
        archive.writestr("tickets.jsonl", b" " * (4 << 20))
    result = run("import", "bomb.zip")
    assert result.exit_code == 1
    assert "over 200 times its size" in result.stderr
