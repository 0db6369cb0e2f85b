"""Which titles may be shown: those whose words readers can still find in some ticket.

Titles are made of tickets' words and outlive the tickets. Whoever deletes or edits a message takes
its words back, and a channel that becomes private takes all of its words with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Frequency, Pool
from models.queries import in_parts
from services.channels.audience import Audience
from services.text.comparing.terms import MAX_TERM_LENGTH, terms
from services.topics.various import without_various

# The number that makes two equal titles differ, and the title of a topic without words.
_NUMBER = re.compile(r"(?:^#|\s)\d{1,2}$")


def nameless(topic_id: int) -> str:
    """Return the title of a topic whose name was erased."""
    return f"#{topic_id}"


def unreadable_titles(session: Session, audience: Audience, titles: Iterable[str]) -> set[str]:
    """Return the titles with a word that is in no ticket that the audience may read.

    The pools of words count in how many tickets each word is. They follow edits, deletions and
    changes of readers.
    """
    words = {title: _words(title) for title in titles}
    readable: set[str] = set()
    for part in in_parts(sorted({word for some in words.values() for word in some})):
        counted = (
            select(Frequency.term)
            .join(Pool, Pool.id == Frequency.pool_id)
            .where(audience.pools, Pool.kind == "ticket", Frequency.documents > 0)
        )
        readable.update(session.scalars(counted.where(Frequency.term.in_(part))))
    return {title for title, some in words.items() if not some <= readable}


def _words(title: str) -> set[str]:
    """Return the terms of a title, and words too long to be counted, which are never readable."""
    title = without_various(_NUMBER.sub("", title))
    return {*terms(title), *(word for word in title.split() if len(word) > MAX_TERM_LENGTH)}
