"""The report on topics in a real browser, from a file, with 10,000 tickets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import WAIT_MILLISECONDS
from tests.services.topics.drawing.random_maps import random_tickets
from tests.services.topics.drawing.reports import HOSTILE, report

TICKETS, TOPICS = 10_000, 80


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """Open the report of many tickets in Chromium, and check that it causes no error."""
    file: Path = tmp_path_factory.mktemp("report") / "report.html"
    titles = [HOSTILE, "x" * 80, *(f"Topic {number}" for number in range(2, TOPICS))]
    file.write_text(report(random_tickets(TICKETS, TOPICS), *titles), encoding="utf-8")
    errors: list[str] = []
    requested: list[str] = []
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    shown.set_default_timeout(WAIT_MILLISECONDS)
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.on("dialog", lambda dialog: errors.append(dialog.message))
    shown.on("request", lambda request: requested.append(request.url))
    shown.goto(file.as_uri())
    yield shown
    shown.close()
    assert errors == []
    assert requested == [file.as_uri()]


@pytest.fixture(autouse=True)
def _show_all(page: Page) -> None:
    page.get_by_role("button", name="Show all").click()


def test_the_table_has_every_topic(page: Page) -> None:
    """Each topic is a row with its figures, and a title with tags is text."""
    expect(page.locator("#topics tbody tr")).to_have_count(TOPICS)
    expect(page.get_by_role("button", name=HOSTILE)).to_be_visible()
    expect(page.locator("#summary")).to_contain_text("10,000 tickets · 80 topics")


def test_search_and_filters(page: Page) -> None:
    """Words, a channel and a time filter the tickets, and the count shows how many."""
    page.get_by_label("Search tickets").fill("onerror no.")
    expect(page.locator("#topics tbody tr")).to_have_count(1)
    page.get_by_label("Channel").select_option(label="#help")
    page.get_by_label("Time").select_option(label="Last 30 days")
    expect(page.locator("#count")).to_contain_text("of 10,000")
    page.get_by_label("Search tickets").fill("nothing says this")
    expect(page.locator("#topics")).to_contain_text("No ticket says “nothing says this”.")
    expect(page.locator("#count")).to_have_text("0 tickets of 10,000")


def test_show_all_draws_the_table_at_once(page: Page) -> None:
    """Whoever goes on to a topic by keyboard keeps the focus: nothing is redrawn later."""
    page.get_by_label("Search tickets").fill("nothing says this")
    expect(page.locator("#count")).to_have_text("0 tickets of 10,000")
    rows = page.get_by_role("button", name="Show all").evaluate(
        "button => { button.click(); return document.querySelectorAll('#topics .name').length; }"
    )
    assert rows == TOPICS
    expect(page.get_by_label("Search tickets")).to_have_value("")


def test_the_page_can_be_used_with_the_keyboard(page: Page) -> None:
    """A topic is opened from the table with Enter, and its tickets get the focus."""
    button = page.locator("#topics .name").nth(3)
    title = button.inner_text().split("\n")[0]
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#topic")).to_be_focused()
    expect(page.locator("#topic h2")).to_contain_text(title)
    expect(page.locator("#topic li").first).to_be_visible()
    page.locator("#map").focus()
    before = page.locator("#map").screenshot()
    page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert page.locator("#map").screenshot() != before
    page.keyboard.press("Escape")
    expect(page.locator("#topic h2")).to_contain_text("In no topic")
    expect(page.locator("#map")).to_be_focused()


def test_escape_goes_back_to_the_table(page: Page) -> None:
    """The topic that was opened there gets the focus."""
    button = page.locator("#topics .name").nth(3)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#topic")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#topic h2")).to_contain_text("In no topic")
    expect(button).to_be_focused()


def test_the_map_names_the_ticket_under_the_mouse(page: Page) -> None:
    """A dot shows its ticket, and a click opens its topic."""
    page.get_by_role("button", name="Show the whole map").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = page.evaluate("[view.x + topics[9].x * view.scale, view.y - topics[9].y * view.scale]")
    for across in range(0, 120, 6):
        page.mouse.move(box["x"] + x + across, box["y"] + y)
        if page.locator("#tip").is_visible() and "in no topic" not in (
            page.locator("#tip").inner_text()
        ):
            break
    expect(page.locator("#tip")).to_contain_text("no.")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#topics tr[aria-current=true]")).to_have_count(1)


def test_every_control_has_a_name(page: Page) -> None:
    """A screen reader has a name for each button, field and picture."""
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, canvas, svg')]
            .filter(one => !(one.getAttribute('aria-label') || one.textContent.trim()
                || one.closest('label')))
            .length"""
    )
    assert unnamed == 0


def test_the_table_can_be_sorted(page: Page) -> None:
    """A heading sorts the table by its column, and is marked as sorted."""
    page.get_by_role("button", name="Topic", exact=True).click()
    expect(page.locator("th").first).to_have_attribute("aria-sort", "ascending")
    names = page.locator("#topics .name").all_inner_texts()
    titles = [name.split("\n")[0].partition(" · ")[2].lower() for name in names]
    assert titles == sorted(titles)


def test_a_page_fits_the_width_of_a_phone(page: Page) -> None:
    """Nothing is wider than the page, not even a title of one long word."""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="x" * 80).click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize(("width", "min_titles"), [(390, 18), (1440, 70)])
def test_no_title_covers_another_or_other_tickets(page: Page, width: int, min_titles: int) -> None:
    """Without room below, above, beside or on its topic a title is a number, or left out."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("state.topic === null || open(state.topic, false)")
    page.get_by_role("button", name="Show the whole map").click()
    boxes, discs = page.evaluate(
        """() => {
            const boxes = [], write = pen.fillText.bind(pen);
            pen.fillText = (text, x, y) => {
                const half = pen.measureText(text).width / 2;
                const own = topics.findIndex(
                    one => one.lines.includes(text) || String(one.id) === text);
                boxes.push([x - half, y, x + half, y + 11, own]);
                write(text, x, y);
            };
            paint();
            delete pen.fillText;
            return [boxes, topics.map(one => [view.x + one.x * view.scale,
                view.y - one.y * view.scale, one.r * view.scale])];
        }"""
    )
    page.set_viewport_size({"width": 1280, "height": 900})
    assert len(boxes) >= min_titles
    for at, (left, top, right, bottom, own) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert not (
                left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            )
        for x, y, radius in discs[:own] + discs[own + 1 :]:
            across, down = x - min(max(x, left), right), y - min(max(y, top), bottom)
            assert across**2 + down**2 >= 0.84 * radius**2


def open_beside(page: Page, name: str, html: str) -> Page:
    """Open another report in a page of its own."""
    file = Path(urlparse(page.url).path).with_name(f"{name}.html")
    file.write_text(html, encoding="utf-8")
    browser = page.context.browser
    assert browser is not None
    other = browser.new_page()
    other.set_default_timeout(WAIT_MILLISECONDS)
    other.goto(file.as_uri())
    return other


def test_topics_are_listed_by_theme(page: Page) -> None:
    """Themes have a heading with figures, except for single topics, and can be filtered."""
    titles = [f"Topic {number}" for number in range(7)]
    other = open_beside(
        page,
        "themes",
        report(random_tickets(300, 7), *titles, themes=[HOSTILE, "Doors", "Lamps", "Keys"]),
    )
    expect(other.locator("#summary")).to_contain_text("7 topics in 4 themes")
    expect(other.locator("tbody")).to_have_count(4)
    headings = other.get_by_role("rowheader")
    expect(headings).to_have_count(3)
    expect(other.locator("tbody th[scope=rowgroup]")).to_have_count(3)
    expect(headings.filter(has_text=HOSTILE)).to_be_visible()
    other.get_by_role("button", name="Topic", exact=True).click()
    assert headings.all_inner_texts() == sorted(headings.all_inner_texts())
    other.get_by_label("Theme").select_option(label="Doors")
    expect(other.locator("#topics .name")).to_have_text(["101 · Topic 1", "105 · Topic 5"])
    shown = other.locator("tr.theme td").first.inner_text()
    expect(other.locator("#count")).to_have_text(f"{shown} tickets of 300")
    assert other.evaluate("visible.reduce((a, b) => a + b)") == int(shown)
    other.get_by_role("button", name="Show all").click()
    expect(other.locator("#topics .name")).to_have_count(7)
    other.close()
    expect(page.get_by_label("Theme")).to_be_hidden()
    expect(page.get_by_role("rowheader")).to_have_count(0)


def test_a_map_of_few_tickets_is_not_enlarged_too_much(page: Page) -> None:
    """A page without topics says so, and shows all of its map."""
    few = open_beside(page, "few", report(random_tickets(20, 0)))
    expect(few.locator("#topics")).to_contain_text("there are no topics")
    assert few.evaluate("view.scale") <= 14
    few.close()


def test_a_page_says_how_many_tickets_it_lists(page: Page) -> None:
    """Of very many tickets a share is listed, and the figures count all."""
    many = open_beside(page, "many", report(random_tickets(1_000, 5), *"ABCDE", more=9))
    expect(many.locator("#partly")).to_contain_text("1,000 of the 10,000 tickets")
    expect(many.locator("#summary")).to_contain_text("10,000 tickets · 5 topics")
    many.get_by_label("Search tickets").fill("no. 7")
    expect(many.locator("#count")).to_contain_text("of the 1,000 listed")
    many.close()
    expect(page.locator("#partly")).to_be_hidden()


def test_a_phone_shows_every_column(page: Page) -> None:
    """No column is cut off or needs scrolling."""
    titles = ["printer paper jam", "expense report receipts", "reset password 2FA"]
    other = open_beside(
        page, "narrow", report(random_tickets(900, 3), *titles, themes=["Paper, jam", "Rest"])
    )
    other.set_viewport_size({"width": 390, "height": 844})
    wide, room = other.evaluate(
        "(one => [one.scrollWidth, one.clientWidth])(document.querySelector('.table'))"
    )
    assert wide <= room
    other.close()


def test_a_printed_page_is_light_and_has_the_whole_table(page: Page) -> None:
    """A page in dark colours is printed in light ones, the map too, and is dark again afterwards.

    Browsers do not print backgrounds, so white letters would be on white paper.
    """
    page.emulate_media(color_scheme="dark")
    text_colour = "getComputedStyle(document.body).color"
    light, written = "rgb(29, 28, 29)", "pen.fillStyle"
    assert page.evaluate(text_colour) != light
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert (page.evaluate(text_colour), page.evaluate(written)) == (light, "#1d1c1d")
    expect(page.get_by_label("Search tickets")).to_be_hidden()
    assert page.evaluate(
        "(one => one.scrollHeight === one.clientHeight)(document.querySelector('.table'))"
    )
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(text_colour) != light
    page.emulate_media(color_scheme="light")
    expect(page.get_by_label("Search tickets")).to_be_visible()
