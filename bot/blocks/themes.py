"""What many topics come down to, in a line."""

from __future__ import annotations

from bot.blocks.parts import Block, context, words
from bot.texts import Texts
from services.topics.views import RunView

# A line is to be read at a glance; the table and the page have the rest.
MOST_THEMES = 5


def themes_line(view: RunView, say: Texts) -> list[Block]:
    """Return the largest themes with how many tickets each has, in one line; none: no line."""
    themes = view.themes
    if not themes:
        return []
    largest = [f"*{words(theme.title)}* {say.number(theme.size)}" for theme in themes[:MOST_THEMES]]
    dots = ["…"] if len(themes) > MOST_THEMES else []
    return [
        context(say("In {n} themes: {themes}", n=len(themes), themes=" · ".join([*largest, *dots])))
    ]
