"""Which names of topics may be shown: those whose words readers can still find in a ticket.

Names are made of tickets' words and outlive these. Who deletes or edits a message takes its words
back, and a channel that turns private takes all of its.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Frequency, Pool
from models.queries import in_parts
from services.channels.audience import Audience
from services.text.terms import MAX_TERM_LENGTH, terms

# The number that tells topics of one name apart, and the name of one without any words.
_NUMBER = re.compile(r"(?:^#|\s)\d{1,2}$")


def unreadable_titles(session: Session, place: Audience, names: Iterable[str]) -> set[str]:
    """Return those names of which a word stands in no ticket that a place's readers may read.

    The pools count in how many tickets each word is: they follow edits, deletions and readers.
    """
    words = {name: _words(name) for name in names}
    said: set[str] = set()
    for part in in_parts(sorted({word for some in words.values() for word in some})):
        counted = (
            select(Frequency.term)
            .join(Pool, Pool.id == Frequency.pool_id)
            .where(place.pools, Pool.kind == "ticket", Frequency.documents > 0)
        )
        said.update(session.scalars(counted.where(Frequency.term.in_(part))))
    return {name for name, some in words.items() if not some <= said}


def _words(name: str) -> set[str]:
    """Return the terms of a name; what is too long to be counted stands for itself, unsaid."""
    name = _NUMBER.sub("", name)
    return {*terms(name), *(word for word in name.split() if len(word) > MAX_TERM_LENGTH)}
