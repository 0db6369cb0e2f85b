"""The form of *Mark as duplicate of …*."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blocks.form_fields import form
from bot.blocks.parts import NO_TEXT, Block, plain
from bot.i18n.texts import Texts
from services.text.words.plain import plain_text

FORM = "deja_mark"
SEARCH = "deja_mark_search"
OPTION_LENGTH = 75

# Fewer letters find anything and everything.
MIN_SEARCH_LENGTH = 3


def mark_view(about: str, say: Texts) -> Block:
    """Return the form that asks for the earlier ticket; Slack sends `about` back with it."""
    search = {
        "type": "external_select",
        "action_id": SEARCH,
        "min_query_length": MIN_SEARCH_LENGTH,
        "placeholder": plain(say("A few words from the earlier ticket")),
    }
    hint = say("The search covers the tickets you can read. You can undo this in the thread.")
    other = {
        "type": "input",
        "block_id": "other",
        "label": plain(say("Earlier ticket")),
        "hint": plain(hint),
        "element": search,
    }
    return form(FORM, about, [other], say, title=say("Mark as duplicate"), submit=say("Save"))


def option(item_id: int, title: str) -> Block:
    """Return a ticket as an option of the search."""
    label = plain_text(title)[:OPTION_LENGTH] or NO_TEXT
    return {"text": plain(label), "value": str(item_id)}


@dataclass(frozen=True)
class Option:
    """A ticket that the search found."""

    item_id: int
    title: str
