"""The weekly message in a channel that asks about a few pairs of tickets."""

from __future__ import annotations

from bot.blocks.answer import DECISIONS
from bot.blocks.parts import (
    DIVIDER,
    Block,
    actions,
    age,
    button,
    context,
    link,
    notification,
    person,
    section,
    words,
)
from bot.slack import Message
from services.questions import AskedPair, DigestView, Side
from services.reasons import percent

HEADING = "Pairs to check"
WHY = "Is this the same issue? Each answer teaches me what is, and when to be quiet."
QUIET = "I am quiet in this channel, as too many of my flags were wrong. These answers help."
GONE = "The tickets that I asked about here are gone."

_DECIDED = {decision: f"{emoji} *{label}*" for label, decision, emoji in DECISIONS}


def mark(week: str) -> str:
    """Return what marks a channel's digest of a week as ours."""
    return f"deja-digest-{week}"


def render_digest(view: DigestView) -> Message:
    """Return a digest as a message."""
    blocks = [section(f":mag_right: *{HEADING}*", block_id=mark(view.week))]
    blocks.append(context(WHY if view.pairs else GONE))
    if view.is_quiet:
        blocks.append(context(QUIET))
    for pair in view.pairs:
        blocks += [*_pair(pair), DIVIDER]
    blocks.append(_switch(view))
    titles = [words(view.pairs[0].item.title)] if view.pairs else []
    return Message(notification(f"{HEADING}:", *titles), blocks, mark(view.week))


def _pair(pair: AskedPair) -> list[Block]:
    value = str(pair.question_id)
    known = f"{_alike(pair)} · {age(pair.apart)} apart"
    shown = [section(f"{_side(pair.item)}\n{_side(pair.other)}"), context(known)]
    if pair.verdict is None:
        buttons = [button(label, f"digest_{decision}", value) for label, decision, _ in DECISIONS]
        return [*shown, actions(f"deja-digest-pair-{value}", *buttons)]
    decided = f"{_DECIDED[pair.verdict]} · {person(pair.decided_by)}"
    return [*shown, section(decided, accessory=button("Undo", "digest_undo", value))]


def _side(side: Side) -> str:
    place = f" · #{words(side.channel)}" if side.channel else ""
    return f"• {link(side.title, side.url)}{place}"


def _alike(pair: AskedPair) -> str:
    """Return a probability where there is one; a similarity is none, and does not look like one."""
    if pair.probability is not None:
        return f"{percent(pair.probability)} the same"
    return f"similarity {pair.similarity:.2f}"


def _switch(view: DigestView) -> Block:
    value = str(view.question_id)
    if view.is_off:
        back = button("Bring them back", "digest_on", value)
        text = f":no_bell: No more of these here, said {person(view.off_by)}."
        return section(text, block_id="deja-digest-switch", accessory=back)
    return actions("deja-digest-switch", button("No more of these here", "digest_off", value))
