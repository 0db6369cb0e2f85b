"""Stored tickets that a file or a program calls private or deleted now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy.orm import Session

from services.intake.importers.entries import ImportEntry, Skipped
from services.intake.importers.storage.replacements import Said, is_edited
from services.memory.item_rows import read_by_key
from services.memory.new_items import NewItem
from services.text.comparing.terms import terms


def withheld(entries: Iterable[ImportEntry]) -> list[NewItem]:
    """Return the tickets among skipped entries that nobody is to see any more."""
    skipped = (one.ticket for one in entries if isinstance(one, Skipped))
    return [one for one in skipped if one is not None]


def is_same_ticket(new: Said, old: Said) -> bool:
    """Say whether a ticket has the words of another one, or none.

    It has the title, with or without a mark such as "[CONFIDENTIAL]", or is the same but for some
    changes: a note of the team about a ticket has many of its words, too.
    """
    if not any(new):
        return True
    title = set(terms(old[0] or ""))
    has_title = bool(title) and title <= set(terms(new[0] or ""))
    return has_title or is_edited(new, old)


def to_hide(
    session: Session,
    workspace_id: int,
    items: Sequence[NewItem],
    is_same: Callable[[Said, Said], bool] = is_same_ticket,
) -> list[NewItem]:
    """Return those of these tickets that are stored, without what they say.

    In a file another kind of row may have the same id, such as a note about the ticket, so by
    default `is_same_ticket` compares the words.
    """
    given = {item.key: item for item in items}
    return [
        NewItem(
            source=row.source,
            external_id=row.external_id,
            text="",
            created_at=row.created_at,
            is_dated=row.is_dated,
            kind=row.kind,
            channel_id=row.channel_id,
            revision=row.revision,
            is_unanswered=True,
            extra=given[key].extra,
        )
        for key, row in read_by_key(session, workspace_id, [*given]).items()
        if row.deleted_at is None and is_same(_said(given[key]), (row.title, row.text))
    ]


def _said(item: NewItem) -> Said:
    return item.title, item.text
