"""Storing the tickets that a program sends, as an import stores those of a file."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Source
from models.queries import DELETED
from services.errors import InputError
from services.intake.burst_plan import Changes
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.entries import Row, RowDefaults, RowError, Skipped
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.plans.plan import Plan
from services.intake.importers.recognition import Table
from services.intake.importers.records import Record
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.hidden_tickets import to_hide
from services.intake.importers.vocabulary.synonyms import Mapping_
from services.intake.ingest import TicketIngest
from services.memory.new_items import NewItem
from services.sources.ticket_messages import TicketJson, is_only_a_change

_DATES = DateReader()
# When a ticket was sent, kept with it as it is.
_SENT_AT = "updated_at"
# Where each field of a ticket is.
_COLUMNS: Mapping_ = {
    "id": ("id",),
    "title": ("title",),
    "text": ("text",),
    "status": ("status",),
    "answer": ("answer",),
    "author": ("author",),
    "url": ("url",),
    "created": ("created_at",),
    "resolved": ("resolved_at",),
    "replies": ("replies",),
}
_PLAN = Plan(
    Table("a message", "JSON", lambda: iter(())),
    Layout("webhook", "a webhook", ()),
    _COLUMNS,
    {"created_at": _DATES, "resolved_at": _DATES},
)


class _WithheldError(Exception):
    """The ticket `item` is stored, and private or deleted now."""

    def __init__(self, item: NewItem) -> None:
        super().__init__(item.external_id)
        self.item = item


# Stands for the words of a ticket while only its state is read.
_NO_WORDS = "-"


@dataclass(frozen=True)
class StoredTickets:
    """What became of a message: the ids of the items that were changed, and deleted or hidden.

    `refused` says by the id of a ticket why it was not stored.
    """

    changed: Sequence[int] = ()
    gone: Sequence[int] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def store_tickets(
    ingest: TicketIngest, source: Source, tickets: Sequence[TicketJson], now: datetime
) -> StoredTickets:
    """Store, change and delete tickets of a source; the same message again changes nothing.

    The tickets are visible to the source's audience, whatever they say. Raises `RetryLaterError`.
    """
    reader = TicketReader(_PLAN, RowDefaults(source.name, "ticket", now))
    with ingest.database.read() as session:
        known = _known(session, source, [one["id"] for one in tickets])
    items: list[NewItem] = []
    withheld: list[NewItem] = []
    refused: dict[str, str] = {}
    for ticket in tickets:
        if ticket.get("deleted"):
            continue
        try:
            item = _item(reader, ticket, known.get(ticket["id"]))
        except _WithheldError as error:
            withheld.append(error.item)
        except InputError as error:
            refused[ticket["id"]] = str(error)
        else:
            items.append(item)
    gone = [one["id"] for one in tickets if one.get("deleted")]
    return replace(save_items(ingest, source, items, gone, now, withheld=withheld), refused=refused)


def save_items(
    ingest: TicketIngest,
    source: Source,
    items: Sequence[NewItem],
    gone: Sequence[str],
    now: datetime,
    *,
    withheld: Sequence[NewItem] = (),
    on_save: Callable[[Session], object] = lambda _session: None,
    deletion: str = DELETED,
) -> StoredTickets:
    """Store the items of a source, delete those with the ids `gone`, hide those `withheld`.

    `deletion` is the revision of what is deleted: for good, or until its program restores it.
    `on_save` stores what belongs to it in the same transaction, or raises an error, which takes
    everything back. Raises `RetryLaterError`.
    """
    seen_by = [replace(item, channel_id=source.channel_id) for item in items]
    keys = frozenset((source.name, id_) for id_ in gone)
    with ingest.database.read() as session:
        hidden = to_hide(session, source.workspace_id, withheld, lambda _new, _old: True)
    changes = Changes(seen_by, gone=keys, dropped=hidden, deletion=deletion)
    prepared = ingest.prepare(source.workspace_id, changes)
    with ingest.database.write() as session:
        on_save(session)
        result = ingest.save(session, prepared, now)
    changed = [one.item_id for one in result.saved if one.outcome in ("added", "updated")]
    return StoredTickets(changed, [*result.gone, *result.dropped])


def _known(session: Session, source: Source, ids: Sequence[str]) -> dict[str, Item]:
    """Return the tickets that were sent before, also those that are hidden."""
    found = session.scalars(
        select(Item).where(
            Item.workspace_id == source.workspace_id,
            Item.source == source.name,
            Item.external_id.in_(ids),
            Item.revision != DELETED,
        )
    )
    return {item.external_id: item for item in found}


def _item(reader: TicketReader, ticket: TicketJson, known: Item | None) -> NewItem:
    """Return a ticket as it is to be stored. Raises `InputError` with the reason not to."""
    if known is not None and _is_older(ticket, known.extra):
        raise InputError("it is older than what is stored")
    stored = known if known is not None and known.deleted_at is None else None
    is_change = is_only_a_change(ticket)
    if is_change and stored is None:
        raise InputError("it has neither title nor text, and is not known")
    values = {**ticket, "text": _NO_WORDS} if is_change else ticket
    entry = reader.entry(Record(0, dict(values)))
    if isinstance(entry, Skipped) and entry.ticket is not None and stored is not None:
        # Whatever was sent before stays hidden, too, when it arrives late.
        sent = {_SENT_AT: ticket[_SENT_AT]} if ticket.get(_SENT_AT) else {}
        raise _WithheldError(replace(entry.ticket, extra=sent))
    if isinstance(entry, Skipped | RowError):
        raise InputError(entry.reason)
    if not isinstance(entry, Row):  # a reader of tables gives no other
        raise TypeError(type(entry))
    if stored is None:
        return entry.item
    return _changed(entry.item, stored, ticket) if is_change else _with_date(entry.item, stored)


def _is_older(ticket: TicketJson, extra: Mapping[str, Any]) -> bool:
    """Say whether a ticket was sent before the stored one was: messages may overtake each other."""
    try:
        sent, known = (_DATES.read(one.get(_SENT_AT)) for one in (ticket, extra))
    except InputError:
        return False
    return sent is not None and known is not None and sent < known


def _changed(item: NewItem, stored: Item, given: Container[str]) -> NewItem:
    """Return a stored ticket with the state and the answer of `item`, and the fields `given`."""
    rest = {name: one for name, one in stored.extra.items() if name not in given}
    return replace(
        item,
        title=stored.title,
        text=stored.text,
        author=item.author or stored.author,
        url=item.url or stored.url,
        extra={**rest, **item.extra},
        created_at=stored.created_at,
        is_dated=stored.is_dated,
    )


def _with_date(item: NewItem, stored: Item) -> NewItem:
    if item.is_dated:
        return item
    return replace(item, created_at=stored.created_at, is_dated=stored.is_dated)
