"""The forms in which exports of Slack come: names, extra folders and files, Enterprise Grid."""

from __future__ import annotations

import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from services.intake.importers.entries import RowError, Skipped
from services.intake.importers.slack.slack_export import EXTRAS, OTHER_WORKSPACES, ExportReader
from services.intake.importers.slack.slack_lists import DIRECT
from services.intake.importers.slack.slack_rows import KnownWorkspace
from tests.services.intake.importers.exports import (
    CHANNELS,
    DAY,
    Build,
    as_bytes,
    read,
    slack_message,
    texts,
    write_zip,
)

UMLAUT = "büro-hilfe"
LISTED = [{"id": "C1", "name": UMLAUT}]


def _zip_without_flag(path: Path, files: dict[str, bytes]) -> Path:
    """Write a ZIP whose names are UTF-8 and do not say so."""
    plain = {name: "PQRS"[number] * len(name.encode()) for number, name in enumerate(files)}
    write_zip(path, {plain[name]: data for name, data in files.items()})
    raw = path.read_bytes()
    for name, other in plain.items():
        raw = raw.replace(other.encode(), name.encode())
    path.write_bytes(raw)
    with zipfile.ZipFile(path) as archive:
        assert not any(info.flag_bits & 0x800 for info in archive.infolist())
    return path


@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("has_flag", [True, False])
def test_names_are_the_same_in_any_form(
    tmp_path: Path, listed: str, stored: str, has_flag: bool
) -> None:
    """A channel's folder is found in any normal form, and in ZIPs that do not say UTF-8."""
    folder = unicodedata.normalize(stored, UMLAUT)  # type: ignore[arg-type]
    name = unicodedata.normalize(listed, UMLAUT)  # type: ignore[arg-type]
    files = {
        "export/channels.json": as_bytes([{"id": "C1", "name": name}]),
        f"export/{folder}/2026-01-02.json": as_bytes([slack_message("5.1")]),
        "__MACOSX/export/._channels.json": b"\x00\x05\x16\x07",
        f"__MACOSX/export/{folder}/._2026-01-02.json": b"\x00\x05\x16\x07",
    }
    write = write_zip if has_flag else _zip_without_flag
    entries = read(write(tmp_path / "export.zip", files))
    assert (len(entries), texts(entries)) == (1, ["The printer is broken"])


def test_names_in_another_code_page_stay(tmp_path: Path) -> None:
    """What is no UTF-8 is read as Python reads it."""
    files = {"channels.json": as_bytes(LISTED), "b\udcfcro/2026-01-02.json": as_bytes([])}
    path = tmp_path / "export.zip"
    write_zip(path, {name.replace("\udcfc", "u"): data for name, data in files.items()})
    path.write_bytes(path.read_bytes().replace(b"buro", b"b\x81ro"))
    with_strange = read(path)
    assert [str(one.file) for one in with_strange if isinstance(one, RowError)] == ["büro/"]


def test_what_is_no_message_is_counted(build: Build) -> None:
    """Canvases, lists and huddles are skipped, each entry counted; no file of them is an error."""
    comment = slack_message("6.1", "canvas comment: fix the link")
    path = build(
        {
            "channels.json": CHANNELS,
            "groups.json": b"null",
            "dms.json": b"",
            "canvases.json": [{"id": "F1", "title": "Runbook", "filetype": "quip"}] * 2,
            "lists.json": [{"id": "F2", "title": "Rota"}],
            "huddle_transcripts.json": None,
            "file_conversations.json": {"unexpected": True},
            "content_flags.json": b"\xff",
            "FC:F1:Runbook/2026-01-02.json": [comment, comment],
            "FC_F2_Rota/2026-01-02.json": [comment],
            "help/canvas_in_the_conversation.json": [],
            "help/2026-01-03.json": b"null",
            "D0AAAAAAA/2026-01-02.json": [slack_message("7.1", "a direct message")],
            "mpdm-a--b--c-1/2026-01-02.json": [slack_message("8.1", "among three")],
            DAY: [slack_message("5.1")],
        }
    )
    entries = read(path)
    assert texts(entries) == ["The printer is broken"]
    reasons = [one.reason for one in entries if isinstance(one, Skipped)]
    assert Counter(reasons) == {EXTRAS: 3 + 2 + 1 + 1 + 1, DIRECT: 2}
    assert not any(isinstance(one, RowError) for one in entries)


GRID = {
    "org_users.json": [{"id": "U1"}, {"id": "UAPP", "is_bot": True}],
    "channels.json": [{"id": "C0", "name": "announcements"}],
    "announcements/2026-01-02.json": [slack_message("1.1", "The office door is stuck")],
    "teams/Emea/channels.json": [{"id": "C1", "name": "help"}],
    "teams/Emea/groups.json": [{"id": "G1", "name": "staff"}],
    "teams/Emea/users.json": [{"id": "U1"}, {"id": "UAPP", "is_bot": True}],
    "teams/Emea/help/2026-01-02.json": [
        slack_message("2.1", "The scanner beeps"),
        slack_message("2.2", "Disk 3 is full", user="UAPP"),
    ],
    "teams/Emea/staff/2026-01-02.json": [slack_message("3.1", "The safe is open")],
    "teams/Apac/channels.json": [{"id": "C2", "name": "help"}],
    "teams/Apac/help/2026-01-02.json": [slack_message("4.1", "The lift is stuck")],
    "teams/Apac/announcements/2026-01-03.json": [slack_message("5.1", "The gate is shut")],
}


def test_all_workspaces_of_an_organization_are_read(build: Build) -> None:
    """Each has channels of its own, with the same names; people and bots are listed at the top."""
    entries = read(build(GRID))
    assert {one.item.external_id: one.item.text for one in entries if hasattr(one, "item")} == {
        "C0/1.1": "The office door is stuck",
        "C0/5.1": "The gate is shut",
        "C1/2.1": "The scanner beeps",
        "G1/3.1": "The safe is open",
        "C2/4.1": "The lift is stuck",
    }
    assert not any(isinstance(one, RowError) for one in entries)


def test_workspaces_without_a_common_list_are_read(build: Build) -> None:
    """An export of an organization may have no channels of its own."""
    files = {name: data for name, data in GRID.items() if name.startswith("teams/")}
    del files["teams/Apac/announcements/2026-01-03.json"]
    assert sorted(texts(read(build(files)))) == [
        "The lift is stuck", "The safe is open", "The scanner beeps",
    ]  # fmt: skip


def test_other_workspaces_stay_out_where_one_is_ours(build: Build) -> None:
    """What is public in another workspace is not shown in this one."""
    reader = ExportReader(KnownWorkspace(names=frozenset({"emea", "t1"})))
    entries = read(build(GRID), reader)
    assert sorted(texts(entries)) == [
        "The office door is stuck", "The safe is open", "The scanner beeps",
    ]  # fmt: skip
    assert [one.reason for one in entries if isinstance(one, Skipped)].count(OTHER_WORKSPACES) == 2
