"""Plain texts: without invisible characters, single-spaced, shortened, with a capital; hashes."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from models.types import safe_text

# All runs of spaces but a single one: replacing that by itself takes longer than all else.
_SPACE = re.compile(r"(?: [^\S\n]|[^\S\n ])[^\S\n]*")
# The first word of a sentence, after opening marks: letters and apostrophes alone are no code, nor
# are words with a hyphen between ("top-up", unlike "e-mail").
_ORDINARY_WORD = re.compile(
    r"[¿¡]*(?P<word>(?:[^\W\d_]{2,}-)*[^\W\d_]+(?:['’`´][^\W\d_]+)*)[,:]?(?!\S)"
)
# What ends a sentence, unlike "z. B. Der": a longer word or a mark, a stop, and then a capital.
_SENTENCE = re.compile(r"""(?:[^\W\d_]{4}|[%)"”’])(?=[.!?…]["”’)]?\s+["“„¿¡(]?(?P<capital>\w))""")
# Where a text is cut, a whole sentence is enough if it takes so much of the room.
MIN_WHOLE = 2 / 3
_INVISIBLE = {"Cc", "Cf", "Co", "Cn"}
# Format characters that are part of words: the joiners of Indic and Persian scripts.
_JOINERS = {"\u200c", "\u200d"}


def plain_text(text: str) -> str:
    """Return `text` as people see it: NFC, no control or bidi characters, single spaces."""
    text = safe_text(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").isprintable():  # checking each character is slow
        text = single_spaced("".join(filter(_is_visible, text)))
    elif "  " in text:  # the only space that is printable
        text = single_spaced(text)
    return text.strip()


def _is_visible(character: str) -> bool:
    return (
        character in "\n\t"
        or character in _JOINERS
        or unicodedata.category(character) not in _INVISIBLE
    )


def single_spaced(text: str) -> str:
    """Return a text with single spaces between words; the ends of its lines stay."""
    return _SPACE.sub(" ", text)


def text_hash(text: str) -> str:
    """Return the SHA-256 of `text` in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def first_word(text: str) -> tuple[str, str]:
    """Return the first word of a text and the rest, which may begin on another line."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""


def shorten(text: str, length: int) -> str:
    """Return a text as one line of at most `length` characters, cut at a word.

    Or at the end of a sentence, where only a few words would be left of the next one.
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    ends = [one.end() for one in _SENTENCE.finditer(cut) if not one["capital"].islower()]
    at_word = cut.rfind(" ")
    if ends and ends[-1] >= MIN_WHOLE * length:
        cut = cut[: ends[-1]]
    elif at_word > length // 2:
        cut = cut[:at_word]
    return cut.rstrip(" ,;:.–-") + "…"


def with_capital(sentence: str) -> str:
    """Return a sentence with a capital, unless a name or code begins it ("iOS", "e-mail")."""
    first = _ORDINARY_WORD.match(sentence)
    if first is None or first.group() != first.group().lower():
        return sentence
    at = first.start("word")
    return f"{sentence[:at]}{sentence[at].upper()}{sentence[at + 1 :]}"
