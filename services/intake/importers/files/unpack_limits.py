"""Limits on unpacking: bytes, layers of archives, and the memory that a stream of xz may need."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from services.errors import InputError
from services.intake.importers.files.archive import MAX_RATIO, MAX_TOTAL_BYTES, MIN_CHECKED_BYTES

# A few small archives in an archive may each unpack to what one file may.
MIN_TOTAL_BYTES = 16 * MIN_CHECKED_BYTES
# An archive of .tar.gz has three.
MAX_LAYERS = 3
# Bytes: `xz -9` needs 65 MB to unpack, and a header may ask for 4 GB.
MAX_XZ_MEMORY = 256 << 20
_BLOCK = 1 << 16
# How a stream of xz begins.
_XZ = b"\xfd7zXZ\0"


@dataclass
class Budget:
    """The bytes that may yet be unpacked of one file, or of an input with all archives in it."""

    name: str
    left: int

    @classmethod
    def of_input(cls, packed: int, name: str) -> Budget:
        """Return that of an input of `packed` bytes, which may be an archive of archives."""
        return cls(name, _limit(MIN_TOTAL_BYTES, packed))

    @classmethod
    def of_file(cls, packed: int, name: str) -> Budget:
        """Return that of one file, which has `packed` bytes in its archive."""
        return cls(name, _limit(MIN_CHECKED_BYTES, packed))

    def spend(self, size: int) -> None:
        """Note that bytes are unpacked. Raises `InputError` if they are too many."""
        self.left -= size
        if self.left < 0:
            raise InputError(
                f"{self.name} unpacks to over {MAX_RATIO} times its size: no such tickets."
            )


def _limit(at_least: int, packed: int) -> int:
    return min(max(at_least, MAX_RATIO * packed), MAX_TOTAL_BYTES)


class XzFile(BufferedIOBase):
    """A file in xz, which may have several streams; one that needs much memory is refused.

    `LZMAFile` takes no limit.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.open("rb")
        self._decompressor = _decompressor()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises `EOFError` where the file is cut off, `lzma.LZMAError` where it is damaged.
        """
        while True:
            if self._decompressor.eof:
                packed = self._next_stream()
                if not packed:
                    return b""
                self._decompressor = _decompressor()
            else:
                packed = self._file.read(_BLOCK) if self._decompressor.needs_input else b""
                if self._decompressor.needs_input and not packed:
                    raise EOFError
            if data := self._decompressor.decompress(packed, size):
                return data

    def _next_stream(self) -> bytes:
        """Return the beginning of the next stream behind the zeros that fill the last one up.

        Anything else behind a stream is passed over, as `LZMAFile` does.
        """
        packed = self._decompressor.unused_data.lstrip(b"\0")
        while not packed and (block := self._file.read(_BLOCK)):
            packed = block.lstrip(b"\0")
        return packed if packed.startswith(_XZ[: len(packed)]) else b""


def _decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY)
