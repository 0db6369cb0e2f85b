"""Topics as a table, for a Slack that knows tables."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import NO_TEXT, Block, actions, plain
from bot.i18n.texts import Texts
from services.phrases import Percent, in_context
from services.text.words.plain import plain_text, shorten
from services.topics.views import RunView, TopicView

ARROWS = {1: ":arrow_upper_right:", -1: ":arrow_lower_right:"}
# A cell of a table has no emoji by name.
CELL_ARROWS = {1: "↗", -1: "↘"}
CHANGES = {
    "born": in_context("topic", "new"),
    "grown": in_context("topic", "grown"),
    "shrunk": in_context("topic", "shrunk"),
    "split": in_context("topic", "split"),
    "merged": in_context("topic", "merged"),
}
COLUMNS = (
    in_context("column", "Topic"),
    in_context("column", "Tickets"),
    in_context("column", "Solved"),
    in_context("column", "Usually in"),
)
# Of an option, as Slack takes it, and options that a message has room for.
OPTION_LENGTH, MAX_OPENED = 75, 40
NOTHING = "–"
HIDDEN = in_context("topic", "hidden")


def topics_table(topics: Sequence[TopicView], view: RunView, say: Texts) -> Block:
    """Return a table of topics."""
    rows = [[say(name) for name in COLUMNS], *(_row(one, view, say) for one in topics)]
    return {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
        "column_settings": [{"is_wrapped": True}, *({"align": "right"} for _ in COLUMNS[1:])],
    }


def topic_menu(topics: Sequence[TopicView], say: Texts) -> Block:
    """Return a menu that opens one of some topics; hidden ones say so."""
    options = [
        {"text": plain(_option(one, say)), "value": str(one.topic_id)}
        for one in topics[:MAX_OPENED]
    ]
    menu = {
        "type": "static_select",
        "action_id": "deja_topic",
        "placeholder": plain(say("Open a topic")),
        "options": options,
    }
    return actions("deja-open-topic", menu)


def _option(topic: TopicView, say: Texts) -> str:
    if not topic.is_hidden:
        return _title(topic, OPTION_LENGTH)
    mark = f" · {say(HIDDEN)}"
    return _title(topic, OPTION_LENGTH - len(mark)) + mark


def _row(topic: TopicView, view: RunView, say: Texts) -> list[str]:
    marks = [CELL_ARROWS[topic.direction]] if topic.direction else []
    if news := view.news_of(topic):
        marks.append(f"({say(CHANGES[news])})")
    return [
        " ".join([f"{topic.topic_id} · {_title(topic)}", *marks]),
        say.value(topic.size),
        say.value(Percent(topic.solved)),
        NOTHING if topic.median is None else say.value(topic.median),
    ]


def _title(topic: TopicView, length: int | None = None) -> str:
    title = plain_text(topic.title) or NO_TEXT
    return title if length is None else shorten(title, length)
