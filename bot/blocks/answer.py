"""The one message in a ticket's thread: what was seen before, and what people decided."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from bot.blocks.parts import Block, button, candidate_lines, context, link, section
from bot.slack import Message
from services.answers import AnswerView, Shown

VERDICT_WORDS = {
    "duplicate": ":white_check_mark: *Same issue*",
    "related": ":link: *Related*",
    "distinct": ":heavy_multiplication_x: *Not a duplicate*",
}
DECISION_BUTTONS = (
    ("Same issue", "duplicate", "primary"),
    ("Related", "related", None),
    ("Not a duplicate", "distinct", None),
)


def mark(item_id: int) -> str:
    """Return what marks the answer on an item as ours, in its metadata and first block."""
    return f"deja-answer-{item_id}"


def render_answer(view: AnswerView, seen_at: datetime) -> Message:
    """Return the answer as a message. `seen_at` is when the ticket itself was written."""
    blocks = [section(_heading(view.shown), block_id=mark(view.item_id))]
    for shown in view.shown:
        blocks += _candidate(view.item_id, shown, seen_at)
    blocks += _mute(view)
    first = view.shown[0]
    text = f"{_headline_words(view.shown)}: {first.title} ({first.status})"
    return Message(text=text, blocks=blocks, mark=mark(view.item_id))


def message_hash(message: Message) -> str:
    """Return a hash of what a message shows, to tell whether Slack has it already."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _heading(shown: list[Shown]) -> str:
    return f":brain: *{_headline_words(shown)}*"


def _headline_words(shown: list[Shown]) -> str:
    if any(one.band == "duplicate" for one in shown):
        return "This looks like a ticket from before"
    return "This may be related to a ticket from before"


def _candidate(item_id: int, shown: Shown, seen_at: datetime) -> list[Block]:
    pair = f"{item_id}:{shown.item_id}"
    if shown.verdict is None:
        return [
            section(candidate_lines(shown, seen_at)),
            {
                "type": "actions",
                "block_id": f"deja-decide-{pair}",
                "elements": [
                    button(words, decision, pair, **({"style": style} if style else {}))
                    for words, decision, style in DECISION_BUTTONS
                ],
            },
        ]
    decided = f"{VERDICT_WORDS[shown.verdict]} · {_person(shown.decided_by)}"
    if shown.verdict == "distinct":  # ruled out: one quiet line is enough
        text = f"~{link(shown.title, shown.url)}~\n{decided}"
    else:
        text = f"{candidate_lines(shown, seen_at)}\n{decided}"
    return [section(text, accessory=button("Undo", "undo", pair))]


def _mute(view: AnswerView) -> list[Block]:
    if view.muted_by is not None:
        return [
            context(f":mute: Déjà is muted in this channel by {_person(view.muted_by)}."),
            {
                "type": "actions",
                "block_id": "deja-channel",
                "elements": [button("Unmute", "unmute", str(view.item_id))],
            },
        ]
    mute = button(
        "Mute here",
        "mute",
        str(view.item_id),
        confirm={
            "title": {"type": "plain_text", "text": "Mute Déjà in this channel?"},
            "text": {
                "type": "plain_text",
                "text": "It stops answering new tickets here. /deja goes on working, and anyone "
                "can unmute it.",
            },
            "confirm": {"type": "plain_text", "text": "Mute here"},
            "deny": {"type": "plain_text", "text": "Cancel"},
        },
    )
    return [{"type": "actions", "block_id": "deja-channel", "elements": [mute]}]


def _person(who: str | None) -> str:
    if who is None:
        return "somebody"
    return f"<@{who}>" if who[:1] in {"U", "W"} and who.isalnum() else who
