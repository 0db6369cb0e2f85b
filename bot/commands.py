"""What people ask in words, by `/deja …` or by a mention, and the replies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.replies import Reply, help_reply, reason_reply, similar_reply, status_reply
from bot.explaining import why
from bot.wiring import Deja
from models import Channel, Item
from services.audience import Place, place_of
from services.matching import Match
from services.shown import Shown, reports_of, show
from services.status import describe_channel
from services.text import embedding_text

# What a mention may begin with; whatever else it says is what to look for.
COMMANDS = frozenset({"help", "similar", "status", "why"})

SIMILAR_LIMIT = 5

# A command shows more than an unasked answer may: whoever asks judges for themselves. Below this
# nothing is alike but the language.
LEAST_SIMILARITY = 0.40


@dataclass(frozen=True)
class Request:
    """A request in words, from a place that decides what may be shown."""

    text: str
    channel_id: int


def answer_request(deja: Deja, request: Request, now: datetime) -> Reply:
    """Return the reply to a command. Unknown words get help, never silence."""
    word, _, rest = request.text.strip().partition(" ")
    match word.lower():
        case "similar":
            return similar_to_text(deja, rest.strip(), request.channel_id, now)
        case "status":
            return _status(deja, request.channel_id)
        case "settings":
            return reason_reply("Slack did not open the form of settings. Try again in a moment.")
        case "why":
            return why(deja, rest.strip(), request.channel_id, least=LEAST_SIMILARITY)
        case _:
            return help_reply()


def similar_to_text(deja: Deja, text: str, channel_id: int, now: datetime) -> Reply:
    """Return what is most alike to `text`, of what every reader of the channel may read."""
    if not text:
        return reason_reply("Say what to look for: /deja similar printer prints blank pages")
    if not embedding_text(None, text):
        return reason_reply("There are no words in that to look for.")
    with deja.database.read() as session:
        place = place_of(session.get_one(Channel, channel_id))
        matches = deja.duplicates.similar(text, kind="ticket", place=place, limit=SIMILAR_LIMIT)
        return similar_reply(_shown(session, matches, place), now)


def similar_to_item(deja: Deja, item_id: int, channel_id: int, now: datetime) -> Reply:
    """Return what is most alike to a stored item, of what the channel's readers may read."""
    with deja.database.read() as session:
        place = place_of(session.get_one(Channel, channel_id))
        found = deja.duplicates.similar_items([item_id], place=place, limit=SIMILAR_LIMIT)
        return similar_reply(_shown(session, found[item_id], place), now)


def _shown(session: Session, matches: list[Match], place: Place) -> list[Shown]:
    matches = [match for match in matches if match.similarity >= LEAST_SIMILARITY]
    rows = {
        item.id: (item, name)
        for item, name in session.execute(
            select(Item, Channel.name)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(Item.id.in_([match.item_id for match in matches]))
        )
    }
    reports = reports_of(session, rows, place.items)
    return [
        show(*rows[match.item_id], match, reports=reports.get(match.item_id))
        for match in matches
        if match.item_id in rows
    ]


def _status(deja: Deja, channel_id: int) -> Reply:
    with deja.database.read() as session:
        lines = describe_channel(session, session.get_one(Channel, channel_id))
    lines.append(("Work", f"{deja.queue.counts()['ready']} waiting"))
    return status_reply(lines)
