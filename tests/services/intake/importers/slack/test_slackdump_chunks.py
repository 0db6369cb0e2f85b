"""Chunks of slackdump: folders and archives of JSON lines."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, MarkedReply, Row, RowError, Skipped
from services.intake.importers.inputs import open_inputs
from services.intake.importers.slack.slack_lists import DIRECT
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.intake.importers.slack.slackdump import DumpReader
from services.memory.channel_facts import ChannelFacts
from tests.services.intake.importers.exports import slack_message, write_zip

MARK = [{"name": "white_check_mark", "users": ["U2"], "count": 1}]
PARENT = slack_message("5.1", thread_ts="5.1", reply_count=1)
REPLY = slack_message("6.1", "Swap the ribbon", user="U2", thread_ts="5.1", reactions=MARK)
OTHER = slack_message("7.1", "The scanner beeps twice")
ALERT = slack_message("8.1", "Disk 3 is full", user="UAPP")
HELP: dict[str, Any] = {"id": "C0HELP0001", "name": "help", "is_private": True}
AT = 1_683_022_288_506_765_000


def _chunk(kind: int, channel: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if channel is None else {"id": channel}
    return {"t": kind, "ts": AT, **named, **more}


FILES = {
    # As Slack answers: the newest message first, and the thread of one after it.
    "C0HELP0001": [
        _chunk(0, HELP["id"], n=3, m=[ALERT, OTHER, PARENT]),
        _chunk(1, HELP["id"], r="5.1", l=True, p=PARENT, m=[REPLY]),
        _chunk(5, HELP["id"], ci=HELP),
    ],
    "D0AAAAAAA": [
        _chunk(5, "D0AAAAAAA", ci={"id": "D0AAAAAAA", "is_im": True}),
        _chunk(0, "D0AAAAAAA", m=[slack_message("1.1", "a direct message")]),
    ],
    "channels": [_chunk(4, ch=[HELP])],
    "users": [_chunk(3, u=[{"id": "UAPP", "is_bot": True}])],
    "workspace": [_chunk(6, w={"url": "https://globex.slack.com/", "team_id": "T1"})],
}


def _lines(chunks: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in chunks).encode()


def _packed(files: dict[str, list[dict[str, Any]]]) -> dict[str, bytes]:
    return {f"{name}.json.gz": gzip.compress(_lines(one)) for name, one in files.items()}


def _read(path: Path) -> tuple[list[ImportEntry], tuple[str, ...]]:
    with open_inputs(path, io.BytesIO) as (found,):
        assert found.kind == "slackdump database"
        return list(DumpReader(KnownWorkspace()).read_database(found.path)), found.warnings


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("form", ["folder", "zip", "unpacked"])
def test_chunks_are_read_as_an_export(tmp_path: Path, form: str) -> None:
    """In order of time, with threads, people and what is known of each channel."""
    files = _packed(FILES)
    if form == "unpacked":
        files = {f"{name}.jsonl": _lines(one) for name, one in FILES.items()}
    path = write_zip(tmp_path / "a.zip", files) if form == "zip" else _write(tmp_path / "a", files)
    (first, reply, other, alert, direct), warnings = _read(path)
    assert isinstance(first, Row)
    assert isinstance(reply, MarkedReply)
    assert isinstance(other, Row)
    assert (first.item.text, other.item.text) == ("The printer is broken", OTHER["text"])
    assert (reply.mark.thread_ts, reply.mark.solution.text) == ("5.1", "Swap the ribbon")
    assert first.channel == ChannelFacts("C0HELP0001", "help", is_private=True)
    assert isinstance(alert, Skipped)
    assert (direct, warnings) == (Skipped(1, DIRECT), ())


def test_one_conversation_is_enough(tmp_path: Path) -> None:
    """Its file says what its channel is; without that, nothing of it is read."""
    path = tmp_path / "C0HELP0001.json.gz"
    path.write_bytes(gzip.compress(_lines(FILES["C0HELP0001"])))
    entries, _ = _read(path)
    assert [type(one) for one in entries] == [Row, MarkedReply, Row, Row]
    path.write_bytes(gzip.compress(_lines(FILES["C0HELP0001"][:2])))
    entries, _ = _read(path)
    assert [type(one) for one in entries] == [RowError]


@pytest.mark.parametrize(
    ("told", "is_private"),
    [
        ([{"name": "mpdm-ana--bo-1"}], None),
        ([{"name": "a", "is_mpim": True}, {"name": "a"}], None),
        ([{"name": "a", "is_private": True}, {"name": "a", "topic": {}}], True),
        ([{"name": "a", "is_private": True}, {"name": "a", "is_private": False}], False),
    ],
)
def test_what_is_known_of_a_channel_holds_until_more_is(
    tmp_path: Path, told: list[dict[str, Any]], *, is_private: bool | None
) -> None:
    """A later answer of Slack that does not say who reads it takes nothing back."""
    id_ = "G0AAAAAAA"
    chunks = [_chunk(5, id_, ci={"id": id_, **one}) for one in told]
    [entry], _ = _read(_write(tmp_path / "a", _packed({id_: [*chunks, _chunk(0, id_, m=[OTHER])]})))
    if is_private is None:
        assert entry == Skipped(1, DIRECT)
    else:
        assert isinstance(entry, Row)
        assert entry.channel == ChannelFacts(id_, "a", is_private=is_private)


def test_damaged_lines_are_counted(tmp_path: Path) -> None:
    """The others are read; a file that is cut off ends with one."""
    lines = _lines(FILES["C0HELP0001"])
    path = tmp_path / "C0HELP0001.jsonl"
    path.write_bytes(lines + b"7\n" + _lines([_chunk(0, HELP["id"], m=[OTHER])])[:-40])
    entries, warnings = _read(path)
    assert [type(one) for one in entries] == [Row, MarkedReply, Row, Row]
    assert warnings == ("2 damaged lines of slackdump's chunks are left out",)


def test_chunks_without_messages_are_refused(tmp_path: Path) -> None:
    """Such as the list of people alone."""
    path = _write(tmp_path / "a", _packed({"users": FILES["users"]}))
    with pytest.raises(InputError, match="no messages"):
        _read(path)
