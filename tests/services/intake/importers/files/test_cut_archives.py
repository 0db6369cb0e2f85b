"""Archives without their end: what is whole is read, and one error says where it ends."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from tests.bot.cli.history.import_files import Import, import_command, items, output
from tests.conftest import NOW

ROWS = 1000
OWN = RowDefaults(None, "ticket", NOW)


def _rows() -> list[dict[str, str]]:
    return [
        {"id": f"T-{number}", "title": f"Gate {number} jams", "text": f"It jams since {number}."}
        for number in range(ROWS)
    ]


def _csv() -> str:
    return "id,title,text\n" + "".join(",".join(row.values()) + "\n" for row in _rows())


def _mbox() -> str:
    mail = (
        "From x Mon May 04 10:00:00 2026\nMessage-ID: <{id}@x>\nFrom: a@x.example\n"
        "Subject: {title}\n\n{text}\n\n"
    )
    return "".join(mail.format(**row) for row in _rows())


def _xml() -> str:
    inner = ("".join(f"<{name}>{value}</{name}>" for name, value in row.items()) for row in _rows())
    return f"<tickets>{''.join(f'<ticket>{one}</ticket>' for one in inner)}</tickets>"


FORMATS = {
    "t.csv": _csv(),
    "t.json": json.dumps(_rows(), indent=1),
    "t.jsonl": "".join(json.dumps(row) + "\n" for row in _rows()),
    "t.mbox": _mbox(),
    "t.xml": _xml(),
    "t.yaml": "".join(f"- id: {r['id']}\n  title: {r['title']}\n  text: x\n" for r in _rows()),
}


def read_all(path: Path) -> list[ImportEntry]:
    """Read all entries of all files at a path."""
    with open_inputs(path, path.open) as inputs:  # type: ignore[arg-type]
        options = ReadOptions()
        plans = [make_plan(recognize(found, options), options) for found in inputs]
        return [entry for plan in plans for entry in TicketReader(plan, OWN).read()]


@pytest.mark.parametrize("name", FORMATS)
def test_a_gzip_file_that_is_cut_off_gives_its_whole_rows(tmp_path: Path, name: str) -> None:
    """About half of the rows are tickets; the one in which the file ends is the only error."""
    whole = gzip.compress(FORMATS[name].encode(), mtime=0)
    path = tmp_path / f"{name}.gz"
    path.write_bytes(whole[: len(whole) // 2])
    entries = read_all(path)
    rows = [one for one in entries if isinstance(one, Row)]
    (error,) = (one for one in entries if isinstance(one, RowError))
    assert error.step > rows[-1].step
    assert len(entries) == len(rows) + 1
    assert ROWS / 4 < len(rows) < ROWS
    for row, written in zip(rows, _rows(), strict=False):
        assert row.item.title == written["title"]


@pytest.mark.parametrize(
    ("pack", "share"), [("w", 0.7), ("w", 0.9), ("w:gz", 0.7), ("w:gz", 0.9), ("w:xz", 0.9)]
)
def test_a_tar_that_is_cut_off_gives_the_files_before(
    tmp_path: Path, pack: str, share: float
) -> None:
    """The files before the end are read whole, the one in which it ends up to there."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=pack) as archive:  # type: ignore[call-overload]
        for name in ("a.csv", "b.csv"):
            data = _csv().replace("T-", name).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path = tmp_path / "t.tar"
    path.write_bytes(raw.getvalue()[: int(len(raw.getvalue()) * share)])
    entries = read_all(path)
    *rows, last = entries
    assert isinstance(last, RowError)
    assert len(rows) > ROWS / 3
    assert all(isinstance(one, Row) for one in rows)
    if pack == "w":
        assert len(rows) > ROWS


def test_what_has_no_whole_block_is_refused(tmp_path: Path) -> None:
    """Nothing can be read of the beginning of a header."""
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n1,x\n")[:9])
    with pytest.raises(InputError, match="damaged"):
        read_all(path)


@pytest.fixture
def deja(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty database, with a new folder to work in."""
    return import_command(tmp_path, database_url, monkeypatch)


def test_the_command_says_where_a_file_ends(deja: Import, database_url: str) -> None:
    """The rows are stored, the error is counted, and the command has not succeeded."""
    head = "".join(_csv().splitlines(keepends=True)[:12])
    whole = gzip.compress(head.encode(), mtime=0)
    Path("t.csv.gz").write_bytes(whole[:-20])
    found = output(deja("t.csv.gz", "--json"), 1)
    assert (found["added"], found["skipped"]) == (len(items(database_url)), 1)
    read, errors = found["read"], found["errors"]
    assert isinstance(errors, list)
    assert isinstance(read, int)
    assert [one["line"] for one in errors] == [read + 1]
    assert "cut off here" in errors[0]["reason"]
