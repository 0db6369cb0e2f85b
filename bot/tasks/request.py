"""A request to the bot, with what the reply depends on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n.texts import Texts
from models import Channel
from services.channels.audience import Audience
from services.topics.scopes import Scope


@dataclass(frozen=True)
class Request:
    """What somebody wants to know in a channel, who reads the reply, and in which language.

    `text` is in Slack's markup. `scope` is the scope of the topics that the reply may show, None if
    it may show none.
    """

    text: str
    channel: Channel
    audience: Audience
    say: Texts
    scope: Scope | None = None
