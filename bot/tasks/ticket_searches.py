"""Searches for tickets by words, links and filters: `/deja similar …`, `/deja search …`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.replies import Reply, found_reply, reason_reply, similar_reply
from bot.tasks.explanations import UNKNOWN, linked_message, references
from bot.tasks.image_vectors import with_pictured
from bot.tasks.request import Request
from bot.wiring import Services
from models import Channel, Item
from models.queries import LIVE
from services.answers.item_view import (
    ItemView,
    answered_first,
    reports_of,
    sink_failed_answers,
    view_item,
)
from services.answers.search_query import (
    QUOTES,
    SearchQuery,
    ensure_known,
    newest_items,
    parse_query,
)
from services.channels.audience import Audience
from services.errors import DejaError, InputError
from services.judgement.bands import Match
from services.judgement.similar import NO_WORDS
from services.memory.item_names import find_named
from services.phrases import phrase
from services.text.cleaning.compared_text import readable_text
from services.text.slack.markup import clean_slack

SIMILAR_LIMIT = 5

# A command shows more than an unasked answer may, because whoever asks can judge for themselves.
# Texts below this cosine similarity have nothing in common but the language.
MIN_SIMILARITY = 0.40

HOW_SIMILAR = phrase("Tell me what to look for: /deja similar printer prints blank pages")
HOW_SEARCH = phrase("Tell me what to look for: /deja search printer in:#helpdesk is:open")

_BUT_NOT = re.compile(r"\s+but not\s+", re.IGNORECASE)
_PART = re.compile(rf"[{QUOTES}]([^{QUOTES}]+)[{QUOTES}]|([^|]+)")


def similar_to_text(services: Services, request: Request, now: datetime) -> Reply:
    """Return the tickets most similar to a text that the readers of the reply may read."""
    return _similar_to_words(services, request, request.text, request.audience, now)


def similar_to_item(services: Services, item_id: int, request: Request, now: datetime) -> Reply:
    """Return the tickets most similar to an item that the readers of the reply may read."""
    return _similar_to_ticket(services, request, item_id, request.audience, now)


def _similar_to_words(
    services: Services, request: Request, typed: str, among: Audience, now: datetime
) -> Reply:
    """Return the tickets of `among` most similar to words that somebody typed.

    Any words are searched for, small talk included: whoever types them means something by them.
    """
    text = clean_slack(typed)
    if not text:
        return reason_reply(request.say(HOW_SIMILAR))
    if not readable_text(None, text):
        return reason_reply(request.say(NO_WORDS))
    matches = services.similar.to_text(text, kind="ticket", audience=among, limit=SIMILAR_LIMIT)
    return _similar_reply(services, request, matches, now)


def _similar_to_ticket(
    services: Services, request: Request, item_id: int, among: Audience, now: datetime
) -> Reply:
    found = services.similar.to_items([item_id], audience=among, limit=SIMILAR_LIMIT)
    matches = with_pictured(services, item_id, found[item_id], among, SIMILAR_LIMIT)
    return _similar_reply(services, request, matches, now)


def similar(services: Services, request: Request, now: datetime) -> Reply:
    """Search for tickets like some texts or tickets, and perhaps unlike others, by filters."""
    query, among = _typed_query(services, request)
    wanted, *unwanted = _BUT_NOT.split(query.text, maxsplit=1)
    like = _parts(services, wanted, request.audience)
    if not unwanted and not any(isinstance(part, int) for part in like):
        return _similar_to_words(services, request, query.text, among, now)
    if not unwanted and len(like) == 1 and isinstance(like[0], int):
        return _similar_to_ticket(services, request, like[0], among, now)
    unlike = [part for text in unwanted for part in _parts(services, text, request.audience)]
    matches = services.similar.to_mixture(
        like,
        unlike,
        audience=among,
        limit=SIMILAR_LIMIT,
        min_similarity=MIN_SIMILARITY,
    )
    return _similar_reply(services, request, matches, now)


def search(services: Services, request: Request, now: datetime) -> Reply:
    """Search for tickets by words, filters or both."""
    query, among = _typed_query(services, request)
    text = clean_slack(query.text)
    if query.has_filters and not readable_text(None, text):
        with services.database.read() as session:
            ids = newest_items(session, request.audience, query, SIMILAR_LIMIT)
            matches = [Match(item_id, 1.0, 0.0, None, None) for item_id in ids]
            return found_reply(_views(session, matches, request.audience), now, request.say)
    if not text:
        return reason_reply(request.say(HOW_SEARCH))
    return _similar_to_words(services, request, query.text, among, now)


def _typed_query(services: Services, request: Request) -> tuple[SearchQuery, Audience]:
    """Return the query of a request, and its audience, narrowed to what passes the filters."""
    query = parse_query(request.text)
    if not query.has_filters:
        return query, request.audience
    with services.database.read() as session:
        ensure_known(session, request.audience, query)
    return query, request.audience.among(query.where)


def _similar_reply(
    services: Services, request: Request, matches: Iterable[Match], now: datetime
) -> Reply:
    near = [one for one in matches if is_listed(one)]
    with services.database.read() as session:
        return similar_reply(_views(session, near, request.audience), now, request.say)


def is_listed(match: Match) -> bool:
    """Say whether a list that somebody asked for shows a match: one word may be all they know."""
    return match.similarity >= MIN_SIMILARITY or match.has_typed_words or match.shows_the_same


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
    return part.startswith("<") and linked_message(part) is not None
