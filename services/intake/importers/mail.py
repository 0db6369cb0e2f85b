"""Reading mail: mbox files, single messages and Maildirs."""

from __future__ import annotations

import email.errors
import email.header
import email.message
import email.utils
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from pathlib import Path
from typing import Any, BinaryIO

from services.intake.importers.entries import RowError
from services.intake.importers.records import Record
from services.text.markup.html_text import html_to_text

# A larger message has attachments, which are not read; its text comes first.
MAX_MESSAGE = 32 << 20

# Apple Mail has the size of a message above it, and what it notes of it below (.emlx).
_APPLE_SIZE = re.compile(rb"\d+[ \t]*\r?\n")
_MAX_APPLE_SIZE = 32

_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_IDS = re.compile(r"<[^<>\s]+>")
_SPACE = re.compile(r"\s+")


def read_mail(open_: Callable[[], BinaryIO]) -> Iterator[Record | RowError]:
    """Read the messages of an mbox file, or a single message."""
    known = _Known()
    with open_() as stream:
        for line, raw in _messages(stream):
            yield _record(line, raw, known)


def read_mails(files: Sequence[tuple[str, Callable[[], BinaryIO]]]) -> Iterator[Record | RowError]:
    """Read messages that have a file each, by the names of these."""
    known = _Known()
    for number, (name, open_) in enumerate(files, 1):
        with open_() as stream:
            for _, raw in _messages(stream):
                found = _record(number, raw, known)
                yield replace(found, file=name) if isinstance(found, RowError) else found


def read_maildir(folder: Path) -> Iterator[Record | RowError]:
    """Read the messages of a Maildir, those of its inner folders too."""
    known = _Known()
    files = (
        file
        for inner in ("cur", "new")
        for file in sorted(folder.glob(f"**/{inner}/*"))
        if file.is_file() and not file.name.startswith(".")
    )
    for number, file in enumerate(files, 1):
        with file.open("rb") as stream:
            yield _record(number, stream.read(MAX_MESSAGE), known)


def _messages(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield each message with the line where it begins."""
    lines: list[bytes] = []
    start, size, is_mbox, after_blank = 1, 0, False, True
    number = 0
    if _APPLE_SIZE.fullmatch(first := stream.readline(_MAX_APPLE_SIZE)):
        yield 2, stream.read(min(int(first), MAX_MESSAGE))
        return
    stream.seek(0)
    while line := stream.readline(1 << 20):
        number += 1
        if after_blank and line.startswith(b"From ") and (is_mbox or number == 1):
            if any(one.strip() for one in lines):
                yield start, _unquoted(b"".join(lines))
            lines, start, size, is_mbox = [], number, 0, True
        elif size < MAX_MESSAGE:
            lines.append(line)
            size += len(line)
        after_blank = not line.strip()
    if any(one.strip() for one in lines):
        raw = b"".join(lines)
        yield start, _unquoted(raw) if is_mbox else raw


def _unquoted(raw: bytes) -> bytes:
    return _QUOTED_FROM.sub(rb"\1", raw)


@dataclass
class _Known:
    """The messages read so far: their ids, and the first of each thread of Gmail and Outlook."""

    ids: set[str] = field(default_factory=set)
    threads: dict[str, str] = field(default_factory=dict)

    def add(self, message: email.message.Message, id_: str) -> None:
        """Add a message."""
        self.ids.add(id_)
        if thread := _thread(message):
            self.threads.setdefault(thread, id_)

    def parent(self, message: email.message.Message) -> str:
        """Return the message that this one answers.

        That is the nearest of its references that is known; else the first of its thread.
        """
        named: list[str] = [
            *_IDS.findall(_header(message, "In-Reply-To")),
            *reversed(_IDS.findall(_header(message, "References"))),
        ]
        known = (one for one in named if one.strip("<>") in self.ids)
        first = "" if _begins_thread(message) else self.threads.get(_thread(message))
        return next(known, first or (named[0] if named else ""))


def _record(line: int, raw: bytes, known: _Known) -> Record | RowError:
    message = BytesParser().parsebytes(raw)
    if not message.keys():
        return RowError(line, "not a mail: it has no headers")
    id_ = _header(message, "Message-ID")
    values: dict[str, Any] = {
        "Message-ID": id_.strip("<> "),
        "Subject": _header(message, "Subject"),
        # A list writes in the name of its members: "Ana via Support".
        "From": _address(_header(message, "X-Original-From") or _header(message, "From")),
        "Sensitivity": _header(message, "Sensitivity"),
        "Date": _header(message, "Date") or _header(message, "Sent"),
        "In-Reply-To": known.parent(message).strip("<> "),
        "Text": _text(message),
    }
    for name in ("To", "X-Gmail-Labels", "Auto-Submitted"):
        if value := _header(message, name):
            values[name] = value
    if _is_automatic(message):
        values["Auto-Submitted"] = "auto-replied"
    known.add(message, values["Message-ID"])
    return Record(line, values)


def _thread(message: email.message.Message) -> str:
    """Return the thread that Gmail or Outlook says a message is of.

    Outlook's index begins with that of the thread; each reply adds some bytes.
    """
    return _header(message, "X-GM-THRID") or _index(message)[:_SHARED_INDEX]


def _begins_thread(message: email.message.Message) -> bool:
    return 0 < len(_index(message)) <= _FIRST_INDEX


def _index(message: email.message.Message) -> str:
    return _header(message, "Thread-Index").replace(" ", "")


# Characters of base64: that of the first mail has 22 bytes, of which replies share all but the
# last one's end.
_FIRST_INDEX, _SHARED_INDEX = 32, 28


def _is_automatic(message: email.message.Message) -> bool:
    """Say whether a program answered a mail: it could not be delivered, or nobody is there."""
    is_report = message.get_content_type() == "multipart/report"
    precedence = _header(message, "Precedence").lower()
    return is_report or "X-Autoreply" in message or precedence in ("auto_reply", "auto-reply")


def _header(message: email.message.Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    try:
        decoded = str(email.header.make_header(email.header.decode_header(str(value))))
    except (email.errors.MessageError, LookupError, UnicodeError, ValueError):
        decoded = str(value)
    return _SPACE.sub(" ", decoded).strip()


def _address(value: str) -> str:
    name, address = email.utils.parseaddr(value)
    return address.lower() or name or value


def _text(message: email.message.Message) -> str:
    """Return the words of a message: its plain text, or else its HTML as text.

    Those of a message that it forwards count where it has none of its own.
    """
    for parts in (_own_parts(message), message.walk()):
        html = ""
        for part in parts:
            kind = part.get_content_type()
            if part.get_content_disposition() == "attachment" or part.is_multipart():
                continue
            if kind == "text/plain" and (found := _decoded(part)).strip():
                return found
            if kind == "text/html" and not html:
                html = _decoded(part)
        if html:
            return html_to_text(html)
    return ""


def _own_parts(message: email.message.Message) -> Iterator[email.message.Message]:
    """Yield the parts of a message without those of the messages in it."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, email.message.Message):
                yield from _own_parts(part)
    elif message.get_content_maintype() != "message":
        yield message


def _decoded(part: email.message.Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return payload.decode("cp1252", "replace")
