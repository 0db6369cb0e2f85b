"""UTF-8 that some program took for Windows-1252 and encoded as UTF-8 again: "TÃ¼r".

Text files are decoded by a codec, as the names in a header have such letters, too. Where letters
are escaped ("T\\u00c3\\u00bcr", as PHP writes JSON), or in a workbook, only values show it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from services.intake.importers.entries import RowError
from services.intake.importers.records import Record

TWICE = "deja-utf8-twice"

# A letter of UTF-8 whose bytes are shown as Windows-1252 has them; it has no letter for five.
_SECOND = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_PIECE = re.compile(f"[Â-ß]{_SECOND}|[à-ï]{_SECOND}{{2}}|[ð-ô]{_SECOND}{{3}}")
_MAX_PIECE = 4
# As many show that it is the file, and no text about such signs.
MIN_PIECES = 3
# Rows of a table that are looked at, and how deep lists and objects in them are.
_SAMPLE = 200
_MAX_DEPTH = 20


def is_encoded_twice(sample: str) -> bool:
    """Say whether the letters of a text that are not in ASCII were all encoded twice."""
    pieces = _PIECE.findall(sample)
    if len(pieces) < MIN_PIECES or "".join(map(_once, pieces)) == "".join(pieces):
        return False
    return not any(map(str.isalpha, filter(_is_foreign, _PIECE.sub("", sample))))


def without_mojibake(
    read: Callable[[], Iterator[Record | RowError]],
) -> Iterator[Record | RowError]:
    """Read a table with letters as they were meant, if those of its first rows show what it is."""
    entries = read()
    first = list(islice(entries, _SAMPLE))
    values = (one.values for one in first if isinstance(one, Record))
    foreign = "\n".join(one for row in values for one in _texts(row) if not one.isascii())
    is_twice = is_encoded_twice(foreign)
    for entry in chain(first, entries):
        if is_twice and isinstance(entry, Record):
            yield replace(entry, values=_with_letters(entry.values))
        else:
            yield entry


def _texts(value: Any, depth: int = _MAX_DEPTH) -> Iterator[str]:
    """Yield the texts in a value, and the names of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list) and depth:
        inner = chain(value, value.values()) if isinstance(value, Mapping) else value
        for one in inner:
            yield from _texts(one, depth - 1)


def _with_letters(value: Any, depth: int = _MAX_DEPTH) -> Any:
    if isinstance(value, str):
        return _repaired(value)
    if isinstance(value, dict) and depth:
        return {_repaired(name): _with_letters(one, depth - 1) for name, one in value.items()}
    if isinstance(value, list) and depth:
        return [_with_letters(one, depth - 1) for one in value]
    return value


def _is_foreign(character: str) -> bool:
    return not character.isascii()


def _once(piece: str) -> str:
    """Return a letter for what shows its bytes; what shows none stays as it is."""
    try:
        raw = b"".join(map(_byte, piece))
        return raw.decode("utf-8")
    except UnicodeError:
        return piece


def _byte(character: str) -> bytes:
    code = ord(character)
    # Windows-1252 leaves five of these bytes out, and programs write them as they are.
    return bytes([code]) if code < 0x100 else character.encode("cp1252")  # noqa: PLR2004


def _repaired(text: str) -> str:
    return text if text.isascii() else _PIECE.sub(lambda found: _once(found[0]), text)


class _Decoder(codecs.IncrementalDecoder):
    """Decodes UTF-8 twice, block by block; a letter may be in two blocks."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")(errors)
        self._rest = ""

    def decode(self, input: object, final: bool = False) -> str:  # noqa: A002
        """Return the text of a block, without the end of it that may be half a letter."""
        text = self._rest + self._utf8.decode(input, final)  # type: ignore[arg-type]
        whole = len(text) if final else len(text) - _open_end(text)
        self._rest = text[whole:]
        return _repaired(text[:whole])

    def reset(self) -> None:
        """Begin anew."""
        self._utf8.reset()
        self._rest = ""

    def getstate(self) -> tuple[bytes, int]:
        """Return the state; only that of the beginning is ever set again."""
        return (b"", 0)

    def setstate(self, state: tuple[bytes, int]) -> None:
        """Begin anew."""
        self.reset()


def _open_end(text: str) -> int:
    """Return how many of the last characters may be the beginning of a letter."""
    for length in range(1, min(_MAX_PIECE, len(text)) + 1):
        if "Â" <= text[-length] <= "ô":
            return length
    return 0


def _decode(raw: bytes, errors: str = "strict") -> tuple[str, int]:
    return _repaired(bytes(raw).decode("utf-8-sig", errors)), len(raw)


def _find(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != TWICE:
        return None
    return codecs.CodecInfo(
        codecs.utf_8_encode,  # nothing is written so
        _decode,  # type: ignore[arg-type]
        incrementalencoder=codecs.getincrementalencoder("utf-8"),
        incrementaldecoder=_Decoder,
        name=TWICE,
    )


codecs.register(_find)
