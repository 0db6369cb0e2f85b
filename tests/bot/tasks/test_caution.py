"""A channel that rejects similar tickets sees fewer, is told why, and can start over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import main
from models import Channel
from services.judgement.caution import MIN_ANSWERS, SILENT
from tests.bot.tasks.channel_setup import form
from tests.deciders import Deciders
from tests.serving import Desk, words

ONLY_CLOSER = "only when they are much closer than others"


@pytest.fixture
def deciders(desk: Desk) -> Deciders:
    """Give those who decide in the channel."""
    desk.slack.channels["C1"]["creator"] = "U7"
    desk.deliver_message("C1", desk.slack.say("C1", "the projector in the hall stays dark"))
    desk.drain()
    with desk.services.database.read() as session:
        stored = session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()
    return Deciders(desk.services, stored)


def reply_to(desk: Desk, text: str) -> str:
    """Return what a slash command says."""
    before = len(desk.slack.private_replies)
    desk.command("C1", text, user="U7")
    desk.drain()
    return words(desk.slack.private_replies[before])


def test_the_form_says_so_and_starts_anew(desk: Desk, deciders: Deciders) -> None:
    """A box stands there only after rejections; ticked, what was rejected counts no more."""
    desk.command("C1", "settings", user="U7")
    desk.drain()
    [view] = desk.slack.views.values()
    assert ONLY_CLOSER not in str(view)
    deciders.decide("distinct", MIN_ANSWERS)
    desk.command("C1", "settings", user="U7")
    desk.drain()
    view_id, view = list(desk.slack.views.items())[-1]
    assert ONLY_CLOSER in str(view)
    again = {**form(mode="full"), "similar": {"selected_options": [{"value": "reset"}]}}
    desk.submit(view_id, again, user="U7")
    desk.drain()
    assert deciders.caution.step == 0


def test_status_says_what_is_mentioned(desk: Desk, deciders: Deciders) -> None:
    """At each step."""
    assert "I answer repeated and similar tickets" in reply_to(desk, "status")
    deciders.decide("distinct", MIN_ANSWERS)
    assert "similar ones only when they are very close" in reply_to(desk, "status")
    deciders.decide("distinct", MIN_ANSWERS * SILENT)
    assert "because most similar ones were rejected" in reply_to(desk, "status")


def test_the_command_line_shows_and_resets_it(
    desk: Desk, deciders: Deciders, database_url: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """`deja budget` names the step; a reset needs a channel."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    deciders.decide("distinct", MIN_ANSWERS)
    run = CliRunner().invoke
    assert "closer" in run(main, ["budget"]).output
    assert json.loads(run(main, ["budget", "C1", "--json"]).stdout)["similar step"] == 1
    assert "Name the channel" in run(main, ["budget", "--reset-similar"]).output
    assert run(main, ["budget", "C1", "--reset-similar"]).exit_code == 0
    assert deciders.caution.step == 0
