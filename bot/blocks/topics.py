"""Topics in Slack: the summary of a run, and one topic as a message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import (
    STATUSES,
    Block,
    button,
    context,
    link,
    notification,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.blocks.topic_filters import filters_of, list_filters
from bot.blocks.topic_questions import question_blocks
from bot.blocks.topic_table import ARROWS, CHANGES, topic_menu, topics_table
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from bot.slack.simpler_blocks import either
from services.phrases import Percent, in_context, phrase
from services.topics.drawing.map_image import MAX_SHOWN
from services.topics.members import TopicTicket
from services.topics.questions import AskedPair
from services.topics.views import RunView, TopicView

# Nobody reads more topics in a message; the picture and the command line have the rest.
MAX_LISTED = 8
# Lines a section: each is below 1,000 characters, of which Slack takes 3,000.
LINES = 3
# In characters, of the largest topic.
BAR = 10

# The longest alternative text that Slack takes, less a margin.
ALT_LENGTH = 900

HEADING = phrase("What people ask about")
NO_TOPICS = phrase("There are no topics: no two tickets are about the same thing.")
ALL_HIDDEN = phrase("All topics are hidden.")


def render_run(
    view: RunView,
    mark: str,
    say: Texts,
    *,
    pictured: int = MAX_SHOWN,
    asked: Sequence[AskedPair] = (),
    hidden: Sequence[TopicView] = (),
) -> Message:
    """Return the summary of a run: its largest topics, what changed, and what is in no topic.

    `pictured` is how many topics its picture shows, and `asked` what it asks about topics. Those of
    `hidden` can be opened, too.
    """
    shown = view.shown
    blocks = [section(f":card_index_dividers: *{_heading(view, say)}*", block_id=mark)]
    nothing = ALL_HIDDEN if view.topics else NO_TOPICS
    blocks += themes_line(view, say) if shown else [section(say(nothing))]
    listed, opened = shown[:MAX_LISTED], [*shown, *hidden]
    menu = [topic_menu(opened, say)] if opened else []
    if listed:
        table = [topics_table(listed, view, say), *menu]
        unlisted = menu if len(opened) > len(listed) else []
        blocks.append(either(table, [*_list(listed, view, say), *unlisted]))
    else:
        blocks += menu
    blocks.append(context(" · ".join(_rest(view, say, pictured))))
    blocks += question_blocks(asked, say)
    named = ", ".join(topic.title for topic in shown[:3])
    return Message(notification(f"{say(HEADING)}:", words(named)), blocks, mark)


def picture_note(view: RunView, say: Texts) -> str:
    """Return the line below the picture of a run."""
    tickets = say.counted(view.tickets, "{n} ticket", "{n} tickets")
    return " · ".join([tickets, *filters_of(view, say), say.value(view.made_at)])


def alt_text(view: RunView, say: Texts) -> str:
    """Return the alternative text of a run's picture, for people who cannot see it."""
    drawn = view.shown[:MAX_SHOWN]
    topics = ", ".join(f"{topic.title} ({say.value(topic.size)})" for topic in drawn)
    text = say.counted(
        len(drawn), "A map of {n} topic: {topics}", "A map of {n} topics: {topics}", topics=topics
    )
    return text if len(text) <= ALT_LENGTH else f"{text[:ALT_LENGTH]}…"


def topics_reply(view: RunView, say: Texts) -> Reply:
    """Return the topics of a run, with a way to the hidden ones."""
    hidden = [topic for topic in view.topics if topic.is_hidden]
    # A private reply has no picture.
    message = render_run(view, "deja-topics", say, pictured=MAX_LISTED, hidden=hidden)
    return Reply(message.text, message.blocks)


def render_topic(topic: TopicView, user: str, mark: str, say: Texts) -> Message:
    """Return a topic as a message, with who shared it."""
    shown = topic.representatives
    blocks = [
        section(
            f":card_index_dividers: *{words(topic.title)}*\n{figures(topic, say)}", block_id=mark
        ),
        *list_sections([ticket_line(one, say) for one in shown]),
        context(say("shared by {person}", person=f"<@{user}>")),
    ]
    return Message(notification(f"{say(HEADING)}:", words(topic.title)), blocks, mark)


def list_sections(lines: Sequence[str], size: int = LINES) -> list[Block]:
    """Return lines in sections of `size` lines, so that none is longer than Slack takes."""
    starts = range(0, len(lines), size)
    return [section("\n".join(lines[start : start + size])) for start in starts]


def _heading(view: RunView, say: Texts) -> str:
    return " · ".join([say(HEADING), *linked_filters(view, say)])


def linked_filters(view: RunView, say: Texts) -> list[str]:
    """Return the filters of a run, with links to its channels."""
    channels = [
        f"<#{one.slack_id}>" if one.slack_id else f"#{words(one.name)}" for one in view.channels
    ]
    return list_filters(view, say, channels)


def _list(topics: Sequence[TopicView], view: RunView, say: Texts) -> list[Block]:
    """Return topics as a list, each with a button that opens it."""
    label = say(in_context("button", "Open"))
    return [
        section(_line(topic, view, say), accessory=button(label, "topic", str(topic.topic_id)))
        for topic in topics
    ]


def _line(topic: TopicView, view: RunView, say: Texts) -> str:
    largest = max(one.size for one in view.shown)
    bar = "▬" * max(1, round(BAR * topic.size / largest))
    marks = [ARROWS[topic.direction]] if topic.direction else []
    if news := view.news_of(topic):
        marks.append(f"_{say(CHANGES[news])}_")
    title = " ".join([f"{topic.topic_id} · *{words(topic.title)}*", *marks])
    return f"{title}\n{bar} {figures(topic, say)}"


def figures(topic: TopicView, say: Texts) -> str:
    """Return how many tickets a topic has, how many are solved and how long that takes."""
    found = [
        say.counted(topic.size, "{n} ticket", "{n} tickets"),
        say("{share} solved", share=Percent(topic.solved)),
    ]
    if topic.median is not None:
        found.append(say("usually in {span}", span=topic.median))
    return " · ".join(found)


def ticket_line(one: TopicTicket, say: Texts) -> str:
    """Return a ticket as a line of a list."""
    solved = f" · _{say(STATUSES['resolved'])}_" if one.is_solved else ""
    return f"• {link(one.title, one.url)}{solved}"


def _rest(view: RunView, say: Texts, pictured: int) -> list[str]:
    """Return what the line below the topics says about the rest."""
    found = [say.counted(view.tickets, "{n} ticket", "{n} tickets")]
    unlisted = max(len(view.shown) - MAX_LISTED, 0)
    drawn = min(unlisted, pictured - MAX_LISTED)
    if drawn:
        found.append(
            say.counted(drawn, "{n} more topic in the picture", "{n} more topics in the picture")
        )
    if unlisted > drawn:
        found.append(say("… and {n} more", n=unlisted - drawn))
    if view.unclustered:
        found.append(say("{n} in no topic", n=view.unclustered))
    if view.gone:
        found.append(say("gone: {topics}", topics=words(", ".join(view.gone))))
    return found


# So that the line can be read at a glance; the table and the page have the rest.
MAX_THEMES = 5


def themes_line(view: RunView, say: Texts) -> list[Block]:
    """Return a line of the largest themes and their sizes; no line if there are no themes."""
    themes = view.themes
    if not themes:
        return []
    largest = [f"*{words(theme.title)}* {say.value(theme.size)}" for theme in themes[:MAX_THEMES]]
    dots = ["…"] if len(themes) > MAX_THEMES else []
    return [
        context(
            say.counted(
                len(themes),
                "In {n} theme: {themes}",
                "In {n} themes: {themes}",
                themes=" · ".join([*largest, *dots]),
            )
        )
    ]
