"""The explanation why two tickets were called duplicates, similar, or neither."""

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
from services.answers.ticket_links import TicketLink
from services.judgement.explanation import Explanation
from services.judgement.explanation_text import decision_text, explanation_text, shown_likelihood
from services.phrases import Phrase, in_context
from services.text.cleaning.headline import TITLE_LENGTH

# In characters: a line before escaping, a list after it, below Slack's 3,000.
LINE_LENGTH = 240
LIST_LENGTH = 2_400


def why_reply(explanation: Explanation, ours: TicketLink, theirs: TicketLink, say: Texts) -> Reply:
    """Return an explanation: the pair, reasons for and against, the judgement, the decision."""
    text, why = explanation_text(explanation), say(WHY)
    blocks = [
        section(
            f":mag: *{why}*\n1. {link(ours.title, ours.url)}\n2. {link(theirs.title, theirs.url)}"
        ),
        *_listed(say(in_context("reasons", "For")), text.for_, say),
        *_listed(say(in_context("reasons", "Against")), text.against, say),
        section(words(say(text.verdict), LIST_LENGTH)),
    ]
    by = "" if explanation.decision is None else person(explanation.decision.by, say)
    if sentences := decision_text(explanation, by):
        blocks.append(section(" ".join(say(one) for one in sentences)))
    blocks.append(context(_figures(explanation, say)))
    named = ours.item_id, theirs.item_id
    return Reply(notification(why, words(theirs.title, TITLE_LENGTH)), blocks, named)


def _listed(heading: str, lines: Sequence[Phrase], say: Texts) -> list[Block]:
    """Return a section of lines below a heading, as many as fit; no section without lines."""
    text = f"*{heading}*"
    for line in lines:
        more = f"{text}\n• {words(say(line), LINE_LENGTH)}"
        if len(more) > LIST_LENGTH:
            break
        text = more
    return [section(text)] if lines else []


def _figures(explanation: Explanation, say: Texts) -> str:
    match = explanation.judgement.match
    figures = [how_similar(match.similarity, say)]
    likely = shown_likelihood(match.probability, match.band)
    if likely is not None:
        figures = [say("{likely} likely the same", likely=likely), *figures]
    if explanation.age_gap is not None:
        figures.append(say("{span} apart", span=explanation.age_gap))
    if match.probability is None:
        figures.append(say("no percentage until there is enough feedback"))
    return " · ".join(figures)
