"""One full story in a browser, on local-slack's own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from bot.tryout.conversation import Trial
from bot.tryout.tour import TICKET, TICKET_CHANNEL
from models import Item
from tests.e2e.browser import SlackPage, open_page
from tests.e2e.conftest import start_sample, wait_for

TITLE = "Latchet Pro eats a set of four AA batteries"
SOLUTION = "Update the lock to 2.2.2"

EDITED = f"{TICKET} Please help!"


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """Start the same as `deja try`: the sample company, with the real model."""
    with start_sample(tmp_path) as started:
        yield started


@pytest.fixture
def page(trial: Trial, browser: Browser) -> Iterator[SlackPage]:
    """Open the page in Chromium."""
    with open_page(trial.page.url, browser) as opened:
        yield opened


def test_a_person_reads_an_answer_rules_it_out_and_undoes_that(
    page: SlackPage, trial: Trial
) -> None:
    """Post a repeated ticket, read the answer, press *Not a duplicate*, and then *Undo*."""
    page.act_as("Mei Tangwei")
    page.open_channel(TICKET_CHANNEL)
    page.say(TICKET)
    page.open_thread(TICKET)
    for shown in ("Answered before?", "similar · resolved", "months ago", SOLUTION):
        expect(page.answer).to_contain_text(shown)
    expect(page.answer.get_by_role("link")).to_contain_text(TITLE)

    page.choose("Mute here…")
    page.page.locator(".modal").get_by_role("button", name="Mute here").click()
    expect(page.answer).to_contain_text("Muted in this channel by @Mei Tangwei")
    page.press("Unmute")
    expect(page.answer).not_to_contain_text("Muted")

    page.press("Not a duplicate")
    expect(page.answer).to_contain_text("Not a duplicate · @Mei Tangwei")
    expect(page.answer).not_to_contain_text(SOLUTION)
    expect(page.answer.get_by_role("button", name="Undo")).to_be_visible()

    page.edit(TICKET, EDITED)
    wait_for(lambda: is_stored(trial, EDITED))
    page.reply("<@U0DEJA>")
    reply = page.thread.locator(".msg", has_text="Most similar tickets")
    expect(reply).to_contain_text("Latchet Pro: batteries empty")
    expect(reply).not_to_contain_text(TITLE)
    expect(page.answer).to_contain_text("Not a duplicate · @Mei Tangwei")

    page.press("Undo")
    expect(page.answer).to_contain_text("Answered before?")
    expect(page.answer.get_by_role("button", name="Same issue")).to_be_visible()


def is_stored(trial: Trial, text: str) -> bool:
    """Say whether a ticket with this text is stored, and no job is left."""
    with trial.bot.services.database.read() as session:
        known = session.scalar(select(Item.id).where(Item.text == text))
    return known is not None and not any(trial.bot.services.queue.counts().values())
