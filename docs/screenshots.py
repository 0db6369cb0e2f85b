"""Take the pictures in this folder from the real bot on a local Slack: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from bot.blocks.channel_setup import render_setup
from bot.blocks.topics import HEADING, picture_note
from bot.clock import utc_now
from bot.i18n.texts import ENGLISH
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.jobs.request_kinds import SolvedForm
from bot.jobs.update_kinds import WeeklyDigest
from bot.tasks.registry import Tasks
from bot.tryout.conversation import Trial, start_trial
from bot.tryout.seed import HOST
from bot.tryout.tour import QUESTION, TICKET, TICKET_CHANNEL
from docs.gallery import take_gallery
from docs.images import FOLDER, save
from models import Item
from services.channels.quiet_hours import QuietHours
from services.channels.settings import settings_of
from services.topics.drawing.pages import draw_run, page_of_run
from services.topics.scopes import scope_of_everybody
from services.topics.views import view_run
from tests.e2e.browser import WAIT_MILLISECONDS, SlackPage, find_chromium, open_browser, open_page

PERSON = "Mei Tangwei"
PRODUCT = "lamp for the garden"
SEARCHED = "batteries is:solved"
SAID_TWICE = (
    "The mower stops at the kerb and reports error M-77 since the new firmware",
    "Error M-77 again: the mower stops at the kerb since the new firmware",
)
SOLVED_BY = "Firmware 5.1 mends it: update the mower once more."

# In CSS pixels; pictures are twice as large.
WIDTH, HEIGHT, SCALE = 1180, 565, 2
# For what is longer.
TALL = 960
THREAD_WIDER_BY = 100
MARGIN = 18
# Where the Home tab stands on the page.
HOME: FloatRect = {"x": 220, "y": 44, "width": 780, "height": 505}


def main() -> None:
    """Hold a short conversation and take a picture of each kind of answer."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Missing: chromium (Debian: apt install chromium).")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="deja-screenshots-") as folder,
        start_trial(Path(folder), utc_now(), on_progress=lambda _: None) as trial,
        open_browser(chromium) as browser,
        open_page(trial.page.url, browser, width=WIDTH, height=HEIGHT, scale=SCALE) as slack,
    ):
        slack.act_as(PERSON)
        take_conversation(slack)
        take_commands(slack)
        take_topics(slack, trial)
        take_posts(slack, trial)
        slack.page.locator(".sidebar-item", has_text="deja").last.click()
        slack.page.get_by_text("Most reported").first.wait_for()
        take(slack.page, "home", HOME)
        slack.page.get_by_role("button", name="For administrators").click()
        slack.page.get_by_text("How I judge").first.wait_for()
        take(slack.page, "home-admin", HOME)
        take_gallery(browser, trial, draw(trial))


def take_conversation(slack: SlackPage) -> None:
    """Take pictures of an answer in its thread and of what its buttons do."""
    slack.open_channel(TICKET_CHANNEL)
    slack.say(TICKET)
    slack.open_thread(TICKET)
    slack.widen_thread(THREAD_WIDER_BY)
    expect(slack.answer).to_contain_text("Answered before?")
    slack.message(TICKET).scroll_into_view_if_needed()
    take(slack.page, "answer", conversation(slack.page))
    reasons = slack.page.locator(".msg", has_text="no percentage until").last
    slack.choose("Why?")
    reasons.locator(".blocks").wait_for()
    take(slack.page, "why", message(reasons))
    slack.press("Same issue")
    expect(slack.answer).to_contain_text("Same issue · @")
    take(slack.page, "verdict", message(slack.answer))
    slack.press("Use this answer")
    used = slack.page.locator(".msg", has_text="posted by").last
    used.locator(".blocks").wait_for()
    take(slack.page, "used", message(used))
    slack.choose("Mark as solved…")
    form = slack.page.locator(".modal")
    form.get_by_text("What solved it?").wait_for()
    take(slack.page, "solved", place(form))
    form.get_by_text("Cancel").click()
    slack.close_thread()


def take_commands(slack: SlackPage) -> None:
    """Take pictures of what commands reply."""
    take(slack.page, "similar", message(slack.command(f"/deja similar {QUESTION}")))
    take(slack.page, "search", message(slack.command(f"/deja search {SEARCHED}")))
    take(slack.page, "product", message(slack.command(f"/deja product {PRODUCT}")))
    take(slack.page, "help", message(slack.command("/deja help")))


def take_topics(slack: SlackPage, trial: Trial) -> None:
    """Group the tickets, and take pictures of what comes of it."""
    slack.page.set_viewport_size({"width": WIDTH, "height": TALL})
    slack.command("/deja cluster")
    summary = slack.page.locator(".msg", has_text=str(HEADING)).last
    summary.get_by_text("1 reply").wait_for()  # the map
    take(slack.page, "topics", message(summary))
    summary.get_by_role("button", name="Open").first.click()
    form = slack.page.locator(".modal")
    form.get_by_role("button", name="Hide").wait_for()
    take(slack.page, "topic", place(form))
    form.get_by_role("button", name="Close").click()
    take(slack.page, "trends", message(slack.command("/deja trends")))
    take_report(slack, draw(trial))
    slack.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def take_posts(slack: SlackPage, trial: Trial) -> None:
    """Take pictures of what the bot says by itself: how it asks, its digest, and that it is solved.

    The sample's bot is told what to do in every channel, so here it asks all the same.
    """
    tasks = _tasks(trial)
    slack_id = trial.names.channels[TICKET_CHANNEL]
    channel = tasks.channels.ensure_channel(slack_id, utc_now())
    unset = replace(settings_of(channel), mode="off")
    tasks.slack.post(slack_id, None, render_setup(slack_id, unset, None, ENGLISH))
    asked = slack.page.locator(".msg", has_text="How should I work in this channel?").last
    asked.locator(".blocks").wait_for()
    take(slack.page, "setup", message(asked))

    slack.page.set_viewport_size({"width": WIDTH, "height": TALL})
    week = QuietHours().week_of(utc_now())
    _put_in(trial, WeeklyDigest(key="digest:picture", channel_id=channel.id, week=week))
    digest = slack.page.locator(".msg", has_text="Same issue or not?").last
    digest.locator(".blocks").wait_for()
    take(slack.page, "digest", message(digest))

    for text in SAID_TWICE:
        slack.say(text)
    slack.open_thread(SAID_TWICE[1])
    slack.press("Same issue")
    expect(slack.answer).to_contain_text("Same issue · @")
    with tasks.services.database.read() as session:
        root = session.scalars(select(Item.id).where(Item.text == SAID_TWICE[0])).one()
    solved = SolvedForm(
        key="solved:picture",
        team=tasks.me.team_id,
        channel=slack_id,
        user=trial.names.users[HOST],
        item_id=root,
        text=SOLVED_BY,
    )
    _put_in(trial, solved)
    told = slack.thread.locator(".msg", has_text=SOLVED_BY).last
    told.locator(".blocks").wait_for()
    take(slack.page, "told", message(told))
    slack.close_thread()
    slack.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def _tasks(trial: Trial) -> Tasks:
    [workspace_id] = trial.bot.workspaces.installed()
    return trial.bot.workspaces.tasks(workspace_id)


def _put_in(trial: Trial, job: BotJob) -> None:
    [workspace_id] = trial.bot.workspaces.installed()
    with trial.bot.services.database.write() as session:
        enqueue_jobs(session, workspace_id, [job], utc_now())
    trial.bot.worker.signal.notify(job.kind)


def take_report(slack: SlackPage, html: str) -> None:
    """Take a picture of the page of topics, in a window of its own."""
    browser = slack.page.context.browser
    if browser is None:
        raise RuntimeError("the browser is gone")
    window: ViewportSize = {"width": WIDTH, "height": TALL}
    report = browser.new_page(viewport=window, device_scale_factor=SCALE)
    report.set_content(html)
    save("report", report.screenshot())
    report.close()


def draw(trial: Trial) -> str:
    """Draw the map of the topics that were found, and return their page."""
    services, now = trial.bot.services, utc_now()
    [workspace_id] = trial.bot.workspaces.installed()
    scope = scope_of_everybody(workspace_id)
    with services.database.read() as session:
        view = view_run(session, scope, now)
        if view is None:
            raise RuntimeError("nothing was grouped")
        heading, note = str(HEADING), picture_note(view, ENGLISH)
        draw_run(session, view, FOLDER / "map.png", heading=heading, note=note)
        save("map", (FOLDER / "map.png").read_bytes())
        return page_of_run(session, view, heading=heading, made=now.date())


def take(page: Page, name: str, clip: FloatRect) -> None:
    """Take a picture of a part of the page."""
    page.mouse.move(0, 0)  # what is under the mouse looks different
    save(name, page.screenshot(clip=clip))


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
    """Return the box of a message, as wide as its longest line."""
    shown.scroll_into_view_if_needed()
    whole = place(shown)
    right = max(place(text)["x"] + place(text)["width"] for text in texts(shown))
    return {**whole, "width": right - whole["x"] + MARGIN}


def texts(shown: Locator) -> list[Locator]:
    """Return the parts of a message that are as wide as what they say."""
    return shown.locator(".mrkdwn, .bk-button, .bk-overflow").all()


def place(shown: Locator) -> FloatRect:
    """Return the box of an element on the page. Raises `RuntimeError` where it is not shown."""
    box = shown.bounding_box()
    if box is None:
        raise RuntimeError(f"not on the page: {shown}")
    return box


if __name__ == "__main__":
    main()
