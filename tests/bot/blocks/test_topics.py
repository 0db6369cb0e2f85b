"""Messages and forms of topics, up to the limits of Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.blocks.replies import Reply
from bot.blocks.topic_forms import (
    MAX_CHOSEN,
    change_reply,
    hidden_view,
    merge_view,
    move_view,
    rename_view,
    split_view,
    topic_view,
)
from bot.blocks.topic_steps import STEPS
from bot.blocks.topics import (
    alt_text,
    render_run,
    render_topic,
    topics_reply,
)
from bot.blocks.trends import render_alert, trends_reply
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from bot.slack.simpler_blocks import simpler_versions
from services.channels.settings import LANGUAGES, Language
from services.topics.curation import MAX_TITLE_LENGTH
from services.topics.faq_entries import FaqEntry
from services.topics.members import SHOWN, RunSelection, TopicTicket
from services.topics.naming.faq import MAX_ANSWER, MAX_LENGTH
from services.topics.scopes import scope_of_everybody
from services.topics.trends import Trend
from services.topics.unanswered import Unanswered
from services.topics.views import RunView, TopicView
from tests.conftest import NOW
from tests.slack_limits import message_error, view_error

EN = Texts("en")

# Each character takes five when it is escaped.
LONGEST_TITLE = "&" * MAX_TITLE_LENGTH


def tickets(number: int) -> tuple[TopicTicket, ...]:
    """Return tickets with the longest titles and addresses."""
    return tuple(
        TopicTicket(
            item_id=place,
            title=LONGEST_TITLE,
            url="https://slack.example/" + "a" * 270,
            channel="help",
            created_at=NOW - timedelta(days=place),
            is_solved=False,
        )
        for place in range(number)
    )


def topic(number: int, size: int) -> TopicView:
    """Return a topic with that many tickets."""
    return TopicView(
        topic_id=number,
        title=LONGEST_TITLE,
        terms=(LONGEST_TITLE,) * 8,
        representatives=tickets(min(size, SHOWN)),
        size=size,
        solved_count=0,
        quality=1.0,
        purity=1.0,
        median=timedelta(days=400),
        change="merged",
        trend=Trend(size, 1.5, 1e-9, 3),
        days=(size,) * 56,
        theme=number // 4,
        is_hidden=False,
    )


def run(topics: int, size: int) -> RunView:
    """Return a run with that many topics."""
    return RunView(
        run_id=1,
        made_at=NOW,
        selection=RunSelection(scope_of_everybody(1), NOW - timedelta(days=400), NOW, 100_000),
        topics=tuple(topic(number, size) for number in range(topics)),
        unclustered=100_000,
        gone=(LONGEST_TITLE,) * 50,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("topics", "size"), [(0, 0), (1, 1), (8, 12), (300, 40)])
def test_every_message_of_topics_fits(language: Language, topics: int, size: int) -> None:
    """Any number of topics with the longest titles fit."""
    view, say = run(topics, size), Texts(language)
    message = render_run(view, "deja-topics-1", say)
    waiting = [Unanswered(one, timedelta(days=400), "&" * MAX_LENGTH) for one in view.topics]
    replies = [topics_reply(view, say), trends_reply(view, waiting, say)]
    shown = [
        message
        for one in view.topics[:1]
        for message in (
            render_topic(one, "U1", "deja-topic-1", say),
            render_alert(one, date(2026, 11, 23), "deja-alert-1", say),
        )
    ]
    messages: list[Reply | Message] = [message, *replies, *shown]
    for one in messages:
        for blocks in simpler_versions(one.blocks, carousels=True):
            assert message_error({"text": one.text, "blocks": blocks}) is None
    assert len(alt_text(view, say)) <= 1000
    forms = [
        topic_view("C1", one, tickets(one.size), say, may_change=may)
        for one in view.topics[:1]
        for may in (True, False)
    ]
    for form in (*forms, hidden_view("C1", 1, say)):
        assert view_error(form) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("topics", "size"), [(1, 1), (31, 30), (200, 500)])
def test_forms_behind_a_topics_menu_fit(topics: int, size: int, language: Language) -> None:
    """With any number of tickets and other topics, which have the longest titles."""
    say, about = Texts(language), "C1:1"
    one, *others = run(topics, size).topics
    some = tickets(size)
    for form in (
        rename_view(about, one, say),
        merge_view(about, one, others or [one], say),
        split_view(about, one, [(size, some), (size, some)], say),
        move_view(about, one, some, others or [one], say),
    ):
        assert view_error(form) is None
    undo = ",".join(["9" * 18] * MAX_CHOSEN)
    for step in STEPS:
        reply = change_reply(step, [one, one], MAX_CHOSEN, undo, say)
        assert message_error({"text": reply.text, "blocks": reply.blocks}) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_topics_are_a_table_or_the_same_as_a_list(language: Language) -> None:
    """Both name each topic, and open it: a menu below the table, a button beside each line."""
    view, say = run(3, 12), Texts(language)
    first, otherwise, _ = simpler_versions(render_run(view, "m", say).blocks, carousels=True)
    [table] = [block for block in first if block["type"] == "table"]
    [menu] = [one for block in first if block["type"] == "actions" for one in block["elements"]]
    buttons = [block["accessory"] for block in otherwise if "accessory" in block]
    assert [row[1]["text"] for row in table["rows"][1:]] == ["12"] * 3
    assert {len(row) for row in table["rows"]} == {4}
    assert [one["value"] for one in menu["options"]] == [one["value"] for one in buttons]
    assert menu["action_id"] == buttons[0]["action_id"] == "deja_topic"


def test_topics_beyond_the_listed_ones_can_be_opened() -> None:
    """The menu has them, beside the table and below the list; hidden ones say so."""
    view = run(20, 12)
    first, *others = view.topics
    reply = topics_reply(replace(view, topics=(*others, replace(first, is_hidden=True))), EN)
    for blocks in list(simpler_versions(reply.blocks, carousels=True))[:2]:
        [menu] = [block["elements"][0] for block in blocks if block["type"] == "actions"]
        texts = [one["text"]["text"] for one in menu["options"]]
        assert len(texts) == 20
        assert [text.endswith("… · hidden") for text in texts] == [False] * 19 + [True]


def test_themes_of_many_topics_are_one_line() -> None:
    """The line has the largest themes with their numbers of tickets; few topics have none."""
    view = run(30, 2)
    view = replace(view, theme_titles={0: "card, money", 1: "<printer>"})
    line = "In 8 themes: *card, money* 8 · *&lt;printer&gt;* 8 · "
    for blocks in (render_run(view, "mark", EN).blocks, topics_reply(view, EN).blocks):
        contexts = [block["elements"][0]["text"] for block in blocks if block["type"] == "context"]
        assert contexts[0].startswith(line)
        assert contexts[0].endswith(" · …")
    many = replace(view, topics=tuple(replace(one, size=1_500) for one in view.topics))
    german = str(render_run(many, "mark", Texts("de")).blocks)
    assert "In 8 Bereichen: *card, money* 6.000 · " in german
    for topics in (0, 1, 4):
        assert "themes" not in str(render_run(run(topics, 2), "mark", EN).blocks)


def test_a_summary_has_its_first_day() -> None:
    """It names the day, as forty days are not "the last month"."""
    view, say = run(1, 2), Texts("en")
    view = replace(view, selection=replace(view.selection, since=NOW - timedelta(days=40)))
    assert "since Oct 14, 2026" in str(render_run(view, "mark", say).blocks)


def test_only_a_summary_mentions_the_picture() -> None:
    """A summary in a channel has a picture below it; a private list has none."""
    view, say = run(19, 2), Texts("en")
    assert "… and 11 more" in str(topics_reply(view, say).blocks)
    assert "11 more topics in the picture" in str(render_run(view, "mark", say).blocks)


def test_the_picture_has_at_most_sixty_topics() -> None:
    """The summary counts the topics in the picture and the others, as does its description."""
    view = run(200, 2)
    rest = "52 more topics in the picture · … and 140 more"
    assert rest in str(render_run(view, "mark", EN).blocks)
    assert alt_text(view, EN).startswith("A map of 60 topics: ")
    assert "… and 192 more" in str(topics_reply(view, EN).blocks)


def test_a_rise_is_shown_with_its_figures() -> None:
    """A rise has the usual count, the factor, the last seven days and the rule behind it."""
    view, say = run(1, 9), Texts("en")
    rising = replace(view.topics[0], title="Vpn", days=(1,) * 49 + (0, 0, 0, 1, 2, 0, 6))
    text = str(trends_reply(replace(view, topics=(rising,)), [], say).blocks)
    assert "*Vpn*: 9 in seven days, usually 1.5 (6×); per day: 0 0 0 1 2 0 6" in text
    german = str(trends_reply(replace(view, topics=(rising,)), [], Texts("de")).blocks)
    assert "sonst 1,5 (6×)" in german
    assert "at most one of 1,000 weeks" in text
    assert "at least 3 people asked" in text
    alert = render_alert(rising, date(2026, 11, 23), "m", say)
    assert "per day: 0 0 0 1 2 0 6" in str(alert.blocks)
    calm = replace(rising, trend=Trend(1, 1.5, 0.7, 1))
    text = str(trends_reply(replace(view, topics=(calm,)), [], say).blocks)
    assert "weeks" not in text


def test_an_faq_question_is_shown_in_full() -> None:
    """A question is not shortened to the length of a title."""
    view, question = run(1, 9), " ".join(["why"] * 35) + "?"
    text = str(trends_reply(view, [Unanswered(view.topics[0], timedelta(1), question)], EN).blocks)
    assert question in text


def test_an_opened_topic_shows_its_entry_for_an_faq() -> None:
    """Question, answer, the tickets that say so and how often it worked, up to Slack's limits."""
    one = run(1, 9).topics[0]
    entry = FaqEntry(one, "&" * MAX_LENGTH, "&" * MAX_ANSWER, tickets(9), 2)
    for language in LANGUAGES:
        view = topic_view("C1", one, tickets(9), Texts(language), may_change=True, entry=entry)
        assert view_error(view) is None
    plain = replace(entry, question="Why <!here>?", answer="*Restart* <https://x.example|it>")
    form = str(topic_view("C1", one, tickets(1), EN, may_change=False, entry=plain))
    assert "*Why &lt;!here&gt;?*\\n∗Restart∗ &lt;https://x.example¦it&gt;" in form
    assert "It worked for 2 other tickets" in form


def test_an_opened_topic_shows_its_quality() -> None:
    """The form has it in plain words, the summary and a shared topic have not."""
    view, say = run(1, 9), Texts("en")
    one = replace(view.topics[0], quality=0.917, purity=0.64)
    form = str(topic_view("C1", one, tickets(1), say, may_change=False))
    assert "92% of the tickets similar to its own are in this topic. 64% of its tickets" in form
    german = str(topic_view("C1", one, tickets(1), Texts("de"), may_change=False))
    assert "92\N{NO-BREAK SPACE}% der Tickets, die seinen ähneln" in german.replace(
        "\\xa0", "\N{NO-BREAK SPACE}"
    )
    for other in (render_run(view, "m", say), render_topic(one, "U1", "m", say)):
        assert "tickets similar to its own" not in str(other.blocks)
