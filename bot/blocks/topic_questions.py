"""Questions below a weekly summary: whether two topics are one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import Block, actions, button, context, link, section, words
from bot.i18n.texts import Texts
from services.phrases import phrase
from services.topics.questions import AskedPair
from services.topics.views import TopicView

# Tickets of each topic that a question shows.
EXAMPLES = 2

ONE_TOPIC = phrase("One topic?")
WHY = phrase("Only you can say how fine topics should be. I'll keep to it from now on.")


def question_blocks(asked: Sequence[AskedPair], say: Texts) -> list[Block]:
    """Return the questions of a summary, each with its answer where there is one."""
    if not asked:
        return []
    heading = [section(f":scales: *{say(ONE_TOPIC)}*"), context(say(WHY))]
    return [*heading, *(block for one in asked for block in _question(one, say))]


def _question(asked: AskedPair, say: Texts) -> list[Block]:
    topic, other = asked.topic, asked.other
    if asked.edit_id is not None:
        undo = button(say("Undo"), "topic_undo", str(asked.edit_id), about=topic.title)
        if other is None:
            text = say(":white_check_mark: One topic: *{topic}*", topic=words(topic.title))
        else:
            text = say(
                ":white_check_mark: Different: *{topic}* and *{other}*",
                topic=words(topic.title),
                other=words(other.title),
            )
        return [section(text, accessory=undo)]
    if other is None:
        return []
    ids = f"{topic.topic_id}:{other.topic_id}"
    about = f"{topic.title}, {other.title}"
    return [
        section("\n".join([*_topic(topic, say), *_topic(other, say)])),
        actions(
            f"deja-topic-question-{ids}",
            button(say("Yes, one topic"), "topic_one", ids, about=about),
            button(say("No, different"), "topic_apart", ids, about=about),
        ),
    ]


def _topic(topic: TopicView, say: Texts) -> list[str]:
    """Return a topic in a line, and some of its tickets in a line each."""
    count = say.counted(topic.size, "{n} ticket", "{n} tickets")
    shown = topic.representatives[:EXAMPLES]
    return [
        f"*{words(topic.title)}* · {count}",
        *(f"• {link(one.title, one.url)}" for one in shown),
    ]
