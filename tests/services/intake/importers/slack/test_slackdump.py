"""Dumps of slackdump: conversations as JSON, databases, and archives of them."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, MarkedReply, Row, RowError, Skipped
from services.intake.importers.inputs import Input, open_inputs
from services.intake.importers.slack.slack_lists import DIRECT
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.intake.importers.slack.slackdump import DumpReader
from services.memory.channel_facts import ChannelFacts
from tests.services.intake.importers.exports import slack_message, write_zip

MARK = [{"name": "white_check_mark", "users": ["U2"], "count": 1}]
PARENT = slack_message("5.1", thread_ts="5.1", reply_count=1)
REPLY = slack_message("6.1", "Swap the ribbon", user="U2", thread_ts="5.1", reactions=MARK)
OTHER = slack_message("7.1", "The scanner beeps twice")
THREAD = {**PARENT, "slackdump_thread_replies": [REPLY]}


def _inputs(path: Path) -> list[tuple[Input, list[ImportEntry]]]:
    reader = DumpReader(KnownWorkspace())
    with open_inputs(path, io.BytesIO) as inputs:
        return [
            (
                one,
                list(
                    reader.read(one.open, one.name)
                    if one.kind == "slackdump"
                    else reader.read_database(one.path)
                ),
            )
            for one in inputs
        ]


def _check(entries: list[ImportEntry], channel: ChannelFacts) -> None:
    """Check that the entries are the thread and the other message."""
    first, reply, other = entries
    assert isinstance(first, Row)
    assert isinstance(reply, MarkedReply)
    assert isinstance(other, Row)
    assert (first.item.text, other.item.text) == ("The printer is broken", OTHER["text"])
    assert (reply.mark.thread_ts, reply.mark.solution.text) == ("5.1", "Swap the ribbon")
    assert {first.channel, reply.channel, other.channel} == {channel}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "form",
    [
        {"name": "help", "messages": None, "channel_id": "C0HELP0001"},
        {"channel_id": "C0HELP0001", "name": "help", "messages": None},
        {"messages": None, "channel_id": "C0HELP0001"},
    ],
)
def test_a_conversation_is_read_with_its_threads(
    tmp_path: Path, form: dict[str, Any], indent: int | None
) -> None:
    """Known by its content, whatever it is called, and wherever it names its channel."""
    path = tmp_path / "history.json"
    path.write_text(json.dumps(form | {"messages": [THREAD, OTHER]}, indent=indent))
    [(_, entries)] = _inputs(path)
    _check(entries, ChannelFacts("C0HELP0001", form.get("name")))


def test_archives_of_conversations_are_read(tmp_path: Path) -> None:
    """A ZIP of dumps with attachments is one input each; direct messages are counted."""
    dump = json.dumps({"name": "help", "messages": [THREAD, OTHER], "channel_id": "C0HELP0001"})
    thread = json.dumps(
        {"name": "help", "messages": [PARENT, REPLY], "channel_id": "C1", "thread_ts": "5.1"}
    )
    direct = json.dumps({"name": "ana", "messages": [THREAD], "channel_id": "D0AAAAAAA"})
    files = {
        "C0HELP0001.json": dump, "C1-5.1.json": thread, "D0AAAAAAA.json": direct,
        "C0HELP0001/F1-shot.png": "\x89PNG",
    }  # fmt: skip
    path = write_zip(tmp_path / "dump.zip", {name: one.encode() for name, one in files.items()})
    channel, of_thread, with_ana = _inputs(path)
    _check(channel[1], ChannelFacts("C0HELP0001", "help"))
    assert [type(one) for one in of_thread[1]] == [Row, MarkedReply]
    assert with_ana[1] == [Skipped(1, DIRECT), Skipped(2, DIRECT)]


def test_a_damaged_conversation_is_told(tmp_path: Path) -> None:
    """What is read before the damage counts, what is no message is an error."""
    whole = json.dumps({"channel_id": "C1", "messages": [OTHER, 7, {"text": "x"}, THREAD]})
    path = tmp_path / "C1.json"
    path.write_text(whole[:-90])
    [(_, entries)] = _inputs(path)
    assert [type(one) for one in entries] == [Row, RowError, RowError, RowError]
    late = json.dumps({"messages": [OTHER], "channel_id": "C1"})
    path.write_text(late.replace('"messages": [', '"messages": [,,;'))
    with pytest.raises(InputError, match="not JSON"):
        _inputs(path)


def _database(path: Path, messages: list[tuple[str, dict[str, Any]]]) -> Path:
    """Write a database as slackdump does, as far as it is read."""
    channels = [
        {"id": "C0HELP0001", "name": "help", "is_private": True},
        {"id": "D0AAAAAAA", "name": "", "is_im": True},
        {"id": "G0", "name": "mpdm-a--b-1", "is_mpim": True},
    ]
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE CHUNK (ID INTEGER); CREATE TABLE MESSAGE (ID INTEGER, CHUNK_ID INTEGER,"
            " CHANNEL_ID TEXT, TS TEXT, DATA BLOB); CREATE TABLE CHANNEL (ID TEXT, CHUNK_ID"
            " INTEGER, DATA BLOB); CREATE TABLE S_USER (ID TEXT, CHUNK_ID INTEGER, DATA BLOB);"
        )
        for channel in channels:
            database.execute(
                "INSERT INTO CHANNEL VALUES (?, 1, ?)", (channel["id"], json.dumps(channel))
            )
        database.execute(
            "INSERT INTO S_USER VALUES ('UAPP', 1, ?)", [b'{"id": "UAPP", "is_bot": true}']
        )
        for chunk, (channel_id, message) in enumerate(messages):
            number = int(message["ts"].replace(".", ""))
            row = (number, chunk, channel_id, message["ts"], json.dumps(message).encode())
            database.execute("INSERT INTO MESSAGE VALUES (?, ?, ?, ?, ?)", row)
        database.commit()
    return path


def test_a_database_is_read_with_its_threads(tmp_path: Path) -> None:
    """The newest version of each message counts, and bots are known by the list of people."""
    messages = [
        ("C0HELP0001", OTHER | {"text": "The scanner"}),
        ("C0HELP0001", PARENT),
        ("D0AAAAAAA", slack_message("1.1", "a direct message")),
        ("G0", slack_message("1.1", "among three")),
        ("C0HELP0001", PARENT),
        ("C0HELP0001", REPLY),
        ("C0HELP0001", OTHER),
        ("C0HELP0001", slack_message("8.1", "Disk 3 is full", user="UAPP")),
    ]
    path = _database(tmp_path / "slackdump.sqlite", messages)
    (tmp_path / "slackdump.sqlite-wal").touch()
    for given in (path, tmp_path):
        [(_, entries)] = _inputs(given)
        _check(entries[:3], ChannelFacts("C0HELP0001", "help", is_private=True))
        assert isinstance(entries[3], Skipped)
        assert entries[4:] == [Skipped(1, DIRECT), Skipped(1, DIRECT)]


def test_another_database_is_no_dump(tmp_path: Path) -> None:
    """A database without the tables of slackdump, or a damaged one, is left to be refused."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE MESSAGE (ID INTEGER)")
    (tmp_path / "damaged.db").write_bytes(b"SQLite format 3\x00" + bytes(900))
    for name in ("other.db", "damaged.db"):
        with open_inputs(tmp_path / name, io.BytesIO) as (found,):
            assert found.kind == "file"


def test_other_json_is_no_dump(tmp_path: Path) -> None:
    """A page of an API with messages, or a table with a channel, is read as a table."""
    for text in (
        '{"messages": [{"id": 1, "text": "x"}]}',
        '[{"channel_id": "C1", "messages": []}]',
        '{"name": "x", "channel_id": "C1"}',
        "",
    ):
        (tmp_path / "a.json").write_text(text)
        with open_inputs(tmp_path / "a.json", io.BytesIO) as (found,):
            assert found.kind == "file"
