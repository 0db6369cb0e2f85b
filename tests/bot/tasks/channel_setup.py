"""A bot in a channel that nobody has set up yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from models import Channel
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_methods import BOT_USER
from tests.slack_standin import SlackStandIn

PRINTER = "printer prints blank pages after the firmware update"


@contextmanager
def open_new_desk(
    slack: SlackStandIn, database_url: str, folder: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Run a bot that nobody has set up, in a channel that U7 made."""
    slack.channels["C1"]["creator"] = "U7"
    data = str(folder / "data")
    with open_desk(slack, database_url, data, embedder, default_mode="") as desk:
        yield desk


def stored_channel(desk: Desk) -> Channel:
    """Return the channel as it is stored."""
    with desk.services.database.read() as session:
        return session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()


def invite_bot(desk: Desk) -> str:
    """Invite the bot and return the `ts` of what it says to that."""
    desk.join("C1", BOT_USER, inviter="U8")
    desk.drain()
    [message] = desk.slack.posted()
    return str(message["ts"])


def open_form(desk: Desk) -> str:
    """Invite the bot, open the form of settings as somebody who may, and return its id."""
    invite_bot(desk)
    desk.command("C1", "settings", user="U7")
    desk.drain()
    [view_id] = desk.slack.views
    return view_id


def form(**values: object) -> dict[str, dict[str, object]]:
    """Return the state of a form, as it is at first but for these values."""
    return {
        "mode": {"selected_option": {"value": values.get("mode", "off")}},
        "kind": {"selected_option": {"value": values.get("kind", "tickets")}},
        "language": {"selected_option": {"value": values.get("language", "en")}},
        "noise_budget": {"selected_option": {"value": values.get("noise_budget", "1")}},
        "digest": {"selected_options": values.get("digest", [{"value": "on"}])},
        "topics": {"selected_options": values.get("topics", [])},
        "deciders": {"selected_users": values.get("deciders", [])},
        "ignored": {"value": values.get("ignored")},
        "ticket_emoji": {"value": values.get("ticket_emoji", ":pushpin:")},
        "ignore_emoji": {"value": values.get("ignore_emoji", ":no_bell:")},
        "backfill": {"selected_option": values.get("backfill")},
    }
