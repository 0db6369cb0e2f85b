"""Topics in Slack: the summary of a run, lists, and the form that shows one topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.blocks.parts import (
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
from bot.slack.identity import is_direct
from bot.slack.messages import Message
from bot.texts import Texts
from services.phrases import Phrase, phrase, span
from services.topics.curation import MAX_TITLE_LENGTH
from services.topics.drawing.map_image import MAX_SHOWN
from services.topics.members import TopicTicket
from services.topics.views import RunView, TopicView

FORM = "deja_topic_form"

# More topics than these nobody reads in a message; the picture and the command line have the rest.
MAX_LISTED = 8
MAX_TICKETS = 12
# More channels are counted.
MAX_CHANNELS = 3
# Lines a paragraph: each is below 1,000 characters, of which Slack takes 3,000.
LINES = 3
BAR = 10
ARROWS = {1: ":arrow_upper_right:", -1: ":arrow_lower_right:"}

# Slack's longest text for who cannot see a picture, less a margin.
ALT_LENGTH = 900

CHANGES = {
    "born": phrase("new"),
    "grown": phrase("grown"),
    "shrunk": phrase("shrunk"),
    "split": phrase("split"),
    "merged": phrase("merged"),
}
HEADING = phrase("What people ask about")
IN_PICTURE = phrase("{n} more topics in the picture")
MORE = phrase("… and {n} more")
NO_TOPICS = phrase("No two tickets are about the same: there are no topics.")
NO_RUN = phrase("Nothing was grouped yet, or not since readers changed: type /deja cluster.")


def render_run(view: RunView, mark: str, say: Texts, more: Phrase = IN_PICTURE) -> Message:
    """Return the summary of a run: its largest topics, what changed, what fits nowhere.

    `more` says of further topics how many there are.
    """
    shown = view.shown
    blocks = [section(f":card_index_dividers: *{_heading(view, say)}*", block_id=mark)]
    blocks += themes_line(view, say) if shown else [section(say(NO_TOPICS))]
    blocks += [
        section(
            _line(topic, view, say),
            accessory=button(say("Open"), "topic", str(topic.topic_id)),
        )
        for topic in shown[:MAX_LISTED]
    ]
    blocks.append(context(" · ".join(_rest(view, say, more))))
    named = ", ".join(topic.title for topic in shown[:3])
    return Message(notification(f"{say(HEADING)}:", words(named)), blocks, mark)


def narrowing(view: RunView, say: Texts) -> list[str]:
    """Return in plain words what a run was narrowed to: channels, since when, a told number."""
    return _narrowing(view, say, [f"#{one.name}" for one in view.channels])


def picture_note(view: RunView, say: Texts) -> str:
    """Return what stands below the picture of a run."""
    tickets = say.counted(view.tickets, "{n} ticket", "{n} tickets")
    return " · ".join([tickets, *narrowing(view, say), f"{view.made_at:%Y-%m-%d}"])


def alt_text(view: RunView, say: Texts) -> str:
    """Return what the picture of a run shows, for who cannot see it."""
    drawn = view.shown[:MAX_SHOWN]
    said = ", ".join(f"{topic.title} ({say.number(topic.size)})" for topic in drawn)
    text = say("A map of {n} topics: {topics}", n=len(drawn), topics=said)
    return text if len(text) <= ALT_LENGTH else f"{text[:ALT_LENGTH]}…"


def topics_reply(view: RunView | None, say: Texts) -> Reply:
    """Return the topics of the newest run."""
    if view is None:
        return reason_reply(say(NO_RUN))
    message = render_run(view, "deja-topics", say, MORE)  # one person alone sees no picture
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
        *listed([ticket_line(one, say) for one in tickets[:MAX_TICKETS]]),
    ]
    if topic.size > MAX_TICKETS:
        blocks.append(context(say(MORE.text, n=topic.size - MAX_TICKETS)))
    blocks.append(context(_how_good(topic, say)))
    about = f"{channel}:{topic.topic_id}"
    # In a direct message there is nobody to share with.
    buttons = [] if is_direct(channel) else [button(say("Share here"), "topic_share", about)]
    if may_change:
        buttons.append(button(say("Hide"), "topic_hide", about))
    if buttons:
        blocks.append(actions("deja-topic", *buttons))
    view = _view(blocks, close=plain(say("Close")))
    if may_change:
        view["blocks"].append(
            {
                "type": "input",
                "block_id": "title",
                "optional": True,
                "label": plain(say("Another name")),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "title",
                    "max_length": MAX_TITLE_LENGTH,
                },
            }
        )
        view["submit"] = plain(say("Save"))
    return {**view, "callback_id": FORM, "private_metadata": about}


def hidden_view(channel: str, topic_id: int, say: Texts) -> Block:
    """Return the form of a topic that was hidden just now."""
    about = f"{channel}:{topic_id}"
    return _view(
        [
            section(say("This topic is hidden, here and in later runs.")),
            actions("deja-topic", button(say("Undo"), "topic_unhide", about)),
        ],
        close=plain(say("Close")),
    )


def render_topic(topic: TopicView, user: str, mark: str, say: Texts) -> Message:
    """Return a topic as a message to all, with who shares it."""
    shown = topic.representatives
    blocks = [
        section(
            f":card_index_dividers: *{words(topic.title)}*\n{_figures(topic, say)}", block_id=mark
        ),
        *listed([ticket_line(one, say) for one in shown]),
        context(say("shared by {person}", person=f"<@{user}>")),
    ]
    return Message(notification(f"{say(HEADING)}:", words(topic.title)), blocks, mark)


def listed(lines: Sequence[str], many: int = LINES) -> list[Block]:
    """Return lines in paragraphs of so `many`, none of them longer than Slack takes."""
    starts = range(0, len(lines), many)
    return [section("\n".join(lines[start : start + many])) for start in starts]


def _view(blocks: list[Block], **more: Any) -> Block:
    return {"type": "modal", "title": plain("Déjà"), "blocks": blocks, **more}


def _heading(view: RunView, say: Texts) -> str:
    return " · ".join([say(HEADING), *linked(view, say)])


def linked(view: RunView, say: Texts) -> list[str]:
    """Return what a run was narrowed to, with links to its channels."""
    channels = [
        f"<#{one.slack_id}>" if one.slack_id else f"#{words(one.name)}" for one in view.channels
    ]
    return _narrowing(view, say, channels)


def _narrowing(view: RunView, say: Texts, channels: Sequence[str]) -> list[str]:
    found = [", ".join(channels[:MAX_CHANNELS])] if channels else []
    if len(channels) > MAX_CHANNELS:
        found[0] += f" {say(MORE.text, n=len(channels) - MAX_CHANNELS)}"
    if view.since is not None:
        found.append(say("since {day}", day=f"{view.since:%Y-%m-%d}"))
    if view.is_look:
        found.append(say("as many topics as asked for"))
    return found


def _line(topic: TopicView, view: RunView, say: Texts) -> str:
    largest = max(one.size for one in view.shown)
    bar = "▬" * max(1, round(BAR * topic.size / largest))
    marks = [ARROWS[topic.direction]] if topic.direction else []
    if news := view.news_of(topic):
        marks.append(f"_{say(CHANGES[news])}_")
    title = " ".join([f"*{words(topic.title)}*", *marks])
    return f"{title}\n{bar} {_figures(topic, say)}"


def _figures(topic: TopicView, say: Texts) -> str:
    figures = [
        say.counted(topic.size, "{n} ticket", "{n} tickets"),
        say("{share} solved", share=say.percent(topic.solved)),
    ]
    if topic.median is not None:
        figures.append(say("usually in {span}", span=span(topic.median)))
    return " · ".join(figures)


def _how_good(topic: TopicView, say: Texts) -> str:
    return say(
        "{quality} of what its tickets resemble is in this topic. {purity} of them are clearly "
        "nearer to it than to any other.",
        quality=say.percent(topic.quality),
        purity=say.percent(topic.purity),
    )


def ticket_line(one: TopicTicket, say: Texts) -> str:
    """Return a ticket as a line of a list."""
    solved = f" · _{say('resolved')}_" if one.is_solved else ""
    return f"• {link(one.title, one.url)}{solved}"


def _rest(view: RunView, say: Texts, several: Phrase) -> list[str]:
    """Return what is said below the topics."""
    found = [say.counted(view.tickets, "{n} ticket", "{n} tickets")]
    more = len(view.shown) - MAX_LISTED
    told = min(more, MAX_SHOWN - MAX_LISTED) if several is IN_PICTURE else more
    if told > 0:
        found.append(say(several.text, n=told))
    if more > told:
        found.append(say(MORE.text, n=say.number(more - told)))
    if view.unclustered:
        found.append(say.counted(view.unclustered, "{n} fits nowhere", "{n} fit nowhere"))
    if view.gone:
        found.append(say("gone: {topics}", topics=words(", ".join(view.gone))))
    return found


# A line is to be read at a glance; the table and the page have the rest.
MAX_THEMES = 5


def themes_line(view: RunView, say: Texts) -> list[Block]:
    """Return the largest themes with how many tickets each has, in one line; none: no line."""
    themes = view.themes
    if not themes:
        return []
    largest = [f"*{words(theme.title)}* {say.number(theme.size)}" for theme in themes[:MAX_THEMES]]
    dots = ["…"] if len(themes) > MAX_THEMES else []
    return [
        context(say("In {n} themes: {themes}", n=len(themes), themes=" · ".join([*largest, *dots])))
    ]
