"""The names people give items: the imported id, or SOURCE:ID where several sources share one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from models import Item, Part
from models.queries import LIVE, in_parts
from services.errors import DejaError, InputError, NotFoundError
from services.phrases import phrase


def find_named(
    session: Session,
    workspace_id: int,
    names: Sequence[str],
    *,
    where: ColumnElement[bool] = LIVE,
) -> dict[str, int | DejaError]:
    """Return the item id for every name, or the error that says why there is none.

    It takes a few queries for all names; `where` says over `Item` which items count.
    """
    of_workspace = (Item.workspace_id == workspace_id) & where
    unique = list(dict.fromkeys(names))
    found: dict[str, list[int]] = {}
    for part in in_parts(unique):
        for item_id, external_id in session.execute(
            select(Item.id, Item.external_id).where(of_workspace, Item.external_id.in_(part))
        ):
            found.setdefault(external_id, []).append(item_id)
    unknown = [name for name in unique if name not in found]
    found |= _with_source(session, of_workspace, unknown)
    return {name: _only(name, found.get(name, [])) for name in unique}


def find_item(session: Session, workspace_id: int, name: str) -> Item:
    """Return the live item of that name: its id as imported, or `SOURCE:ID`.

    Raises `NotFoundError` where there is none and `InputError` where several sources have one.
    """
    found = find_named(session, workspace_id, [name])[name]
    if isinstance(found, DejaError):
        raise found
    return session.get_one(Item, found)


def find_item_id(session: Session, workspace_id: int, name: str) -> int:
    """Return the id of an item, even of a deleted one: decisions about it stay on record.

    Raises as `find_item` does.
    """
    found = find_named(session, workspace_id, [name], where=true())[name]
    if isinstance(found, DejaError):
        raise found
    return found


def names_of(session: Session, item_ids: Iterable[int]) -> dict[int, str]:
    """Return the names people can write for these items, deleted ones too, by item id."""
    named: dict[int, str] = {}
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Item.id, Item.workspace_id, Item.source, Item.external_id).where(
                Item.id.in_(part)
            )
        ).all()
        shared = session.execute(
            select(Item.workspace_id, Item.external_id)
            .where(
                Item.workspace_id.in_({row.workspace_id for row in rows}),
                Item.external_id.in_({row.external_id for row in rows}),
            )
            .group_by(Item.workspace_id, Item.external_id)
            .having(func.count() > 1)
        )
        ambiguous = {(workspace_id, external_id) for workspace_id, external_id in shared}
        for item_id, workspace_id, source, external_id in rows:
            is_shared = (workspace_id, external_id) in ambiguous
            named[item_id] = f"{source}:{external_id}" if is_shared else external_id
    return named


def _with_source(
    session: Session, where: ColumnElement[bool], names: Sequence[str]
) -> dict[str, list[int]]:
    keys = [
        (source, rest) for source, colon, rest in (one.partition(":") for one in names) if colon
    ]
    found: dict[str, list[int]] = {}
    message = aliased(Item)
    for part in in_parts(keys):
        for item_id, source, external_id in session.execute(
            select(Item.id, Item.source, Item.external_id).where(
                where, tuple_(Item.source, Item.external_id).in_(part)
            )
        ):
            found[f"{source}:{external_id}"] = [item_id]
        for item_id, source, external_id in session.execute(
            select(Item.id, message.source, message.external_id)
            .join(Part, Part.head_id == Item.id)
            .join(message, message.id == Part.item_id)
            .where(where, tuple_(message.source, message.external_id).in_(part))
        ):  # a message that is part of a ticket means that ticket
            found.setdefault(f"{source}:{external_id}", [item_id])
    return found


def _only(name: str, item_ids: Sequence[int]) -> int | DejaError:
    if not item_ids:
        return NotFoundError(f"There is no item {name}.")
    if len(item_ids) > 1:
        return InputError(
            phrase("Several sources have an item {name}: write SOURCE:{name}.", name=name)
        )
    return item_ids[0]
