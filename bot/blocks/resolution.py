"""An answer that solved an earlier ticket: whole, or posted into a thread with credit."""

from __future__ import annotations

from collections.abc import Sequence

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
from bot.slack import Message
from models import Item
from services.groups import Pair
from services.resolutions import Solution
from services.text import headline

# In characters, before escaping makes five of one at most: below Slack's 3000 for a section.
PART_LENGTH = 550
MOST_PARTS = 8
MOST_ANSWERS = 3
# Of the line that says whose an answer is, with a long title and address.
CREDIT_LENGTH = 900
LONGEST_ANSWER = 3000

FORM = "deja_solved"

SOLVED_ELSEWHERE = "The same issue is solved"
SAID_OF_IT = {
    "works": "Works here, too: this ticket is solved",
    "broken": "Still broken: this ticket is another issue now",
}


def render_used(pair: Pair, other: Item, solution: Solution, *, by: str) -> Message:
    """Return the answer of `other` as a message in the thread of the pair's first ticket."""
    mark = f"deja-use-{pair[0]}-{pair[1]}"
    parts = _parts(solution.text)
    blocks = [section(parts[0], block_id=mark), *(section(part) for part in parts[1:])]
    blocks.append(context(f"{_credit(other, solution)} · posted by {person(by)}"))
    return Message(notification(parts[0]), blocks, mark)


def render_told(
    pair: Pair, root: Item, solution: Solution, said: tuple[str, str] | None
) -> Message:
    """Return the message that tells the pair's second ticket that its first, `root`, is solved.

    `said` is what somebody answered to it, and who.
    """
    mark = f"deja-told-{pair[0]}-{pair[1]}"
    title = link(headline(root.title, root.text), root.url)
    answer = words(solution.text, RESOLUTION_LENGTH)
    blocks = [
        section(f":white_check_mark: *{SOLVED_ELSEWHERE}*\n{title}", block_id=mark),
        section(f"> {answer}"),
    ]
    if said is None:
        value = f"{pair[0]}:{pair[1]}"
        works = button("Works", "told_works", value)
        broken = button("Still broken", "told_broken", value)
        blocks.append(actions("deja-told", works, broken))
    else:
        blocks.append(context(f"{SAID_OF_IT[said[0]]} · {person(said[1])}"))
    return Message(notification(SOLVED_ELSEWHERE, answer), blocks, mark)


def whole_answer(answers: Sequence[tuple[Item, Solution]]) -> Reply:
    """Return all of an answer, for whoever wants to read more; with others, all of these."""
    told = answers[:MOST_ANSWERS]
    blocks: list[Block] = []
    for item, solution in told:
        blocks += [section(part) for part in _parts(solution.text, len(told))]
        blocks.append(context(_credit(item, solution)))
    if len(answers) == 1:
        return Reply("The whole answer", blocks)
    said = f"{len(answers)} different answers"
    return Reply(said, [section(f"*{said}*"), *blocks])


def solved_view(about: str) -> Block:
    """Return the form that asks what solved a ticket; `about` comes back with it."""
    answer = {
        "type": "plain_text_input",
        "action_id": "answer",
        "multiline": True,
        "max_length": LONGEST_ANSWER,
        "placeholder": plain("What others with the same problem should do"),
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": about,
        "title": plain("Solved"),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": "answer",
                "label": plain("What solved it?"),
                "hint": plain("Whoever asks the same is shown this answer."),
                "element": answer,
                "optional": True,
            }
        ],
    }


def _credit(other: Item, solution: Solution) -> str:
    ticket = link(headline(other.title, other.text), other.url)
    said = f"answer by {person(solution.author)}" if solution.author else "the answer"
    return f"{said} to {ticket}"


def _parts(text: str, answers: int = 1) -> list[str]:
    """Return a text in quoted pieces that each fit into a section, and all into a message.

    Where it tells several `answers` each has its share of the room.
    """
    room = MESSAGE_LENGTH // answers - CREDIT_LENGTH
    shown: list[str] = []
    for start in range(0, len(text), PART_LENGTH):
        piece = f"> {words(text[start : start + PART_LENGTH], PART_LENGTH)}"
        room -= len(piece)
        if shown and (room < 0 or len(shown) == MOST_PARTS):
            return [*shown, "> …"]
        shown.append(piece)
    return shown
