"""Files packed in other ways than ZIP and gzip, archives in archives, and dumps."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest

from services.errors import InputError
from services.intake.importers.entries import Row, RowDefaults, RowError
from services.intake.importers.files.json_cursor import CUT
from services.intake.importers.inputs import open_inputs
from services.intake.importers.recognition import CUT_OFF, ReadOptions, recognize
from tests.conftest import NOW
from tests.services.intake.importers.files.test_cut_archives import read_all
from tests.services.intake.importers.written_files import jsonl, plan_of

OWN = RowDefaults(None, "ticket", NOW)
TABLE = b"id,title,text\n7,Gate jams,The gate of hall 2 jams.\n"


def _zip(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return raw.getvalue()


@pytest.mark.parametrize(("suffix", "pack"), [("bz2", bz2.compress), ("xz", lzma.compress)])
def test_bzip2_and_xz_are_unpacked(tmp_path: Path, suffix: str, pack: object) -> None:
    """A file that any other packer of Unix wrote is read as from gzip."""
    path = tmp_path / f"t.csv.{suffix}"
    path.write_bytes(pack(TABLE))  # type: ignore[operator]
    (row,) = read_all(path)
    assert isinstance(row, Row)
    assert row.item.title == "Gate jams"


@pytest.mark.parametrize("is_folder", [False, True])
def test_archives_beside_nothing_else_are_opened(tmp_path: Path, is_folder: bool) -> None:
    """An export in parts, each packed, is read whole; of a folder as of an archive."""
    parts = {"1.zip": _zip({"a.csv": TABLE}), "2.csv.gz": gzip.compress(TABLE)}
    path = tmp_path / "export"
    if is_folder:
        path.mkdir()
        for name, data in parts.items():
            (path / name).write_bytes(data)
    else:
        path.write_bytes(_zip(parts))
    assert len(read_all(path)) == len(parts)


def test_an_archive_beside_tables_is_named_and_passed_over(tmp_path: Path) -> None:
    """What people attached is no export, but it is not left out silently."""
    path = tmp_path / "e.zip"
    path.write_bytes(_zip({"tickets.csv": TABLE, "logs.zip": _zip({"l.csv": TABLE})}))
    with open_inputs(path, path.open) as inputs:  # type: ignore[arg-type]
        assert [one.name for one in inputs] == ["tickets.csv", "logs.zip"]
        with pytest.raises(InputError, match="unpack it first"):
            recognize(inputs[1], ReadOptions())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\x81" * 40, "isn't supported: unpack it first"),
        (b"\x28\xb5\x2f\xfd" + b"\x81" * 40, "isn't supported: unpack it first"),
        (b"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `t`;\n", "SQL"),
        (b"SET statement_timeout = 0;\nCOPY public.tickets (id, body) FROM stdin;\n1\tx\n", "SQL"),
    ],
)
def test_what_is_packed_or_a_dump_is_refused_with_advice(data: bytes, said: str) -> None:
    """Nobody has to guess from the columns of a binary file what went wrong."""
    with pytest.raises(InputError, match=said):
        plan_of("t", data)


def test_a_table_that_speaks_of_creating_is_no_dump() -> None:
    """Names of columns are no commands."""
    assert plan_of("t.csv", "Create date,Subject\n2026-03-01,Create table of contents\n").rows == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [(_zip({"a.csv": TABLE})[:60], "cut off"), (_zip({}), "holds no file"), (b"x", "not a ZIP")],
    ids=["cut", "empty", "other"],  # an archive holds the time of its making: workers would differ
)
def test_what_is_wrong_with_a_zip_is_said(tmp_path: Path, data: bytes, said: str) -> None:
    """One that is cut off, an empty one, and one that is something else are told apart."""
    path = tmp_path / "t.zip"
    path.write_bytes(data)
    if said == "holds no file":
        assert read_all(path) == []
        return
    with pytest.raises(InputError, match=said):
        read_all(path)


def test_lines_in_a_cut_archive_end_where_it_is_cut_off(tmp_path: Path) -> None:
    """The last line may be broken, but what matters is that the archive is."""
    lines = "".join(f'{{"id": {n}, "text": "Gate {n * n} jams."}}\n' for n in range(500))
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode())[:900])
    last = read_all(path)[-1]
    assert isinstance(last, RowError)
    assert last.reason == CUT_OFF


def test_a_last_line_that_breaks_off_says_that_the_file_is_cut_off() -> None:
    """Without an archive, too; a broken line further up is just that."""
    whole = json.dumps({"id": 1, "text": "Gate jams"})
    *_, last = jsonl(f"{whole}\n{whole[:-6]}")
    assert isinstance(last, RowError)
    assert last.reason == CUT
    broken, _ = jsonl(f"{whole[:-6]}\n{whole}\n")
    assert isinstance(broken, RowError)
    assert "not JSON" in broken.reason


def test_fields_with_what_is_shown_are_no_columns() -> None:
    """A row of ServiceNow whose fields all have a value and what is shown is one ticket."""
    field = {"display_value": "Gate jams", "value": "Gate jams"}
    row = {"number": {"display_value": "INC1", "value": "INC1"}, "short_description": field}
    assert len(jsonl(json.dumps(row))) == 1
