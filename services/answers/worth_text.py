"""What Déjà was worth, in words: figures, and how they are counted."""

from __future__ import annotations

from collections.abc import Sequence

from services.answers.worth import MIN_COUNTED, MonthRecord, TimedTicket, Worth, median_wait
from services.phrases import Percent, Phrase, counted, phrase

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
    "The median time from a ticket until the answer that solved it was in its thread. Without "
    "mine: of the tickets whose answer somebody marked. Not shown for fewer than {n} tickets.",
    n=MIN_COUNTED,
)
DECIDED_NOTE = phrase(
    "Decisions that still stand, by the month they were made in. I was right where people "
    "confirmed a pair that I had shown as the same; no share is shown for fewer than {n} pairs.",
    n=MIN_COUNTED,
)
READABLE_NOTE = phrase("Only tickets that every reader here may read are counted.")


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
