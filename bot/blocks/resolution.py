"""The answer that solved an earlier ticket: in full, reused in a thread, or as a notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from bot.blocks.form_fields import form, input_field, text_input
from bot.blocks.parts import (
    MESSAGE_LENGTH,
    RESOLUTION_LENGTH,
    Block,
    actions,
    button,
    context,
    link,
    notification,
    person,
    plain,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from models import Item
from services.issues.groups import PairIds
from services.issues.reposts import notice_mark, used_mark
from services.issues.resolutions import Solution
from services.phrases import phrase
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text

# In characters, before escaping, which turns one into at most five: below Slack's 3,000 a section.
PART_LENGTH = 550
MAX_PARTS = 8
MAX_ANSWERS = 3
# The longest line that credits an answer, with a long title and address.
CREDIT_LENGTH = 900
MAX_ANSWER_LENGTH = 3000

FORM = "deja_solved"

SOLVED_ELSEWHERE = phrase("The same issue has been solved")
REPORTED_BACK = {
    "works": phrase("It worked here too: this ticket is solved"),
    "broken": phrase("Still broken: this ticket is now a different issue"),
}


def render_used_answer(
    pair: PairIds, other: Item, solution: Solution, say: Texts, *, by: str
) -> Message:
    """Return the answer of `other` as a message in the thread of the pair's first ticket."""
    mark = used_mark(*pair)
    parts = _parts(solution.text)
    blocks = [section(parts[0], block_id=mark), *(section(part) for part in parts[1:])]
    posted = say("posted by {person}", person=person(by, say))
    blocks.append(context(f"{_credit(other, solution, say)} · {posted}"))
    return Message(notification(parts[0]), blocks, mark)


def render_notice(
    pair: PairIds, root: Item, solution: Solution, feedback: tuple[str, str] | None, say: Texts
) -> Message:
    """Return the notice to the pair's second ticket that its first one, `root`, is solved.

    `feedback` is the button that somebody pressed on it ("works" or "broken"), and who.
    """
    mark = notice_mark(*pair)
    title = link(headline(root.title, root.text), root.url)
    answer = words(solution.text, RESOLUTION_LENGTH)
    blocks = [
        section(f":white_check_mark: *{say(SOLVED_ELSEWHERE)}*\n{title}", block_id=mark),
        section(f"> {answer}"),
    ]
    if feedback is None:
        value = f"{pair[0]}:{pair[1]}"
        works = button(say("It worked"), "told_works", value)
        broken = button(say("Still broken"), "told_broken", value)
        blocks.append(actions("deja-told", works, broken))
    else:
        outcome, by = feedback
        blocks.append(context(f"{say(REPORTED_BACK[outcome])} · {person(by, say)}"))
    return Message(notification(f"{say(SOLVED_ELSEWHERE)}:", answer), blocks, mark)


def full_answer_reply(answers: Sequence[tuple[Item, Solution]], say: Texts) -> Reply:
    """Return an issue's distinct answers in full, as many as fit into a message."""
    shown = answers[:MAX_ANSWERS]
    blocks: list[Block] = []
    for item, solution in shown:
        blocks += [section(part) for part in _parts(solution.text, len(shown))]
        blocks.append(context(_credit(item, solution, say)))
    if len(answers) == 1:
        return Reply(say("Full answer"), blocks)
    heading = say("{n} different answers", n=len(answers))
    return Reply(heading, [section(f"*{heading}*"), *blocks])


def solved_view(about: str, say: Texts) -> Block:
    """Return the form that asks what solved a ticket; Slack sends `about` back with it."""
    placeholder = plain(say("What others with the same problem should do"))
    answer = input_field(
        "answer",
        say("What solved it?"),
        text_input(MAX_ANSWER_LENGTH, multiline=True, placeholder=placeholder),
        hint=say("Anyone with the same problem will see this answer."),
        optional=True,
    )
    return form(FORM, about, [answer], say, title=say("Mark as solved"), submit=say("Save"))


def _credit(other: Item, solution: Solution, say: Texts) -> str:
    ticket = link(headline(other.title, other.text), other.url)
    if not solution.author:
        return say("answer to {ticket}", ticket=ticket)
    by = person(solution.author, say)
    return say("answer by {person} to {ticket}", person=by, ticket=ticket)


def _parts(text: str, answers: int = 1) -> list[str]:
    """Return a text as quoted parts, each of which fits into a section and all into a message.

    A message of several `answers` has room for each in equal shares.
    """
    room = MESSAGE_LENGTH // answers - CREDIT_LENGTH
    shown: list[str] = []
    for lines in _pieces(text):
        piece = "\n".join(f"> {words(line, PART_LENGTH)}" for line in lines)
        room -= len(piece)
        if shown and (room < 0 or len(shown) == MAX_PARTS):
            return [*shown, "> …"]
        shown.append(piece)
    return shown


def _pieces(text: str) -> Iterator[list[str]]:
    """Yield the lines of a text, as many at a time as a part has room for; long ones wrapped."""
    piece: list[str] = []
    room = PART_LENGTH
    for paragraph in plain_text(text).splitlines():
        for line in wrap(paragraph, PART_LENGTH, break_on_hyphens=False):
            taken = len(f"> {line}\n")  # the mark of a short line is longer than the line
            if piece and taken > room:
                yield piece
                piece, room = [], PART_LENGTH
            piece.append(line)
            room -= taken
    if piece:
        yield piece
