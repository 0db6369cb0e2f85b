"""The pictures of `pictures.md`: phones, the dark, other languages, the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import select

from bot.server.serve import start_server
from bot.tryout.conversation import Trial
from bot.tryout.seed import HOST
from bot.tryout.tour import CHANNEL, TICKET_CHANNEL
from bot.web.serve import local_dashboard
from docs.images import save
from models import Channel
from services.channels.settings import Language
from tests.e2e.browser import WAIT_MILLISECONDS, SlackPage, open_page

Scheme = Literal["light", "dark"]

PHONE = {"width": 375, "height": 812}
DESK = {"width": 1180, "height": 760}
SCALE = 2

# Problems of the sample in other words.
TICKETS: dict[Language, str] = {
    "de": "Nach dem Stromausfall heute Nacht blinkt der Hub 2 einer Kundin nur noch rot.",
    "es": "El termostato Varmo de un cliente no apaga la calefacción, la caldera sigue encendida.",
    "en": "Another Latchet Pro with empty AA batteries, this set lasted nine days.",
}


def take_gallery(browser: Browser, trial: Trial, report: str) -> None:
    """Take the pictures; `report` is the page of topics."""
    for language, text in TICKETS.items():
        take_card(browser, trial, language, text)
    take_phone(browser, trial)
    take_report(browser, report)
    take_dashboard(browser, trial)


def take_card(browser: Browser, trial: Trial, language: Language, text: str) -> None:
    """Take pictures of an answer on a phone, in the channel's language; in English also dark."""
    speak(trial, language)
    trial.local.post(trial.names.channels[TICKET_CHANNEL], trial.names.users[HOST], text)
    schemes: tuple[Scheme, ...] = ("light", "dark") if language == "en" else ("light",)
    for scheme in schemes:
        with phone(browser, trial, scheme) as slack:
            slack.open_channel(TICKET_CHANNEL)
            slack.open_thread(text)
            name = "card-dark" if scheme == "dark" else f"card-{language}"
            take(slack.page, name, slack.thread, slack.answer)


def take_phone(browser: Browser, trial: Trial) -> None:
    """Take pictures of other surfaces on a phone."""
    speak(trial, "de")
    with phone(browser, trial, "light") as slack:
        slack.open_channel(TICKET_CHANNEL)
        slack.type("/deja settings")
        form = slack.page.locator(".modal")
        form.locator(".bk-input").first.wait_for()
        take(slack.page, "settings-de", form)
        form.locator(".modal-x").click()
    speak(trial, "en")
    with phone(browser, trial, "dark") as slack:
        take(slack.page, "tour-dark", slack.page.locator(".main"))
        slack.open_channel(TICKET_CHANNEL)
        take(slack.page, "topics-dark", slack.command("/deja topics"))
        slack.page.locator(".sidebar-item", has_text="deja").last.click()
        slack.page.get_by_text("Most reported").first.wait_for()
        take(slack.page, "home-dark", slack.page.locator(".home"))


def take_report(browser: Browser, report: str) -> None:
    """Take pictures of the page of topics on a phone."""
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        with window(browser, PHONE, scheme) as page:
            page.set_content(report)
            page.wait_for_timeout(500)  # the map is drawn after the page
            take(page, f"report-phone-{scheme}", page.locator("html"))


def take_dashboard(browser: Browser, trial: Trial) -> None:
    """Take pictures of the dashboard: its first page, a topic list in the dark, a pair."""
    server = start_server(local_dashboard(trial.bot.services, None, "mei"), "127.0.0.1", 0)
    pictures: list[tuple[str, str, dict[str, int], Scheme]] = [
        ("web", "", DESK, "light"),
        ("web-topics-dark", "topics", DESK, "dark"),
        ("web-review-phone", "review", PHONE, "light"),
        ("web-phone-dark", "", PHONE, "dark"),
    ]
    try:
        for name, path, size, scheme in pictures:
            with window(browser, size, scheme) as page:
                page.goto(f"http://127.0.0.1:{server.port}/{path}")
                take(page, name, page.locator("html"))
    finally:
        server.stop()


def speak(trial: Trial, language: Language) -> None:
    """Choose the language of the channel of the tickets."""
    with trial.bot.services.database.write() as session:
        channel = session.scalars(select(Channel).where(Channel.name == TICKET_CHANNEL)).one()
        channel.language = language


@contextmanager
def phone(browser: Browser, trial: Trial, scheme: Scheme) -> Iterator[SlackPage]:
    """Open the local Slack on a phone."""
    with open_page(trial.page.url, browser, **PHONE, scale=SCALE, color_scheme=scheme) as slack:
        slack.page.locator(".channel-title", has_text=CHANNEL["name"]).wait_for()
        yield slack


@contextmanager
def window(browser: Browser, size: dict[str, int], scheme: Scheme) -> Iterator[Page]:
    """Open an empty window; that of a phone is touched, and has no keys."""
    page = browser.new_page(
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=SCALE,
        color_scheme=scheme,
        has_touch=size is PHONE,
        is_mobile=size is PHONE,
    )
    page.set_default_timeout(WAIT_MILLISECONDS)
    yield page
    page.close()


def take(page: Page, name: str, shown: Locator, last: Locator | None = None) -> None:
    """Take a picture of an element, up to the end of the `last` one in it."""
    page.mouse.move(0, 0)
    box, end = shown.bounding_box(), (last or shown).bounding_box()
    if box is None or end is None:
        raise RuntimeError(f"not on the page: {shown}")
    bottoms = [end["y"] + end["height"], box["y"] + box["height"], page.evaluate("innerHeight")]
    height = min(bottoms) - box["y"]
    save(name, page.screenshot(clip={**box, "height": height}))
