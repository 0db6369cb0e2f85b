"""The words of a Slack message's files: titles, descriptions, previews, and mail sent to a channel.

Only what Slack sends along with the message is read; no file is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.text.markup.html_text import without_html
from services.text.slack.blocks import blocks_text, code, literal
from services.text.words.folding import fold
from services.text.words.word_lists import words

File = Mapping[str, Any]

# A mail may be far longer than a message (40,000 characters); nobody reads on after that.
MAX_FILE_TEXT = 40_000

_GONE = ("tombstone", "hidden_by_limit")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}$")
_WORD = re.compile(r"[^\W\d_]+")
# Names that cameras, phones and programs give to files: "Screenshot 2026-02-25 at 10.11.png".
_GIVEN = words(
    """
    image images img photo foto pic picture bild imagen screenshot screen shot recording grab
    bildschirmfoto bildschirmaufnahme bildschirmausschnitt captura capture pantalla de scan scanned
    untitled unnamed unbenannt ohne titel sin titulo clipboard pasted paste clip video audio voice
    message file datei archivo document dokument documento attachment anhang adjunto whatsapp signal
    telegram dsc dscn dscf pxl mvimg vid mov wa cleanshot snip snippet slack for ios android upload
    canvas list liste lista hdr edited burst at um a las the am pm copy kopie copia
    von new neu neue neues nuevo
    """
)
# An identifier has at least so many hexadecimal digits; "defaced" and "decade" are words.
MIN_IDENTIFIER = 12


def files_of(message: Mapping[str, Any]) -> list[File]:
    """Return the files of a message that are still there."""
    listed = message.get("files")
    files = listed if isinstance(listed, list) else [message.get("file")]
    return [
        one for one in files if isinstance(one, dict) and str(one.get("mode")) not in _GONE
    ]  # fmt: skip


def is_mail(file: File) -> bool:
    """Say whether a file is a mail that was sent to the channel's address."""
    return "email" in (file.get("filetype"), file.get("mode"))


def file_texts(file: File) -> Iterator[str]:
    """Yield the words of a file as `mrkdwn`, each part on its own: what repeats another may go."""
    if is_mail(file):
        yield _literal(file, "subject") or _literal(file, "title")
        yield _literal(file, "plain_text", "preview_plain_text") or _from_html(file)
        return
    title = file.get("title") or file.get("name")
    if isinstance(title, str) and says_something(title):
        yield literal(title)
    yield _literal(file, "alt_txt")
    yield _literal(file, "description")
    yield _preview(file)
    yield _transcript(file)


def says_something(title: str) -> bool:
    """Say whether somebody chose a file's title: not "image.png", nor "IMG_2031.jpg"."""
    found = _WORD.findall(_EXTENSION.sub("", fold(title.strip())))
    chosen = any(len(word) > 1 and word not in _GIVEN for word in found)
    return chosen and not _is_identifier(title)


def _is_identifier(title: str) -> bool:
    """Say whether a title is an identifier that a program made up: "3f2b8c1e-77a0-4b1d.jpg"."""
    bare = re.sub(r"[-_.]", "", _EXTENSION.sub("", title.strip().lower()))
    return len(bare) >= MIN_IDENTIFIER and re.fullmatch(r"[0-9a-f]+", bare) is not None


def _literal(file: File, *keys: str) -> str:
    for key in keys:
        text = file.get(key)
        if isinstance(text, str) and text.strip():
            return literal(text[:MAX_FILE_TEXT].strip())
    return ""


def _from_html(file: File) -> str:
    text = file.get("preview")
    return literal(without_html(text[:MAX_FILE_TEXT])) if isinstance(text, str) else ""


def _preview(file: File) -> str:
    """Return the beginning of a snippet, a text file or a post."""
    blocks = file.get("title_blocks") or file.get("preview_blocks")
    preview = file.get("preview")
    if isinstance(preview, str) and preview.strip():
        return code(without_html(preview[:MAX_FILE_TEXT]).strip())
    return blocks_text(blocks)


def _transcript(file: File) -> str:
    """Return the beginning of what is said in a recording, which Slack writes down."""
    found = file.get("transcription")
    preview = found.get("preview") if isinstance(found, dict) else None
    content = preview.get("content") if isinstance(preview, dict) else None
    return literal(content[:MAX_FILE_TEXT]) if isinstance(content, str) else ""
