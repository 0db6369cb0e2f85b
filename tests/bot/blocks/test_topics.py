"""Messages and forms of topics at the edges of what Slack takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.blocks.replies import Reply
from bot.blocks.topics import (
    alt_text,
    hidden_view,
    render_run,
    render_topic,
    topic_view,
    topics_reply,
)
from bot.blocks.trends import render_alert, trends_reply
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.channels.settings import LANGUAGES, Language
from services.topics.curation import MAX_TITLE_LENGTH
from services.topics.members import SHOWN, RunSelection, TopicTicket
from services.topics.naming.faq import MAX_LENGTH
from services.topics.scopes import scope_of_everybody
from services.topics.trends import Trend
from services.topics.unanswered import Unanswered
from services.topics.views import RunView, TopicView
from tests.conftest import NOW
from tests.slack_limits import message_error, view_error

EN = Texts("en")

# Each takes five characters where it is escaped.
WORST = "&" * MAX_TITLE_LENGTH


def tickets(number: int) -> tuple[TopicTicket, ...]:
    """Return tickets whose words and addresses are as long as they can be."""
    return tuple(
        TopicTicket(
            item_id=place,
            title=WORST,
            url="https://slack.example/" + "a" * 270,
            channel="help",
            created_at=NOW - timedelta(days=place),
            is_solved=False,
        )
        for place in range(number)
    )


def topic(number: int, size: int) -> TopicView:
    """Return a topic of so many tickets."""
    return TopicView(
        topic_id=number,
        title=WORST,
        terms=(WORST,) * 8,
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
    """Return a run of so many topics."""
    return RunView(
        run_id=1,
        made_at=NOW,
        selection=RunSelection(scope_of_everybody(1), NOW - timedelta(days=400), NOW, 100_000),
        topics=tuple(topic(number, size) for number in range(topics)),
        unclustered=100_000,
        gone=(WORST,) * 50,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("topics", "size"), [(0, 0), (1, 1), (8, 12), (300, 40)])
def test_every_message_of_topics_fits(language: Language, topics: int, size: int) -> None:
    """However many topics there are, and whatever they are called."""
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
        assert message_error({"text": one.text, "blocks": one.blocks}) is None
    assert len(alt_text(view, say)) <= 1000
    forms = [
        topic_view("C1", one, tickets(one.size), say, may_change=may)
        for one in view.topics[:1]
        for may in (True, False)
    ]
    for form in (*forms, hidden_view("C1", 1, say)):
        assert view_error(form) is None


def test_many_topics_come_down_to_a_line() -> None:
    """The largest themes by name with how many tickets each has; of few topics there is none."""
    view = run(30, 2)
    view = replace(view, theme_titles={0: "card, money", 1: "<printer>"})
    line = "In 8 themes: *card, money* 8 · *&lt;printer&gt;* 8 · "
    for blocks in (render_run(view, "mark", EN).blocks, topics_reply(view, EN).blocks):
        told = [block["elements"][0]["text"] for block in blocks if block["type"] == "context"]
        assert told[0].startswith(line)
        assert told[0].endswith(" · …")
    many = replace(view, topics=tuple(replace(one, size=1_500) for one in view.topics))
    german = str(render_run(many, "mark", Texts("de")).blocks)
    assert "In 8 Bereichen: *card, money* 6.000 · " in german
    for topics in (0, 1, 4):
        assert "themes" not in str(render_run(run(topics, 2), "mark", EN).blocks)


def test_a_summary_says_since_when() -> None:
    """To the day: forty days are not "the last month"."""
    view, say = run(1, 2), Texts("en")
    view = replace(view, selection=replace(view.selection, since=NOW - timedelta(days=40)))
    assert "since Oct 14, 2026" in str(render_run(view, "mark", say).blocks)


def test_a_list_for_one_promises_no_picture() -> None:
    """There is one below the summary in a channel."""
    view, say = run(19, 2), Texts("en")
    assert "… and 11 more" in str(topics_reply(view, say).blocks)
    assert "11 more topics in the picture" in str(render_run(view, "mark", say).blocks)


def test_no_more_topics_are_said_to_be_in_the_picture_than_are() -> None:
    """It shows the sixty largest; the rest is counted beside it, and its description tells it."""
    view = run(200, 2)
    rest = "52 more topics in the picture · … and 140 more"
    assert rest in str(render_run(view, "mark", EN).blocks)
    assert alt_text(view, EN).startswith("A map of 60 topics: ")
    assert "… and 192 more" in str(topics_reply(view, EN).blocks)


def test_a_rise_says_how_much_and_when() -> None:
    """Against what is usual, how many times as many, on which of the last seven days, and why."""
    view, say = run(1, 9), Texts("en")
    rising = replace(view.topics[0], title="Vpn", days=(1,) * 49 + (0, 0, 0, 1, 2, 0, 6))
    said = str(trends_reply(replace(view, topics=(rising,)), [], say).blocks)
    assert "*Vpn*: 9 in seven days, usually 1.5 (6×); per day: 0 0 0 1 2 0 6" in said
    german = str(trends_reply(replace(view, topics=(rising,)), [], Texts("de")).blocks)
    assert "sonst 1,5 (6×)" in german
    assert "at most one of 1,000 weeks" in said
    assert "at least 3 people asked" in said
    alert = render_alert(rising, date(2026, 11, 23), "m", say)
    assert "per day: 0 0 0 1 2 0 6" in str(alert.blocks)
    calm = replace(rising, trend=Trend(1, 1.5, 0.7, 1))
    said = str(trends_reply(replace(view, topics=(calm,)), [], say).blocks)
    assert "weeks" not in said


def test_the_wording_for_an_faq_is_told_whole() -> None:
    """What was chosen to be read is not cut to the length of a title."""
    view, question = run(1, 9), " ".join(["why"] * 35) + "?"
    said = str(trends_reply(view, [Unanswered(view.topics[0], timedelta(1), question)], EN).blocks)
    assert question in said


def test_a_topic_says_how_good_it_is_where_it_is_opened() -> None:
    """In plain words; not in the summary, nor where it is shared."""
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
