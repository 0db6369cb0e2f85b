"""The one message in a ticket's thread: the earlier ticket that helps most, and what was decided.

On a phone it is a few lines: the best candidate in full, the others behind a button, and what is
pressed seldom in menus. Once people decided it is one line for each decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from bot.blocks.form_fields import form
from bot.blocks.parts import (
    NOT_A_DUPLICATE,
    RELATED,
    RESOLUTION_LENGTH,
    ROOT_LENGTH,
    SAME_ISSUE,
    WHY,
    Block,
    actions,
    button,
    facts,
    facts_line,
    first_report,
    link,
    menu,
    notification,
    person,
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
from services.text.cleaning.headline import TITLE_LENGTH

DECISIONS = (
    (SAME_ISSUE, "duplicate", ":white_check_mark:"),
    (RELATED, "related", ":link:"),
    (NOT_A_DUPLICATE, "distinct", ":heavy_multiplication_x:"),
)
_DECIDED = {decision: (label, emoji) for label, decision, emoji in DECISIONS}

USE = phrase("Use this answer")
SOLVED = phrase("Mark as solved…")
MORE = phrase("Read more")
MUTE = phrase("Mute here…")
HIDE = phrase("Hide this card")

MUTE_FORM = "deja_mute"


def mark(item_id: int) -> str:
    """Return the mark by which the bot finds its answer to an item: metadata and block id."""
    return f"deja-answer-{item_id}"


def render_answer(view: AnswerView, say: Texts) -> Message:
    """Return the answer as a message."""
    seen_at = view.seen_at
    decided = [one for one in view.shown if one.verdict is not None]
    heading = say(_heading(view.shown))
    if view.display == "hidden":
        blocks, others = [_hidden(view, say)], []
    elif decided:
        blocks = [block for one in decided for block in _decided(view, one, say)]
        others = [one for one in view.shown if one.verdict is None]
    else:
        best, *others = view.shown
        blocks = _question(view, best, heading, seen_at, say)
    if others:
        blocks += _others(view, others, seen_at, say)
    if view.muted_by is not None:
        blocks.append(_muted(view.item_id, view.muted_by, say))
    blocks[0]["block_id"] = mark(view.item_id)
    return Message(_notification(view.shown, heading, seen_at, say), blocks, mark(view.item_id))


def message_hash(message: Message) -> str:
    """Return a hash of what a message shows, to tell whether Slack has it already."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def mute_view(about: str, say: Texts) -> Block:
    """Return the form that asks whether to mute a channel; Slack sends `about` back with it."""
    text = say(
        "Déjà will stop answering new tickets here. /deja keeps working, and whoever may change "
        "how Déjà works here can unmute it."
    )
    title, submit = say("Mute Déjà"), say("Mute here")
    return form(MUTE_FORM, about, [section(text)], say, title=title, submit=submit)


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
    if any(_helps(one) for one in open_questions[:1]):
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


def _helps(shown: ItemView) -> bool:
    return shown.answer is not None and not shown.record.fails


def _notification(shown: Sequence[ItemView], heading: str, seen_at: datetime, say: Texts) -> str:
    """Return what a phone shows of the message: the answer if there is one, else the ticket.

    A ticket that is another issue is not named.
    """
    first = next((one for one in shown if one.verdict != "distinct"), None)
    if first is None:
        return notification(heading)
    if first.verdict is None and _helps(first):
        answer = words(first.answer or "", RESOLUTION_LENGTH)
        if first.band == "answered":
            return notification(say("Possibly answered before: {answer}", answer=answer))
        return notification(say("Answered before: {answer}", answer=answer))
    known_facts = ", ".join(filter(None, (status(first.state, say), _age(first, seen_at, say))))
    head = heading if heading.endswith("?") else f"{heading}:"
    return notification(head, words(first.title, TITLE_LENGTH), f"({known_facts})")


def _age(shown: ItemView, seen_at: datetime, say: Texts) -> str:
    return "" if shown.created_at is None else say.ago(seen_at - shown.created_at)


def _question(
    view: AnswerView, best: ItemView, heading: str, seen_at: datetime, say: Texts
) -> list[Block]:
    """Return the best candidate in full, with the buttons that decide on it."""
    pair = _pair(view, best)
    choices = [(say(RELATED), f"related:{pair}"), (say(WHY), f"why:{pair}")]
    if _is_cut(best):
        choices.append((say(MORE), f"more:{pair}"))
    if best.answer:
        third = button(say(USE), "use", pair, about=best.title)
    else:
        third = button(say(SOLVED), "solved", str(view.item_id))
    text = f":brain: *{heading}*\n{title_lines(best, say)}"
    return [
        section(text, accessory=menu(*choices)),
        facts_line(best, _age(best, seen_at, say), say),
        actions(
            f"deja-decide-{pair}",
            button(say(SAME_ISSUE), "duplicate", pair, about=best.title),
            button(say(NOT_A_DUPLICATE), "distinct", pair, about=best.title),
            third,
            _ticket_menu(view, say, can_solve=best.answer is not None),
        ),
    ]


def _ticket_menu(view: AnswerView, say: Texts, *, can_solve: bool) -> Block:
    """Return the menu of what is not about one candidate."""
    item = view.item_id
    choices = [(say(SOLVED), f"solved:{item}")] if can_solve else []
    if view.takes_issues:
        choices.append((say("Create issue…"), f"issue:{item}"))
    if view.muted_by is None:
        choices.append((say(MUTE), f"mute:{item}"))
    return menu(*choices, (say(HIDE), f"hide:{item}"))


def _decided(view: AnswerView, shown: ItemView, say: Texts) -> list[Block]:
    """Return the line of a decision, with *Undo*; the answer stays in reach where it helps."""
    pair = _pair(view, shown)
    line = decision_line(shown.verdict or "", shown.decided_by, say)
    if shown.verdict == "duplicate":
        line = say("{decision} · duplicate of {ticket}", decision=line, ticket=first_report(shown))
    else:
        title = link(shown.title, shown.url, ROOT_LENGTH)
        line = f"{line} · {title if shown.verdict == 'related' else f'~{title}~'}"
    undo = button(say("Undo"), "undo", pair, about=shown.title)
    if shown.verdict != "duplicate" or not shown.answer:
        return [section(line, accessory=undo)]
    helpful = [button(say(USE), "use", pair, about=shown.title)]
    if _is_cut(shown):
        helpful.append(button(say(MORE), "more", pair, about=shown.title))
    rest = _ticket_menu(view, say, can_solve=True)
    return [section(line), actions(f"deja-decide-{pair}", undo, *helpful, rest)]


def _is_cut(shown: ItemView) -> bool:
    """Say whether there is more to read than the card shows of an answer."""
    return len(shown.answer or "") > RESOLUTION_LENGTH or shown.answers > 1


def _others(
    view: AnswerView, others: Sequence[ItemView], seen_at: datetime, say: Texts
) -> list[Block]:
    """Return the other candidates: how many there are, or a list in which each has a menu."""
    item = str(view.item_id)
    number = say.counted(len(others), "{n} more ticket", "{n} more tickets")
    if view.display != "all":
        return [section(f"_{number}_", accessory=button(say("Show"), "open", item, about=number))]
    rows = [_row(view, one, _age(one, seen_at, say), say) for one in others]
    fold = button(say("Show fewer"), "fold", item)
    return [*rows, section(f"_{number}_", accessory=fold)]


def _row(view: AnswerView, shown: ItemView, age: str, say: Texts) -> Block:
    pair = _pair(view, shown)
    choices = [(say(label), f"{decision}:{pair}") for label, decision, _ in DECISIONS]
    if shown.answer:
        choices.append((say(USE), f"use:{pair}"))
    choices.append((say(WHY), f"why:{pair}"))
    text = f"{title_lines(shown, say)}\n{facts(shown, age, say)}"
    return section(text, accessory=menu(*choices))


def _hidden(view: AnswerView, say: Texts) -> Block:
    """Return the line that is left of a card that somebody hid."""
    show = button(say("Show"), "fold", str(view.item_id))
    tickets = say.counted(len(view.shown), "{n} earlier ticket", "{n} earlier tickets")
    return section(f":brain: _{say('Hidden: {tickets}', tickets=tickets)}_", accessory=show)


def _muted(item_id: int, muted_by: str, say: Texts) -> Block:
    text = say(":no_bell: Muted in this channel by {person}.", person=person(muted_by, say))
    unmute = button(say("Unmute"), "unmute", str(item_id))
    return section(text, block_id="deja-channel", accessory=unmute)


def _pair(view: AnswerView, shown: ItemView) -> str:
    return f"{view.item_id}:{shown.item_id}"
