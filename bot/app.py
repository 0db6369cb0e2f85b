"""The Bolt app: the same for HTTP and Socket Mode."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.events import Self
from bot.listeners import actions, commands, lifecycle, marking, messages, setup, shortcuts
from bot.settings import Settings
from bot.slack import Slack
from services.queue import NewJob
from services.workspaces import Team

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hands:
    """What listeners do beside parsing: store a job, end the installation, search for a form."""

    enqueue: Callable[[NewJob], None]
    uninstall: Callable[[], None]
    find: marking.Find


def build_app(settings: Settings, slack: Slack, team: Team, hands: Hands) -> App:
    """Return the app. Its listeners parse, store a job and return; only then is Slack answered.

    A listener that raises (the database is down) leaves the request unacknowledged, and Slack
    delivers it again.
    """
    me = Self(team.team_id, team.bot_user_id, settings.ticket_bots)
    identity = AuthorizeResult(
        enterprise_id=None,
        team_id=team.team_id,
        bot_id=team.bot_id,
        bot_user_id=team.bot_user_id,
        bot_token=settings.slack_bot_token,
    )
    app = App(
        logger=logging.getLogger("slack_bolt"),
        client=slack.client,
        signing_secret=settings.slack_signing_secret,
        authorize=lambda: identity,  # known since the start: no call to Slack before an answer
        process_before_response=True,
        raise_error_for_unhandled_request=False,
    )
    enqueue = hands.enqueue
    lifecycle.register(app, hands.uninstall)
    marking.register(app, me, slack, enqueue, hands.find)
    messages.register(app, me, enqueue)
    commands.register(app, me, slack, enqueue)
    setup.register(app, me, slack, enqueue)
    actions.register(app, me, enqueue)
    shortcuts.register(app, me, slack, enqueue)

    @app.error
    def on_error(error: Exception) -> None:
        logger.error("a request could not be stored: %s", type(error).__name__)
        logger.debug("details", exc_info=error)

    return app
