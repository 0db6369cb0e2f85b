"""The one message in a ticket's thread: what was seen before, and what people decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.blocks.parts import (
    DIVIDER,
    RESOLUTION_LENGTH,
    Block,
    actions,
    age,
    button,
    facts,
    first_report,
    link,
    notification,
    person,
    plain,
    section,
    title_lines,
    words,
)
from bot.slack import Message
from services.answers import AnswerView
from services.shown import Shown
from services.text import TITLE_LENGTH

# All alike and none coloured: what people decide is not for us to suggest.
DECISIONS = (
    ("Same issue", "duplicate", ":white_check_mark:"),
    ("Related", "related", ":link:"),
    ("Not a duplicate", "distinct", ":heavy_multiplication_x:"),
)
_DECIDED = {decision: f"{emoji} *{label}*" for label, decision, emoji in DECISIONS}


def mark(item_id: int) -> str:
    """Return what marks the answer on an item as ours, in its metadata and first block."""
    return f"deja-answer-{item_id}"


def render_answer(view: AnswerView, seen_at: datetime) -> Message:
    """Return the answer as a message. `seen_at` is when the ticket itself was written."""
    heading = _heading(view.shown)
    blocks = [section(f":brain: *{heading}*", block_id=mark(view.item_id))]
    for shown in view.shown:
        blocks += [*_candidate(view.item_id, shown, _earlier(shown, seen_at)), DIVIDER]
    blocks.append(_mute(view))
    first = view.shown[0]
    title = words(first.title, TITLE_LENGTH)
    known = f"({words(first.status)}, {_earlier(first, seen_at)})"
    return Message(notification(heading, title, known), blocks, mark(view.item_id))


def message_hash(message: Message) -> str:
    """Return a hash of what a message shows, to tell whether Slack has it already."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _heading(shown: Sequence[Shown]) -> str:
    """Ask as long as people have not decided; then say what they said."""
    verdicts = {one.verdict for one in shown}
    if "duplicate" in verdicts:
        return "Seen before"
    open_questions = [one for one in shown if one.verdict is None]
    if any(one.answer and not one.record.fails for one in open_questions[:1]):
        return "Answered before?"
    duplicates = [one for one in open_questions if one.band == "duplicate"]
    if duplicates:
        return "Possible regression?" if duplicates[0].is_solved else "Seen before?"
    if "related" in verdicts:
        return "Related to an earlier ticket"
    return "Related to an earlier ticket?" if None in verdicts else "Not seen before"


def _earlier(shown: Shown, seen_at: datetime) -> str:
    return f"{age(max(seen_at - shown.created_at, timedelta()))} earlier"


def _candidate(item_id: int, shown: Shown, age_words: str) -> list[Block]:
    pair = f"{item_id}:{shown.item_id}"
    known = [section(title_lines(shown)), facts(shown, age_words)]
    more = [button("Use this answer", "use", pair)] if shown.answer else []
    if len(shown.answer or "") > RESOLUTION_LENGTH or shown.answers > 1:
        more.append(button("Read more", "more", pair))
    if shown.verdict is None:
        buttons = [button(label, decision, pair) for label, decision, _ in DECISIONS]
        more.append(button("Why?", "why", pair))
        rows = [actions(f"deja-decide-{pair}", *buttons), actions(f"deja-more-{pair}", *more)]
        return [*known, *rows]
    decided = f"{_DECIDED[shown.verdict]} · {person(shown.decided_by)}"
    if shown.verdict == "duplicate":
        decided += f" · with {first_report(shown)}"
    undo = button("Undo", "undo", pair)
    if shown.verdict == "distinct":  # ruled out: its title is enough
        return [section(f"~{link(shown.title, shown.url)}~\n{decided}", accessory=undo)]
    if not more:
        return [*known, section(decided, accessory=undo)]
    return [*known, section(decided), actions(f"deja-more-{pair}", undo, *more)]


def _mute(view: AnswerView) -> Block:
    item = str(view.item_id)
    if view.muted_by is not None:
        text = f":no_bell: Muted in this channel by {person(view.muted_by)}."
        return section(text, block_id="deja-channel", accessory=button("Unmute", "unmute", item))
    confirm = {
        "title": plain("Mute Déjà in this channel?"),
        "text": plain(
            "It will not answer new tickets here. /deja goes on working, and anyone can unmute it."
        ),
        "confirm": plain("Mute here"),
        "deny": plain("Cancel"),
    }
    mute = button("Mute here", "mute", item, confirm=confirm)
    return actions("deja-channel", button("Solved…", "solved", item), mute)
