"""What commands and mentions are answered with: similar tickets, help, status, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.parts import MESSAGE_LENGTH, Block, candidate_lines, context, escape, section
from services.answers import Shown


@dataclass(frozen=True)
class Reply:
    """A text for notifications and old clients, and the blocks that others see."""

    text: str
    blocks: list[Block]


HELP = """\
*Déjà remembers your tickets.* When one was seen before, it says so in the thread.
• `/deja similar printer prints blank pages` – the most similar tickets, for your eyes only
• `/deja status` – what Déjà remembers and how it is doing
• `/deja help` – this
Or mention me in a thread: I look for what its first message resembles. \
On an answer of mine, *Same issue*, *Related* and *Not a duplicate* tell me what is right; \
each can be undone."""


def help_reply() -> Reply:
    """Return what Déjà can do, with examples."""
    return Reply("How to use Déjà", [section(HELP)])


def similar_reply(shown: Sequence[Shown], now: datetime) -> Reply:
    """Return the tickets most alike to what somebody asked for."""
    if not shown:
        return reason_reply("Nothing like it is remembered. A few more words may help.")
    blocks = [section("*The most similar tickets*")]
    length = 0
    for one in shown:
        lines = candidate_lines(one, now).replace(" earlier", " ago")
        length += len(lines)
        if length > MESSAGE_LENGTH:
            break
        blocks.append(section(lines))
    return Reply(f"The most similar tickets: {shown[0].title}", blocks)


def status_reply(lines: Sequence[tuple[str, str]]) -> Reply:
    """Return numbers and names, one a line."""
    text = "\n".join(f"*{escape(name)}*  {escape(value)}" for name, value in lines)
    return Reply("Déjà's status", [section(text)])


def reason_reply(reason: str) -> Reply:
    """Return why there is no better answer."""
    return Reply(reason, [context(escape(reason))])
