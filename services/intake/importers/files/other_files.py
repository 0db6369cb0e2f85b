"""Files that cannot be imported as they are: what they are, and what to do about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO

from services.errors import InputError, NoTicketsError

# Files that are no tables of text, by their first bytes.
_OTHER_FILES = {
    b"SQLite format 3\x00": "a SQLite database",
    b"%PDF-": "a PDF",
    b"!BDN": "a mailbox of Outlook (.pst)",
    b"PAR1": "a Parquet file",
    b"PGDMP": "a dump of PostgreSQL",
}
_PACKED_FILES = (
    b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)  # fmt: skip
# A dump: comments and settings, then a command. What was read once is not tried in another way.
_SQL = re.compile(
    r"(?:\s|--[^\n]*\n|/\*(?:(?!\*/).)*\*/;?"
    r"|(?:set|use|begin|start|pragma|select pg_catalog)\b(?:'[^'\n]*'|[^';\n])*+;)*+"
    r"(?:(?:create|drop) (?:table|database|schema)\b|insert into\b|copy [\w.\"]+ \()",
    re.IGNORECASE | re.DOTALL,
)
# Files of text that are no tables, by their beginning.
_OTHER_TEXTS = {
    "{\\RTF": "a document in RTF",
    "BEGIN:VCALENDAR": "a calendar (.ics)",
    "BEGIN:VCARD": "a file of contacts (.vcf)",
    "%!PS": "a PostScript document",
}
# As WhatsApp writes chats: [02.03.26, 09:15:12] Kim: the printer is dead
_CHAT_LOG = re.compile(
    r"\[\d{1,2}[./]\d{1,2}[./]\d{2,4},? \d{1,2}:\d{2}[^\]\n]*\] "
    r"|\[\d{4}-\d\d-\d\d[ T,]+\d\d:\d\d(?::\d\d)?\] [^:,;|\t\n]{1,40}: "
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}, \d{1,2}:\d{2}[^\d\n]{0,3} - "
)

# As IRC clients write channels: 08:00 < ana> the build server is down; [08:00:12] <ana> …
_IRC_LOG = re.compile(
    r"(?:--- Log opened [^\n]*\n|\*{4} BEGIN LOGGING AT [^\n]*\n)?\s*"
    r"(?:\d{4}-\d\d-\d\d[ T])?\[?\d\d?:\d\d(?::\d\d)?\]?\s+(?:<[ @+%&~]?[^\s<>]{1,40}>\s|-!- )"
)
# The files beside those of the messages in an export of Zulip.
_ZULIP_LISTS = re.compile(r'\{\s*"zerver_(?!message"|usermessage")')

# Files of Office before 2007, and those with a password, by the names of the streams in them.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_FILES = {
    "EncryptedPackage": "it is protected by a password: save it without one",
    "__substg1.0_": "it is a message of Outlook (.msg): save it as .eml or mbox",
    "Workbook": "it is an old Excel file (.xls): save it as Excel (.xlsx) or CSV",
}


def _refuse_ole(open_: Callable[[], BinaryIO]) -> None:
    with open_() as stream:
        if stream.read(len(_OLE)) != _OLE:
            return
        content = stream.read(MAX_OLE_READ)
    for name, problem in _OLE_FILES.items():
        if name.encode("utf-16-le") in content:
            raise InputError(f"{problem}.")
    raise InputError("it is an old Office file: save the tickets as Excel (.xlsx) or CSV.")


# The names may stand anywhere in a file; larger ones are of no other kind.
MAX_OLE_READ = 64 << 20


def refuse_other_files(open_: Callable[[], BinaryIO]) -> None:
    """Raise `InputError` for a file that is no text, by its first bytes."""
    _refuse_ole(open_)
    with open_() as stream:
        start = stream.read(max(map(len, _OTHER_FILES)))
    if start.startswith(_PACKED_FILES):
        raise NoTicketsError("its compression format isn't supported: unpack it first.")
    for mark, kind in _OTHER_FILES.items():
        if start.startswith(mark):
            raise InputError(f"it is {kind}: export the tickets as CSV, JSON or Excel (.xlsx).")


def refuse_other_texts(head: str) -> None:
    """Raise `InputError` for a text that is no table, by its beginning."""
    start = head.lstrip("\ufeff \t\r\n")
    if _SQL.match(start):
        raise InputError("it is SQL: export the table of the tickets as CSV or JSON.")
    for mark, kind in _OTHER_TEXTS.items():
        if start[: len(mark)].upper() == mark:
            raise InputError(f"it is {kind}: export the tickets as CSV, JSON or Excel (.xlsx).")
    if _ZULIP_LISTS.match(start):
        raise NoTicketsError("it lists the people and channels of Zulip, and no messages.")
    if _CHAT_LOG.match(start) or _IRC_LOG.match(start):
        raise InputError("it is the text of a chat, which does not say what is a ticket.")
