"""The encoding of a text file, found in its bytes."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from services.errors import InputError
from services.intake.importers.files.mojibake import TWICE, is_encoded_twice

# Bytes that are read to guess an encoding that is not Unicode.
_SAMPLE = 1 << 16
_BLOCK = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252",
          TWICE: "UTF-8 that was encoded twice"}  # fmt: skip

# The letters and signs of Western languages that Windows-1252 has beside ASCII.
_WESTERN = frozenset(
    "äöüßÄÖÜéèêëÉÈÊàâáÀÂÁíìîïÍóòôõÓÔÕúùûÚñÑçÇãÃåÅæÆøØœŒ¿¡ªº€£¥§°«»„“”‚‘’–—…•·®©™´`¨½¼¾²³µ×÷±\xa0\xad"
)
# These signs stand between letters only if the file is in another encoding.
_SIGN_IN_WORD = re.compile(r"[^\W\d_][¿¡³²¹¼½¾£¥ªº±×÷§®©][^\W\d_]")
# So do capitals.
_CAPITAL_IN_WORD = re.compile(r"[a-zß-ÿ][À-ÞŒ]|[^\W\d_][À-ÞŒ][a-zß-ÿ]")
_FOREIGN_BYTE = re.compile(rb"[\x80-\xff]")
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True)
class Encoding:
    """An encoding: Python's `codec`. `errors` is how invalid bytes are decoded.

    `mixed` counts the bytes that are in Windows-1252 though the rest is UTF-8.
    """

    codec: str
    errors: str = "replace"
    mixed: int = 0

    @property
    def name(self) -> str:
        """Its name for people."""
        return _NAMES.get(self.codec, self.codec.replace("cp125", "Windows-125").upper())

    @property
    def is_wide(self) -> bool:
        """Whether a letter of ASCII has several bytes."""
        return self.codec.startswith(("utf-16", "utf-32"))

    def as_utf8(self, open_: Callable[[], BinaryIO]) -> BinaryIO:
        """Return what a file holds as UTF-8; it is read whole."""
        with self.text(open_()) as text:
            return io.BytesIO(text.read().lstrip("\ufeff").encode())

    def text(self, stream: BinaryIO) -> TextIO:
        """Return a stream as text with its line ends; closing it closes the stream."""
        return io.TextIOWrapper(stream, encoding=self.codec, errors=self.errors, newline="")


def encoding_named(name: str) -> Encoding:
    """Return the encoding of a name. Raises `InputError` if there is none."""
    try:
        return Encoding(codecs.lookup(name).name)
    except (LookupError, ValueError) as error:  # ValueError: no text at all
        raise InputError(f"There is no encoding {name}: try utf-8 or windows-1252.") from error


def detect_encoding(stream: BinaryIO) -> Encoding:
    """Return the encoding of a file, which is read to its end.

    A byte order mark decides, then zero bytes (UTF-16), then whether all of it is UTF-8. In a file
    that is nearly all UTF-8 the other bytes are Windows-1252, as some help desks mix both.
    """
    head = stream.read(_SAMPLE)
    stream.seek(0)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if marked and marked != "utf-8-sig":
        return Encoding(marked)
    codec = marked or _without_mark(head)
    if codec.startswith("utf-16"):
        return Encoding(codec)
    if _is_valid(stream, codec):
        beginning = stream.read(_BLOCK)
        stream.seek(0)
        is_twice = not beginning.isascii() and is_encoded_twice(beginning.decode(codec, "ignore"))
        return Encoding(TWICE if is_twice else codec)
    sample = _foreign_sample(stream)
    letters = len(_UTF8_LETTER.findall(sample))
    others = len(_FOREIGN_BYTE.findall(_UTF8_LETTER.sub(b"", sample)))
    if marked or letters >= others > 0 or _has_both(sample):
        return Encoding(codec, CP1252_ERRORS, mixed=others)
    return Encoding(_legacy(sample, is_of_mac=b"\r" in head and b"\n" not in head))


def _without_mark(head: bytes) -> str:
    """Return UTF-16 where zero bytes are nearly all on one side of the pairs.

    In any language digits, separators and line ends are a zero byte and one of ASCII, so the first
    line has some, too. A stray zero byte further down makes no UTF-16.
    """
    first, line_end, _ = head.partition(b"\n")
    if line_end and b"\x00" not in first:
        return "utf-8"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < len(head) * MIN_ZEROS:
        return "utf-8"
    if odd > 2 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 2 * odd else "utf-8"


# The share of zero bytes from which a text is UTF-16: in UTF-8 there are none.
MIN_ZEROS = 0.03


def _is_valid(stream: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        while block := stream.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


def _foreign_sample(stream: BinaryIO) -> bytes:
    """Return the first lines that are not in ASCII."""
    found, size = [], 0
    for line in _lines(stream):
        if not line.isascii():
            found.append(line)
            size += len(line)
            if size > _SAMPLE:
                break
    stream.seek(0)
    return b"".join(found)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(_SAMPLE):
        yield line


def _has_both(sample: bytes) -> bool:
    """Say whether bytes are letters in UTF-8, which few other languages have so, and Windows-1252.

    A word in Windows-1252 has no "Ã¼".
    """
    western = _WESTERN_UTF8.findall(sample)
    is_known = len(western) == len(_UTF8_LETTER.findall(sample)) > 0
    return is_known and _is_western(_UTF8_LETTER.sub(b"", sample))


# The letters of Western languages in UTF-8.
_WESTERN_UTF8 = re.compile(rb"\xc3[\x80-\xbf]")


def _is_western(sample: bytes, codec: str = "cp1252") -> bool:
    """Say whether bytes are a text of a Western language in an encoding."""
    western = sample.decode(codec, "replace")
    foreign = {character for character in western if not character.isascii()}
    return foreign <= _WESTERN and not _SIGN_IN_WORD.search(western)


def _legacy(sample: bytes, *, is_of_mac: bool) -> str:
    """Return the likeliest encoding with one or two bytes a character.

    Spreadsheets on a Mac end lines with CR alone, and write letters as the Mac did.
    """
    if (is_western := _is_western(sample)) and not _has_capitals_in_words(sample, "cp1252"):
        return "cp1252"
    if is_of_mac and not is_western:
        return "mac-roman"
    likely = [codec for codec in _OF_EXCEL if _has_words_of(sample, codec)]
    if len(likely) == 1:
        return likely[0]
    if is_western:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None and best.encoding != "ascii" else "cp1252"


# What Excel calls "CSV (MS-DOS)" and "CSV (Macintosh)".
_OF_EXCEL = ("cp850", "mac-roman")
# The share of letters beyond ASCII, of which Western languages have some in a hundred, and those
# with an alphabet of their own half and more.
MAX_FOREIGN = 0.3


def _has_words_of(sample: bytes, codec: str) -> bool:
    text = sample.decode(codec, "replace")
    foreign = sum(1 for one in text if one.isalpha() and not one.isascii())
    are_few = foreign <= MAX_FOREIGN * sum(map(str.isalpha, text))
    are_western = _is_western(sample, codec) and not _has_capitals_in_words(sample, codec)
    return are_few and are_western


def _has_capitals_in_words(sample: bytes, codec: str) -> bool:
    return _CAPITAL_IN_WORD.search(sample.decode(codec, "replace")) is not None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    piece = error.object[error.start : error.end]
    return piece.decode("cp1252", "replace"), error.end


CP1252_ERRORS = "deja-cp1252"
codecs.register_error(CP1252_ERRORS, _as_cp1252)
