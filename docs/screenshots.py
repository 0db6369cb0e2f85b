"""Take the pictures in this folder from the real bot on a local Slack: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect

from bot.trying import QUESTION, TICKET, TICKET_CHANNEL, Trial, start_trial
from bot.worker import utc_now
from services.topic_pages import draw_run
from services.topic_scopes import scope_of_everybody
from services.topic_views import view_run
from tests.e2e.browser import WAIT_MILLISECONDS, SlackPage, find_chromium, open_page

FOLDER = Path(__file__).parent
PERSON = "Mei Tangwei"
PRODUCT = "lamp for the garden"
SEARCHED = "batteries is:solved"

# In CSS pixels; pictures are twice as large.
WIDTH, HEIGHT, SCALE = 1180, 565, 2
# For what is longer.
TALL = 900
THREAD_WIDER_BY = 100
MARGIN = 18
# Where the Home tab stands on the page.
HOME: FloatRect = {"x": 220, "y": 44, "width": 780, "height": 440}


def main() -> None:
    """Hold a short conversation and take a picture of each kind of answer."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Missing: chromium (Debian: apt install chromium).")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="deja-screenshots-") as folder,
        start_trial(Path(folder), utc_now(), advance=lambda _: None) as trial,
        open_page(trial.local.url, chromium, width=WIDTH, height=HEIGHT, scale=SCALE) as slack,
    ):
        slack.act_as(PERSON)
        slack.open_channel(TICKET_CHANNEL)
        slack.say(TICKET)
        slack.open_thread(TICKET)
        slack.widen_thread(THREAD_WIDER_BY)
        expect(slack.answer).to_contain_text("Answered before?")
        slack.message(TICKET).scroll_into_view_if_needed()
        take(slack.page, "answer", conversation(slack.page))
        reasons = slack.page.locator(".msg", has_text="no percentage before").last
        slack.press("Why?")
        reasons.locator(".blocks").wait_for()
        take(slack.page, "why", message(reasons))
        slack.press("Same issue")
        expect(slack.answer).to_contain_text("Same issue · @")
        take(slack.page, "verdict", message(slack.answer))
        slack.press("Use this answer")
        used = slack.page.locator(".msg", has_text="posted by").last
        used.locator(".blocks").wait_for()
        take(slack.page, "used", message(used))
        slack.press("Solved…")
        form = slack.page.locator(".modal")
        form.get_by_text("What solved it?").wait_for()
        take(slack.page, "solved", place(form))
        form.get_by_text("Cancel").click()
        slack.close_thread()
        take(slack.page, "similar", message(slack.command(f"/deja similar {QUESTION}")))
        take(slack.page, "search", message(slack.command(f"/deja search {SEARCHED}")))
        take(slack.page, "product", message(slack.command(f"/deja product {PRODUCT}")))
        take(slack.page, "help", message(slack.command("/deja help")))
        take_topics(slack, trial)
        slack.page.locator(".sidebar-item", has_text="deja").last.click()
        slack.page.get_by_text("Asked most").first.wait_for()
        take(slack.page, "home", HOME)


def take_topics(slack: SlackPage, trial: Trial) -> None:
    """Group the tickets, and take pictures of what comes of it."""
    slack.page.set_viewport_size({"width": WIDTH, "height": TALL})
    slack.command("/deja cluster")
    summary = slack.page.locator(".msg", has_text="What people ask about").last
    summary.locator(".blocks").wait_for()
    take(slack.page, "topics", message(summary))
    summary.get_by_role("button", name="Open").first.click()
    form = slack.page.locator(".modal")
    form.get_by_text("Another name").wait_for()
    take(slack.page, "topic", place(form))
    form.get_by_text("Close").click()
    take(slack.page, "trends", message(slack.command("/deja trends")))
    draw(trial)
    slack.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def draw(trial: Trial) -> None:
    """Draw the map of the topics that were found."""
    deja, now = trial.bot.deja, utc_now()
    [workspace_id] = trial.bot.teams.installed()
    scope = scope_of_everybody(workspace_id)
    with deja.database.read() as session:
        view = view_run(session, scope, now)
        if view is None:
            raise RuntimeError("nothing was grouped")
        note = f"{view.tickets} tickets, {len(view.shown)} topics"
        draw_run(session, view, FOLDER / "map.png", heading="What people ask about", note=note)


def take(page: Page, name: str, clip: FloatRect) -> None:
    """Take a picture of a part of the page."""
    page.mouse.move(0, 0)  # what is under the mouse looks different
    page.screenshot(path=FOLDER / f"{name}.png", clip=clip)


def conversation(page: Page) -> FloatRect:
    """Return where the channel and the open thread stand, without what is written into."""
    channel, composer = place(page.locator(".main")), place(page.locator(".main .composer"))
    return {
        "x": channel["x"],
        "y": channel["y"],
        "width": WIDTH - channel["x"],
        "height": composer["y"] - channel["y"],
    }


def message(shown: Locator) -> FloatRect:
    """Return where a message stands, as wide as its longest line."""
    shown.scroll_into_view_if_needed()
    whole = place(shown)
    right = max(place(text)["x"] + place(text)["width"] for text in texts(shown))
    return {**whole, "width": right - whole["x"] + MARGIN}


def texts(shown: Locator) -> list[Locator]:
    """Return the parts of a message that are as wide as what they say."""
    return shown.locator(".mrkdwn, .bk-button").all()


def place(shown: Locator) -> FloatRect:
    """Return where something stands on the page. Raises `RuntimeError` where it is not shown."""
    box = shown.bounding_box()
    if box is None:
        raise RuntimeError(f"not on the page: {shown}")
    return box


if __name__ == "__main__":
    main()
