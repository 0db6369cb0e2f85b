"""The replies to commands that change nothing, by `/deja …` or in a mention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.help import help_reply
from bot.blocks.products import products_reply
from bot.blocks.replies import (
    Reply,
    found_reply,
    pairs_reply,
    reason_reply,
    similar_reply,
    status_reply,
)
from bot.blocks.topics import topics_reply
from bot.blocks.trends import trends_reply
from bot.blocks.worth import named_in_message, worth_blocks
from bot.tasks.explanations import UNKNOWN, references, why
from bot.tasks.image_vectors import with_pictured
from bot.tasks.request import Request
from bot.tasks.requester_access import MEMBERS
from bot.tasks.small_talk import small_talk
from bot.tasks.unknown_commands import unknown_command
from bot.wiring import Services
from models import Channel, Item
from models.queries import LIVE, items_by_id
from services.answers.item_view import (
    ItemView,
    answered_first,
    reports_of,
    sink_failed_answers,
    view_item,
)
from services.answers.search_query import ensure_known, newest_items, parse_query
from services.answers.status import describe_channel
from services.answers.ticket_links import links_of
from services.answers.worth import worth_of
from services.channels.audience import Audience
from services.errors import DejaError, InputError, NotAllowedError
from services.intake.slack_messages import SLACK_SOURCE
from services.issues.undecided_pairs import newest_undecided_pairs
from services.judgement.bands import Match
from services.judgement.similar import NO_WORDS
from services.memory.item_names import find_named
from services.phrases import phrase
from services.text.cleaning import embedding_text
from services.text.slack_markup import clean_slack
from services.topics.scopes import Scope, newest_of_team, newest_run
from services.topics.unanswered import unanswered
from services.topics.views import view_run

# The commands that change something or take longer than a reply may: `Conversation` has them.
RESOLVE = "resolve"
CLUSTER = "cluster"
CHANGING = (RESOLVE, CLUSTER)

SIMILAR_LIMIT = 5
MAX_PAIRS = 5

# A command shows more than an unasked answer may, because whoever asks can judge for themselves.
# Texts below this cosine similarity have nothing in common but the language.
MIN_SIMILARITY = 0.40


HOW_SIMILAR = phrase("Tell me what to look for: /deja similar printer prints blank pages")
HOW_SEARCH = phrase("Tell me what to look for: /deja search printer in:#helpdesk is:open")
HOW_PRODUCT = phrase("Tell me what to look for: /deja product lamp for the garden")
NOT_OPENED = phrase("Slack did not open the settings. Try again in a moment.")

_BUT_NOT = re.compile(r"\s+but not\s+", re.IGNORECASE)
_PART = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|([^|]+)")


# Takes the request without the word of the command.
Command = Callable[[Services, Request, datetime], Reply]


def answer_request(services: Services, request: Request, now: datetime) -> Reply:
    """Return the reply to a command; the reply to an unknown one names it, and is help."""
    word, _, rest = request.text.strip().partition(" ")
    command = COMMANDS.get(word.lower())
    if command is None:
        talk = small_talk(request.text, request.say)
        return talk or help_reply(
            request.say, unknown_command(request.text, (*COMMANDS, *CHANGING)) if word else None
        )
    try:
        return command(services, replace(request, text=rest.strip()), now)
    except DejaError as error:
        return reason_reply(request.say(error.phrase))


def similar_to_text(services: Services, request: Request, now: datetime) -> Reply:
    """Return the tickets most similar to a text that the readers of the reply may read."""
    text = clean_slack(request.text)
    if not text:
        return reason_reply(request.say(HOW_SIMILAR))
    if not embedding_text(None, text):
        return reason_reply(request.say(NO_WORDS))
    matches = services.similar.to_text(
        text, kind="ticket", audience=request.audience, limit=SIMILAR_LIMIT
    )
    return _similar_reply(services, request, matches, now)


def similar_to_item(services: Services, item_id: int, request: Request, now: datetime) -> Reply:
    """Return the tickets most similar to an item that the readers of the reply may read."""
    found = services.similar.to_items([item_id], audience=request.audience, limit=SIMILAR_LIMIT)
    matches = with_pictured(services, item_id, found[item_id], request.audience, SIMILAR_LIMIT)
    return _similar_reply(services, request, matches, now)


def _similar(services: Services, request: Request, now: datetime) -> Reply:
    """Search for tickets like some texts or tickets, and perhaps unlike others."""
    wanted, *unwanted = _BUT_NOT.split(request.text, maxsplit=1)
    like = _parts(services, wanted, request.audience)
    if not unwanted and not any(isinstance(part, int) for part in like):
        return similar_to_text(services, request, now)
    if not unwanted and len(like) == 1 and isinstance(like[0], int):
        return similar_to_item(services, like[0], request, now)
    unlike = [part for text in unwanted for part in _parts(services, text, request.audience)]
    matches = services.similar.to_mixture(
        like,
        unlike,
        audience=request.audience,
        limit=SIMILAR_LIMIT,
        min_similarity=MIN_SIMILARITY,
    )
    return _similar_reply(services, request, matches, now)


def _search(services: Services, request: Request, now: datetime) -> Reply:
    """Search for tickets by words, filters or both."""
    query = parse_query(request.text)
    text = clean_slack(query.text)
    if not text and not query.has_filters:
        return reason_reply(request.say(HOW_SEARCH))
    with services.database.read() as session:
        ensure_known(session, request.audience, query)
    if not embedding_text(None, text):
        if not query.has_filters:
            return reason_reply(request.say(NO_WORDS))
        with services.database.read() as session:
            ids = newest_items(session, request.audience, query, SIMILAR_LIMIT)
            matches = [Match(item_id, 1.0, 0.0, None, None) for item_id in ids]
            return found_reply(_views(session, matches, request.audience), now, request.say)
    audience = request.audience.among(query.where)
    matches = services.similar.to_text(text, kind="ticket", audience=audience, limit=SIMILAR_LIMIT)
    return _similar_reply(services, request, matches, now)


def _product(services: Services, request: Request, _now: datetime) -> Reply:
    """Search for products in the catalog."""
    text = clean_slack(request.text)
    if not embedding_text(None, text, "product"):
        return reason_reply(request.say(HOW_PRODUCT))
    matches = services.similar.to_text(
        text, kind="product", audience=request.audience, limit=SIMILAR_LIMIT
    )
    ids = [match.item_id for match in matches if match.similarity >= MIN_SIMILARITY]
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
        return topics_reply(view, request.say)


def _trends(services: Services, request: Request, now: datetime) -> Reply:
    """Show the rising topics, and those that nobody answers."""
    scope = _scope(request)
    with services.database.read() as session:
        view = view_run(session, scope, now, newest_run(session, scope))
        waiting = [] if view is None else unanswered(session, view, now)
    return trends_reply(view, waiting, request.say)


def _scope(request: Request) -> Scope:
    if request.scope is None:
        raise NotAllowedError(MEMBERS)
    return request.scope


def _status(services: Services, request: Request, now: datetime) -> Reply:
    """Show what is remembered, how the channel is served, and what that was worth."""
    with services.database.read() as session:
        channel = session.get_one(Channel, request.channel.id)
        lines = describe_channel(session, channel, request.audience)
        worth = worth_of(session, request.audience, now, services.settings.hours)
        links = links_of(session, named_in_message(worth))
    lines.append((phrase("Jobs"), phrase("{n} waiting", n=services.queue.counts()["ready"])))
    reply = status_reply(lines, request.say, worth_blocks(worth, links, request.say))
    return replace(reply, items=tuple(links))


COMMANDS: dict[str, Command] = {
    "help": lambda _services, request, _now: help_reply(request.say),
    "similar": _similar,
    "search": _search,
    "product": _product,
    "duplicates": _duplicates,
    "topics": _topics,
    "trends": _trends,
    "why": _why,
    "status": _status,
    "settings": _settings,
}


def _similar_reply(
    services: Services, request: Request, matches: Iterable[Match], now: datetime
) -> Reply:
    near = [one for one in matches if one.similarity >= MIN_SIMILARITY or one.shows_the_same]
    with services.database.read() as session:
        return similar_reply(_views(session, near, request.audience), now, request.say)


def _views(session: Session, matches: Sequence[Match], audience: Audience) -> list[ItemView]:
    rows = {
        item.id: (item, name)
        for item, name in session.execute(
            select(Item, Channel.name)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(Item.id.in_([match.item_id for match in matches]))
        )
    }
    reports = reports_of(session, rows, audience.items)
    views = [
        view_item(*rows[match.item_id], match, reports=reports.get(match.item_id))
        for match in matches
        if match.item_id in rows
    ]
    return answered_first(sink_failed_answers(session, views, audience.items))


def _parts(services: Services, text: str, audience: Audience) -> list[int | str]:
    """Return the parts of one side of a request: item ids for links to tickets, and texts.

    Raises `InputError` for a link to a ticket that the readers may not read.
    """
    found: list[int | str] = []
    for quoted, bare in _PART.findall(text):
        part = (quoted or bare).strip()
        if quoted or not _is_link(part):
            found += [clean_slack(part)] if clean_slack(part) else []
            continue
        [name] = references(part)
        with services.database.read() as session:
            items = find_named(session, audience.workspace_id, [name], where=LIVE & audience.items)
        item_id = items[name]
        if isinstance(item_id, DejaError):
            raise InputError(UNKNOWN)
        found.append(item_id)
    return found


def _is_link(part: str) -> bool:
    """Say whether a part is a link to one message and nothing else."""
    named = references(part)
    return part.startswith("<") and len(named) == 1 and named[0].startswith(f"{SLACK_SOURCE}:")
