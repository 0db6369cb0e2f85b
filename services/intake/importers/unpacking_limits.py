"""What may be unpacked of one input: so many bytes and layers, and what a stream of xz may need."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from services.errors import InputError
from services.intake.importers.archive import MAX_RATIO, MAX_TOTAL_BYTES, MIN_CHECKED_BYTES

# A few small archives in an archive may each unpack to what one file may.
MIN_TOTAL_BYTES = 16 * MIN_CHECKED_BYTES
# An archive of .tar.gz has three.
MAX_LAYERS = 3
# Bytes: `xz -9` needs 65 MB to unpack, and a header may ask for 4 GB.
MAX_XZ_MEMORY = 256 << 20
_BLOCK = 1 << 16


@dataclass
class Budget:
    """The bytes that may yet be unpacked of an input with all archives in it."""

    name: str
    left: int

    @classmethod
    def of(cls, file: Path, name: str) -> Budget:
        """Return that of a file which may be an archive."""
        wanted = max(MIN_TOTAL_BYTES, MAX_RATIO * file.stat().st_size)
        return cls(name, min(wanted, MAX_TOTAL_BYTES))

    def spend(self, size: int) -> None:
        """Note that bytes are unpacked. Raises `InputError` if they are too many."""
        self.left -= size
        if self.left < 0:
            raise InputError(
                f"{self.name} unpacks to over {MAX_RATIO} times its size: no such tickets."
            )


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


_XZ = b"\xfd7zXZ\0"


def _decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_MEMORY)
