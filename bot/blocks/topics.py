"""Topics in Slack: the summary of a run, and one topic as a form or a message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.form_fields import input_field, modal, text_input
from bot.blocks.parts import (
    STATUSES,
    Block,
    actions,
    button,
    context,
    link,
    notification,
    plain,
    section,
    words,
)
from bot.blocks.replies import Reply, reason_reply
from bot.blocks.topic_filters import filters_of, list_filters
from bot.blocks.topic_questions import question_blocks
from bot.blocks.topic_table import ARROWS, CHANGES, topics_table
from bot.i18n.texts import Texts
from bot.slack.identity import is_direct
from bot.slack.messages import Message
from bot.slack.simpler_blocks import either
from services.phrases import Percent, in_context, phrase
from services.topics.curation import MAX_TITLE_LENGTH
from services.topics.drawing.map_image import MAX_SHOWN
from services.topics.grain import AskedPair
from services.topics.members import TopicTicket
from services.topics.views import RunView, TopicView

FORM = "deja_topic_form"

# Nobody reads more topics in a message; the picture and the command line have the rest.
MAX_LISTED = 8
MAX_TICKETS = 12
# Lines a section: each is below 1,000 characters, of which Slack takes 3,000.
LINES = 3
# In characters, of the largest topic.
BAR = 10

# The longest alternative text that Slack takes, less a margin.
ALT_LENGTH = 900

HEADING = phrase("What people ask about")
NO_TOPICS = phrase("There are no topics: no two tickets are about the same thing.")
NO_RUN = phrase(
    "There are no topics yet, or who can read here has changed since. Type /deja cluster."
)


def render_run(
    view: RunView,
    mark: str,
    say: Texts,
    pictured: int = MAX_SHOWN,
    asked: Sequence[AskedPair] = (),
) -> Message:
    """Return the summary of a run: its largest topics, what changed, and what is in no topic.

    `pictured` is how many topics its picture shows, and `asked` what it asks about topics.
    """
    shown = view.shown
    blocks = [section(f":card_index_dividers: *{_heading(view, say)}*", block_id=mark)]
    blocks += themes_line(view, say) if shown else [section(say(NO_TOPICS))]
    if listed := shown[:MAX_LISTED]:
        blocks.append(either(topics_table(listed, view, say), _list(listed, view, say)))
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


def topics_reply(view: RunView | None, say: Texts) -> Reply:
    """Return the topics of the newest run."""
    if view is None:
        return reason_reply(say(NO_RUN))
    message = render_run(view, "deja-topics", say, MAX_LISTED)  # a private reply has no picture
    return Reply(message.text, message.blocks)


def topic_view(
    channel: str,
    topic: TopicView,
    tickets: Sequence[TopicTicket],
    say: Texts,
    *,
    may_change: bool,
) -> Block:
    """Return the form that shows a topic's `tickets`, and lets those who may rename or hide it."""
    blocks = [
        section(f"*{words(topic.title)}*\n{_figures(topic, say)}"),
        *list_sections([ticket_line(one, say) for one in tickets[:MAX_TICKETS]]),
    ]
    if topic.size > MAX_TICKETS:
        blocks.append(context(say("… and {n} more", n=topic.size - MAX_TICKETS)))
    blocks.append(context(_quality(topic, say)))
    about = f"{channel}:{topic.topic_id}"
    # In a direct message there is nobody to share with.
    buttons = [] if is_direct(channel) else [button(say("Share here"), "topic_share", about)]
    if may_change:
        buttons.append(button(say(in_context("button", "Hide")), "topic_hide", about))
    if buttons:
        blocks.append(actions("deja-topic", *buttons))
    view = modal(blocks, close=plain(say(in_context("button", "Close"))))
    if may_change:
        view["blocks"].append(
            input_field("title", say("New name"), text_input(MAX_TITLE_LENGTH), optional=True)
        )
        view["submit"] = plain(say("Save"))
    return {**view, "callback_id": FORM, "private_metadata": about}


def hidden_view(channel: str, topic_id: int, say: Texts) -> Block:
    """Return the form of a topic that was just hidden."""
    about = f"{channel}:{topic_id}"
    return modal(
        [
            section(say("This topic is now hidden, here and in later summaries.")),
            actions("deja-topic", button(say("Undo"), "topic_unhide", about)),
        ],
        close=plain(say(in_context("button", "Close"))),
    )


def render_topic(topic: TopicView, user: str, mark: str, say: Texts) -> Message:
    """Return a topic as a message, with who shared it."""
    shown = topic.representatives
    blocks = [
        section(
            f":card_index_dividers: *{words(topic.title)}*\n{_figures(topic, say)}", block_id=mark
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
    return f"{title}\n{bar} {_figures(topic, say)}"


def _figures(topic: TopicView, say: Texts) -> str:
    figures = [
        say.counted(topic.size, "{n} ticket", "{n} tickets"),
        say("{share} solved", share=Percent(topic.solved)),
    ]
    if topic.median is not None:
        figures.append(say("usually in {span}", span=topic.median))
    return " · ".join(figures)


def _quality(topic: TopicView, say: Texts) -> str:
    return say(
        "{quality} of the tickets similar to its own are in this topic. {purity} of its "
        "tickets are clearly closer to it than to any other topic.",
        quality=Percent(topic.quality),
        purity=Percent(topic.purity),
    )


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
