"""Forms of a topic: its tickets, and what people change about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.form_fields import (
    checkboxes,
    chosen,
    form,
    form_values,
    input_field,
    modal,
    option,
    sent,
    text_input,
    ticked,
)
from bot.blocks.parts import (
    NO_TEXT,
    Block,
    actions,
    button,
    context,
    link,
    plain,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.blocks.sent_ids import is_row_id
from bot.blocks.topic_steps import STEPS, Step
from bot.blocks.topics import figures, list_sections, ticket_line
from bot.i18n.texts import Texts
from bot.slack.identity import is_direct
from services.phrases import Percent, Phrase, in_context, phrase
from services.text.words.plain import plain_text, shorten
from services.topics.curation import MAX_TITLE_LENGTH
from services.topics.faq_entries import FaqEntry
from services.topics.members import TopicTicket
from services.topics.naming.faq import MAX_ANSWER, MAX_LENGTH
from services.topics.views import TopicView

# What Slack sends back with the form of each step.
FORMS: Mapping[Step, str] = {step: f"deja_topic_{step}_form" for step in STEPS}
MENU = "deja_topic_change"

MAX_TICKETS = 12
# Slack takes that many options in a menu and in a group of checkboxes, each of that length.
MAX_TOPICS, GROUP, OPTION_LENGTH = 100, 10, 75
# Tickets to choose from: three screens of a phone.
MAX_CHOSEN = 30
# Tickets that are named below an entry of an FAQ.
MAX_SOURCES = 3
# Tickets of a part that a split would make.
MAX_EXAMPLES = 4

MENU_LABELS: Mapping[Step, Phrase] = {
    "rename": phrase("Rename…"),
    "merge": phrase("Merge with…"),
    "split": phrase("Split in two…"),
    "move": phrase("Move tickets…"),
}
NO_OTHER = phrase("There is no other topic.")
CHOOSE_TICKETS = phrase("Choose at least one ticket.")
CHOOSE_TOPIC = phrase("Choose a topic.")


def topic_view(
    channel: str,
    topic: TopicView,
    tickets: Sequence[TopicTicket],
    say: Texts,
    *,
    may_change: bool,
    entry: FaqEntry | None = None,
) -> Block:
    """Return the form that shows a topic's `tickets`, with a menu for those who may change it.

    `entry` is what an FAQ would say of it.
    """
    about = f"{channel}:{topic.topic_id}"
    menu = {"accessory": _menu(about, say)} if may_change else {}
    blocks = [
        section(f"*{words(topic.title)}*\n{figures(topic, say)}", **menu),
        *([] if entry is None else _faq_blocks(entry, say)),
        *list_sections([ticket_line(one, say) for one in tickets[:MAX_TICKETS]]),
    ]
    if topic.size > MAX_TICKETS:
        blocks.append(context(say("… and {n} more", n=topic.size - MAX_TICKETS)))
    blocks.append(context(_quality(topic, say)))
    # In a direct message there is nobody to share with.
    buttons = [] if is_direct(channel) else [button(say("Share here"), "topic_share", about)]
    if may_change:
        buttons.append(_hide_or_show(topic, about, say))
    if buttons:
        blocks.append(actions("deja-topic", *buttons))
    return modal(blocks, close=plain(say(in_context("button", "Close"))))


def _hide_or_show(topic: TopicView, about: str, say: Texts) -> Block:
    if topic.is_hidden:
        return button(say("Show again"), "topic_unhide", about)
    return button(say(in_context("button", "Hide")), "topic_hide", about)


def _faq_blocks(entry: FaqEntry, say: Texts) -> list[Block]:
    """Return what an FAQ would say of a topic, and which tickets say so."""
    question, answer = words(entry.question, MAX_LENGTH), words(entry.answer, MAX_ANSWER)
    shown = entry.sources[:MAX_SOURCES]
    facts = [say("From {tickets}", tickets=", ".join(link(one.title, one.url) for one in shown))]
    if entry.helped:
        worked = "It worked for {n} other ticket", "It worked for {n} other tickets"
        facts.append(say.counted(entry.helped, *worked))
    return [section(f":bulb: *{question}*\n{answer}"), context(" · ".join(facts))]


def _menu(about: str, say: Texts) -> Block:
    options = [option(say(label), f"{step}:{about}") for step, label in MENU_LABELS.items()]
    return {"type": "overflow", "action_id": MENU, "options": options}


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


def rename_view(about: str, topic: TopicView, say: Texts) -> Block:
    """Return the form that asks for a topic's new name."""
    name = text_input(MAX_TITLE_LENGTH, topic.title[:MAX_TITLE_LENGTH])
    field = input_field("title", say("New name"), name)
    return _step_view("rename", about, [field], say, title=say("Rename topic"))


def merge_view(about: str, topic: TopicView, others: Sequence[TopicView], say: Texts) -> Block:
    """Return the form that asks which of `others` to merge into a topic, which keeps its name."""
    blocks = [
        section(f"*{words(topic.title)}*\n{figures(topic, say)}"),
        _topics_field(say("Merge with"), others, say),
        context(say("The topic keeps its name. Later runs keep the two together.")),
    ]
    return _step_view("merge", about, blocks, say, title=say("Merge topics"), submit=say("Merge"))


def split_view(
    about: str,
    topic: TopicView,
    parts: Sequence[tuple[int, Sequence[TopicTicket]]],
    say: Texts,
) -> Block:
    """Return the form that shows the parts a topic would be split in: size, and some tickets."""
    blocks = [section(say("*{topic}* would become two topics:", topic=words(topic.title)))]
    for size, tickets in parts:
        heading = say.counted(size, "{n} ticket", "{n} tickets")
        lines = [ticket_line(one, say) for one in tickets[:MAX_EXAMPLES]]
        blocks.append(section(f"*{heading}*"))
        blocks += list_sections(lines)
        if size > len(lines):
            blocks.append(context(say("… and {n} more", n=size - len(lines))))
    blocks.append(context(say("The larger part keeps the name. Later runs keep the two apart.")))
    return _step_view("split", about, blocks, say, title=say("Split topic"), submit=say("Split"))


def move_view(
    about: str,
    topic: TopicView,
    tickets: Sequence[TopicTicket],
    others: Sequence[TopicView],
    say: Texts,
) -> Block:
    """Return the form that asks which tickets of a topic to move, and into which of `others`."""
    blocks = [section(f"*{words(topic.title)}*\n{figures(topic, say)}")]
    chosen_from = tickets[:MAX_CHOSEN]
    for start in range(0, len(chosen_from), GROUP):
        group = chosen_from[start : start + GROUP]
        boxes = {str(one.item_id): (_option_text(one.title), False) for one in group}
        label = say("Tickets {first} to {last}", first=start + 1, last=start + len(group))
        field = checkboxes(boxes)
        blocks.append(input_field(f"tickets-{start}", label, field, optional=True))
    if topic.size > len(chosen_from):
        n = topic.size - len(chosen_from)
        blocks.append(context(say("Those that fit least come first. … and {n} more", n=n)))
    blocks.append(_topics_field(say("Move to"), others, say))
    return _step_view("move", about, blocks, say, title=say("Move tickets"), submit=say("Move"))


def _step_view(
    step: Step, about: str, blocks: Sequence[Block], say: Texts, *, title: str, submit: str = ""
) -> Block:
    return form(FORMS[step], about, blocks, say, title=title, submit=submit or say("Save"))


def _topics_field(label: str, topics: Sequence[TopicView], say: Texts) -> Block:
    options = [option(_option_text(one.title), str(one.topic_id)) for one in topics[:MAX_TOPICS]]
    menu = {
        "type": "static_select",
        "placeholder": plain(say("Choose a topic")),
        "options": options,
    }
    return input_field("other", label, menu)


def _option_text(title: str) -> str:
    return shorten(plain_text(title), OPTION_LENGTH) or NO_TEXT


def _quality(topic: TopicView, say: Texts) -> str:
    return say(
        "{quality} of the tickets similar to its own are in this topic. {purity} of its "
        "tickets are clearly closer to it than to any other topic.",
        quality=Percent(topic.quality),
        purity=Percent(topic.purity),
    )


def read_title(view: Mapping[str, Any]) -> str:
    """Return the name that somebody gave a topic, empty without one."""
    return str(sent(form_values(view), "title").get("value") or "").strip()


def read_other(view: Mapping[str, Any]) -> int | None:
    """Return the other topic that somebody chose, None without one."""
    other = chosen(form_values(view), "other") or ""
    return int(other) if is_row_id(other) else None


def read_tickets(view: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the tickets (ids) that somebody ticked, each once; what is no id is left out."""
    values = form_values(view)
    groups = range(0, MAX_CHOSEN, GROUP)
    found = {one for start in groups for one in ticked(values, f"tickets-{start}")}
    return tuple(sorted(int(one) for one in found if is_row_id(one)))


def change_reply(
    step: Step, topics: Sequence[TopicView], moved: int, undo: str, say: Texts
) -> Reply:
    """Return the line that says what somebody changed, with *Undo* (`undo` is its value).

    `topics` are those that the change made or changed, as they are after it.
    """
    named = [
        f"*{words(one.title)}* · {say.counted(one.size, '{n} ticket', '{n} tickets')}"
        for one in topics
    ]
    listed = "\n".join(named)
    texts: Mapping[Step, str] = {
        "rename": say("Renamed: {topic}", topic=listed),
        "merge": say("Merged: {topic}", topic=listed),
        "split": say("Split in two:\n{topics}", topics=listed),
        "move": say.counted(
            moved, "{n} ticket was moved to {topic}", "{n} tickets were moved to {topic}",
            topic=listed,
        ),
    }  # fmt: skip
    text = texts[step]
    return Reply(text, [section(f":white_check_mark: {text}", accessory=_undo(undo, say))])


def _undo(value: str, say: Texts) -> Block:
    return button(say("Undo"), "topic_undo", value)


def undone_reply(say: Texts) -> Reply:
    """Return the line that says a change was undone."""
    text = say("Undone: the topics are as they were before.")
    return Reply(text, [section(f":leftwards_arrow_with_hook: {text}")])
