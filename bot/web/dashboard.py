"""The dashboard as a WSGI application: which page an address is, and who may see it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.sent_ids import is_row_id
from bot.i18n.texts import Texts
from bot.server.json_answers import answer_health
from bot.web.exchange import Response, WebRequest, redirect
from bot.web.pages import FOLDER, PAGES, Pages, page, question_data
from bot.web.reviews import Reviews
from bot.web.sessions import Cookies, Session, SignIn
from bot.web.sign_in import DONE_PATH, SlackSignIn
from bot.web.viewers import Viewer, Viewers, browser_texts
from services.channels.audience import PUBLIC
from services.errors import ConflictError, NotAllowedError, NotFoundError, RetryLaterError
from services.issues.groups import PairIds
from services.issues.verdict_rules import Decision
from services.phrases import Phrase, phrase
from services.topics.drawing.map_image import DARK, LIGHT

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

STATIC = {"style.css": "text/css; charset=utf-8", "review.js": "text/javascript; charset=utf-8"}
MAPS = {"map-light.png": LIGHT, "map-dark.png": DARK}
DECISIONS: dict[str, Decision] = {"same": "duplicate", "related": "related", "no": "distinct"}

_PAIR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)
_TOPIC = re.compile(r"topics/(\d{1,18})", re.ASCII)

# No channel has this id.
NO_CHANNEL = -1

NO_PAGE = phrase("There is no such page, or nothing on it that you may see.")
WRONG_FORM = phrase("Not saved: the page was too old, or the form came from elsewhere. Try again.")
UNAVAILABLE = phrase("Slack or the database isn't responding. Try again in a moment.")
CONTRADICTS = phrase(
    "Not saved: this would join two tickets that someone marked as not duplicates."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dashboard:
    """Answers requests. `sign_in` is None on this machine, where nobody signs in.

    `host` is the only one that the pages are asked for by, None for the names of this machine:
    a page of others that leads its own name here is refused.
    """

    viewers: Viewers
    cookies: Cookies
    pages: Pages
    reviews: Reviews
    clock: Callable[[], datetime]
    is_healthy: Callable[[], bool]
    sign_in: SlackSignIn | None = None
    host: str | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        if environ.get("PATH_INFO") == "/healthz":
            return answer_health(start_response, self.is_healthy)
        request = WebRequest.read(environ)
        return self._respond(request).send(start_response)

    def _respond(self, request: WebRequest) -> Response:
        if not self._is_for_us(request.host):
            return Response(b"unknown host", HTTPStatus.MISDIRECTED_REQUEST, "text/plain")
        static = request.path.removeprefix("/static/")
        if static in STATIC and request.method == "GET":
            headers = (("Cache-Control", "max-age=300"),)
            return Response(_file(static), content_type=STATIC[static], headers=headers)
        say = browser_texts(request)
        try:
            return self._visit(request)
        except NotAllowedError as error:
            return _message(say, error.phrase, HTTPStatus.FORBIDDEN)
        except (RetryLaterError, SQLAlchemyError) as error:
            logger.warning("a page could not be shown: %s", type(error).__name__)
            return page("message", say, text=UNAVAILABLE, status=HTTPStatus.SERVICE_UNAVAILABLE)

    def _visit(self, request: WebRequest) -> Response:
        if self.sign_in is not None and request.path.startswith("/sign-in"):
            return self._sign_in(self.sign_in, request)
        session = self.cookies.session(request.cookies)
        if session is None and self.viewers.needs_sign_in:
            return page("sign_in", browser_texts(request), status=HTTPStatus.UNAUTHORIZED)
        if session is not None:
            return self._visit_as(session, request)
        started = Session.start()
        response = self._visit_as(started, request)
        return response.with_headers([self.cookies.keep_session(started)])

    def _visit_as(self, session: Session, request: WebRequest) -> Response:
        if request.method == "POST":
            if not self._is_own_form(session, request):
                return _message(browser_texts(request), WRONG_FORM, HTTPStatus.FORBIDDEN)
            if request.path == "/sign-out":
                return redirect("/").with_headers([self.cookies.forget(self.cookies.session_name)])
        viewer = self.viewers.of(session, request)
        if request.method == "POST" and request.path == "/review":
            return self._decide(viewer, request)
        if request.method in {"GET", "HEAD"}:
            return self._show(viewer, session, request)
        return _no_page(viewer)

    def _show(self, viewer: Viewer, session: Session, request: WebRequest) -> Response:
        pages, now = self.pages, self.clock()
        name = request.path.removeprefix("/") or "overview"
        with pages.services.database.read() as reading:
            if name in MAPS:
                picture = pages.map_image(reading, viewer, MAPS[name], now, _place(request))
                return _no_page(viewer) if picture is None else _png(picture)
            if topic := _TOPIC.fullmatch(name):
                name, data = "topic", pages.topic(reading, viewer, int(topic[1]), now)
            elif name == "topics":
                data = pages.topics(reading, viewer, _place(request), now)
            elif name == "review":
                data = question_data(reading, self.reviews.question(reading, viewer))
                data |= _said(request)
            else:
                data = PAGES[name](pages, reading, viewer, now) if name in PAGES else None
        if data is None:
            return _no_page(viewer)
        data |= {"token": session.token, "signed_in": self.viewers.needs_sign_in}
        return page(name, viewer.say, viewer=viewer, **data)

    def _decide(self, viewer: Viewer, request: WebRequest) -> Response:
        pair, choice = _pair(request.form.get("pair", "")), request.form.get("choice", "")
        if pair is None or choice not in {*DECISIONS, "skip", "undo"}:
            return _message(viewer.say, WRONG_FORM, HTTPStatus.BAD_REQUEST)
        try:
            if choice == "skip":
                self.reviews.skip(viewer, pair)
            elif choice == "undo":
                self.reviews.undo(viewer, pair)
            else:
                self.reviews.decide(viewer, pair, DECISIONS[choice])
        except (NotFoundError, NotAllowedError) as error:
            return _message(viewer.say, error.phrase, HTTPStatus.FORBIDDEN)
        except ConflictError:
            return _message(viewer.say, CONTRADICTS, HTTPStatus.CONFLICT)
        return redirect(f"/review?said={choice}&last={pair[0]}-{pair[1]}")

    def _sign_in(self, slack: SlackSignIn, request: WebRequest) -> Response:
        forget = self.cookies.forget(self.cookies.sign_in_name)
        if request.path == DONE_PATH:
            begun = self.cookies.sign_in(request.cookies)
            session = slack.finish(begun, request.query)
            self.viewers.of(session, request)  # refuses whoever may see nothing
            return redirect("/").with_headers([forget, self.cookies.keep_session(session)])
        begun = SignIn.start()
        return redirect(slack.address(begun)).with_headers([self.cookies.keep_sign_in(begun)])

    def _is_for_us(self, host: str) -> bool:
        if self.host is not None:
            return host.casefold() == self.host
        return _hostname(host) in LOOPBACK

    def _is_own_form(self, session: Session, request: WebRequest) -> bool:
        origin = urlsplit(request.origin).netloc if request.origin else request.host
        return origin == request.host and session.sent(request.form.get("token", ""))


def _message(say: Texts, text: Phrase, status: HTTPStatus) -> Response:
    return page("message", say, text=text, status=status)


def _no_page(viewer: Viewer) -> Response:
    return _message(viewer.say, NO_PAGE, HTTPStatus.NOT_FOUND)


def _png(picture: bytes) -> Response:
    return Response(picture, content_type="image/png")


def _said(request: WebRequest) -> dict[str, str]:
    """Return what the last decision was, and on which pair, for the line with *Undo*."""
    last = _pair(request.query.get("last", ""))
    return {
        "said": request.query.get("said", ""),
        "last": f"{last[0]}-{last[1]}" if last else "",
    }


def _place(request: WebRequest) -> int:
    """Return the channel whose topics are asked for, by default those of all members."""
    channel = request.query.get("channel", str(PUBLIC))
    return int(channel) if is_row_id(channel) else NO_CHANNEL


def _pair(text: str) -> PairIds | None:
    found = _PAIR.fullmatch(text)
    if found is None or found[1] == found[2]:
        return None
    return int(found[1]), int(found[2])


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


@cache
def _file(name: str) -> bytes:
    return (FOLDER / "static" / name).read_bytes()
