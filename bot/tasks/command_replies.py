"""The replies to commands that change nothing, by `/deja …` or in a mention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.help import help_reply
from bot.blocks.products import products_reply
from bot.blocks.replies import Reply, pairs_reply, reason_reply, status_reply
from bot.blocks.topics import topics_reply
from bot.blocks.trends import trends_reply
from bot.blocks.worth import named_in_message, worth_blocks
from bot.slack.identity import is_direct
from bot.tasks.explanations import why
from bot.tasks.request import Request
from bot.tasks.requester_access import MEMBERS
from bot.tasks.small_talk import small_talk
from bot.tasks.ticket_searches import (
    MIN_SIMILARITY,
    SIMILAR_LIMIT,
    is_listed,
    search,
    similar,
)
from bot.tasks.unknown_commands import unknown_command
from bot.wiring import Services
from models import Channel
from models.queries import items_by_id
from services.answers.status import describe_channel, describe_memory
from services.answers.ticket_links import links_of
from services.answers.worth import worth_of
from services.errors import DejaError, NotAllowedError
from services.issues.undecided_pairs import newest_undecided_pairs
from services.phrases import phrase
from services.text.cleaning.compared_text import readable_text
from services.text.slack.markup import clean_slack
from services.text.words.plain import first_word
from services.topics.scopes import Scope, last_run, newest_of_team, newest_run
from services.topics.unanswered import unanswered
from services.topics.views import view_run

# The commands that change something or take longer than a reply may: `Conversation` has them.
RESOLVE = "resolve"
CLUSTER = "cluster"
CHANGING = (RESOLVE, CLUSTER)

MAX_PAIRS = 5

HOW_PRODUCT = phrase("Tell me what to look for: /deja product lamp for the garden")
NOT_OPENED = phrase("Slack did not open the settings. Try again in a moment.")
NO_RUN = phrase("There are no topics yet: /deja cluster groups the tickets.")
OUTDATED = phrase(
    "Who can read these tickets has changed since they were grouped, so the topics are no longer "
    "shown. /deja cluster groups them again."
)

# Takes the request without the word of the command.
Command = Callable[[Services, Request, datetime], Reply]


def answer_request(services: Services, request: Request, now: datetime) -> Reply:
    """Return the reply to a command; the reply to an unknown one names it, and is help."""
    word, rest = first_word(request.text)
    command = COMMANDS.get(word.lower())
    if command is None:
        talk = small_talk(request.text, request.say, is_command=True)
        return talk or help_reply(
            request.say, unknown_command(request.text, (*COMMANDS, *CHANGING)) if word else None
        )
    try:
        return command(services, replace(request, text=rest.strip()), now)
    except DejaError as error:
        return reason_reply(request.say(error.phrase))


def _product(services: Services, request: Request, _now: datetime) -> Reply:
    """Search for products in the catalog."""
    text = clean_slack(request.text)
    if not readable_text(None, text):
        return reason_reply(request.say(HOW_PRODUCT))
    matches = services.similar.to_text(
        text, kind="product", audience=request.audience, limit=SIMILAR_LIMIT
    )
    ids = [match.item_id for match in matches if is_listed(match)]
    with services.database.read() as session:
        items = items_by_id(session, ids)
        return products_reply([items[item_id] for item_id in ids], request.say)


def _duplicates(services: Services, request: Request, _now: datetime) -> Reply:
    """List the newest suspected duplicates that nobody has decided on."""
    with services.database.read() as session:
        return pairs_reply(
            newest_undecided_pairs(session, request.audience, MAX_PAIRS), request.say
        )


def _why(services: Services, request: Request, _now: datetime) -> Reply:
    return why(services, request, min_similarity=MIN_SIMILARITY)


def _settings(_services: Services, request: Request, _now: datetime) -> Reply:
    return reason_reply(request.say(NOT_OPENED))


def _topics(services: Services, request: Request, now: datetime) -> Reply:
    """Show the team's topics, whatever was previewed since."""
    scope = _scope(request)
    with services.database.read() as session:
        view = view_run(session, scope, now, newest_of_team(session, scope))
        if view is None:
            return _no_topics(session, request)
        return topics_reply(view, request.say)


def _trends(services: Services, request: Request, now: datetime) -> Reply:
    """Show the rising topics, and those that nobody answers."""
    scope = _scope(request)
    with services.database.read() as session:
        view = view_run(session, scope, now, newest_run(session, scope))
        if view is None:
            return _no_topics(session, request)
        waiting = unanswered(session, view, now)
    return trends_reply(view, waiting, request.say)


def _no_topics(session: Session, request: Request) -> Reply:
    """Say why there are no topics to show."""
    is_first = last_run(session, _scope(request)) is None
    return reason_reply(request.say(NO_RUN if is_first else OUTDATED))


def _scope(request: Request) -> Scope:
    if request.scope is None:
        raise NotAllowedError(MEMBERS)
    return request.scope


def _status(services: Services, request: Request, now: datetime) -> Reply:
    """Show what is remembered, how the channel is served, and what that was worth."""
    with services.database.read() as session:
        channel = session.get_one(Channel, request.channel.id)
        lines = [describe_memory(session, request.audience)]
        if not is_direct(str(channel.slack_id)):
            lines += describe_channel(session, channel)
        worth = worth_of(session, request.audience, now, services.settings.hours)
        links = links_of(session, named_in_message(worth))
    lines.append((phrase("Jobs"), phrase("{n} waiting", n=services.queue.counts()["ready"])))
    reply = status_reply(lines, request.say, worth_blocks(worth, links, request.say))
    return replace(reply, items=tuple(links))


COMMANDS: dict[str, Command] = {
    "help": lambda _services, request, _now: help_reply(request.say),
    "similar": similar,
    "search": search,
    "product": _product,
    "duplicates": _duplicates,
    "topics": _topics,
    "trends": _trends,
    "why": _why,
    "status": _status,
    "settings": _settings,
}
