"""Reading JSON of any size: lists, lines, pages of an API one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from services.errors import InputError
from services.intake.importers.audience.chat_rooms import (
    MESSAGES,
    in_room,
    of_room,
    room_of,
    tells_room,
)
from services.intake.importers.documents.held_messages import HELD, HeldMessages
from services.intake.importers.documents.json_api import compound_records
from services.intake.importers.documents.json_replies import is_reply_list
from services.intake.importers.documents.json_shapes import names_beside, reshaped
from services.intake.importers.documents.json_tickets import (
    ENVELOPES,
    OWN_IDS,
    WORDS,
    counts_records,
    has_words,
    is_record,
    is_ticket,
    rows_by_column,
    tickets_by_id,
)
from services.intake.importers.documents.json_typed import cells_of
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import BETWEEN, JsonCursor, loaded
from services.intake.importers.files.lines import Lines
from services.intake.importers.records import Record, flat, normalized
from services.intake.importers.replies.reply_objects import is_reply
from services.intake.importers.tables.delimited import cells_by_column, column_names
from services.text.words.word_lists import words

_KINDS = {
    list: "an array", str: "a string", int: "a number", float: "a number", bool: "a truth value",
}  # fmt: skip


def read_json_lines(text: TextIO) -> Iterator[Record | RowError]:
    """Read one JSON object a line, or one page of an API a line. A bad line is an error.

    A comma at a line's end, and the bracket of a list in a line of its own, are passed over.
    """
    lines = Lines(text)
    while True:
        line = lines.start_record()
        try:
            source = next(lines).lstrip("\ufeff")
            if source.rstrip()[-1:] == "," or source.strip() in ("[", "]"):
                source = source.rstrip()[:-1]
            yield from records_in(line, loaded(source)) if source.strip() else ()
        except StopIteration:
            return
        except InputError as error:
            yield RowError(line, str(error))


def read_json(text: TextIO) -> Iterator[Record | RowError]:
    """Read the records of JSON documents: lists, or objects that hold a list of records."""
    cursor = JsonCursor(text)
    while cursor.skip(BETWEEN):
        line = cursor.line
        try:
            yield from _document(cursor, 0)
        except InputError as error:
            yield RowError(max(line, cursor.line), str(error))
            return


def _document(
    cursor: JsonCursor, depth: int, names: Sequence[str] = ()
) -> Iterator[Record | RowError]:
    """Read a value at the cursor as records, one after the other where it is a list."""
    if cursor.peek() == "[":
        yield from _list(cursor, names)
    elif cursor.peek() == "{" and depth < MAX_ENVELOPES:
        yield from _object(cursor, depth)
    else:
        line = cursor.line
        yield from _readable(line, cursor.value())


# Lists of records lie at most this deep, as in GraphQL's data.repository.issues.nodes.
MAX_ENVELOPES = 6


def _list(cursor: JsonCursor, names: Sequence[str] = ()) -> Iterator[Record | RowError]:
    """Read a list of records, or of rows, each a list of cells, below `names` or their own."""
    is_before = True
    for _ in cursor.elements():
        line, value = cursor.line, cells_of(cursor.value())
        is_before = is_before and counts_records(value)
        if is_before:
            continue
        if not _is_row(value):
            yield from _readable(line, value, depth=1)
        elif names:
            yield Record(line, cells_by_column(names, value))
        else:
            names = column_names([str(cell) for cell in value])


def _is_row(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and not any(isinstance(one, list | dict) for one in value)
    )


def _object(cursor: JsonCursor, depth: int) -> Iterator[Record | RowError]:
    """Read an object: the records it holds, or else the object as one record."""
    line = cursor.line
    own: dict[str, Any] = {}
    lists: list[str] = []
    found = False
    for entry in _lists_in(cursor, own, lists, depth):
        found = True
        yield entry
    if found:
        return
    is_whole = depth == 0 and not lists
    if is_whole or is_record(own) or has_words(own) or tickets_by_id(own) or _page_of(own):
        yield from _readable(line, own)


def _lists_in(
    cursor: JsonCursor, own: dict[str, Any], lists: list[str], depth: int
) -> Iterator[Record | RowError]:
    """Read the lists of records in an object; note their names, and other fields as its own."""
    with HeldMessages() as messages:
        try:
            for name in cursor.fields():
                if not _has_records(cursor, name, own):
                    own[name] = cursor.value()
                    continue
                lists.append(name)
                entries = _document(cursor, depth + 1, names_beside(own))
                if name == HELD and not tells_room(own):
                    messages.hold(entries)
                else:
                    yield from in_room(entries, room_of(own, name, depth))
        except InputError:
            yield from messages.take(own, depth)  # what is before the damage
            raise
        yield from messages.take(own, depth)


def _has_records(cursor: JsonCursor, name: str, own: dict[str, Any]) -> bool:
    is_known = name in ENVELOPES or _has_tickets(cursor, name)
    return _may_hold_records(cursor, own) and is_known and not _says_all(cursor, name, own)


def _may_hold_records(cursor: JsonCursor, own: dict[str, Any]) -> bool:
    """Say whether the value at the cursor holds records, and not a part of one, as comments do."""
    if is_record(own) or cursor.peek() not in ("[", "{"):
        return False
    # Zammad lists the numbers of tickets, which stand elsewhere by these.
    return cursor.peek() == "{" or not isinstance(cursor.first_of_list(), int | float)


def _says_all(cursor: JsonCursor, name: str, own: dict[str, Any]) -> bool:
    """Say whether the list at the cursor is what was said in the one conversation of a file.

    That has an id, and its messages have none; those of a channel, which may be replied to, have,
    or the channel says what it is.
    """
    if name not in MESSAGES or cursor.peek() != "[" or not OWN_IDS.intersection(own):
        return False
    first = cursor.first_of_list()
    is_message = isinstance(first, dict) and is_reply(first)
    return is_message and _OF_CHANNELS.isdisjoint(own) and _MESSAGE_IDS.isdisjoint(first)


# Slack numbers messages by their time.
_MESSAGE_IDS = OWN_IDS | {"ts"}
_OF_CHANNELS = words("channel channel_id channel_name room room_id members purpose is_channel")


def _has_tickets(cursor: JsonCursor, name: str) -> bool:
    """Say whether the list at the cursor holds tickets under a name that nobody knows."""
    if name in PARTS or cursor.peek() != "[":
        return False
    first = cursor.first_of_list()
    if not isinstance(first, dict) or is_reply_list(name, first):
        return False
    return _names_records(name, first)


# Under these names a ticket has its parts, and a page of an API what belongs to its tickets.
PARTS = words(
    "comments notes replies threads articles attachments labels tags users customers contacts"
    " agents people organizations organisations groups companies accounts custom_fields"
    " customFields events audits history changelog links fields columns schema watchers assignees"
    " participants teams column_values included"
)


def _readable(line: int, value: object, depth: int = 0) -> Iterator[Record | RowError]:
    try:
        yield from records_in(line, value, depth)
    except InputError as error:
        yield RowError(line, str(error))


def records_in(line: int, value: object, depth: int = 0) -> Iterator[Record | RowError]:
    """Yield the records of a value, `depth` lists in. Raises `InputError` if it is a bare one."""
    if isinstance(value, list):  # a page of an API as a line, or lists in a list
        for one in value:
            yield from records_in(line, one, depth + 1)
        return
    if not isinstance(value, dict):
        raise InputError(f"not a JSON object, but {_KINDS.get(type(value), 'null')}")
    node = value.get("node")
    inner = node if isinstance(node, dict) and value.keys() <= {"node", "cursor"} else value
    if len(inner) == 1:  # {"ticket": {…}}
        (only,) = inner.values()
        inner = only if isinstance(only, dict) and is_record(only) else inner
    page = rows_by_column(inner) or compound_records(inner)
    if not page and not is_record(inner) and not _is_conversation(inner):
        page = _page_of(inner, depth) or tickets_by_id(inner) or _replies_alone(inner)
    if not page:
        yield Record(line, flat(reshaped(_with_reply_lists(inner))))
    else:
        yield from records_in(line, page)


def _with_reply_lists(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object with replies as a list where it has them by their ids, as Firebase does."""
    found = {name: list(one.values()) for name, one in fields.items() if _has_replies(name, one)}
    return {**fields, **found} if found else fields


def _has_replies(name: str, value: object) -> bool:
    if not isinstance(value, dict) or not value or name not in PARTS | MESSAGES:
        return False
    return all(map(is_reply, value.values()))


def _is_conversation(fields: dict[str, Any]) -> bool:
    """Say whether an object has an id, and what people wrote about it instead of a title."""
    has_id = any(
        isinstance(value, str | int) and normalized(name).split()[-1:] == ["id"]
        for name, value in fields.items()
    )
    lists = (
        one
        for name, one in fields.items()
        if isinstance(one, list) and one and (name in MESSAGES or name not in ENVELOPES)
    )
    parts = [one[:_SEEN_PARTS] for one in lists]
    # What happened is told between them, without words.
    return has_id and any(2 * sum(map(is_reply, one)) > len(one) for one in parts)


# Parts of a conversation by which it is known.
_SEEN_PARTS = 3


def _page_of(fields: dict[str, Any], depth: int = 0) -> list[Any]:
    """Return the records in an object that is a page of an API, or holds pages further in."""
    for name, value in fields.items():
        if isinstance(value, list) and _holds_objects(value) and _names_records(name, value[0]):
            return of_room(value, room_of(fields, name, depth))
    is_text = (isinstance(one, str) and name.lower() in WORDS for name, one in fields.items())
    if depth >= MAX_ENVELOPES or any(is_text):
        return []
    for name, value in fields.items():
        are_tickets = isinstance(value, dict) and value and all(map(is_ticket, value.values()))
        if are_tickets and name not in PARTS:
            return tickets_by_id(value)
        inner = value if isinstance(value, list) else [value]
        if name not in PARTS and _holds_objects(inner):
            found = [one for page in inner for one in _page_of(page, depth + 1)]
            if found:
                return found
    return []


def _replies_alone(fields: dict[str, Any]) -> list[Any]:
    """Return the replies of an object that holds no tickets but names them in each reply."""
    lists = (one for one in fields.items() if isinstance(one[1], list) and _holds_objects(one[1]))
    return next((one for name, one in lists if is_reply_list(name, one[0])), [])


def _names_records(name: str, first: dict[str, Any]) -> bool:
    """Say whether a list under this name, which begins with `first`, holds tickets."""
    return name in ENVELOPES or (name not in PARTS and (is_record(first) or has_words(first)))


def _holds_objects(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(one, dict) for one in values)
