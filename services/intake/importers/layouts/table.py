"""Any other table: it is known by its columns alone."""

from __future__ import annotations

from services.intake.importers.layouts import (
    boards,
    chats,
    corpora,
    helpdesks,
    service_desks,
    trackers,
)
from services.intake.importers.layouts.layout import Layout

TABLE = Layout("import", "a table", ())

ALL = (
    *trackers.LAYOUTS,
    *helpdesks.LAYOUTS,
    *service_desks.LAYOUTS,
    *boards.LAYOUTS,
    *chats.LAYOUTS,
    *corpora.LAYOUTS,
)


def layout_of(columns: frozenset[str]) -> Layout:
    """Return the layout of a file with these columns, as `normalized` writes them."""
    return next((one for one in ALL if one.fits(columns)), TABLE)
