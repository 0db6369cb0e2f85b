"""Boards of Trello: cards with the names of their lists and the comments among the actions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import JsonCursor
from services.intake.importers.records import Record, flat

# Names that the JSON of a board has before its cards, and no other file.
_BOARD = re.compile(r'\{.*"(?:labelNames|idMemberCreator|idShort|idBoard)"\s*:', re.DOTALL)
_ID = re.compile(r"[0-9a-f]{24}")
_CARD = frozenset({"idShort", "idList", "desc"})
_CARD_COLUMNS = frozenset({"Card ID", "Card Name", "Archived"})


def is_board(start: str) -> bool:
    """Say whether a JSON text begins like an exported board."""
    return _BOARD.match(start) is not None


def read_board(text: TextIO) -> Iterator[Record | RowError]:
    """Read the cards of a board; archived cards and cards of archived lists are closed."""
    try:
        board = JsonCursor(text).value()
    except InputError as error:
        yield RowError(1, str(error))
        return
    if not isinstance(board.get("cards"), list):  # a card by itself
        yield Record(1, flat(as_card(board)))
        return
    lists = _by_id(board, "lists")
    members = _by_id(board, "members")
    comments = _comments(board)
    for number, card in enumerate(_objects(board.get("cards")), 1):
        of_list = lists.get(str(card.get("idList")), {})
        is_archived = card.get("closed") or of_list.get("closed")
        people = (members.get(str(one), {}).get("fullName") for one in card.get("idMembers") or ())
        more = {
            "listName": of_list.get("name"),
            "state": "archived" if is_archived else None,
            "labels": [one.get("name") or one.get("color") for one in _objects(card.get("labels"))],
            "members": [one for one in people if one],
            "comments": comments.get(str(card.get("id")), []),
        }
        yield Record(number, flat(as_card({**card, **more})))


def as_card(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a card with the time at which it was made, which its id begins with; all else as is.

    Source: an id of Trello is an ObjectId of MongoDB, whose first four bytes are Unix seconds.
    """
    id_ = fields.get("id")
    if not (fields.keys() >= _CARD and isinstance(id_, str) and _ID.fullmatch(id_)):
        return fields
    return {"created": _made_at(id_), **fields}


def is_card_table(header: Sequence[str]) -> bool:
    """Say whether a table is a board's CSV."""
    return {cell.strip() for cell in header} >= _CARD_COLUMNS


def read_card_table(
    read: Callable[[TextIO], Iterator[Record | RowError]], text: TextIO
) -> Iterator[Record | RowError]:
    """Read a board's CSV as cards, with the times at which they were made, and archived."""
    for entry in read(text):
        if isinstance(entry, Record):
            id_ = str(entry.values.get("Card ID"))
            is_archived = str(entry.values.get("Archived")).lower() == "true"
            more = {"created": _made_at(id_)} if _ID.fullmatch(id_) else {}
            more |= {"state": "archived"} if is_archived else {}
            values = {name: one for name, one in entry.values.items() if name != "Archived"}
            yield replace(entry, values={**values, **more})
        else:
            yield entry


def _made_at(id_: str) -> str:
    return datetime.fromtimestamp(int(id_[:8], 16), UTC).isoformat()


def _comments(board: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for action in _objects(board.get("actions")):
        data = action.get("data")
        if action.get("type") == "commentCard" and isinstance(data, dict):
            author = action.get("memberCreator") or {}
            card = data.get("card") or {}
            found[str(card.get("id"))].append({
                "text": data.get("text"), "author": author.get("fullName"),
                "date": action.get("date"),
            })  # fmt: skip
    return found


def _by_id(board: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    return {str(one.get("id")): one for one in _objects(board.get(name))}


def _objects(values: object) -> list[dict[str, Any]]:
    """Return the objects of a list, whatever else is there."""
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
