"""Trends in Slack: what people ask about more than usual, and what nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.blocks.parts import button, context, notification, section, words
from bot.blocks.replies import Reply
from bot.blocks.topics import MAX_LISTED, linked_filters, list_sections, ticket_line
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.phrases import in_context, phrase
from services.topics.naming.faq import MAX_LENGTH
from services.topics.trends import MAX_P_VALUE, MIN_REPORTERS, WEEK
from services.topics.unanswered import Unanswered
from services.topics.views import RunView, TopicView, rising_first

# How many unanswered topics fit into a message beside the rises, and how many lines into a section.
MAX_WAITING, LINES = 6, 2

NO_RISE = phrase("Nothing is asked more often than usual.")
ALL_ANSWERED = phrase("Everything that was asked more than once has an answer.")
JUDGED = phrase(
    "Listed when chance alone would bring that many in at most one of {n} weeks, taking "
    "weekdays into account, and at least {people} people asked.",
    n=round(1 / MAX_P_VALUE),
    people=MIN_REPORTERS,
)


def trends_reply(view: RunView, waiting: Sequence[Unanswered], say: Texts) -> Reply:
    """Return the rising topics, and the topics that wait for an answer."""
    rising = rising_first(view.shown)
    lines = [f"• {_rise(topic, say)}" for topic in rising[:MAX_LISTED]]
    open_lines = [
        "• "
        + say(
            "*{title}*: {n} open, waiting {span}. For an FAQ: _{question}_",
            title=words(one.topic.title),
            n=one.open_count,
            span=one.median_wait,
            question=words(one.question, MAX_LENGTH),
        )
        for one in waiting[:MAX_WAITING]
    ]
    blocks = [
        section(f":chart_with_upwards_trend: *{say('Asked more than usual')}*"),
        *([*list_sections(lines), context(say(JUDGED))] if lines else [section(say(NO_RISE))]),
        section(f":hourglass: *{say('Asked again and again, still unanswered')}*"),
        *(list_sections(open_lines, LINES) or [section(say(ALL_ANSWERED))]),
    ]
    if filters := linked_filters(view, say):
        blocks.append(context(" · ".join(filters)))
    return Reply(say("Trends"), blocks)


def render_alert(topic: TopicView, opened: date, mark: str, say: Texts) -> Message:
    """Return the alert to a rising topic, with its current figures; `opened` is its first day."""
    heading = say("Asked more than usual")
    blocks = [
        section(
            f":chart_with_upwards_trend: *{heading}*\n{_rise(topic, say)}",
            block_id=mark,
            accessory=button(say(in_context("button", "Open")), "topic", str(topic.topic_id)),
        ),
        *list_sections([ticket_line(one, say) for one in topic.representatives]),
        context(say("since {day}", day=opened)),
    ]
    return Message(notification(f"{heading}:", words(topic.title)), blocks, mark)


def _rise(topic: TopicView, say: Texts) -> str:
    return say(
        "*{title}*: {n} in seven days, usually {expected} ({times}×); per day: {days}",
        title=words(topic.title),
        n=topic.trend.count,
        expected=topic.trend.expected,
        times=topic.trend.change,
        days=" ".join(map(str, topic.days[-WEEK:])),
    )
