"""Reading the tickets of an export archive back, as any import; those of Slack by message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from services.errors import InputError
from services.exports.archive import ExportArchive
from services.exports.tables import MESSAGES, TICKETS, Values
from services.intake.importers.entries import ChannelRef, ImportEntry, Row, RowError
from services.intake.importers.rows.metadata import kept_fields
from services.memory.channel_facts import ChannelFacts
from services.memory.new_items import ItemKey, NewItem


def whole_tickets(archive: ExportArchive) -> Iterator[ImportEntry]:
    """Yield the tickets and products with all of their words, each further message as a part."""
    for entry, messages in _tickets(archive):
        yield entry
        if isinstance(entry, Row):
            for one in messages[1:]:
                yield _part(entry, one)


def ticket_entries(archive: ExportArchive) -> Iterator[ImportEntry]:
    """Yield the tickets and products; what was written in Slack as its messages.

    So they join what is stored of the same messages as those of any other way in.
    """
    for entry, messages in _tickets(archive):
        if not isinstance(entry, Row) or not messages:
            yield entry
            continue
        first, *others = messages
        item = replace(
            entry.item, text=first["text"] or "", revision=first["revision"] or "", joins=True
        )
        yield replace(entry, item=item, split_by=first["split_by"])
        for one in others:
            yield _part(entry, one)


def _tickets(archive: ExportArchive) -> Iterator[tuple[Row | RowError, list[Values]]]:
    """Yield each ticket with its messages, which are in the same order as the tickets."""
    groups = _Groups(groupby(archive.read(MESSAGES), lambda one: (one["source"], one["id"])))
    for number, values in enumerate(archive.read(TICKETS), start=1):
        messages = groups.take((values["source"], values["id"]))
        try:
            yield Row(number, _item(values), channel_ref(values)), messages
        except (TypeError, ValueError) as error:
            yield RowError(number, str(error)), []
    groups.check_end()


class _Groups:
    """The messages by ticket, of which the next can be taken if it is the one that is wanted."""

    def __init__(self, groups: Iterator[tuple[ItemKey, Iterator[Values]]]) -> None:
        self._groups = groups
        self._next: tuple[ItemKey, list[Values]] | None = None
        self._advance()

    def take(self, key: ItemKey) -> list[Values]:
        if self._next is None or self._next[0] != key:
            return []
        found = self._next[1]
        self._advance()
        return found

    def check_end(self) -> None:
        """Raise `InputError` if messages are left whose ticket did not come."""
        if self._next is not None:
            source, id_ = self._next[0]
            raise InputError(f"the table messages is damaged: {source}:{id_} is no ticket there.")

    def _advance(self) -> None:
        found = next(self._groups, None)
        self._next = None if found is None else (found[0], list(found[1]))


def _part(head: Row, values: Values) -> Row | RowError:
    id_, created_at = values["message"], values["created_at"]
    if not id_ or not isinstance(created_at, datetime):
        return RowError(head.step, "a message needs message and created_at")
    item = NewItem(
        source=head.item.source,
        external_id=id_,
        text=values["text"] or "",
        created_at=created_at,
        author=values["author"],
        url=values["url"],
        ts=values["ts"],
        revision=values["revision"] or "",
        joins=True,
    )
    return Row(head.step, item, head.channel, is_part=True, split_by=values["split_by"])


def _item(values: Values) -> NewItem:
    source, id_, created_at = values["source"], values["id"], values["created_at"]
    # Older archives have notes of the team.
    extra = kept_fields(values["extra"], (), []) if isinstance(values["extra"], dict) else {}
    if not source or not id_ or created_at is None or values["kind"] not in ("ticket", "product"):
        raise ValueError("a ticket needs source, id, kind and created_at")
    same = ("title", "author", "url", "status", "resolved_at", "ts", "thread_ts")
    return NewItem(
        source=source,
        external_id=id_,
        text=values["text"] or "",
        created_at=created_at,
        is_dated=values["is_dated"] is not False,
        kind=values["kind"],
        resolution=values["answer"],
        extra=extra,
        revision=values["revision"] or "",
        **{name: values[name] for name in same},
    )


def channel_ref(values: Values) -> ChannelRef:
    """Return the channel of a row; one that is not said to be public is private."""
    name, slack_id = values["channel"], values["channel_slack_id"]
    if not slack_id:
        return name or None
    return ChannelFacts(
        slack_id,
        name,
        is_private=values["channel_is_private"] is not False,
        is_shared=values["channel_is_shared"],
        has_guests=values["channel_has_guests"],
    )
