"""The dashboard in a browser: pairs are decided on with one key each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.clock import utc_now
from bot.server.serve import start_server
from bot.web.serve import local_dashboard
from bot.wiring import Services
from models import Channel, Workspace
from services.issues.verdicts import decide
from tests.e2e.browser import WAIT_MILLISECONDS
from tests.remembering import remember, ticket

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture
def page(services: Services, workspace: Workspace, browser: Browser) -> Iterator[Page]:
    """Open the review of three tickets that say nearly the same, on a phone."""
    texts = [PRINTER, f"{PRINTER} of today", f"{PRINTER} since monday"]
    remember(
        services, workspace, [ticket(f"T-{n}", text, minutes=n) for n, text in enumerate(texts)]
    )
    server = start_server(local_dashboard(services, None, "ann"), "127.0.0.1", 0)
    shown = browser.new_page(viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True)
    shown.set_default_timeout(WAIT_MILLISECONDS)
    shown.goto(f"http://127.0.0.1:{server.port}/review")
    yield shown
    shown.close()
    server.stop()


def test_a_pair_is_decided_on_and_undone_by_keys(page: Page) -> None:
    """The browser sends what the dashboard asks of a form: its cookie, token and origin."""
    expect(page.get_by_role("heading", name="Is this the same issue?")).to_be_visible()
    page.keyboard.press("y")
    expect(page.get_by_role("status")).to_contain_text("Saved: the same issue.")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("Undone: the decision no longer counts.")


def test_the_review_fits_a_phone(page: Page) -> None:
    """Nothing is wider than the screen, and every button can be hit with a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    heights = page.evaluate(
        "[...document.querySelectorAll('button')].map(one => one.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= 40


@pytest.mark.parametrize("path", ["/", "/worth", "/health"])
@pytest.mark.parametrize("locale", ["en", "de-DE", "es-ES"])
def test_pages_fit_a_phone_in_each_language(
    services: Services, workspace: Workspace, browser: Browser, locale: str, path: str
) -> None:
    """No page or table has to be pushed aside, however long its headings and words are."""
    pair = [ticket(f"T-{n}", f"{PRINTER} {n}") for n in range(2)]
    one, other = (saved.item_id for saved in remember(services, workspace, pair))
    with services.database.write() as session:
        session.add(
            Channel(workspace_id=workspace.id, slack_id="C1", name="help-devices", mode="full")
        )
        decide(session, workspace.id, (one, other), "duplicate", by="U1", now=utc_now())
    server = start_server(local_dashboard(services, None, "ann"), "127.0.0.1", 0)
    shown = browser.new_page(
        viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True, locale=locale
    )
    shown.set_default_timeout(WAIT_MILLISECONDS)
    shown.goto(f"http://127.0.0.1:{server.port}{path}")
    wide = shown.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.scroll')]"
        ".filter(one => one.scrollWidth > one.clientWidth).length"
    )
    width = shown.evaluate("document.documentElement.scrollWidth")
    shown.close()
    server.stop()
    assert (wide, width) == (0, 375)
