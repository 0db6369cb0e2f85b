"""The one message in a ticket's thread: earlier tickets like it, and what people decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from bot.blocks.parts import (
    DIVIDER,
    NOT_A_DUPLICATE,
    RELATED,
    RESOLUTION_LENGTH,
    SAME_ISSUE,
    WHY,
    Block,
    actions,
    button,
    facts_line,
    first_report,
    link,
    notification,
    person,
    plain,
    section,
    status,
    title_lines,
    words,
)
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.answers.item_view import ItemView
from services.answers.thread_answers import AnswerView
from services.phrases import Phrase, phrase
from services.text.cleaning import TITLE_LENGTH

# No button is coloured: the bot does not suggest what people should decide.
DECISIONS = (
    (SAME_ISSUE, "duplicate", ":white_check_mark:"),
    (RELATED, "related", ":link:"),
    (NOT_A_DUPLICATE, "distinct", ":heavy_multiplication_x:"),
)
_DECIDED = {decision: (label, emoji) for label, decision, emoji in DECISIONS}


def mark(item_id: int) -> str:
    """Return the mark by which the bot finds its answer to an item: metadata and block id."""
    return f"deja-answer-{item_id}"


def render_answer(view: AnswerView, seen_at: datetime, say: Texts) -> Message:
    """Return the answer as a message. `seen_at` is when the ticket itself was written."""
    heading = say(_heading(view.shown))
    blocks = [section(f":brain: *{heading}*", block_id=mark(view.item_id))]
    for shown in view.shown:
        earlier = _earlier(shown, seen_at, say)
        blocks += [*_match(view.item_id, shown, earlier, say), DIVIDER]
    blocks.append(_mute(view, say))
    first = view.shown[0]
    title = words(first.title, TITLE_LENGTH)
    facts = (status(first.status, say), _earlier(first, seen_at, say))
    known = f"({', '.join(filter(None, facts))})"
    return Message(notification(heading, title, known), blocks, mark(view.item_id))


def message_hash(message: Message) -> str:
    """Return a hash of what a message shows, to tell whether Slack has it already."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def decision_line(verdict: str, by: str | None, say: Texts) -> str:
    """Return the line that says what was decided on a pair, and by whom."""
    label, emoji = _DECIDED[verdict]
    return f"{emoji} *{say(label)}* · {person(by, say)}"


def _heading(shown: Sequence[ItemView]) -> Phrase:
    """Return the heading: a question until people decide, then what they decided."""
    verdicts = {one.verdict for one in shown}
    if "duplicate" in verdicts:
        return phrase("Seen before")
    open_questions = [one for one in shown if one.verdict is None]
    if any(one.answer and not one.record.fails for one in open_questions[:1]):
        is_weak = open_questions[0].band == "answered"
        return phrase("Possibly answered before?") if is_weak else phrase("Answered before?")
    duplicates = [one for one in open_questions if one.band == "duplicate"]
    if duplicates:
        return phrase("Possible regression?") if duplicates[0].is_solved else phrase("Seen before?")
    if "related" in verdicts:
        return phrase("Related to an earlier ticket")
    if None in verdicts:
        return phrase("Related to an earlier ticket?")
    return phrase("Not seen before")


def _earlier(shown: ItemView, seen_at: datetime, say: Texts) -> str:
    if shown.created_at is None:
        return ""
    return say("{span} earlier", span=seen_at - shown.created_at)


def _match(item_id: int, shown: ItemView, age: str, say: Texts) -> list[Block]:
    pair = f"{item_id}:{shown.item_id}"
    ticket = [section(title_lines(shown, say)), facts_line(shown, age, say)]
    more = [button(say("Use this answer"), "use", pair)] if shown.answer else []
    if len(shown.answer or "") > RESOLUTION_LENGTH or shown.answers > 1:
        more.append(button(say("Read more"), "more", pair))
    if shown.verdict is None:
        buttons = [button(say(label), decision, pair) for label, decision, _ in DECISIONS]
        more.append(button(say(WHY), "why", pair))
        rows = [actions(f"deja-decide-{pair}", *buttons), actions(f"deja-more-{pair}", *more)]
        return [*ticket, *rows]
    decision = decision_line(shown.verdict, shown.decided_by, say)
    if shown.verdict == "duplicate":
        decision = say(
            "{decision} · duplicate of {ticket}", decision=decision, ticket=first_report(shown)
        )
    undo = button(say("Undo"), "undo", pair)
    if shown.verdict == "distinct":  # ruled out: its title is enough
        return [section(f"~{link(shown.title, shown.url)}~\n{decision}", accessory=undo)]
    if not more:
        return [*ticket, section(decision, accessory=undo)]
    return [*ticket, section(decision), actions(f"deja-more-{pair}", undo, *more)]


def _mute(view: AnswerView, say: Texts) -> Block:
    item = str(view.item_id)
    if view.muted_by is not None:
        by = person(view.muted_by, say)
        unmute = button(say("Unmute"), "unmute", item)
        text = say(":no_bell: Muted in this channel by {person}.", person=by)
        return section(text, block_id="deja-channel", accessory=unmute)
    confirm = {
        "title": plain(say("Mute Déjà in this channel?")),
        "text": plain(
            say(
                "Déjà will stop answering new tickets here. /deja keeps working, and anyone can "
                "unmute it."
            )
        ),
        "confirm": plain(say("Mute here")),
        "deny": plain(say("Cancel")),
    }
    mute = button(say("Mute here"), "mute", item, confirm=confirm)
    buttons = [button(say("Mark as solved…"), "solved", item)]
    if view.takes_issues:
        buttons.append(button(say("Create issue…"), "issue", item))
    return actions("deja-channel", *buttons, mute)
