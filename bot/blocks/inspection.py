"""What Déjà made of a message, told to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.parts import context, link, notification, section, words
from bot.blocks.replies import Reply

LINE_LENGTH = 300


@dataclass(frozen=True)
class Alike:
    """What is most alike to a message, and how alike (a cosine)."""

    title: str
    url: str | None
    similarity: float


def inspection_reply(lines: Sequence[str], answer: str | None, alike: Alike | None) -> Reply:
    """Return what became of a message: `lines`, the address of its answer, and what is nearest."""
    said = [words(line, LINE_LENGTH) for line in lines]
    if answer is not None:
        said.append(link("I answered it.", answer))
    blocks = [section("\n".join([":mag: *What I made of this message*", *said]))]
    if alike is not None:
        known = f"similarity {alike.similarity:.2f}"
        blocks.append(section(f"*Most alike:* {link(alike.title, alike.url)}"))
        blocks.append(context(f"{known} · /deja why with both links tells more"))
    return Reply(notification("What I made of this message"), blocks)
