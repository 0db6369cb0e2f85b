"""Why two tickets were called the same, alike, or neither."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks.parts import (
    WHY,
    Block,
    context,
    how_similar,
    link,
    notification,
    person,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.i18n.texts import Texts
from services.judgement.explanation import Explanation
from services.judgement.explanation_text import decision_text, explanation_text, likelihood
from services.phrases import Phrase, in_context
from services.text.cleaning import TITLE_LENGTH

# In characters, before escaping; the list as a whole, after it, below Slack's 3000.
LINE_LENGTH = 240
LIST_LENGTH = 2_400

# A title with its address, if any.
Titled = tuple[str, str | None]


def why_reply(told: Explanation, ours: Titled, theirs: Titled, say: Texts) -> Reply:
    """Return an explanation: the pair, what speaks for it and against, and what came of it."""
    said, why = explanation_text(told), say(WHY)
    blocks = [
        section(f":mag: *{why}*\n1. {link(*ours)}\n2. {link(*theirs)}"),
        *_listed(say(in_context("reasons", "For")), said.for_, say),
        *_listed(say(in_context("reasons", "Against")), said.against, say),
        section(words(say(said.verdict), LIST_LENGTH)),
    ]
    by = "" if told.decision is None else person(told.decision.by, say)
    if people := decision_text(told, by):
        blocks.append(section(" ".join(say(one) for one in people)))
    blocks.append(context(_figures(told, say)))
    return Reply(notification(why, words(theirs[0], TITLE_LENGTH)), blocks)


def _listed(heading: str, lines: Sequence[Phrase], say: Texts) -> list[Block]:
    """Return lines under a heading, as many as Slack takes; nothing where there are none."""
    text = f"*{heading}*"
    for line in lines:
        more = f"{text}\n• {words(say(line), LINE_LENGTH)}"
        if len(more) > LIST_LENGTH:
            break
        text = more
    return [section(text)] if lines else []


def _figures(told: Explanation, say: Texts) -> str:
    judgement = told.judgement
    figures = [how_similar(judgement.similarity, say)]
    if judgement.probability is not None:
        likely, cut = likelihood(judgement.probability), likelihood(judgement.threshold)
        same, here = (
            say("{likely} likely the same", likely=likely),
            say("threshold here: {cut}", cut=cut),
        )
        figures = [same, here, *figures]
    if told.age_gap is not None:
        figures.append(say("{span} apart", span=told.age_gap))
    if judgement.probability is None:
        figures.append(say("no percentage until there is enough feedback"))
    return " · ".join(figures)
