"""What Déjà was worth, in words: figures with how they are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.blocks.parts import Block, context, link, section
from bot.i18n.texts import Texts
from services.answers.ticket_links import TicketLink
from services.answers.worth import (
    MIN_COUNTED,
    MonthRecord,
    TimedTicket,
    Worth,
    median_wait,
)
from services.phrases import Percent, Phrase, counted, phrase, translatable

# In a message; the dashboard and the command line list all.
MAX_MONTHS = 3
MAX_WRONG = 3
LINK_LENGTH = 60

HEADING = phrase("What I did in the last twelve months")
NOTHING_YET = phrase(
    "Nothing to count yet: nobody has said that an answer helped or decided on two tickets."
)
# How each figure is counted.
HELPED_NOTE = phrase(
    "Tickets in whose thread I showed an earlier answer that worked, or that somebody posted there "
    "without saying later that it failed. Not counted where somebody had marked another answer "
    "before."
)
WAIT_NOTE = phrase(
    "The median, from the ticket until the answer that solved it was in its thread; without me, of "
    "the tickets whose answer somebody marked. Not shown for fewer than {n} tickets.",
    n=MIN_COUNTED,
)
DECIDED_NOTE = phrase(
    "Decisions that still stand, by the month they were made in. I was right where people "
    "confirmed a pair that I had shown as the same; no share is shown for fewer than {n} pairs.",
    n=MIN_COUNTED,
)
READABLE_NOTE = phrase("Only tickets that every reader here may read are counted.")


# What people said of two tickets that Déjà had called the same.
WRONG = {
    "distinct": translatable("{ticket} is not the same as {other}"),
    "related": translatable("{ticket} is only related to {other}"),
}


def helped_text(worth: Worth) -> Phrase:
    """Return how many tickets were answered before a person had to."""
    return counted(
        len(worth.helped),
        "{n} ticket answered before a person had to",
        "{n} tickets answered before a person had to",
    )


def wait_text(tickets: Sequence[TimedTicket]) -> Phrase:
    """Return how long tickets waited for their answer, with their number."""
    number = counted(len(tickets), "{n} ticket", "{n} tickets")
    usual = median_wait(tickets)
    if usual is None:
        return phrase("too few to say ({tickets})", tickets=number)
    return phrase("{span} ({tickets})", span=usual, tickets=number)


def month_text(one: MonthRecord) -> Phrase:
    """Return the decisions of a month, and how often flags were right."""
    decided = counted(one.decided, "{n} decision", "{n} decisions")
    if not one.flagged:
        return decided
    right = phrase("{right} of {n} right", right=one.right, n=one.flagged)
    if one.precision is None:
        return phrase("{decided}; {right}", decided=decided, right=right)
    return phrase(
        "{decided}; {right}, {share}", decided=decided, right=right, share=Percent(one.precision)
    )


def is_empty(worth: Worth) -> bool:
    """Say whether there is nothing to tell."""
    return not (worth.helped or worth.decisions or worth.failed)


def worth_blocks(worth: Worth, links: Mapping[int, TicketLink], say: Texts) -> list[Block]:
    """Return the figures with their notes; `links` has the tickets that they name."""
    heading = f"*{say(HEADING)}*"
    if is_empty(worth):
        return [section(f"{heading}\n{say(NOTHING_YET)}")]
    lines = [
        heading,
        f"• {say(helped_text(worth))} ¹",
        "• "
        + say(
            "Until the answer: {mine} with mine, {others} without ²",
            mine=wait_text(worth.helped),
            others=wait_text(worth.others),
        ),
        *(
            f"• {month_name(one.month, say)}: {say(month_text(one))} ³"
            for one in worth.months[:MAX_MONTHS]
        ),
    ]
    blocks = [section("\n".join(lines))]
    if wrong := _wrong_lines(worth, links, say):
        blocks.append(section(f"*{say('What I was wrong about')}*"))
        blocks += map(section, wrong)
    notes = (f"¹ {say(HELPED_NOTE)}", f"² {say(WAIT_NOTE)}", f"³ {say(DECIDED_NOTE)}")
    blocks.append(context("\n".join([*notes, say(READABLE_NOTE)])))
    return blocks


def named_in_message(worth: Worth) -> list[int]:
    """Return the ids of the tickets that the message names."""
    pairs = [(one.item_id, one.other_id) for one in worth.wrong[:MAX_WRONG]]
    pairs += [(one.item_id, one.source_id) for one in worth.failed[:MAX_WRONG]]
    return [item_id for pair in pairs for item_id in pair]


def month_name(month: date, say: Texts) -> str:
    """Return a month as people write it: "Nov 2026"."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMM", month, locale=say.language)


def _wrong_lines(worth: Worth, links: Mapping[int, TicketLink], say: Texts) -> list[str]:
    lines = [
        say(
            WRONG[one.verdict],
            ticket=_link(links[one.item_id]),
            other=_link(links[one.other_id]),
        )
        for one in worth.wrong[:MAX_WRONG]
    ]
    lines += [
        say(
            "The answer of {other} did not work for {ticket}",
            ticket=_link(links[one.item_id]),
            other=_link(links[one.source_id]),
        )
        for one in worth.failed[:MAX_WRONG]
    ]
    return [f"• {line}" for line in lines]


def _link(ticket: TicketLink) -> str:
    return link(ticket.title, ticket.url, LINK_LENGTH)
