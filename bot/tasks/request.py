"""What somebody asks in words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n.texts import Texts
from models import Channel
from services.channels.audience import Audience
from services.topics.scopes import Scope


@dataclass(frozen=True)
class Request:
    """A request as Slack wrote it, where it was asked, who reads the reply, and their language.

    `scope` is whose topics they may see, None: nobody's.
    """

    text: str
    channel: Channel
    place: Audience
    say: Texts
    scope: Scope | None = None
