"""The report on topics in a browser on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import WAIT_MILLISECONDS
from tests.services.topics.drawing.random_maps import random_tickets
from tests.services.topics.drawing.reports import report


@pytest.fixture
def page(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """Open a report of seven topics in three themes."""
    file = tmp_path / "report.html"
    titles = [f"Topic {number}" for number in range(7)]
    themes = ["Keys", "Doors", "Lamps"]
    file.write_text(report(random_tickets(300, 7), *titles, themes=themes), encoding="utf-8")
    shown = browser.new_page(viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True)
    shown.set_default_timeout(WAIT_MILLISECONDS)
    shown.goto(file.as_uri())
    yield shown
    shown.close()


def test_a_phone_scrolls_over_the_map_and_all_can_be_tapped(page: Page) -> None:
    """A swipe over the map scrolls the page, no list is in a box, and buttons are 40 px high."""
    assert page.evaluate("getComputedStyle(canvas).touchAction") == "pan-y"
    assert (
        page.evaluate(
            """[...document.querySelectorAll('main *')].filter(one => one.scrollHeight
            > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY)).length"""
        )
        == 0
    )
    low = page.evaluate(
        """[...document.querySelectorAll('button')].filter(one => one.offsetParent)
            .filter(one => one.getBoundingClientRect().height < 40).map(one => one.textContent)"""
    )
    assert low == []


def test_tickets_in_no_topic_wait_behind_a_button(page: Page) -> None:
    """They are counted, and listed when somebody asks."""
    expect(page.locator("#topic li")).to_have_count(0)
    page.get_by_role("button", name="Show them").click()
    expect(page.locator("#topic li").first).to_be_visible()
    page.get_by_role("button", name="Hide them").click()
    expect(page.locator("#topic li")).to_have_count(0)


def test_a_long_theme_is_not_wider_than_the_phone(tmp_path: Path, browser: Browser) -> None:
    """The longest choice of a menu does not push it out of the page."""
    file = tmp_path / "long.html"
    titles = [f"Topic {number}" for number in range(7)]
    themes = [
        "thermostat on the display and the app that shows temperatures in degrees of all kinds"
    ]
    text = report(random_tickets(300, 7), *titles, themes=[*themes, "Doors", "Lamps"])
    file.write_text(text, encoding="utf-8")
    shown = browser.new_page(viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True)
    shown.goto(file.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == 375
    assert shown.evaluate("document.querySelector('#theme').getBoundingClientRect().right") <= 375
    shown.close()


def test_hints_fit_the_device(page: Page) -> None:
    """A phone is told of fingers, not of a mouse and keys."""
    expect(page.locator("#hint .touch")).to_be_visible()
    expect(page.locator("#hint .mouse")).to_be_hidden()


def test_choosing_a_theme_zooms_to_it(page: Page) -> None:
    """The theme's topics fill the map, also when the phone is turned; *All themes* has all."""
    whole = page.evaluate("view.scale")
    page.get_by_label("Theme").select_option(label="Doors")
    inside = """topics.filter(one => themes[one.theme] === 'Doors').every(one =>
        [view.x + (one.x - one.r) * view.scale,
         canvas.clientWidth - view.x - (one.x + one.r) * view.scale,
         view.y - (one.y + one.r) * view.scale,
         canvas.clientHeight - view.y + (one.y - one.r) * view.scale].every(room => room >= 0))"""
    assert page.evaluate(inside)
    zoomed = page.evaluate("view.scale")
    assert zoomed > whole
    page.evaluate("dispatchEvent(new Event('resize'))")
    assert page.evaluate("view.scale") == zoomed
    page.get_by_label("Theme").select_option(label="All themes")
    assert page.evaluate("view.scale") == whole
