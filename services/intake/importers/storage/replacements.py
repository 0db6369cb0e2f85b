"""Whether an import would overwrite tickets with unrelated ones that only share their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE, in_parts
from services.intake.importers.entries import ImportEntry, Row
from services.memory.new_items import ItemKey, NewItem
from services.text.cleaning.compared_text import embedding_text
from services.text.comparing.terms import terms

# Rows that are compared with what is stored.
CHECKED = 500

# Texts that share a smaller share of their words are about different things.
MIN_SHARED_WORDS = 0.2

# What an edited text has in common with the old one, of all words of both.
MIN_KEPT_WORDS = 0.5

# Fewer tickets than this may all have been rewritten: that is worth a warning, not a stop.
MIN_REPLACED = 3


@dataclass(frozen=True)
class Replacements:
    """How many of the `checked` rows are stored already (`known`), and with unrelated text."""

    checked: int
    known: int
    unrelated: int

    @property
    def is_suspicious(self) -> bool:
        """Whether the rows are probably of another source whose ids are the same."""
        return self.unrelated >= MIN_REPLACED and self.unrelated > self.known / 2

    def warning(self, source: str | None) -> str:
        """Say how many tickets of a source get unrelated text."""
        count = self.unrelated
        rows = "1 row replaces a ticket" if count == 1 else f"{count} rows replace tickets"
        return f"{rows} of {source} by unrelated text: the ids are the same (--source keeps both)"


def first_rows(entries: Iterable[ImportEntry]) -> list[NewItem]:
    """Return the items of the first rows."""
    return [entry.item for entry in islice(entries, CHECKED) if isinstance(entry, Row)]


# The title and the text of a ticket.
Said = tuple[str | None, str]


def is_related(new: Said, old: Said) -> bool:
    """Say whether two tickets may be about the same."""
    ours, theirs = set(terms(embedding_text(*new))), set(terms(embedding_text(*old)))
    smaller = min(len(ours), len(theirs))
    return not smaller or len(ours & theirs) >= MIN_SHARED_WORDS * smaller


def is_edited(new: Said, old: Said) -> bool:
    """Say whether a ticket is another one with at most some changes."""
    ours, theirs = (set(terms(f"{title or ''} {text}")) for title, text in (new, old))
    both = len(ours | theirs)
    return len(ours & theirs) >= MIN_KEPT_WORDS * both if both else new == old


def check_replacements(
    session: Session,
    workspace_id: int,
    rows: Sequence[NewItem],
    is_same: Callable[[Said, Said], bool] = is_related,
) -> Replacements:
    """Compare rows with the stored items of the same source and id."""
    stored = _stored_texts(session, workspace_id, rows)
    known = [(row, stored[row.key]) for row in rows if row.key in stored]
    unrelated = sum(not is_same((row.title, row.text), old) for row, old in known)
    return Replacements(len(rows), len(known), unrelated)


def has_items(session: Session, workspace_id: int, source: str) -> bool:
    """Say whether anything of a source is stored."""
    of_source = (Item.workspace_id == workspace_id) & (Item.source == source)
    return session.scalar(select(Item.id).where(of_source).limit(1)) is not None


def _stored_texts(
    session: Session, workspace_id: int, rows: Iterable[NewItem]
) -> dict[ItemKey, Said]:
    keys = [row.key for row in rows]
    return {
        (source, external_id): (title, text)
        for part in in_parts(keys)
        for source, external_id, title, text in session.execute(
            select(Item.source, Item.external_id, Item.title, Item.text).where(
                Item.workspace_id == workspace_id,
                LIVE,
                tuple_(Item.source, Item.external_id).in_(part),
            )
        )
    }
