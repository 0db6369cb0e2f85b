"""Exports of tickets from Slack: their messages, their vectors, and later decisions."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from bot.settings import Settings
from bot.wiring import Services, build
from models import (
    Channel,
    Item,
    MessageOverride,
    Topic,
    TopicRun,
    Workspace,
)
from services.exports.archive import ExportOptions, write_archive
from services.exports.rows import Selection
from services.exports.vectors import VectorFormat
from services.intake.burst_plan import Changes
from services.intake.follow_ups import NewFollowUp
from services.issues.resolutions import Solution, resolve
from services.memory.channel_facts import ChannelFacts, save_channel
from services.text.small_talk.follow_ups import FollowUpKind
from services.topics.scopes import pool_epochs, scope_of_everybody
from tests.bot.cli.history.export_archives import START, message, restore, stored
from tests.conftest import NOW
from tests.databases import TEMPLATE, PostgresServer, open_database
from tests.hashing import HashingEmbedder

Write = Callable[..., dict[str, Any]]


@pytest.fixture(params=["sqlite", "postgresql"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[Services]:
    """Wire the services to a second, fresh database of each kind."""
    url = f"sqlite:///{tmp_path}/target.db"
    if request.param == "sqlite":
        shutil.copyfile(sqlite_template, tmp_path / "target.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop("deja_target")
        url = server.create("deja_target", TEMPLATE)
    settings = Settings.from_mapping(
        {"DEJA_DATA_DIR": str(tmp_path / "second"), "DEJA_DATABASE_URL": url}
    )
    built = build(settings, HashingEmbedder(), open_database(url))
    yield built
    built.close()


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Export from SQLite: archives of both databases are the same."""
    return str(request.getfixturevalue("sqlite_url"))


@pytest.fixture
def write(services: Services, workspace: Workspace, tmp_path: Path) -> Write:
    """Give a function that exports everything to `out.zip`."""

    def write_all(
        vectors: VectorFormat | None = None, *, with_private: bool = True
    ) -> dict[str, Any]:
        chosen = Selection.of(workspace.id, "", with_private=with_private)
        options = ExportOptions("jsonl", vectors, "", NOW)
        return write_archive(tmp_path / "out.zip", services.database, chosen, options, lambda: None)

    return write_all


@pytest.fixture
def history(services: Services, workspace: Workspace) -> Services:
    """Store tickets of several messages, a split ticket, a reply, a follow-up and reactions."""
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", "help", is_private=False))
        for second, kind, emoji in [(900, "ticket", "pushpin"), (20, "ignored", "no_bell")]:
            row = MessageOverride(channel_id=1, ts=f"{START + second}.000000", emoji=emoji)
            row.set_by, row.kind, row.set_at = "U9", kind, NOW
            session.add(row)
    texts = ["the printer prints blank pages", "lunch?", "only on the second tray", "vpn drops"]
    items = [message(10 * at, "U1", text) for at, text in enumerate(texts, 1)]
    broadcast = message(70, "U2", "the scanner beeps", subtype="thread_broadcast",
                        thread_ts=f"{START + 10}.000000")  # fmt: skip
    pinned = message(900, "U3", "good morning everyone")
    follow_up = NewFollowUp(message(95, "U2", "same here"), FollowUpKind.SAME)
    services.ingest.store(workspace.id, [*items, broadcast, pinned], NOW, follow_ups=[follow_up])
    split = services.ingest.prepare(workspace.id, Changes(split={items[3].key: "U8"}))
    with services.database.write() as session:
        services.ingest.save(session, split, NOW)
        first = session.scalars(select(Item).where(Item.ts == items[0].ts)).one()
        resolve(session, first, Solution("replace the drum", "U2"), by="U2", now=NOW)
    return services


@pytest.mark.both_databases
def test_tickets_of_several_messages_come_back(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """Messages, splits, replies, follow-ups and reactions are as before; nothing is duplicated."""
    assert write()["rows"]["messages"] == 5
    before = stored(history)
    assert [one[1] for one in before["tickets"]] == [
        "the printer prints blank pages only on the second tray",
        "vpn drops", "the scanner beeps", "good morning everyone",
    ]  # fmt: skip
    counts = {"read": 6, "added": 4, "updated": 0, "unchanged": 0, "joined": 2, "skipped": 0}
    assert restore(target, tmp_path / "out.zip", dry_run=True).counts() == counts
    first = restore(target, tmp_path / "out.zip")
    assert first.counts() == counts
    assert first.restored["follow_ups"]["added"] == 1
    assert stored(target) == before
    unchanged = counts | {"added": 0, "unchanged": 4}
    assert restore(target, tmp_path / "out.zip").counts() == unchanged
    assert restore(target, tmp_path / "out.zip", dry_run=True).counts() == unchanged
    assert restore(history, tmp_path / "out.zip").counts() == unchanged
    assert stored(target) == stored(history) == before


def test_an_edit_after_the_import_changes_the_ticket_as_before(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """Each message is stored, so an edit of the third one changes the ticket's text."""
    write()
    restore(target, tmp_path / "out.zip")
    edit = replace(message(30, "U1", "only in colour"), revision=f"{START + 500}.000000")
    for services in (history, target):
        services.ingest.store(1, [edit], NOW)
    assert stored(target) == stored(history)
    older = restore(target, tmp_path / "out.zip")
    assert older.summary.skipped == {"items that were deleted, or changed since": 1}
    assert stored(target) == stored(history)


@pytest.mark.parametrize("format_", ["npy", "parquet"])
def test_nothing_is_embedded_again(
    history: Services, target: Services, write: Write, format_: VectorFormat, tmp_path: Path
) -> None:
    """No text with a vector in the archive is embedded, and the vectors are the same."""
    write(format_)
    report = restore(target, tmp_path / "out.zip")
    assert isinstance(target.embedder, HashingEmbedder)
    assert target.embedder.encoded == []
    assert report.restored["vectors"] == {"added": 4, "unchanged": 0, "left_out": 0}
    compared = select(Item.id).where(Item.content_hash.is_not(None)).order_by(Item.external_id)
    found = []
    for services in (history, target):
        with services.database.read() as session:
            ids = session.scalars(compared).all()
            vectors = services.vectors.vectors_of(session, ids)
            found.append([vectors[item_id] for item_id in ids])
    ours, theirs = found
    assert len(ours) == 4
    assert all(map(np.array_equal, ours, theirs))


def test_vectors_of_another_model_or_without_length_are_computed(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """Vectors of another model, or that no model could have made, are not used."""
    write("npy")
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(tmp_path / "out.zip") as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".npy"):
                data = data[:128] + bytes(len(data) - 128)
            new.writestr(name, data)
    restore(target, changed)
    assert isinstance(target.embedder, HashingEmbedder)
    assert len(target.embedder.encoded) == 4
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(tmp_path / "out.zip") as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "deja-export.json":
                data = json.dumps(json.loads(data) | {"vectors": [
                    {"fingerprint": "another", "dim": 64, "file": "vectors-1", "rows": 1}
                ]}).encode()  # fmt: skip
            new.writestr(name, data)
    assert restore(target, other).restored["vectors"]["added"] == 0


def test_a_newer_solution_stays(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """An older export neither reopens a ticket nor brings back an answer before the current one."""
    restore_from = tmp_path / "out.zip"
    write()
    restore(target, restore_from)
    later = NOW + timedelta(days=1)
    with target.database.write() as session:
        for item in session.scalars(select(Item).where(Item.deleted_at.is_(None))):
            resolve(session, item, Solution("restart it"), by="U4", now=later)
    before = stored(target)
    with history.database.write() as session:
        first = session.scalars(select(Item).where(Item.status == "resolved")).one()
        resolve(session, first, Solution("clean the tray"), by="U2", now=NOW + timedelta(hours=1))
    write()
    report = restore(target, restore_from)
    assert report.restored["answers"] == {"added": 0, "unchanged": 1, "left_out": 1}
    assert stored(target) == before


def test_a_newer_answer_comes_with_a_newer_export(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """A ticket solved in both has the newest answer."""
    write()
    restore(target, tmp_path / "out.zip")
    with history.database.write() as session:
        first = session.scalars(select(Item).where(Item.status == "resolved")).one()
        resolve(session, first, Solution("clean the tray"), by="U2", now=NOW + timedelta(hours=1))
    write()
    restore(target, tmp_path / "out.zip")
    assert stored(target) == stored(history)


def test_topics_of_readers_who_have_changed_are_private(
    history: Services, write: Write, tmp_path: Path
) -> None:
    """A title may contain words from a channel that is private now, so it needs --private."""
    with history.database.write() as session:
        scope = scope_of_everybody(1)
        topic = Topic(workspace_id=1, audience_id=0, title="Secret", terms=[], quality=0, purity=0)
        topic.fingerprint, topic.created_at = "m", NOW
        topic.centroid = np.asarray([1.0], dtype=np.float32)
        run = TopicRun(workspace_id=1, audience_id=0, tickets=1, unclustered=0, made_by="U1")
        run.made_at, run.pool_epochs = NOW, pool_epochs(session, scope.audience)
        session.add_all([topic, run])
    assert write(with_private=False)["rows"]["topics"] == 1
    with history.database.write() as session:
        facts = ChannelFacts("C1", "help", is_private=True)
        save_channel(session, 1, facts)
    assert write(with_private=False)["rows"] == dict.fromkeys(write()["rows"], 0)
    assert write()["rows"]["topics"] == 1


def test_topics_of_a_channel_stay_with_its_readers(
    history: Services, target: Services, write: Write, tmp_path: Path
) -> None:
    """Topics made for the readers of a private channel do not become public elsewhere."""
    with history.database.write() as session:
        save_channel(session, 1, ChannelFacts("C1", "help", is_private=True))
        topic = Topic(workspace_id=1, audience_id=1, title="Secret", terms=[], quality=0, purity=0)
        topic.fingerprint, topic.created_at = "m", NOW
        topic.centroid = np.asarray([1.0], dtype=np.float32)
        session.add(topic)
    write()
    restore(target, tmp_path / "out.zip")
    with target.database.write() as session:
        channel = session.scalars(select(Channel)).one()
        assert channel.is_private
        assert session.scalars(select(Topic.audience_id)).all() == [channel.id]
