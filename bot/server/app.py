"""The Bolt app: the same for HTTP and Socket Mode."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot.listeners import (
    answer_buttons,
    channel_setup,
    commands,
    events,
    lifecycle,
    mark_duplicate,
    shortcuts,
    topics,
)
from bot.listeners.context import ListenerContext
from bot.settings import Settings
from bot.slack.web_api import anonymous_client

logger = logging.getLogger(__name__)


def build_app(
    settings: Settings,
    here_of: Callable[[str | None], ListenerContext | None],
    end: Callable[[str, float | None], None],
) -> App:
    """Return the app. Its listeners parse, store a job and return; only then is Slack answered.

    `here_of` finds the workspace of a team that Slack names; `end` ends an installation.

    A listener that raises (the database is down) leaves the request unacknowledged, and Slack
    delivers it again.
    """

    def authorize(context: BoltContext, team_id: str | None) -> AuthorizeResult | None:
        """Say where a request comes from, without a call to Slack before its answer."""
        here = here_of(team_id)
        if here is None:
            return None
        context["here"] = here  # Bolt gives it to listeners
        return AuthorizeResult(
            enterprise_id=None,
            team_id=here.me.team_id,
            bot_id=here.bot_id,
            bot_user_id=here.me.bot_user_id,
        )

    secret = settings.slack_signing_secret
    app = App(
        name="deja",  # which Bolt else looks for in the sources of every module
        logger=logging.getLogger("slack_bolt"),
        client=anonymous_client(settings),
        signing_secret=None if secret is None else secret.get_secret_value(),
        # Bolt takes None for a team where the app is not installed; its type says otherwise.
        authorize=cast("Callable[..., AuthorizeResult]", authorize),
        process_before_response=True,
        raise_error_for_unhandled_request=False,
    )
    lifecycle.register(app, end)
    for listeners in (
        mark_duplicate, events, commands, channel_setup, topics, answer_buttons, shortcuts,
    ):  # fmt: skip
        listeners.register(app)

    @app.error
    def on_error(error: Exception) -> None:
        logger.error("a request could not be stored: %s", type(error).__name__)
        logger.debug("details", exc_info=error)

    return app
