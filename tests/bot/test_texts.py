"""Languages: every text is translated, keeps its names, and fits where Slack shows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import bot
import services
from bot.blocks.channel_setup import (
    loading_view,
    reason_view,
    render_backfill,
    render_setup,
    settings_view,
)
from bot.blocks.home import home_view
from bot.blocks.inspection import Joined, inspection_reply, joined_reply, split_reply
from bot.blocks.mark_duplicate import mark_view
from bot.blocks.replies import Reply, help_reply, products_reply
from bot.blocks.resolution import SAID_OF_IT, render_told, solved_view
from bot.slack.messages import Message
from bot.texts import Texts, texts_for
from bot.translations import TRANSLATIONS
from models import Channel, Item
from services.channels.quiet_hours import QuietHours
from services.channels.settings import LANGUAGES, MODES, ChannelSettings
from services.issues.resolutions import Solution
from services.phrases import Phrase, counted, joined, phrase, read_phrase
from tests.serving import Desk, buttons, words
from tests.slack_limits import message_error, view_error

SAYING = {"say", "phrase", "Phrase", "translatable"}
NAMES = re.compile(r"\{(\w+)\}")
ALL = [Texts(language) for language in LANGUAGES]

SETTINGS = ChannelSettings("quiet", 1, digest=True, deciders=("U1",), ignored=("ping",))
PRINTER = "printer prints blank pages"


def calls() -> Iterator[ast.Call]:
    """Return every call in the product."""
    for package in (bot, services):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield node


def said() -> set[str]:
    """Return every text that the product says somewhere, as it is written in the code."""
    found: set[str] = set()
    for call in calls():
        name = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
        arguments: list[ast.expr] = []
        if name in SAYING:
            arguments = call.args[:1]
        elif name == "counted":
            arguments = call.args[1:3]
        elif name == "joined":
            arguments = call.args[1:2]
        found |= {
            one.value
            for one in arguments
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        }
    return {text for text in found if re.search(r"[^\W\d]", NAMES.sub("", text))}


def test_every_text_is_translated_and_no_other() -> None:
    """What the product says and what is translated are the same texts."""
    assert said() == TRANSLATIONS.keys()


@pytest.mark.parametrize("text", TRANSLATIONS)
def test_a_translation_keeps_names_and_marks(text: str) -> None:
    """The same names stand in all languages, and what is bold, code or a command stays so."""
    for translated in TRANSLATIONS[text]:
        assert sorted(NAMES.findall(translated)) == sorted(NAMES.findall(text))
        assert translated.strip() == translated != ""
        for mark in ("*", "_", "`", "/deja", ":brain:", ":no_bell:"):
            assert translated.count(mark) == text.count(mark)


@pytest.mark.parametrize("say", ALL, ids=LANGUAGES)
def test_every_surface_fits_in_every_language(say: Texts) -> None:
    """Titles of forms, labels of buttons and options: Slack refuses what is too long."""
    views = [
        home_view(3, [], None, say),
        mark_view("{}", say),
        solved_view("C1:1:", say),
        loading_view(),
        reason_view(phrase("Choose one."), say),
        settings_view("C1", "#help", SETTINGS, QuietHours(), say),
    ]
    assert [error for view in views if (error := view_error(view))] == []
    item = Item(title="t", text="x", url=None, extra={"in_stock": "no"})
    messages: list[Reply | Message] = [
        help_reply(say),
        products_reply([item], say),
        inspection_reply([phrase("it is small talk")], None, None, Joined(1, 3), say),
        split_reply(1, say),
        joined_reply(1, say),
        render_backfill(1234, 5, "U1", say, is_done=False),
        *(render_setup("C1", replace(SETTINGS, mode=mode), None, say) for mode in MODES),
        *(render_setup("C1", replace(SETTINGS, mode=mode), "U1", say) for mode in MODES),
        *(render_told((1, 2), item, Solution("x", "U1"), (one, "U1"), say) for one in SAID_OF_IT),
    ]
    for message in messages:
        assert message_error({"text": message.text, "blocks": message.blocks}) is None


def test_the_form_of_settings_says_when_things_are_said() -> None:
    """The hours and their zone, in each language."""
    hours = QuietHours(ZoneInfo("America/Bogota"), 22, 6)
    told = ("from 22:00 to 06:00", "von 22:00 bis 06:00", "de 22:00 a 06:00")
    for say, quiet in zip(ALL, told, strict=True):
        form = str(settings_view("C1", "#help", SETTINGS, hours, say))
        assert all(part in form for part in (quiet, "09:00", "America/Bogota"))


def test_numbers_and_counts_are_written_as_people_write_them() -> None:
    """Thousands and tenths are parted, percent is apart, and one is not several."""
    space = "\N{NO-BREAK SPACE}"
    assert [say.tenths(1.25) for say in ALL] == ["1.2", "1,2", "1,2"]
    assert [say.percent(0.5) for say in ALL] == ["50%", f"50{space}%", f"50{space}%"]
    assert [say.number(12345) for say in ALL] == ["12,345", "12.345", "12.345"]
    assert [say.counted(1, "{n} hour", "{n} hours") for say in ALL] == [
        "1 hour", "1 Stunde", "1 hora",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de-DE", "de"), ("de-AT", "de"), ("es-LA", "es"), ("en-GB", "en"), ("ja-JP", "es"),
     ("", "es"), (None, "es"), ("deutsch", "es")],
)  # fmt: skip
def test_a_locale_gives_the_language(locale: str | None, language: str) -> None:
    """Of Slack's locales the language counts; one that is not spoken here leaves the other."""
    assert texts_for(locale, "es").language == language


values = st.recursive(
    st.text() | st.integers(),
    lambda inner: st.builds(
        Phrase, st.just("{one} and {two}"), st.fixed_dictionaries({"one": inner, "two": inner})
    ),
    max_leaves=6,
)


@given(values)
def test_a_phrase_is_stored_as_it_is(value: Any) -> None:
    """What is told later is the same, also where it holds other phrases."""
    told = phrase("{value}", value=value)
    assert read_phrase(told.stored()) == told
    assert str(read_phrase(told.stored())) == str(told)


def test_phrases_inside_of_phrases_are_translated() -> None:
    """Each in the language of the whole."""
    names = joined([Phrase("the same words"), Phrase("the same title")], "{first} or {rest}")
    assert Texts("de")(names) == "dieselben Wörter oder derselbe Titel"
    assert str(counted(2, "{n} day", "{n} days")) == "2 days"


def test_a_command_is_answered_in_the_language_of_whoever_asks(desk: Desk) -> None:
    """By their locale in Slack; where that is not spoken here, in the channel's."""
    desk.slack.users["U1"] = {"locale": "de-DE"}
    desk.slack.users["U2"] = {"locale": "es-ES"}
    desk.slack.users["U3"] = {"locale": "fr-FR"}
    told = []
    for user in ("U1", "U2", "U3"):
        desk.command("C1", "help", user=user)
        desk.drain()
        told.append(words(desk.slack.whispers[-1]))
    assert "erinnert sich an Tickets" in told[0]
    assert "recuerda tus tickets" in told[1]
    assert "remembers your tickets" in told[2]


def test_a_channel_reads_its_own_language(desk: Desk) -> None:
    """An answer is in the channel's language, whoever asked; a refusal in that of who clicked."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        stored = session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()
        stored.language, stored.deciders = "de", ["U9"]
    desk.slack.users["U2"] = {"locale": "es-ES"}
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    assert "Schon da gewesen?" in words(answer)
    assert "Minuten früher" in words(answer)
    hook = desk.slack.hook()
    desk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U2", hook=hook)
    desk.drain()
    assert "No guardado" in words(desk.slack.whispers[-1])
