"""The weekly message in a channel that asks about a few pairs of tickets."""

from __future__ import annotations

from bot.blocks.parts import (
    DIVIDER,
    Block,
    actions,
    button,
    context,
    how_similar,
    link,
    notification,
    person,
    section,
    words,
)
from bot.blocks.thread_answer import DECISIONS, decision_line
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.answers.digest_questions import DigestPair, DigestTicket, DigestView
from services.judgement.explanation_text import likelihood
from services.phrases import phrase

HEADING = phrase("Same issue or not?")
WHY = phrase("Each answer teaches me what counts as the same issue, and when to stay quiet.")
QUIET = phrase(
    "I'm staying quiet in this channel because too many of my suggestions were wrong. "
    "Your answers help."
)
GONE = phrase("The tickets I asked about here no longer exist.")


def mark(week: str) -> str:
    """Return the mark by which the bot finds its digest of a week in a channel."""
    return f"deja-digest-{week}"


def render_digest(view: DigestView, say: Texts) -> Message:
    """Return a digest as a message."""
    blocks = [section(f":mag_right: *{say(HEADING)}*", block_id=mark(view.week))]
    blocks.append(context(f"{say(WHY)} {say(view.then)}" if view.pairs else say(GONE)))
    if view.is_quiet:
        blocks.append(context(say(QUIET)))
    for pair in view.pairs:
        blocks += [*_pair(pair, say), DIVIDER]
    blocks.append(_switch(view, say))
    titles = [words(view.pairs[0].item.title)] if view.pairs else []
    return Message(notification(f"{say(HEADING)}:", *titles), blocks, mark(view.week))


def _pair(pair: DigestPair, say: Texts) -> list[Block]:
    value = str(pair.question_id)
    facts = _likelihood(pair, say)
    if pair.apart is not None:
        facts = f"{facts} · {say('{span} apart', span=pair.apart)}"
    tickets = [section(f"{_ticket_line(pair.item)}\n{_ticket_line(pair.other)}"), context(facts)]
    if pair.verdict is None:
        buttons = [
            button(say(label), f"digest_{decision}", value) for label, decision, _ in DECISIONS
        ]
        return [*tickets, actions(f"deja-digest-pair-{value}", *buttons)]
    decision = decision_line(pair.verdict, pair.decided_by, say)
    return [*tickets, section(decision, accessory=button(say("Undo"), "digest_undo", value))]


def _ticket_line(ticket: DigestTicket) -> str:
    channel = f" · #{words(ticket.channel)}" if ticket.channel else ""
    return f"• {link(ticket.title, ticket.url)}{channel}"


def _likelihood(pair: DigestPair, say: Texts) -> str:
    if pair.probability is not None:
        return say("{likely} likely the same", likely=likelihood(pair.probability))
    return how_similar(pair.similarity, say)


def _switch(view: DigestView, say: Texts) -> Block:
    value = str(view.question_id)
    if view.is_off:
        back = button(say("Ask again"), "digest_on", value)
        by = person(view.off_by, say)
        text = say(":no_bell: {person} turned these questions off in this channel.", person=by)
        return section(text, block_id="deja-digest-switch", accessory=back)
    off = button(say("Stop asking here"), "digest_off", value)
    return actions("deja-digest-switch", off)
