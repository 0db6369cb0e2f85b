"""From a ticket's text to the texts that are embedded: cleaning, hashing, chunking."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from models.types import safe_text
from services.text.machine_text import without_machine_text
from services.text.mail_parts import without_mail_parts
from services.text.matter import may_state_matter
from services.text.patterns import EMOJI_CODES, LINK, LINK_SCHEMES, SOMEBODY, SOURCE_LINK
from services.text.talk import KEPT_TEXTS, has_matter, names_something, uses_of
from services.text.talk_words import Use

# Part of every model fingerprint: raised where cleaning changes what most texts say, so that their
# old vectors are never compared with new ones.
CLEANING_VERSION = 2

# Neighbouring chunks share an eighth of the window, so that a sentence cut at the end of one chunk
# is whole in the next.
OVERLAP_SHARE = 8

# How far a chunk's end may move back to end between words, in tokens.
WORD_SEARCH = 24

TITLE_LENGTH = 80

_CLAUSE_END = re.compile(r"[.,;:!?…]+\s+|\s+[-–—]+\s+")

# All runs of spaces but a single one: replacing that by itself takes longer than all else.
_SPACE = re.compile(r"(?: [^\S\n]|[^\S\n ])[^\S\n]*")
# The first word of a sentence, after opening marks: letters and apostrophes alone are no code, nor
# are words with a hyphen between ("top-up", unlike "e-mail").
_ORDINARY_WORD = re.compile(
    r"[¿¡]*(?P<word>(?:[^\W\d_]{2,}-)*[^\W\d_]+(?:['’`´][^\W\d_]+)*)[,:]?(?!\S)"
)
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
        text = "".join(character for character in text if _is_visible(character))
        text = _SPACE.sub(" ", text)
    elif "  " in text:  # the only space that is printable
        text = _SPACE.sub(" ", text)
    return text.strip()


def _is_visible(character: str) -> bool:
    return (
        character in "\n\t"
        or character in _JOINERS
        or unicodedata.category(character) not in _INVISIBLE
    )


def embedding_text(title: str | None, text: str, kind: str = "ticket") -> str:
    """Return what the model reads of an item, or `""` where there is nothing to compare.

    That is a text of nothing but punctuation, emoji or links, and of a ticket also one that says
    nothing of a matter ("any update on this?"). The name of a product always says something.
    """
    whole = _joined(title or None, text)
    return _readable(whole) if kind != "ticket" or may_state_matter(whole) else ""


def readable_text(title: str | None, text: str) -> str:
    """Return a text without emoji codes, quoted mail, signatures and blobs, `""` without words.

    Of a link only the host stays, which often names a product; the rest makes different tickets
    look similar. Of one to a line of a source file the path stays.
    """
    return _readable(_joined(title or None, text))


# A ticket's text is embedded, indexed and then compared.
@lru_cache(KEPT_TEXTS)
def _joined(title: str | None, text: str) -> str:
    own = without_machine_text(without_mail_parts(plain_text(text))).replace(SOMEBODY, "")
    whole = f"{plain_text(title)}\n{own}" if title else own
    return EMOJI_CODES.sub(" ", whole) if ":" in whole else whole


def _readable(whole: str) -> str:
    folded = whole.casefold() if ":" in whole else ""
    has_links = any(scheme in folded for scheme in LINK_SCHEMES)
    if not any(map(str.isalnum, LINK.sub(" ", whole) if has_links else whole)):
        return ""
    with_hosts = LINK.sub(_host, whole) if has_links else whole
    # `plain_text` left single spaces only; without a double one nothing was cut or replaced since.
    spaced = _SPACE.sub(" ", with_hosts) if "  " in with_hosts else with_hosts
    return "\n".join(filter(None, map(str.strip, spaced.split("\n"))))


def _host(link: re.Match[str]) -> str:
    source = SOURCE_LINK.fullmatch(link.group())
    if source is not None:
        return "".join(source.groups())
    return f" {(link.group(1) or '').strip('.,;!')} "


def text_hash(text: str) -> str:
    """Return the SHA-256 of `text` in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _first_matter(text: str) -> str:
    """Return the first line that has a matter, without what leads up to it; else the first line.

    Of a forwarded message that is its own line: "anyone seen this?" says less.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = next((one for one in lines if has_matter(one)), None)
    if line is None:
        return lines[0] if lines else ""
    at = 0
    for end in _CLAUSE_END.finditer(line):
        if not _leads_up(line[at : end.start()]):
            break
        at = end.end()
    return line[at:] or line


def _leads_up(clause: str) -> bool:
    """Say whether a clause only leads up to what a text is about: "Hi all", "quick question".

    One that names a subject ("The app, since today, …") or trouble ("not working: …") is part of
    what the text is about.
    """
    if has_matter(clause):
        return False
    uses = uses_of(clause)
    return bool(uses & (Use.GREETINGS | Use.THANKS)) or not (
        names_something(clause) or uses & Use.TROUBLE
    )


def headline(title: str | None, text: str, length: int = TITLE_LENGTH) -> str:
    """Return a one-line title of at most `length` characters: the given one, or what a text says.

    What leads up to it is left out: "Hi all, the printer is offline" is about "the printer is
    offline".
    """
    return shorten(title or _first_matter(text), length)


def shorten(text: str, length: int) -> str:
    """Return a text as one line of at most `length` characters, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    at_word = cut.rfind(" ")
    return (cut[:at_word] if at_word > length // 2 else cut).rstrip(" ,;:.–-") + "…"


def with_capital(sentence: str) -> str:
    """Return a sentence with a capital, unless a name or code begins it ("iOS", "e-mail")."""
    first = _ORDINARY_WORD.match(sentence)
    if first is None or first.group() != first.group().lower():
        return sentence
    at = first.start("word")
    return f"{sentence[:at]}{sentence[at].upper()}{sentence[at + 1 :]}"


def chunks(text: str, tokens: Sequence[tuple[int, int]], window: int) -> list[str]:
    """Split `text` into overlapping pieces of at most `window` tokens, between words if possible.

    `tokens` are the (start, end) character offsets of the text's tokens in order. Every token is
    in at least one piece.
    """
    if len(tokens) <= window:
        return [text]
    overlap = window // OVERLAP_SHARE
    pieces = []
    start = 0
    while True:
        end = min(start + window, len(tokens))
        if end < len(tokens):
            end = _between_words(text, tokens, end, lowest=max(start + overlap, end - WORD_SEARCH))
        pieces.append(text[tokens[start][0] : tokens[end - 1][1]])
        if end == len(tokens):
            return pieces
        start = _between_words(text, tokens, end - overlap, lowest=start + 1)


def _between_words(text: str, tokens: Sequence[tuple[int, int]], at: int, *, lowest: int) -> int:
    """Return the nearest index at or before `at`, above `lowest`, whose token starts a word."""
    for index in range(at, max(lowest, at - WORD_SEARCH), -1):
        if text[tokens[index - 1][1] : tokens[index][0]]:  # something lies between the two
            return index
    return at
