"""What a run reads of its tickets: texts, times, and the languages of their channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from models import Channel, Item, Topic
from services.text.comparing.written_language import decided_name
from services.text.words.function_words import Language
from services.topics.members import item_ids_of
from services.topics.vectors import ROWS

# Characters of a ticket that are read for titles; the rest is logs and threads.
MAX_READ = 1_000

Times = NDArray[np.float64]

# The language that Déjà speaks in a ticket's channel; nobody chose that of a channel that was only
# imported.
SPOKEN = case((Channel.slack_id.is_not(None), Channel.language))


@dataclass(frozen=True)
class RunTexts:
    """The texts of tickets, empty for those that are gone by now, and what is known of each.

    `created` is when each came, `(n,)`: seconds since 1970, NaN where that is not known. `spoken`
    is the language that Déjà speaks in its Slack channel, None without one.
    """

    texts: list[str]
    created: Times
    spoken: list[Language | None]


def read_texts(session: Session, items: ColumnElement[bool], ids: Sequence[int]) -> RunTexts:
    """Return the texts of tickets by their ids."""
    title, text = func.coalesce(Item.title, ""), func.substr(Item.text, 1, MAX_READ)
    known = {
        item_id: (
            f"{title}\n{text}"[:MAX_READ],
            created.timestamp() if created else math.nan,
            cast(Language | None, language),
        )
        for item_id, title, text, created, language in session.execute(
            select(Item.id, title, text, Item.reported_at, SPOKEN)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(items)
            .execution_options(yield_per=ROWS)
        )
    }
    found = [known.get(one, ("", math.nan, None)) for one in ids]
    return RunTexts(
        [text for text, _, _ in found],
        np.array([created for _, created, _ in found]),
        [language for _, _, language in found],
    )


def read_languages(
    session: Session, items: ColumnElement[bool], ids: Sequence[int]
) -> list[str | None]:
    """Return the languages of tickets by their ids; None where no word decides on one."""
    title, text = func.coalesce(Item.title, ""), func.substr(Item.text, 1, MAX_READ)
    rows = session.execute(
        select(Item.id, title, text).where(items).execution_options(yield_per=ROWS)
    )
    known = {item_id: decided_name(f"{title}\n{text}") for item_id, title, text in rows}
    return [known.get(one) for one in ids]


def read_members(session: Session, topic: Topic, ids: Sequence[int]) -> RunTexts:
    """Return the texts of tickets of a topic by their ids."""
    return read_texts(session, Item.id.in_(item_ids_of(topic)), ids)
