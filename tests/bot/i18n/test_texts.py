"""Languages: whose language a text is in, how values are written, and that texts fit in Slack."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.blocks.channel_setup import loading_view, reason_view, render_backfill, render_setup
from bot.blocks.help import full_help_reply, help_reply, help_view
from bot.blocks.home import TeamHome, home_view
from bot.blocks.inspection import (
    Inspection,
    Joined,
    Overridden,
    inspection_reply,
    joined_reply,
    split_reply,
)
from bot.blocks.mark_duplicate import mark_view
from bot.blocks.products import products_reply
from bot.blocks.replies import Reply
from bot.blocks.resolution import REPORTED_BACK, render_notice, solved_view
from bot.blocks.settings_form import settings_view
from bot.i18n.retired import RETIRED
from bot.i18n.texts import Texts, texts_for
from bot.i18n.upkeep import TRANSLATED
from bot.slack.messages import Message
from models import Channel, Item
from services.answers.week import Week
from services.channels.quiet_hours import QuietHours
from services.channels.settings import LANGUAGES, MODES, ChannelSettings
from services.intake.classify import TALK
from services.issues.resolutions import Solution
from services.phrases import AnyOf, Percent, Phrase, counted, in_context, phrase, read_phrase
from tests.serving import Desk, buttons, words
from tests.slack_limits import message_error, view_error

ALL = [Texts(language) for language in LANGUAGES]

SETTINGS = ChannelSettings("quiet", 1, digest=True, deciders=("U1",), ignored=("ping",))
PRINTER = "printer prints blank pages"


@pytest.mark.parametrize("say", ALL, ids=LANGUAGES)
def test_every_surface_fits_in_every_language(say: Texts) -> None:
    """Slack accepts all views and messages, with their titles, labels and options."""
    views = [
        home_view(TeamHome(3, Week(2, 1, 0), [], [], []), say, is_admin=True),
        mark_view("{}", say),
        solved_view("C1:1:", say),
        loading_view(),
        help_view(say),
        reason_view(phrase("Choose an option."), say),
        settings_view("C1", "#help", SETTINGS, QuietHours(), say),
    ]
    assert [error for view in views if (error := view_error(view))] == []
    item = Item(title="t", text="x", url=None, extra={"in_stock": "no"})
    messages: list[Reply | Message] = [
        help_reply(say, phrase("There is no command “{word}”.", word="&" * 9000)),
        full_help_reply(say),
        products_reply([item], say),
        inspection_reply(
            Inspection(
                [TALK],
                joined=Joined(1, 3),
                overridden=Overridden(True, "pushpin", "U1"),
            ),
            say,
        ),
        split_reply(1, say),
        joined_reply(1, say),
        render_backfill(1234, 5, "U1", say, is_done=False),
        *(render_setup("C1", replace(SETTINGS, mode=mode), None, say) for mode in MODES),
        *(render_setup("C1", replace(SETTINGS, mode=mode), "U1", say) for mode in MODES),
        *(
            render_notice((1, 2), item, Solution("x", "U1"), (one, "U1"), say)
            for one in REPORTED_BACK
        ),
    ]
    for message in messages:
        assert message_error({"text": message.text, "blocks": message.blocks}) is None


def test_the_settings_form_shows_the_quiet_hours() -> None:
    """It has the hours and the time zone, in each language."""
    hours = QuietHours(ZoneInfo("America/Bogota"), 22, 6)
    space = "\N{NARROW NO-BREAK SPACE}"
    told = (
        f"Mondays from 9:00{space}AM; nothing from 10:00{space}PM to 6:00{space}AM",
        "Montags ab 09:00 Uhr; nichts von 22:00 bis 06:00 Uhr",
        "Los lunes desde las 9:00; nada de 22:00 a 6:00",
    )
    for say, quiet in zip(ALL, told, strict=True):
        view = settings_view("C1", "#help", SETTINGS, hours, say)
        form = json.dumps(view, ensure_ascii=False)
        assert all(part in form for part in (quiet, "America/Bogota"))


def test_values_are_written_as_in_each_language() -> None:
    """Numbers, percentages, dates, times and time spans follow the language."""
    space, narrow = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
    expected = {
        12345: ["12,345", "12.345", "12.345"],
        1.25: ["1.2", "1,2", "1,2"],
        Percent(0.5): ["50%", f"50{space}%", f"50{space}%"],
        date(2026, 11, 23): ["Nov 23, 2026", "23.11.2026", "23 nov 2026"],
        time(9): [f"9:00{narrow}AM", "09:00", "9:00"],
        timedelta(days=15): ["2 weeks", "2 Wochen", "2 semanas"],
    }
    for value, written in expected.items():
        assert [say("{it}", it=value) for say in ALL] == written
    assert [say.ago(timedelta(days=15)) for say in ALL] == [
        "2 weeks ago", "vor 2 Wochen", "hace 2 semanas",
    ]  # fmt: skip


def test_plural_forms_follow_the_number() -> None:
    """Each language has its rules: Spanish has its own form for millions."""
    german, spanish = Texts("de"), Texts("es")
    forms = ("{n} ticket that you can read", "{n} tickets that you can read")
    assert german.counted(1, *forms) == "1 Ticket, das du lesen darfst"
    assert german.counted(1200, *forms) == "1.200 Tickets, die du lesen darfst"
    assert spanish.counted(0, *forms) == "0 tickets que puedes leer"
    assert spanish.counted(2_000_000, *forms) == "2.000.000 de tickets que puedes leer"
    assert str(counted(1, *forms)) == "1 ticket that you can read"


def test_the_context_decides_between_meanings() -> None:
    """A ticket is open, and a button opens it."""
    say = Texts("de")
    assert say(in_context("ticket status", "open")) == "offen"
    assert say(in_context("button", "Open")) == "Öffnen"
    assert say(in_context("mode", "Off")) == "Aus"


@pytest.mark.parametrize("old", RETIRED)
def test_a_text_stored_by_an_older_version_is_translated(old: str) -> None:
    """A job from before an update has its text in each language."""
    stored = {"text": old, "values": {"value": "x", "n": 80}}
    for language in TRANSLATED:
        say = Texts(language)
        assert say(read_phrase(stored)) == say(RETIRED[old], value="x", n=80)
        assert say(read_phrase(stored)) != str(read_phrase(stored))


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de-DE", "de"), ("de-AT", "de"), ("es-LA", "es"), ("en-GB", "en"), ("ja-JP", "es"),
     ("", "es"), (None, "es"), ("deutsch", "es")],
)  # fmt: skip
def test_a_locale_gives_the_language(locale: str | None, language: str) -> None:
    """The language of a locale counts; an unknown one gives the default."""
    assert texts_for(locale, "es").language == language


values = st.recursive(
    st.text()
    | st.integers(-(10**12), 10**12)
    | st.builds(Percent, st.floats(0, 1))
    | st.dates()
    | st.times()
    | st.timedeltas(timedelta(), timedelta(days=999)),
    lambda inner: (
        st.builds(
            Phrase, st.just("{one} and {two}"), st.fixed_dictionaries({"one": inner, "two": inner})
        )
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@given(values)
def test_a_stored_phrase_is_restored(value: Any) -> None:
    """A phrase with any values is the same after it was stored."""
    told = Phrase("{value}", {"value": value, "n": 2}, plural="{value}s", context="of values")
    stored = json.loads(json.dumps(told.stored()))
    assert read_phrase(stored) == told
    assert str(read_phrase(stored)) == str(told)


def test_phrases_inside_phrases_are_translated() -> None:
    """Inner phrases are in the language of the outer one."""
    labels = AnyOf((phrase("Same issue"), phrase("Related"), phrase("Not a duplicate")))
    told = phrase("Called similar, not a duplicate: {missing}.", missing=labels)
    assert Texts("de")(told) == (
        "Als ähnlich eingestuft, nicht als Duplikat: Dasselbe Problem, Verwandt oder Kein Duplikat."
    )
    assert str(told).endswith("Same issue, Related, or Not a duplicate.")


def test_a_command_is_answered_in_the_persons_language(desk: Desk) -> None:
    """The locale in Slack decides, or else the channel's language."""
    desk.slack.users["U1"] = {"locale": "de-DE"}
    desk.slack.users["U2"] = {"locale": "es-ES"}
    desk.slack.users["U3"] = {"locale": "fr-FR"}
    told = []
    for user in ("U1", "U2", "U3"):
        desk.command("C1", "help", user=user)
        desk.drain()
        told.append(words(desk.slack.private_replies[-1]))
    assert "merkt sich die Tickets deines Teams" in told[0]
    assert "recuerda los tickets de tu equipo" in told[1]
    assert "remembers your tickets" in told[2]


def test_an_answer_is_in_the_channels_language(desk: Desk) -> None:
    """An answer is in the channel's language, a private reply in the person's."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        stored = session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()
        stored.language, stored.deciders = "de", ["U9"]
    desk.slack.users["U2"] = {"locale": "es-ES"}
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    assert "Schon gemeldet?" in words(answer)
    assert "gerade eben" in words(answer)
    hook = desk.slack.hook()
    desk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U2", hook=hook)
    desk.drain()
    assert "No se guardó" in words(desk.slack.private_replies[-1])
