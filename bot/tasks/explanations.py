"""The reply to `/deja why`: why two tickets were judged similar or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.blocks.replies import Reply, reason_reply
from bot.blocks.why import why_reply
from bot.i18n.texts import Texts
from bot.tasks.request import Request
from bot.wiring import Services
from models.queries import LIVE, SLACK_SOURCE
from models.types import safe_text
from services.answers.ticket_links import links_of
from services.channels.audience import Audience
from services.errors import DejaError, NotFoundError
from services.intake.slack_messages import external_id
from services.issues.groups import PairIds
from services.judgement.explanation import explain
from services.memory.item_names import find_named
from services.phrases import phrase

HOW = phrase(
    "Which tickets? Give /deja why the links of two messages, or of one to compare it "
    "with the most similar ticket. Ids of imported tickets work too."
)
# The same text whether a ticket does not exist or some readers of the reply may not read it.
UNKNOWN = phrase("I don't remember any such ticket that I can show here.")
NOTHING = phrase("I don't remember anything like that.")

# A request names one ticket or two.
MAX_NAMED = 2

# Slack writes a link as `<address>` or `<address|label>`.
_REFERENCE = re.compile(r"<([^<>|\s]+)(?:\|[^<>]*)?>|([^\s<>]+)")
_MESSAGE = re.compile(r"https?://[^/\s]+/archives/([A-Z0-9]+)/p(\d{10})(\d{6})(?:[?#]\S*)?")


def references(text: str) -> list[str]:
    """Return the words of a request in Slack's markup, with links to messages as item names."""
    return [_named(link or word) for link, word in _REFERENCE.findall(safe_text(text))]


def linked_message(word: str) -> str | None:
    """Return the item name of the message that a link leads to; None for all other words."""
    named = references(word)
    return named[0] if len(named) == 1 and named[0].startswith(f"{SLACK_SOURCE}:") else None


def names_tickets(text: str) -> bool:
    """Say whether the words after "why" name tickets; if not, they are a question."""
    named = references(text)
    return len(named) <= MAX_NAMED and all(any(one.isdigit() for one in name) for name in named)


def why(services: Services, request: Request, *, min_similarity: float) -> Reply:
    """Return why the two tickets that a request names were judged as they were.

    If it names one, that is compared with the most similar one of at least `min_similarity`.
    """
    named = references(request.text)
    if not 1 <= len(named) <= MAX_NAMED:
        return reason_reply(request.say(HOW))
    with services.database.read() as session:
        try:
            pair = _pair(session, services, named, request.audience, min_similarity)
        except DejaError as error:
            return _refusal(error, request.say)
        if pair is None:
            return reason_reply(request.say(NOTHING))
        return why_pair(session, services, request, pair)


def why_pair(session: Session, services: Services, request: Request, pair: PairIds) -> Reply:
    """Return why a pair was judged as it was with the channel's noise budget."""
    try:
        explanation = explain(
            session,
            services.judge,
            *pair,
            audience=request.audience,
            wrong_in_ten=request.channel.noise_budget,
        )
    except DejaError as error:
        return _refusal(error, request.say)
    links = links_of(session, pair)
    return why_reply(explanation, links[pair[0]], links[pair[1]], request.say)


def _pair(
    session: Session,
    services: Services,
    named: Sequence[str],
    audience: Audience,
    min_similarity: float,
) -> PairIds | None:
    """Return the two items of a request; None if nothing is similar to the one it names."""
    found = find_named(session, audience.workspace_id, named, where=LIVE & audience.items)
    ids = []
    for name in named:
        item_id = found[name]
        if isinstance(item_id, DejaError):
            raise item_id
        ids.append(item_id)
    if len(ids) == MAX_NAMED:
        return ids[0], ids[1]
    similar = services.similar.to_items(ids, audience=audience, limit=1)[ids[0]]
    near = (one.item_id for one in similar if one.similarity >= min_similarity)
    return next(((ids[0], other_id) for other_id in near), None)


def _refusal(error: DejaError, say: Texts) -> Reply:
    return reason_reply(say(UNKNOWN if isinstance(error, NotFoundError) else error.phrase))


def _named(reference: str) -> str:
    message = _MESSAGE.fullmatch(reference)
    if message is None:
        return reference
    channel, seconds, rest = message.groups()
    return f"{SLACK_SOURCE}:{external_id(channel, f'{seconds}.{rest}')}"
