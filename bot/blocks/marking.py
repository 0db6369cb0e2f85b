"""The form of *Mark as duplicate of …*."""

from __future__ import annotations

from bot.blocks.parts import Block, plain
from services.text import plain_text

FORM = "deja_mark"
SEARCH = "deja_mark_search"
OPTION_LENGTH = 75

# Letters from which on a search tells anything.
SHORTEST_SEARCH = 3


def mark_view(about: str) -> Block:
    """Return the form that asks for the earlier ticket; `about` comes back with it."""
    search = {
        "type": "external_select",
        "action_id": SEARCH,
        "min_query_length": SHORTEST_SEARCH,
        "placeholder": plain("A few words of the earlier ticket"),
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": about,
        "title": plain("Mark as duplicate of"),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": "other",
                "label": plain("The earlier ticket"),
                "hint": plain("You find what you may read. It can be undone in the thread."),
                "element": search,
            }
        ],
    }


def option(item_id: int, title: str) -> Block:
    """Return a ticket to choose."""
    label = plain_text(title)[:OPTION_LENGTH] or "(no text)"
    return {"text": plain(label), "value": str(item_id)}
