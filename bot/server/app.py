"""The Bolt app, which is the same for HTTP and Socket Mode."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter
from typing import cast

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.exc import DBAPIError

from bot import metrics
from bot.connection import database_line
from bot.listeners import (
    answer_buttons,
    channel_setup,
    commands,
    events,
    help_button,
    home_views,
    lifecycle,
    mark_duplicate,
    new_issue,
    old_forms,
    shortcuts,
    topic_questions,
    topics,
)
from bot.listeners.context import ListenerContext
from bot.settings import Settings
from bot.slack.web_api import anonymous_client
from models import is_passing

# What reading a payload raises where something is missing in it, or of another type.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)

logger = logging.getLogger(__name__)


class MeasuredApp(App):
    """A Bolt app that measures how soon Slack gets its acknowledgement."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Handle a request, over HTTP or in Socket Mode."""
        start = perf_counter()
        response = super().dispatch(req)
        metrics.ACKNOWLEDGEMENTS.labels(response.status).observe(perf_counter() - start)
        return response


def build_app(
    settings: Settings,
    context_of: Callable[[str | None], ListenerContext | None],
    uninstall: Callable[[str, float | None], None],
) -> App:
    """Return the app. Its listeners parse a request and store a job before Slack is answered.

    `context_of` finds what listeners need for a team id; `uninstall` takes a team id and the
    event's time.

    If a listener raises, for example because the database is down, the request is not
    acknowledged, and Slack delivers it again.
    """

    secret = settings.slack_signing_secret
    app = MeasuredApp(
        name="deja",  # else Bolt searches the sources of every module for it
        logger=logging.getLogger("slack_bolt"),
        client=anonymous_client(settings),
        signing_secret=None if secret is None else secret.get_secret_value(),
        # Bolt accepts None for a team without the app, although its type hint does not.
        authorize=cast("Callable[..., AuthorizeResult]", _authorizer(context_of)),
        process_before_response=True,
        raise_error_for_unhandled_request=False,
    )
    lifecycle.register(app, uninstall)
    for listeners in (
        mark_duplicate, events, commands, channel_setup, topics, topic_questions, answer_buttons,
        shortcuts, new_issue, help_button, home_views, old_forms,
    ):  # fmt: skip
        listeners.register(app)

    app.error(_answer_error)
    return app


def _authorizer(
    context_of: Callable[[str | None], ListenerContext | None],
) -> Callable[[BoltContext, str | None], AuthorizeResult | None]:
    """Return the function that finds the workspace of a request for Bolt."""

    def authorize(context: BoltContext, team_id: str | None) -> AuthorizeResult | None:
        """Find the workspace of a request without calling Slack, which waits for the answer."""
        deps = context_of(team_id)
        if deps is None:
            return None
        context["deps"] = deps  # Bolt passes it to listeners by this name
        return AuthorizeResult(
            enterprise_id=None,
            team_id=deps.me.team_id,
            bot_id=deps.bot_id,
            bot_user_id=deps.me.bot_user_id,
        )

    return authorize


def _answer_error(error: Exception) -> BoltResponse | None:
    """Log an error; what cannot be read, which Slack would never send, is answered with 400."""
    if isinstance(error, UNREADABLE):
        logger.error("a request could not be read: %s", type(error).__name__)
        logger.debug("details", exc_info=error)
        return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="malformed body")
    # Other errors may quote what people wrote.
    if isinstance(error, DBAPIError) and is_passing(error):
        reason = database_line(error)
    else:
        reason = type(error).__name__
    logger.error("a request could not be stored: %s", reason)
    logger.debug("details", exc_info=error)
    return None
