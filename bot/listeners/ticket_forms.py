"""Forms about one ticket that a click opens; what they are about travels in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.blocks.parts import Block
from bot.blocks.sent_ids import is_row_id, row_in_channel
from bot.i18n.texts import Texts
from bot.jobs.from_events import Requester
from bot.listeners.context import ListenerContext


def open_ticket_form(
    deps: ListenerContext, body: dict[str, Any], item: str, render: Callable[[str, Texts], Block]
) -> None:
    """Open the form of a click, if its value is the id of a ticket.

    `render` gets what Slack is to send back with the form, and the texts of whoever clicked.
    """
    if is_row_id(item):
        about = (body["channel"]["id"], item, body.get("response_url") or "")
        say = deps.slack.texts(body["user"]["id"])
        deps.slack.open_view(body["trigger_id"], render(":".join(about), say))


def ticket_of_form(
    deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
) -> tuple[Requester, int] | None:
    """Return who submitted such a form, and the ticket it is about; None if it is none of ours."""
    channel, item, *hook = view["private_metadata"].split(":", 2)
    if (about := row_in_channel(f"{channel}:{item}")) is None:
        return None
    requester: Requester = {
        "team": deps.me.team_id,
        "channel": about[0],
        "user": body["user"]["id"],
        "response_url": "".join(hook) or None,
    }
    return requester, about[1]
