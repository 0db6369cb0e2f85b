"""Why two tickets were called the same, alike, or neither."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import Block, context, link, notification, person, section, words
from bot.blocks.replies import Reply
from services.explaining import Explanation
from services.reasons import decision_words, in_words, percent, span
from services.text import TITLE_LENGTH

# In characters, before escaping; the list as a whole, after it, below Slack's 3000.
LINE_LENGTH = 240
LIST_LENGTH = 2_400

# A title with its address, if any.
Titled = tuple[str, str | None]


def why_reply(told: Explanation, ours: Titled, theirs: Titled) -> Reply:
    """Return an explanation: the pair, what speaks for it and against, and what came of it."""
    said = in_words(told)
    blocks = [
        section(f":mag: *Why?*\n1. {link(*ours)}\n2. {link(*theirs)}"),
        *_listed("For", said.for_),
        *_listed("Against", said.against),
        section(words(said.verdict, LIST_LENGTH)),
    ]
    by = "" if told.decision is None else person(told.decision.by)
    if people := decision_words(told, by):
        blocks.append(section(people))
    blocks.append(context(_figures(told)))
    return Reply(notification("Why?", words(theirs[0], TITLE_LENGTH)), blocks)


def _listed(heading: str, lines: Sequence[str]) -> list[Block]:
    """Return lines under a heading, as many as Slack takes; nothing where there are none."""
    text = f"*{heading}*"
    for line in lines:
        more = f"{text}\n• {words(line, LINE_LENGTH)}"
        if len(more) > LIST_LENGTH:
            break
        text = more
    return [section(text)] if lines else []


def _figures(told: Explanation) -> str:
    judgement = told.judgement
    figures = [f"similarity {judgement.similarity:.2f}"]
    if judgement.probability is not None:
        likely, cut = percent(judgement.probability), percent(judgement.cut)
        figures = [f"{likely} the same", f"{cut} is the cut here", *figures]
    if told.age_gap is not None:
        figures.append(f"{span(told.age_gap)} apart")
    if judgement.probability is None:
        figures.append("no percentage before your verdicts have taught me one")
    return " · ".join(figures)
