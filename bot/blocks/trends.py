"""Trends in Slack: what is asked more than usual, asked for or not, and what nobody answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import Block, button, context, notification, section, words
from bot.blocks.replies import Reply, reason_reply
from bot.blocks.topics import MAX_LISTED, NO_RUN, linked, listed, ticket_line
from bot.slack.messages import Message
from bot.texts import Texts
from services.phrases import phrase, span
from services.topics.naming.faq import MAX_LENGTH
from services.topics.trends import MAX_LIKELY, MIN_REPORTERS, WEEK
from services.topics.unanswered import Unanswered
from services.topics.views import RunView, TopicView

# Each has a sentence of its own: so many lines are a paragraph, and fit into a message with rises.
MAX_WAITING, LINES = 6, 2

NO_RISE = phrase("Nothing is asked more often than usual.")
ALL_ANSWERED = phrase("Whatever is asked more than once has an answer.")
JUDGED = phrase(
    "Listed where chance alone would bring so many in at most one of {n} weeks, weekdays taken "
    "into account, and {people} people or more asked."
)


def trends_reply(view: RunView | None, waiting: Sequence[Unanswered], say: Texts) -> Reply:
    """Return what is asked more than usual, and what is asked again without an answer."""
    if view is None:
        return reason_reply(say(NO_RUN))
    rising = [topic for topic in view.shown if topic.trend.is_rise]
    lines = [f"• {_rise(topic, say)}" for topic in rising[:MAX_LISTED]]
    open_lines = [
        "• "
        + say(
            "*{title}*: {n} open, waiting {span}. For an FAQ: _{question}_",
            title=words(one.topic.title),
            n=one.open_count,
            span=span(one.median_wait),
            question=words(one.question, MAX_LENGTH),
        )
        for one in waiting[:MAX_WAITING]
    ]
    blocks = [
        section(f":chart_with_upwards_trend: *{say('Asked more than usual')}*"),
        *([*listed(lines), _judged(say)] if lines else [section(say(NO_RISE))]),
        section(f":hourglass: *{say('Asked again and not answered')}*"),
        *(listed(open_lines, LINES) or [section(say(ALL_ANSWERED))]),
    ]
    if narrowed := linked(view, say):
        blocks.append(context(" · ".join(narrowed)))
    return Reply(say("Trends"), blocks)


def render_alert(topic: TopicView, opened: str, mark: str, say: Texts) -> Message:
    """Return the one message about a topic that rises, as it is now; `opened` is a day."""
    heading = say("Asked more than usual")
    blocks = [
        section(
            f":chart_with_upwards_trend: *{heading}*\n{_rise(topic, say)}",
            block_id=mark,
            accessory=button(say("Open"), "topic", str(topic.topic_id)),
        ),
        *listed([ticket_line(one, say) for one in topic.representatives]),
        context(say("since {day}", day=opened)),
    ]
    return Message(notification(f"{heading}:", words(topic.title)), blocks, mark)


def _rise(topic: TopicView, say: Texts) -> str:
    return say(
        "*{title}*: {n} in seven days, usually {expected} ({times}); day by day {days}",
        title=words(topic.title),
        n=topic.trend.count,
        expected=say.tenths(topic.trend.expected),
        times=f"{say.tenths(topic.trend.change)}×",
        days=" ".join(map(str, topic.days[-WEEK:])),
    )


def _judged(say: Texts) -> Block:
    number, people = say.number(round(1 / MAX_LIKELY)), MIN_REPORTERS
    return context(say(JUDGED.text, n=number, people=people))
