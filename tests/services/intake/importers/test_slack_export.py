"""Importing Slack exports: which messages are tickets, who may read them, and hostile archives."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.jobs.event_kinds import NewMessage
from bot.jobs.from_events import job_for_message
from bot.slack.identity import BotIdentity
from bot.wiring import Services
from models import Channel, Item, Workspace
from services.errors import InputError
from services.intake.classify import BOT, NO_WORDS, NOTE, QUESTION, REPLY, BotAccounts
from services.intake.importers.archive import MAX_FILE_BYTES, Archive, open_archive
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.importers.slack_export import (
    REPEATED,
    SMALL_TALK,
    ExportReader,
    day_files,
)
from services.intake.importers.store import OUTDATED, ImportSummary, import_entries
from services.memory.workspaces import ChannelFacts, save_channel
from services.phrases import Phrase
from tests.conftest import NOW
from tests.levels import rounds

DATA = Path(__file__).parents[5] / "shared" / "data"
CHANNELS = [{"id": "C1", "name": "help"}]
DAY = "help/2026-01-02.json"

Files = dict[str, Any]
Build = Callable[[Files], Path]


@pytest.fixture(params=["folder", "zip", "zip with a folder"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Give a function that writes an export of each form; values other than bytes become JSON."""

    def write(files: Files) -> Path:
        raw = {name: _bytes(content) for name, content in files.items()}
        if request.param != "folder":
            top = "My export/" if "with" in request.param else ""
            return _zip(tmp_path / "export.zip", {top + name: data for name, data in raw.items()})
        for name, data in raw.items():
            (tmp_path / "export" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "export" / name).write_bytes(data)
        return tmp_path / "export"

    return write


def _bytes(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def read(path: Path, reader: ExportReader | None = None) -> list[ImportEntry]:
    """Read an export."""
    with open_archive(path) as archive:
        return list((reader or ExportReader()).read(archive))


def read_messages(*messages: Any, reader: ExportReader | None = None) -> list[ImportEntry]:
    """Read messages of one channel and day."""
    files = {"channels.json": _bytes(CHANNELS), DAY: _bytes(list(messages))}
    return list((reader or ExportReader()).read(Archive(sorted(files), files.__getitem__)))


def slack_message(ts: str, text: str = "The printer is broken", **more: Any) -> dict[str, Any]:
    """Return a message."""
    return {"type": "message", "user": "U1", "ts": ts, "text": text, **more}


def texts(entries: list[ImportEntry]) -> list[str]:
    """Return the texts of the rows."""
    return [entry.item.text for entry in entries if isinstance(entry, Row)]


def test_channels_and_days_become_tickets(build: Build) -> None:
    """The days of all channels are read, and no other files."""
    path = build(
        {
            "channels.json": [*CHANNELS, {"id": "C2", "name": "empty"}],
            "groups.json": [{"id": "G1", "name": "staff"}],
            "dms.json": [{"id": "D1"}],
            "mpims.json": [{"id": "G2", "name": "mpdm-a--b"}],
            "users.json": [{"id": "U1"}],
            "integration_logs.json": [],
            "help/2026-01-03.json": [slack_message("1767400000.000100", "second")],
            DAY: [slack_message("1767300000.000100", "first &amp; <https://a.example|foremost>")],
            "help/canvas_in_the_conversation.json": [slack_message("1.0", "a canvas")],
            "staff/2026-01-02.json": [slack_message("1767300001.000100", "secret")],
            "D1/2026-01-02.json": [slack_message("1767300002.000100", "a direct message")],
            "mpdm-a--b/2026-01-02.json": [slack_message("1767300003.000100", "among three")],
        }
    )
    entries = read(path, ExportReader("https://team.slack.com/"))
    assert texts(entries) == ["first & foremost", "second", "secret"]
    first = entries[0]
    assert isinstance(first, Row)
    assert first.item.key == ("slack", "C1/1767300000.000100")
    assert (first.item.author, first.item.ts) == ("U1", "1767300000.000100")
    assert first.item.created_at.timestamp() == pytest.approx(1767300000.0001)
    assert first.item.url == "https://team.slack.com/archives/C1/p1767300000000100"
    places = [entry.channel for entry in entries if isinstance(entry, Row)]
    assert places[1:] == [
        ChannelFacts("C1", "help", is_private=False),
        ChannelFacts("G1", "staff", is_private=True),
    ]


FORM = {"subtype": "bot_message", "user": None, "bot_id": "B1", "text": ""}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"thread_ts": "5.1", "replies": [{"user": "U2", "ts": "6.1"}]}, None),
        ({"thread_ts": "4.1"}, REPLY),
        ({"thread_ts": "4.1", "subtype": "thread_broadcast"}, None),
        ({"subtype": "channel_join"}, NOTE),
        ({"subtype": "tombstone"}, NOTE),
        ({"subtype": ["odd"]}, NOTE),
        ({"type": "huddle"}, NOTE),
        ({"hidden": True}, NOTE),
        ({"subtype": "bot_message", "bot_id": "B1"}, BOT),
        ({"bot_id": "B1"}, BOT),
        ({"user": "UAPP"}, BOT),
        ({"user": "USLACKBOT"}, BOT),
        ({"user": "U0DEJA"}, BOT),
        ({"bot_id": "BMON"}, None),
        ({"user": "UMON"}, None),
        (FORM | {"workflow_id": "W1", "attachments": [{"text": "Problem: x"}]}, None),
        (FORM | {"bot_profile": {"is_workflow_bot": True}, "blocks": [{"text": "x"}]}, None),
        ({"text": "<@U0DEJA> similar to this?"}, QUESTION),
        ({"text": " ", "files": [{"id": "F1"}]}, NO_WORDS),
        ({"text": None, "blocks": [{"type": [], "text": {"type": {}, "text": "x"}}]}, None),
    ],
)
def test_only_tickets_are_imported(more: dict[str, Any], expected: str | None) -> None:
    """Messages that start a thread are tickets; replies, joins, bots and questions are skipped."""
    files = {
        "channels.json": _bytes(CHANNELS),
        "users.json": _bytes([{"id": "UAPP", "is_bot": True}, {"id": "UMON", "is_bot": True}]),
        DAY: _bytes([slack_message("5.1") | more]),
    }
    reader = ExportReader(bots=BotAccounts("U0DEJA", frozenset(["BMON", "UMON"])))
    (entry,) = reader.read(Archive(sorted(files), files.__getitem__))
    assert (entry.reason if isinstance(entry, Skipped) else None) == (
        None if expected is None else str(expected)
    )
    assert isinstance(entry, Row) == (expected is None)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"thread_ts": "4.1", "subtype": "thread_broadcast"},
        {"edited": {"user": "U1", "ts": "9.1"}, "text": "again &lt;now&gt;"},
        {"user": None, "username": "form", "bot_id": "B1", "workflow_id": "W1"},
    ],
)
def test_a_message_is_the_same_item_live_and_in_an_export(more: dict[str, Any]) -> None:
    """The item of an exported message equals that of its event."""
    message = slack_message("1767300000.000100") | more
    me = BotIdentity("T1", "U0DEJA")
    job = job_for_message({**message, "channel": "C1"}, me, key="E1")
    assert isinstance(job, NewMessage)
    live = job.ticket.item("C1", channel_id=None, team_url="https://t.slack.com")
    reader = ExportReader("https://t.slack.com", BotAccounts("U0DEJA"))
    (entry,) = read_messages(message, reader=reader)
    assert isinstance(entry, Row)
    assert entry.item == live


def test_a_message_that_is_listed_twice_is_one_ticket() -> None:
    """The second of two messages with the same time stamp is skipped."""
    entries = read_messages(slack_message("5.1"), slack_message("5.1"))
    assert texts(entries) == ["The printer is broken"]
    assert entries[1] == Skipped(1, REPEATED)


def test_the_text_of_an_old_upload_is_its_comment() -> None:
    """Slack's own "uploaded a file" is not a ticket, the comment is."""
    upload = {"subtype": "file_share", "text": "<@U1> uploaded a file: <http://x|y>"}
    entries = read_messages(
        slack_message("1.1") | upload | {"file": {"initial_comment": {"comment": "Look at this"}}},
        slack_message("2.1") | upload | {"file": {"id": "F1"}},
        slack_message("3.1", "Looks odd", subtype="file_share", files=[{"id": "F1"}]),
    )
    assert texts(entries) == ["Look at this", "Looks odd"]
    assert entries[1] == Skipped(1, str(NO_WORDS))


def test_errors_name_file_and_index(build: Build) -> None:
    """Invalid messages, day files and folders are listed, and the rest is read."""
    path = build(
        {
            "channels.json": [*CHANNELS, "help", {"id": "C 2", "name": "x"}, {"id": "C3"}],
            "help/2026-01-01.json": b"\xff[]",
            "help/2026-01-02.json": {"messages": []},
            "help/2026-01-03.json": b"[" * 100_000,
            "help/2026-01-04.json": b'[{"ts": ',
            "help/2026-01-05.json": [
                7,
                {"type": "message"},
                slack_message("9" * 40),
                slack_message("5.1"),
            ],
            "stray/2026-01-01.json": [slack_message("6.1")],
            "stray/2026-01-02.json": [slack_message("7.1")],
        }
    )
    entries = read(path)
    assert texts(entries) == ["The printer is broken"]
    errors = [entry for entry in entries if isinstance(entry, RowError)]
    assert [(*error.location.values(), error.reason) for error in errors] == [
        ("channels.json", 1, "not a channel with id and name"),
        ("channels.json", 2, "not a channel with id and name"),
        ("channels.json", 3, "not a channel with id and name"),
        ("help/2026-01-01.json", "it is not JSON"),
        ("help/2026-01-02.json", "it is not a list"),
        ("help/2026-01-03.json", "it is not JSON"),
        ("help/2026-01-04.json", "it is not JSON"),
        ("help/2026-01-05.json", 0, "not a message"),
        ("help/2026-01-05.json", 1, "there is no time stamp (ts)"),
        ("help/2026-01-05.json", 2, "there is no time stamp (ts)"),
        ("stray/", "no channel of that name is listed"),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [({"x.json": []}, "no channels.json"), ({"channels.json": {}}, "channels.json is unusable")],
)
def test_a_file_that_is_no_export_is_one_clear_error(
    build: Build, files: Files, expected: str
) -> None:
    """Without a list of channels nothing can be read, and one line says so."""
    with pytest.raises(InputError, match=expected):
        read(build(files))


@pytest.mark.parametrize(
    "name",
    ["../channels.json", "/etc/x.json", "a/../../x", "..\\x.json", "C:\\x.json", "\\\\host\\x\\y"],
)
def test_a_path_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    """An archive with such a path is not read at all."""
    path = _zip(tmp_path / "e.zip", {"channels.json": _bytes(CHANNELS), name: b"[]"})
    with pytest.raises(InputError, match="leads out"):
        read(path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link in an unpacked export cannot lead to other files."""
    (tmp_path / "export" / "help").mkdir(parents=True)
    (tmp_path / "export" / "channels.json").write_bytes(_bytes(CHANNELS))
    (tmp_path / "secret.json").write_bytes(_bytes([slack_message("5.1", "secret")]))
    (tmp_path / "export" / DAY).symlink_to(tmp_path / "secret.json")
    with pytest.raises(InputError, match="leads out"):
        read(tmp_path / "export")


@pytest.mark.parametrize("name", [DAY, "avatar.png"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, name: str) -> None:
    """A file that unpacks to hundreds of times its size is refused, in whatever folder it is."""
    path = _zip(tmp_path / "e.zip", {"channels.json": _bytes(CHANNELS), name: b" " * (8 << 20)})
    with pytest.raises(InputError, match="200 times its size"):
        read(path)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    """A file that is larger than its declared size is an error."""
    day = _bytes([slack_message("5.1", " " * (8 << 20))])
    path = _zip(tmp_path / "e.zip", {"channels.json": _bytes(CHANNELS), DAY: day})
    data = path.read_bytes()
    path.write_bytes(data.replace(len(day).to_bytes(4, "little"), (900).to_bytes(4, "little")))
    (error,) = read(path)
    assert error == RowError(1, "it cannot be read: damaged", DAY)


def test_a_day_that_is_too_large_is_listed(tmp_path: Path) -> None:
    """A file beyond the limit is not parsed, but the others are."""
    (tmp_path / "help").mkdir()
    (tmp_path / "channels.json").write_bytes(_bytes(CHANNELS))
    with (tmp_path / DAY).open("wb") as sparse:
        sparse.truncate(MAX_FILE_BYTES + 1)
    (tmp_path / "help/2026-01-03.json").write_bytes(_bytes([slack_message("5.1")]))
    error, row = read(tmp_path)
    assert error == RowError(1, "it is larger than 64 MB", DAY)
    assert isinstance(row, Row)


def test_an_encrypted_archive_says_what_to_do(tmp_path: Path) -> None:
    """The error asks to unpack the export first."""
    path = _zip(tmp_path / "e.zip", {"channels.json": _bytes(CHANNELS)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="encrypted: unpack it"):
        read(path)


def test_a_damaged_file_does_not_affect_others(tmp_path: Path) -> None:
    """A day with a wrong checksum is listed; a truncated archive is refused."""
    days = {
        DAY: _bytes([slack_message("5.1")]),
        "help/2026-01-03.json": _bytes([slack_message("6.1")]),
    }
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("channels.json", _bytes(CHANNELS))
        for name, data in days.items():
            archive.writestr(name, data)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"printer", b"prXnter", 1))
    error, row = read(path)
    assert error == RowError(1, "it cannot be read: damaged", DAY)
    assert isinstance(row, Row)
    path.write_bytes(whole[:-30])
    with pytest.raises(InputError, match="not a ZIP archive"):
        read(path)


KEYS = st.sampled_from(
    ["type", "subtype", "user", "ts", "thread_ts", "text", "bot_id", "edited", "blocks", "elements",
     "attachments", "file", "initial_comment", "bot_profile", "workflow_id", "hidden"]
)  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
STAMPS = st.sampled_from(["1.1", "2.1", "1767300000.000100", "9999999999.999999"])
MESSAGES = st.lists(
    ODD
    | st.dictionaries(KEYS, ODD, max_size=6).flatmap(
        lambda odd: STAMPS.map(lambda ts: {**odd, "type": "message", "ts": ts})
    ),
    max_size=8,
)
A_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@rounds(100, 300)
def test_every_message_is_a_ticket_skipped_or_listed(examples: int) -> None:
    """Whatever a day file contains, each of its entries is accounted for."""

    @settings(max_examples=examples)
    @given(MESSAGES)
    def holds(messages: list[Any]) -> None:
        reader = ExportReader(bots=BotAccounts("U0DEJA"))
        assert len(read_messages(*messages, reader=reader)) == len(messages)

    holds()


@given(MESSAGES)
@A_FEW
def test_a_second_import_of_an_export_changes_nothing(
    services: Services, workspace: Workspace, messages: list[Any]
) -> None:
    """Whatever the export contains."""
    first = _import(services, workspace, iter(read_messages(*messages)))
    again = _import(services, workspace, iter(read_messages(*messages)))
    kept = first.outcomes.total() + first.skipped[OUTDATED]
    assert again.outcomes["unchanged"] + again.skipped[OUTDATED] == kept
    assert again.unreadable == first.unreadable


def _small_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("channels.json", _bytes(CHANNELS))
        archive.writestr(DAY, _bytes([slack_message("5.1"), slack_message("6.1")]))
    return buffer.getvalue()


@given(edits=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=6))
@settings(max_examples=300)
def test_a_garbled_archive_is_read_or_refused_clearly(edits: list[tuple[int, int]]) -> None:
    """The reader fails on no garbled archive, except with a clear error."""
    data = bytearray(_small_zip())
    for at, value in edits:
        data[at % len(data)] = value
    entries: list[ImportEntry] = []
    with TemporaryDirectory() as folder, suppress(InputError):
        path = Path(folder) / "export.zip"
        path.write_bytes(data)
        entries = read(path)
    assert all(isinstance(entry, Row | Skipped | RowError) for entry in entries)


def test_an_export_never_makes_a_channel_public(services: Services, workspace: Workspace) -> None:
    """A channel that Slack calls private stays private, and keeps its newer name."""
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", "renamed", is_private=True))
    _import(services, workspace, iter(read_messages(slack_message("5.1"))))
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
        (item,) = session.scalars(select(Item)).all()
    assert (channel.name, channel.is_private, item.channel_id) == ("renamed", True, channel.id)


def test_an_export_makes_a_channel_private(services: Services, workspace: Workspace) -> None:
    """A channel known as public becomes private if an export says so."""
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("G1", "staff", is_private=False))
    files = {
        "groups.json": _bytes([{"id": "G1", "name": "staff"}]),
        "staff/2026-01-02.json": _bytes([slack_message("5.1")]),
    }
    entries = ExportReader().read(Archive(sorted(files), files.__getitem__))
    _import(services, workspace, entries)
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
    assert channel.is_private


def test_several_messages_of_one_person_are_one_ticket(
    services: Services, workspace: Workspace
) -> None:
    """As they are live. Small talk is left out, and the same export again changes nothing."""
    words = ["the printer", "thanks!", "prints blank pages"]
    messages = [slack_message(f"{1767400000 + n}.000100", text) for n, text in enumerate(words)]
    first = _import(services, workspace, iter(read_messages(*messages)))
    assert (first.outcomes, first.skipped) == ({"added": 2}, {SMALL_TALK: 1})
    with services.database.read() as session:
        texts = session.scalars(select(Item.text).where(Item.deleted_at.is_(None)))
        assert list(texts) == ["the printer prints blank pages"]
    again = _import(services, workspace, iter(read_messages(*messages)))
    assert again.outcomes == {"unchanged": 2}


def test_edits_are_newer_and_older_versions_change_nothing(
    services: Services, workspace: Workspace
) -> None:
    """An export with an edit updates the ticket; an older export is outdated."""
    edited = slack_message("5.1", "The scanner is broken", edited={"user": "U1", "ts": "6.1"})
    runs = [slack_message("5.1"), edited, slack_message("5.1")]
    outcomes = [_import(services, workspace, iter(read_messages(message))) for message in runs]
    assert [run.outcomes for run in outcomes[:2]] == [{"added": 1}, {"updated": 1}]
    assert outcomes[2].skipped == {OUTDATED: 1}


@pytest.mark.parametrize(
    ("name", "rows", "skipped"),
    [
        ("slack_export_houston/export", 925, {NOTE: 357, SMALL_TALK: 67, NO_WORDS: 33}),
        ("slack_export_hfaran/testarchive.zip", 49, {BOT: 94, NOTE: 12, NO_WORDS: 3}),
    ],
)
def test_real_exports_of_2016_are_imported(
    services: Services, workspace: Workspace, name: str, rows: int, skipped: dict[Phrase | str, int]
) -> None:
    """Archives from before threads are read to the last message; again, nothing changes."""
    path, left_out = DATA / name, {str(reason): n for reason, n in skipped.items()}
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    with open_archive(path) as archive:
        messages = sum(len(json.loads(archive.read(day))) for day in day_files(archive))
    first = _import(services, workspace, iter(read(path)))
    assert (first.outcomes, first.skipped, first.unreadable) == ({"added": rows}, left_out, 0)
    assert rows + sum(skipped.values()) == messages
    again = _import(services, workspace, iter(read(path)))
    assert (again.outcomes, again.skipped) == ({"unchanged": rows}, Counter(left_out))


def _import(
    services: Services, workspace: Workspace, entries: Iterator[ImportEntry]
) -> ImportSummary:
    return import_entries(services.ingest, workspace.id, entries, NOW)
