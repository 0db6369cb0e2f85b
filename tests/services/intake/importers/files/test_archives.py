"""Hostile and damaged archives are refused, or read except for the damaged files."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.importers.files.archive import MAX_FILE_BYTES
from services.intake.importers.inputs import open_inputs
from tests.services.intake.importers.exports import (
    CHANNELS,
    DAY,
    as_bytes,
    read,
    slack_message,
    write_zip,
)


@pytest.mark.parametrize(
    "name",
    ["../channels.json", "/etc/x.json", "a/../../x", "..\\x.json", "C:\\x.json", "\\\\host\\x\\y"],
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    """An archive with a path outside its folder is not read at all."""
    path = write_zip(tmp_path / "e.zip", {"channels.json": as_bytes(CHANNELS), name: b"[]"})
    with pytest.raises(InputError, match="leads out"):
        read(path)


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link in an unpacked export cannot lead to other files."""
    (tmp_path / "export" / "help").mkdir(parents=True)
    (tmp_path / "export" / "channels.json").write_bytes(as_bytes(CHANNELS))
    (tmp_path / "secret.json").write_bytes(as_bytes([slack_message("5.1", "secret")]))
    (tmp_path / "export" / DAY).symlink_to(tmp_path / "secret.json")
    with pytest.raises(InputError, match="leads out"):
        read(tmp_path / "export")


@pytest.mark.parametrize("name", [DAY, "avatar.png"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, name: str) -> None:
    """A file that unpacks to hundreds of times its size is refused, in any folder."""
    path = write_zip(
        tmp_path / "e.zip", {"channels.json": as_bytes(CHANNELS), name: b" " * (8 << 20)}
    )
    with pytest.raises(InputError, match="200 times its size"):
        read(path)


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    """A file that is larger than the archive says is an error."""
    day = as_bytes([slack_message("5.1", " " * (8 << 20))])
    path = write_zip(tmp_path / "e.zip", {"channels.json": as_bytes(CHANNELS), DAY: day})
    data = path.read_bytes()
    path.write_bytes(data.replace(len(day).to_bytes(4, "little"), (900).to_bytes(4, "little")))
    (error,) = read(path)
    assert error == RowError(1, "it cannot be read: damaged", DAY)


def test_a_day_file_that_is_too_large_is_listed(tmp_path: Path) -> None:
    """A file over the limit is an error, and the others are read."""
    (tmp_path / "help").mkdir()
    (tmp_path / "channels.json").write_bytes(as_bytes(CHANNELS))
    with (tmp_path / DAY).open("wb") as sparse:
        sparse.truncate(MAX_FILE_BYTES + 1)
    (tmp_path / "help/2026-01-03.json").write_bytes(as_bytes([slack_message("5.1")]))
    error, row = read(tmp_path)
    assert error == RowError(1, "it is larger than 64 MB", DAY)
    assert isinstance(row, Row)


def test_an_encrypted_archive_is_refused_with_advice(tmp_path: Path) -> None:
    """The error says to unpack the export first."""
    path = write_zip(tmp_path / "e.zip", {"channels.json": as_bytes(CHANNELS)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="encrypted: unpack it"):
        read(path)


def test_a_damaged_file_does_not_affect_others(tmp_path: Path) -> None:
    """A day with a wrong checksum is listed; a truncated archive is refused."""
    days = {
        DAY: as_bytes([slack_message("5.1")]),
        "help/2026-01-03.json": as_bytes([slack_message("6.1")]),
    }
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("channels.json", as_bytes(CHANNELS))
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


def _small_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("channels.json", as_bytes(CHANNELS))
        archive.writestr(DAY, as_bytes([slack_message("5.1"), slack_message("6.1")]))
    return buffer.getvalue()


@given(edits=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=6))
@settings(max_examples=300)
def test_a_corrupted_archive_is_read_or_refused_clearly(edits: list[tuple[int, int]]) -> None:
    """An archive with any changed bytes is read or ends in a clear error."""
    data = bytearray(_small_zip())
    for at, value in edits:
        data[at % len(data)] = value
    entries: list[ImportEntry] = []
    with TemporaryDirectory() as folder, suppress(InputError):
        path = Path(folder) / "export.zip"
        path.write_bytes(data)
        entries = read(path)
    assert all(isinstance(entry, Row | Skipped | RowError) for entry in entries)


@pytest.mark.parametrize(
    ("member", "kind"), [("content.xml", "OpenDocument"), ("word/document.xml", "Word")]
)
def test_a_document_that_is_an_archive_is_refused_by_its_kind(
    tmp_path: Path, member: str, kind: str
) -> None:
    """Its parts are no tickets, and the error says what to do."""
    path = write_zip(tmp_path / "tickets.ods", {"mimetype": b"x", member: b"<a/>"})
    with (
        pytest.raises(InputError, match=f"{kind}.*Excel .*or CSV"),
        open_inputs(path, io.BytesIO),
    ):
        pass
