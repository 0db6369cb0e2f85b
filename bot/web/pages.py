"""What each page of the dashboard shows, as HTML: the templates, and the data for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.channel_setup import MODE_NAMES
from bot.blocks.home import NOTHING_LEARNED
from bot.blocks.parts import NOT_A_DUPLICATE, RELATED, SAME_ISSUE
from bot.blocks.worth import month_name
from bot.i18n.texts import Texts
from bot.web.exchange import Response
from bot.web.viewers import Viewer
from bot.wiring import Services
from models import Channel, Item, Topic
from services.answers.overview import calibration_summary, channel_behaviours
from services.answers.review_rounds import Suggestion
from services.answers.status import count_items
from services.answers.ticket_links import links_of
from services.answers.track_record import channel_records, helpful_answers
from services.answers.worth import worth_of
from services.answers.worth_text import (
    DECIDED_NOTE,
    HELPED_NOTE,
    WAIT_NOTE,
    helped_text,
    wait_text,
)
from services.channels.audience import PUBLIC
from services.evaluation.nightly_proof import failed_checks
from services.issues.undecided_pairs import newest_undecided_pairs
from services.judgement.explanation_text import shown_likelihood
from services.memory.ticket_status import is_solved
from services.memory.workspaces import installed_teams
from services.phrases import Percent
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text, shorten
from services.topics.drawing.html_report import LINKS
from services.topics.drawing.map_image import MapColours
from services.topics.drawing.pages import draw_run
from services.topics.faq_entries import faq_entry
from services.topics.members import tickets_of
from services.topics.scopes import newest_of_team
from services.topics.views import RunView, TopicView, view_run

FOLDER = Path(__file__).parent
MAX_WAITING, MAX_ANSWERS, MAX_RISING, MAX_TICKETS = 10, 10, 5, 200
MAX_LISTED = 200

# Long enough to judge a ticket, short enough for two of them on one screen.
TEXT_LENGTH = 900

# As many pictures as a few workspaces need in three languages, light and dark.
MAX_MAPS = 24

# The height of the columns of a trend, in its own units.
SPARK_HEIGHT = 16


@dataclass(frozen=True)
class Pages:
    """Renders the pages for a viewer at some time."""

    services: Services
    maps: dict[object, bytes] = field(default_factory=dict)

    def overview(self, session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
        """Return what Déjà knows and did, and what waits, as far as the viewer may know."""
        view = _run(session, viewer, now)
        shown = [] if view is None else [one for one in view.shown if one.direction > 0]
        rising = sorted(shown, key=lambda one: (one.trend.p_value, -one.size))
        return {
            "tickets": count_items(session, viewer.audience.items)["ticket"],
            "rising": rising[:MAX_RISING],
            "topics": 0 if view is None else len(view.shown),
            "waiting": newest_undecided_pairs(session, viewer.audience, MAX_WAITING),
            "answers": helpful_answers(session, viewer.audience, MAX_ANSWERS),
            "channels": channel_records(session, viewer.audience),
        }

    def topics(
        self, session: Session, viewer: Viewer, place: int, now: datetime
    ) -> dict[str, Any] | None:
        """Return the topics of a channel or of all members, the largest first, with their trends.

        None if the viewer does not read the channel, or it has none of its own.
        """
        may_see = viewer.scope_in(place) is not None
        if place != PUBLIC and not may_see:
            return None
        return {"view": _run(session, viewer, now, place), "may_see": may_see, "place": place}

    def topic(
        self, session: Session, viewer: Viewer, topic_id: int, now: datetime
    ) -> dict[str, Any] | None:
        """Return a topic with its tickets, None if there is none that the viewer may see."""
        place = session.scalar(select(Topic.audience_id).where(Topic.id == topic_id))
        view = None if place is None else _run(session, viewer, now, place)
        found = None if view is None else view.find(topic_id)
        if view is None or found is None or found.is_hidden:
            return None
        tickets = tickets_of(session, view.selection, topic_id, MAX_TICKETS)
        entry = faq_entry(session, view, found)
        return {"topic": found, "tickets": tickets, "place": place, "entry": entry}

    def map_image(
        self,
        session: Session,
        viewer: Viewer,
        colours: MapColours,
        now: datetime,
        place: int = PUBLIC,
    ) -> bytes | None:
        """Return the map of the topics as a PNG, None if there is nothing to draw.

        It is drawn again only when something that it shows has changed.
        """
        view = _run(session, viewer, now, place)
        if view is None or not view.shown:
            return None
        topics = tuple((one.topic_id, one.title, one.size, one.direction > 0) for one in view.shown)
        shows = view.run_id, viewer.say.language, colours, view.unclustered, topics
        if shows not in self.maps:
            picture, say = BytesIO(), viewer.say
            note = say.counted(view.tickets, "{n} ticket", "{n} tickets")
            draw_run(session, view, picture, heading=say("Topics"), note=note, colours=colours)
            while len(self.maps) >= MAX_MAPS:
                self.maps.pop(next(iter(self.maps)), None)
            self.maps[shows] = picture.getvalue()
        return self.maps[shows]

    def worth(self, session: Session, viewer: Viewer, now: datetime) -> dict[str, Any]:
        """Return what Déjà was worth to the viewer, with the tickets that the figures count."""
        worth = worth_of(session, viewer.audience, now, self.services.settings.hours)
        return {
            "worth": worth,
            "links": links_of(session, worth.first_ids(MAX_LISTED)),
            "most": MAX_LISTED,
            "notes": {"helped": HELPED_NOTE, "waits": WAIT_NOTE, "decisions": DECIDED_NOTE},
            "verdicts": VERDICTS,
            "helped_text": helped_text,
            "wait_text": wait_text,
            "month_name": month_name,
        }

    def health(self, session: Session, viewer: Viewer, _now: datetime) -> dict[str, Any] | None:
        """Return the queue and how Déjà is doing, None for all but administrators."""
        if not viewer.is_admin:
            return None
        learned = calibration_summary(session, viewer.workspace_id)
        first = min(installed_teams(session), default=viewer.workspace_id)
        is_first = viewer.workspace_id == first  # the proof is about all workspaces
        return {
            "counts": self.services.queue.counts(),
            "learned": learned.learned or NOTHING_LEARNED,
            "then": learned.then,
            "proof": failed_checks(session) if is_first else [],
            "channels": channel_behaviours(session, viewer.workspace_id, viewer.access),
            "modes": MODE_NAMES,
        }


VERDICTS = {"duplicate": SAME_ISSUE, "related": RELATED, "distinct": NOT_A_DUPLICATE}

# The pages that depend on nothing but who looks at them.
PAGES = {
    "overview": Pages.overview,
    "worth": Pages.worth,
    "health": Pages.health,
}


def question_data(session: Session, asked: tuple[Suggestion, list[Item]] | None) -> dict[str, Any]:
    """Return what the page of the review asks, "pair" being None where nothing is left."""
    if asked is None:
        return {"pair": None}
    one, items = asked
    return {
        "pair": f"{one.item_id}-{one.other_id}",
        "probability": one.probability,
        "tickets": [_ticket(session, item) for item in items],
    }


def _ticket(session: Session, item: Item) -> dict[str, Any]:
    channel = None if item.channel_id is None else session.get(Channel, item.channel_id)
    title, text = headline(item.title, item.text), shorten(plain_text(item.text), TEXT_LENGTH)
    return {
        "title": title,
        "text": text,
        "url": item.url,
        "channel": channel.name if channel is not None else None,
        "day": item.reported_at.date() if item.reported_at else None,
        "is_solved": is_solved(item.status, item.resolution),
    }


def _run(session: Session, viewer: Viewer, now: datetime, place: int = PUBLIC) -> RunView | None:
    scope = viewer.scope_in(place)
    if scope is None:
        return None
    return view_run(session, scope, now, newest_of_team(session, scope))


def page(
    name: str,
    say: Texts,
    *,
    viewer: Viewer | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    **data: Any,
) -> Response:
    """Return a page, with the navigation if there is a viewer."""
    template = _environment().get_template(f"{name}.html")
    texts = {"say": say, "counted": say.counted}
    html = template.render(texts, viewer=viewer, page=name, **data)
    return Response(html.encode(), status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["address"] = _web_address
    environment.filters["percent"] = Percent
    environment.filters["shown_likelihood"] = shown_likelihood
    environment.filters["columns"] = _columns
    return environment


def _web_address(url: str | None) -> str:
    """Return an address of the web, "" for any other scheme, which could run a script."""
    return url if url is not None and url.casefold().startswith(LINKS) else ""


def _columns(topic: TopicView) -> list[tuple[int, int]]:
    """Return the columns of a topic's last weeks: where each begins, and how high it is."""
    most = max(topic.weeks) or 1
    return [(8 * at, -(-SPARK_HEIGHT * count // most)) for at, count in enumerate(topic.weeks)]
