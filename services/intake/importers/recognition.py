"""What an input is, known by its content: its encoding, its format and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TextIO

from services.errors import InputError
from services.intake.importers.columns.nested_cells import with_fields_of_cells
from services.intake.importers.dates.date_parsing import DayOrder
from services.intake.importers.documents.compound_documents import read_compound
from services.intake.importers.documents.json_api import may_be_compound
from services.intake.importers.documents.json_people import may_have_people, read_people
from services.intake.importers.documents.json_replies import read_reply_list, reply_lists
from services.intake.importers.documents.json_stream import read_json, read_json_lines
from services.intake.importers.documents.mattermost import is_mattermost, read_mattermost
from services.intake.importers.documents.trello import (
    is_board,
    is_card_table,
    read_board,
    read_card_table,
)
from services.intake.importers.documents.yaml_stream import read_yaml
from services.intake.importers.entries import RowError
from services.intake.importers.files.encoding import Encoding, detect_encoding, encoding_named
from services.intake.importers.files.mojibake import without_mojibake
from services.intake.importers.files.other_files import refuse_other_files, refuse_other_texts
from services.intake.importers.inputs import Input
from services.intake.importers.records import Record, with_next
from services.intake.importers.tables.delimited import delimiter_of, read_delimited, read_head
from services.intake.importers.tables.group_headings import mark_headings
from services.intake.importers.tables.labelled_lines import read_labelled
from services.intake.importers.tables.table_heads import has_known_names, table_head
from services.intake.importers.text_formats import format_of
from services.intake.importers.vocabulary.synonyms import Field

# Characters read to recognise a format.
_HEAD = 1 << 16

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

# In a text whose columns are not known, no more than this share of characters are control
# characters: other files, read as text, have far more.
MAX_CONTROL_SHARE = 0.01
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")

_TEXT_FORMATS = {
    "csv": "CSV", "json": "JSON", "jsonl": "JSON lines", "yaml": "YAML",
    "lines": "lines that name their fields",
}  # fmt: skip
_READERS = {
    "json": read_json, "jsonl": read_json_lines, "yaml": read_yaml, "lines": read_labelled,
}  # fmt: skip


@dataclass(frozen=True)
class ReadOptions:
    """What the user says of a file. None and empty: find it out.

    `columns` are the columns of fields (the column "" leaves a field empty), `order` says which of
    day and month comes first, and `zone` is that of times without one. `exported` is when the file
    was written; `now` is when it is read.
    """

    format: str | None = None
    encoding: str | None = None
    columns: dict[Field, tuple[str, ...]] = field(default_factory=dict)
    order: DayOrder | None = None
    zone: tzinfo = UTC
    exported: datetime | None = None
    now: datetime | None = None


@dataclass(frozen=True)
class Table:
    """Records of an input: `read` gives them, each time from the first one.

    `format` says for people what it is; `warnings` what is odd about it. `is_known` is False where
    nothing but its rows can show that it holds tickets; one that `is_grid` has rows of cells.
    `people` gives the names of those that the input lists beside its records, by their ids;
    `beside` reads the rows of other tables in it, by what they are called.
    """

    name: str
    format: str
    read: Callable[[], Iterator[Record | RowError]]
    warnings: tuple[str, ...] = ()
    is_known: bool = True
    is_grid: bool = False
    people: Callable[[], Mapping[str, str]] = dict
    beside: Mapping[str, Callable[[], Iterator[Record | RowError]]] = field(default_factory=dict)


CUT_OFF = "the archive is cut off here: this record may not be whole, and what follows is missing"


def recognize(found: Input, options: ReadOptions) -> Table:
    """Return how an input is read. Raises `InputError` if it is empty or nothing known."""
    table = _recognized(found, options)
    read = partial(with_fields_of_cells, partial(without_mojibake, table.read))
    beside = {name: partial(without_mojibake, one) for name, one in table.beside.items()}
    if found.is_cut:
        read = partial(_up_to_cut, read)
    read = partial(_marked, read) if table.is_grid else read
    return replace(table, read=read, beside=beside)


def _marked(read: Callable[[], Iterator[Record | RowError]]) -> Iterator[Record | RowError]:
    return mark_headings(read())


def _up_to_cut(read: Callable[[], Iterator[Record | RowError]]) -> Iterator[Record | RowError]:
    """Read a file without its end: its last record is an error, as half a text is none."""
    for entry, following in with_next(read()):
        if following is None:
            yield RowError(entry.line if isinstance(entry, Record) else entry.step, CUT_OFF)
        else:
            yield entry


def _recognized(found: Input, options: ReadOptions) -> Table:
    if found.kind == "sheet":
        from services.intake.importers.tables.excel import read_sheet

        read_cells = partial(read_sheet, found.open)
        return Table(found.name, "Excel", read_cells, found.warnings, is_grid=True)
    if found.kind == "maildir":
        from services.intake.importers.mail import read_maildir

        return Table(found.name, "Maildir", partial(read_maildir, found.path))
    if found.kind == "mails":
        from services.intake.importers.mail import read_mails

        files = [(one.name, one.open) for one in found.parts]
        return Table(found.name, "mail", partial(read_mails, files))
    refuse_other_files(found.open)
    with found.open() as stream:
        encoding = encoding_named(options.encoding) if options.encoding else detect_encoding(stream)
    head = _head(found, encoding)
    if not head.strip().strip("\ufeff\x00"):
        raise InputError(CUT_OFF if found.is_cut else "The file is empty.")
    if not options.format:
        refuse_other_texts(head)
    format_ = options.format or format_of(head, found.name)
    if format_ in _TEXT_FORMATS:
        return _text_table(found, format_, encoding, head)
    return _other_table(found, format_, encoding)


def _head(found: Input, encoding: Encoding) -> str:
    with encoding.text(found.open()) as text:
        try:
            return text.read(_HEAD)
        except UnicodeError as error:
            raise InputError(f"The file is not in {encoding.name}.") from error


def _text_table(found: Input, format_: str, encoding: Encoding, start: str) -> Table:
    label = f"{_TEXT_FORMATS[format_]}, {encoding.name}"
    mixed = f"{encoding.mixed} bytes are in Windows-1252, the rest is in UTF-8"
    warnings = (mixed,) if encoding.mixed else ()
    if format_ != "csv":
        read = _json_reader(found, format_, start)
        read_records = partial(_read_text, found, encoding, read)
        table = Table(found.name, label, read_records, warnings)
        return _with_lists(table, found, encoding) if format_ == "json" else table
    with encoding.text(found.open()) as text:
        delimiter = delimiter_of(text)
        rows = read_head(text, delimiter)
    head = table_head(rows)
    header = rows[head.above] if head.names is None else head.names
    is_known = has_known_names(header)
    controls = len(_CONTROL.findall(start))
    if not is_known and controls > MAX_CONTROL_SHARE * len(start):
        raise InputError("it is not text: export the tickets as CSV, JSON or Excel (.xlsx).")
    label += f", {_DELIMITERS.get(delimiter, 'one column')}"
    read_rows = partial(read_delimited, delimiter=delimiter, head=head)
    if is_card_table(header):
        read_rows = partial(read_card_table, read_rows)
    read_table = partial(_read_text, found, encoding, read_rows)
    return Table(found.name, label, read_table, warnings, is_known, is_grid=True)


def _json_reader(
    found: Input, format_: str, start: str
) -> Callable[[TextIO], Iterator[Record | RowError]]:
    """Return what reads a text of objects: as its tool writes it, else as its format says."""
    if format_ == "json" and is_board(start):
        return read_board
    if format_ == "json" and may_be_compound(found.open):
        return read_compound
    if format_ == "jsonl" and is_mattermost(start):
        return read_mattermost
    return _READERS[format_]


def _with_lists(table: Table, found: Input, encoding: Encoding) -> Table:
    """Return a JSON table with what its document has beside the tickets: people, and replies."""
    lists = reply_lists(found.open, lambda: encoding.text(found.open()))
    unread = [name for name in lists if name not in found.read_apart]
    warnings = (*table.warnings, *([f"not read: {', '.join(unread)}"] if unread else []))
    beside = {
        name: partial(_read_text, found, encoding, partial(read_reply_list, wanted=name))
        for name in lists
    }
    people = partial(_people, found, encoding)
    return replace(table, warnings=warnings, people=people, beside=beside)


def _read_text(
    found: Input, encoding: Encoding, read: Callable[[TextIO], Iterator[Record | RowError]]
) -> Iterator[Record | RowError]:
    with encoding.text(found.open()) as text:
        yield from read(text)


def _people(found: Input, encoding: Encoding) -> Mapping[str, str]:
    if not may_have_people(found.open):
        return {}
    with encoding.text(found.open()) as text:
        return read_people(text)


def _other_table(found: Input, format_: str, encoding: Encoding) -> Table:
    if format_ == "xml":
        from services.intake.importers.documents.xml_records import other_records, read_xml

        others = other_records(found.open)
        unread = [one for one in others if others[one] > 1 and one not in found.read_apart]
        warnings = (f"not read: {', '.join(unread)}",) if unread else ()
        beside = {one: partial(read_xml, found.open, one) for one in others}
        return Table(found.name, "XML", partial(read_xml, found.open), warnings, beside=beside)
    if format_ == "table":
        from services.intake.importers.tables.marked_tables import read_marked_table

        read = partial(read_marked_table, found.open)
        return Table(found.name, "a table in HTML or XML", read, is_grid=True)
    from services.intake.importers.mail import read_mail

    # Outlook saves a message as text in UTF-16; others are ASCII, or say their encoding themselves.
    open_ = partial(encoding.as_utf8, found.open) if encoding.is_wide else found.open
    return Table(found.name, "mail", partial(read_mail, open_))
