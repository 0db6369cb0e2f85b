"""Forms that an earlier version of Déjà opened, and nobody takes any more."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.channel_setup import reason_view
from bot.listeners.context import ListenerContext
from services.phrases import phrase

OLD_FORM = phrase(
    "Déjà was updated while this form was open, so nothing was saved. Please open it again."
)


def register(app: App) -> None:
    """Listen to forms of any name. Of several listeners the first one takes a form."""

    @app.view(re.compile("deja_"))
    def on_old_form(ack: Ack, deps: ListenerContext, body: dict[str, Any]) -> None:
        say = deps.slack.texts(body["user"]["id"])
        ack(response_action="update", view=reason_view(OLD_FORM, say))
