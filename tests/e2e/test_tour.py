"""The try-out as a first visitor meets it: the tour, and what the page adds to local-slack's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from bot.tryout.conversation import Trial
from bot.tryout.page import SHORTCUTS
from bot.tryout.tour import TICKET, TICKET_CHANNEL
from models import Channel
from services.channels.settings import ChannelSettings, settings_of
from tests.e2e.browser import SlackPage, open_page
from tests.e2e.conftest import start_sample, wait_for
from tests.e2e.test_try import ROOT


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """Start the same as `deja try`: the sample company, with the real model."""
    with start_sample(tmp_path_factory.mktemp("tour")) as started:
        yield started


@pytest.fixture
def slack(trial: Trial, browser: Browser) -> Iterator[SlackPage]:
    """Open the page in Chromium, as the person that it starts as."""
    with open_page(trial.page.url, browser) as opened:
        yield opened


def test_each_step_of_the_tour_works_and_is_ticked(slack: SlackPage) -> None:
    """Take the five steps from the page that opens first, and see what each promises."""
    tour = slack.page.locator(".msg", has_text="Welcome to Tarnwick")
    do_it = tour.get_by_role("button", name="Do it for me")
    expect(tour).to_contain_text("0 of 5 steps taken")

    do_it.nth(0).click()
    expect(tour).to_contain_text("1 of 5 steps taken")
    slack.open_channel(TICKET_CHANNEL)
    slack.open_thread(TICKET)
    expect(slack.answer).to_contain_text("Answered before?")
    slack.press("Same issue")
    expect(slack.answer).to_contain_text("Same issue · @Mei Tangwei")
    slack.close_thread()

    slack.open_channel("start-here")
    expect(tour).to_contain_text("2 of 5 steps taken")
    do_it.nth(1).click()
    expect(slack.page.locator(".main .msg").last).to_contain_text("Most similar tickets")
    do_it.nth(2).click()
    topics = slack.page.locator(".main .msg", has_text="What people ask about").last
    topics.get_by_text("1 reply").wait_for()  # the map
    topics.get_by_role("button", name="Open").first.click()
    form = slack.page.locator(".modal")
    hide_and_undo(form)
    rename(slack, "Sent back")
    expect(topics).to_contain_text("Sent back")
    slack.page.get_by_role("button", name="Undo", exact=True).click()
    slack.page.get_by_text("Undone: the topics are as they were").wait_for()
    expect(topics).not_to_contain_text("Sent back")

    slack.page.locator(".sidebar-item", has_text="deja").last.click()
    home = slack.page.locator(".home")
    for shown in ("In the last seven days", "Most reported"):
        expect(home).to_contain_text(shown)
    home.get_by_role("button", name="For administrators").click()
    for shown in ("How I judge", f"#{TICKET_CHANNEL}"):
        expect(home).to_contain_text(shown)
    slack.open_channel("start-here")
    expect(tour).to_contain_text("That was the tour")


def test_settings_show_what_holds_and_keep_what_is_not_touched(
    slack: SlackPage, trial: Trial
) -> None:
    """Open the form twice: change two fields, and see them, and the others as they were."""
    slack.open_channel("help-it")
    before = stored_settings(trial, "help-it")

    form = open_settings(slack)
    expect(form.get_by_label("Full")).to_be_checked()
    expect(form.get_by_label("On Mondays, ask about")).to_be_checked()
    expect(form.get_by_label("Emoji for “this is a ticket”")).to_have_value(":pushpin:")
    form.get_by_label("Mei Tangwei").check()
    form.get_by_label("Ignore messages containing").fill("lunch is here\ncoffee")
    form.get_by_role("button", name="Save").click()
    wait_for(lambda: stored_settings(trial, "help-it") != before)

    after = stored_settings(trial, "help-it")
    assert after.ignored == ("lunch is here", "coffee")
    assert len(after.deciders) == 1
    assert (after.mode, after.digest, after.language) == ("full", True, "en")
    form = open_settings(slack)
    expect(form.get_by_label("Mei Tangwei")).to_be_checked()
    expect(form.get_by_label("Ignore messages containing")).to_have_value("lunch is here\ncoffee")
    form.get_by_role("button", name="Cancel").click()


def test_the_menu_of_a_message_reaches_the_bot(slack: SlackPage) -> None:
    """Inspect a message of the sample, and mark it as a duplicate of one that is searched for."""
    slack.open_channel("help-orders")
    # The bot's own messages are left out: on Mondays it asks about pairs of tickets here.
    app = slack.page.locator(".badge-app")
    message = slack.page.locator(".main .msg", has_not=app).last
    expect(message.locator(".msg-time")).to_contain_text(",")  # a day, not only a time
    choose(message, SHORTCUTS["deja_inspect"])
    said = slack.page.locator(".main .msg", has=slack.page.locator(".badge-eph")).last
    expect(said.locator(".blocks")).to_be_visible()

    choose(slack.page.locator(".main .msg").nth(5), SHORTCUTS["deja_mark"])
    form = slack.page.locator(".modal")
    form.get_by_label("Earlier ticket").fill("parcel was lost")
    form.get_by_role("radio").first.check()
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()


def test_a_direct_message_is_answered(slack: SlackPage) -> None:
    """Write to the bot from the page's list of direct messages."""
    slack.page.locator(".sidebar-item", has_text="Déjà").first.click()
    slack.page.locator(".channel-title", has_text="Déjà").wait_for()
    question = "the lock eats its batteries"
    slack.say(question)
    slack.open_thread(question)
    expect(slack.answer).to_contain_text("Latchet")


def test_the_page_knows_the_shortcuts_of_the_manifest() -> None:
    """The menu of the try-out and that of Slack are the same."""
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text(encoding="utf-8"))
    named = {one["callback_id"]: one["name"] for one in manifest["features"]["shortcuts"]}
    assert named == SHORTCUTS


def hide_and_undo(form: Locator) -> None:
    """Hide the open topic, and show it again."""
    form.get_by_role("button", name="Hide").click()
    form.get_by_role("button", name="Undo").click()
    form.get_by_role("button", name="Hide").wait_for()


def rename(slack: SlackPage, title: str) -> None:
    """Give the open topic another name from its menu."""
    form = slack.page.locator(".modal")
    form.locator(".bk-overflow").select_option(label="Rename…")
    form.get_by_label("New name").fill(title)
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()


def open_settings(slack: SlackPage) -> Locator:
    """Type `/deja settings`, and return the form."""
    slack.type("/deja settings")
    form = slack.page.locator(".modal")
    form.get_by_text("Who can decide").wait_for()
    return form


def stored_settings(trial: Trial, name: str) -> ChannelSettings:
    """Return the settings of a channel."""
    with trial.bot.services.database.read() as session:
        return settings_of(session.scalars(select(Channel).where(Channel.name == name)).one())


def choose(message: Locator, choice: str) -> None:
    """Choose from the menu of a message."""
    message.scroll_into_view_if_needed()
    message.hover()
    message.get_by_label("More actions").select_option(label=choice)
