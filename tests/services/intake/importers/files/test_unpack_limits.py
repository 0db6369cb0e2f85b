"""Archives that unpack to very much, need much memory or are damaged are refused in one line."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.errors import InputError
from services.intake.importers.files.unpack_limits import MAX_LAYERS
from services.intake.importers.inputs import open_inputs

TABLE = b"id,title,text\n7,Gate jams,The gate of hall 2 jams.\n"


def names(path: Path) -> list[str]:
    """Return the names of what is to be imported at a path."""
    with open_inputs(path, io.BytesIO) as inputs:
        return [one.name for one in inputs]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return raw.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """Return a tar."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def test_many_small_archives_together_have_a_bound(tmp_path: Path) -> None:
    """Each unpacks to little, all of them to thousands of times the size of the file."""
    part = zipped({f"{number}.csv": b"a,b\n" + b"1,2\n" * 200_000 for number in range(10)})
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({f"{number}.zip": part for number in range(10)}))
    with pytest.raises(InputError, match=r"all\.zip unpacks to over 200 times its size"):
        names(path)


def test_layers_of_archives_have_a_bound(tmp_path: Path) -> None:
    """A .tar.gz in an archive is opened; what is packed a thousand times over is refused."""
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({"a.tar.gz": gzip.compress(tarred({"t.csv": TABLE}))}))
    assert names(path) == ["t.csv"]
    data = TABLE
    for _ in range(1000):
        data = gzip.compress(data, 1)
    (tmp_path / "chain.gz").write_bytes(data)
    with pytest.raises(InputError, match=f"packed more than {MAX_LAYERS} times"):
        names(tmp_path / "chain.gz")


def _asking_for_four_gigabytes(packed: bytes) -> bytes:
    """Return a file in xz whose first block names the largest dictionary that there is."""
    size = (packed[12] + 1) * 4
    header = bytearray(packed[12 : 12 + size])
    header[header.index(0x21) + 2] = 40
    header[-4:] = struct.pack("<I", zlib.crc32(bytes(header[:-4])))
    return packed[:12] + bytes(header) + packed[12 + size :]


def test_xz_has_a_bound_of_memory(tmp_path: Path) -> None:
    """A header that asks for gigabytes is refused, in any stream of the file."""
    packed = lzma.compress(TABLE)
    for data in (_asking_for_four_gigabytes(packed), packed + _asking_for_four_gigabytes(packed)):
        (tmp_path / "t.csv.xz").write_bytes(data)
        with pytest.raises(InputError, match=r"t\.csv\.xz needs too much memory"):
            names(tmp_path / "t.csv.xz")


@pytest.mark.parametrize("behind", [b"", bytes(8), b"a signature"])
def test_all_streams_of_xz_are_read(tmp_path: Path, behind: bytes) -> None:
    """Also large ones, with zeros between them; what is none at the end is passed over."""
    parts = [os.urandom(200_000), b"x" * 300_000, b"", TABLE]
    path = tmp_path / "t.csv.xz"
    path.write_bytes(bytes(4).join(lzma.compress(part) for part in parts) + behind)
    with open_inputs(path, io.BytesIO) as (found,), found.open() as stream:
        assert stream.read() == b"".join(parts)


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_archives_in_a_tar_are_opened_as_those_in_a_zip(tmp_path: Path, pack: object) -> None:
    """If it has nothing else; beside tables they are named."""
    parts = {"1.csv.xz": lzma.compress(TABLE), "2.zip": zipped({"b.csv": TABLE})}
    path = tmp_path / "all.tar"
    path.write_bytes(pack(parts))  # type: ignore[operator]
    assert names(path) == ["1.csv", "b.csv"]
    path.write_bytes(pack({"a.csv": TABLE, **parts}))  # type: ignore[operator]
    assert names(path) == ["a.csv", "1.csv.xz", "2.zip"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_file_in_a_zip_is_named(tmp_path: Path, method: int) -> None:
    """However it is packed."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("south/t.csv", "".join(f"{n},{n * n}\n" for n in range(3000)))
    data = bytearray(path.read_bytes())
    data[70:140] = bytes(one ^ 0x5A for one in data[70:140])
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"^all\.zip: south/t\.csv cannot be unpacked: .*[^.]\.$"):
        names(path)


@pytest.mark.parametrize("pack", [tarred, zipped])
@pytest.mark.parametrize(
    "name", ["south/..", "ü" * 200 + ".csv", "t." + "v" * 300, "south/" + "t" * 300 + ".csv.gz"]
)
def test_no_name_is_too_odd_to_be_unpacked(tmp_path: Path, pack: object, name: str) -> None:
    """Names that this system cannot give to a file, and those that lead out of the folder."""
    path = tmp_path / "all"
    data = gzip.compress(TABLE) if name.endswith(".gz") else TABLE
    path.write_bytes(pack({name: data, "second.gz": gzip.compress(TABLE)}))  # type: ignore[operator]
    assert len(names(path)) == 2
