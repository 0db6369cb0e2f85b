"""What Déjà was worth, as blocks of a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.blocks.parts import Block, context, link, section
from bot.i18n.texts import Texts
from services.answers.ticket_links import TicketLink
from services.answers.worth import Worth, median_wait
from services.answers.worth_text import (
    DECIDED_NOTE,
    HEADING,
    HELPED_NOTE,
    NOTHING_YET,
    READABLE_NOTE,
    WAIT_NOTE,
    helped_text,
    is_empty,
    month_text,
    wait_text,
)
from services.phrases import translatable

# In a message; the dashboard and the command line list all.
MAX_MONTHS = 3
MAX_WRONG = 3
LINK_LENGTH = 60

# What people said of two tickets that Déjà had called the same.
WRONG = {
    "distinct": translatable("{ticket} is not the same as {other}"),
    "related": translatable("{ticket} is only related to {other}"),
}


def worth_blocks(worth: Worth, links: Mapping[int, TicketLink], say: Texts) -> list[Block]:
    """Return the figures with their notes; `links` has the tickets that they name."""
    heading = f"*{say(HEADING)}*"
    if is_empty(worth):
        return [section(f"{heading}\n{say(NOTHING_YET)}")]
    lines = [
        heading,
        f"• {say(helped_text(worth))} ¹",
        f"• {_until_answer(worth, say)} ²",
        *(
            f"• {month_name(one.month, say)}: {say(month_text(one))} ³"
            for one in worth.months[:MAX_MONTHS]
        ),
    ]
    blocks = [section("\n".join(lines))]
    if wrong := _wrong_lines(worth, links, say):
        blocks.append(section(f"*{say('What I was wrong about')}*"))
        blocks += map(section, wrong)
    notes = [f"¹ {say(HELPED_NOTE)}", f"² {say(WAIT_NOTE)}"]
    if worth.months:
        notes.append(f"³ {say(DECIDED_NOTE)}")
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


def _until_answer(worth: Worth, say: Texts) -> str:
    if median_wait(worth.helped) is None and median_wait(worth.others) is None:
        mine, others = (
            say.counted(len(tickets), "{n} ticket", "{n} tickets")
            for tickets in (worth.helped, worth.others)
        )
        return say(
            "Until the answer: too few to say ({mine} with mine, {others} without)",
            mine=mine,
            others=others,
        )
    return say(
        "Until the answer: {mine} with mine, {others} without",
        mine=wait_text(worth.helped),
        others=wait_text(worth.others),
    )


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
