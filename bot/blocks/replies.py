"""What commands and mentions are answered with: similar tickets, help, status, reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks.parts import (
    MESSAGE_LENGTH,
    Block,
    age,
    context,
    facts,
    notification,
    section,
    title_lines,
    words,
)
from services.shown import Shown
from services.text import TITLE_LENGTH

REASON_LENGTH = 500


@dataclass(frozen=True)
class Reply:
    """A text for notifications and old clients, and the blocks that others see."""

    text: str
    blocks: list[Block]


HELP = (
    ":brain: *Déjà remembers your tickets*\n"
    "When a new one was seen before, I say so in its thread.",
    "• `/deja similar printer prints blank pages` finds the most similar tickets\n"
    "• `/deja why LINK LINK` tells what speaks for and against two tickets being the same\n"
    "• `/deja settings` sets how I behave in this channel\n"
    "• `/deja status` tells what I remember, and how I am doing\n"
    "• `/deja help` shows this",
    "*In a thread*, mention me: I look for what its first message resembles.\n"
    "*On an answer of mine*, press _Same issue_, _Related_ or _Not a duplicate_. A pair that you "
    "rule out never comes back, and every click can be undone. _Why?_ tells you the reasons.",
)


def help_reply() -> Reply:
    """Return what Déjà can do, with examples."""
    return Reply("How to use Déjà", [section(part) for part in HELP])


def similar_reply(shown: Sequence[Shown], now: datetime) -> Reply:
    """Return the tickets most alike to what somebody asked for."""
    if not shown:
        return reason_reply("Nothing like it is remembered. A few more words may help.")
    heading = "The most similar tickets"
    blocks = [section(f":mag: *{heading}*")]
    for one in shown:
        since = f"{age(max(now - one.created_at, timedelta()))} ago"
        more = [section(title_lines(one)), facts(one, since)]
        if len(json.dumps(blocks + more, ensure_ascii=False)) > MESSAGE_LENGTH:
            break
        blocks += more
    return Reply(notification(f"{heading}:", words(shown[0].title, TITLE_LENGTH)), blocks)


def status_reply(lines: Sequence[tuple[str, str]]) -> Reply:
    """Return numbers and names, one a line."""
    text = "\n".join(f"*{words(name)}*  {words(value)}" for name, value in lines)
    return Reply("Déjà's status", [section(text)])


def reason_reply(reason: str) -> Reply:
    """Return why there is no better answer."""
    short = words(reason, REASON_LENGTH)
    return Reply(notification(short), [context(short)])
