"""What commands and mentions are answered with: similar tickets, help, status, reasons."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks.parts import (
    MESSAGE_LENGTH,
    NAME_LENGTH,
    Block,
    actions,
    age,
    button,
    context,
    facts,
    link,
    notification,
    person,
    section,
    title_lines,
    words,
)
from bot.slack import Message
from models import Item
from services.shown import Shown
from services.suspects import Suspect
from services.text import TITLE_LENGTH, headline, plain_text

REASON_LENGTH = 500
PRODUCT_LENGTH = 120
PICTURE_URL_LENGTH = 3000

# What is worth being shown to all, and how long a button's value may be.
SHARED = frozenset({"similar", "search", "product", "duplicates"})
SHARED_LENGTH = 1900

# What catalogs write where a product cannot be bought.
OUT_OF_STOCK = frozenset({"false", "no", "0", "out of stock", "outofstock", "none"})
_PICTURE = re.compile(r"https://[^\s<>|]+")


@dataclass(frozen=True)
class Reply:
    """A text for notifications and old clients, and the blocks that others see."""

    text: str
    blocks: list[Block]


HELP = (
    ":brain: *Déjà remembers your tickets*\n"
    "When a new one was seen before, I say so in its thread.",
    "• `/deja similar printer prints blank pages` finds the most similar tickets\n"
    "• `/deja similar LINK but not LINK` finds what is like the one and not the other; words in "
    "quotes work too\n"
    "• `/deja search printer in:#helpdesk from:@ana after:2026-11-01 is:open` narrows it down\n"
    "• `/deja product lamp for the garden` looks in the catalog\n"
    "• `/deja resolve LINK restart the spooler` keeps what solved a ticket of this channel\n"
    "• `/deja duplicates` lists what waits for a decision\n"
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
    return _listed("The most similar tickets", shown, now, is_alike=True)


def found_reply(shown: Sequence[Shown], now: datetime) -> Reply:
    """Return the newest tickets that pass somebody's filters."""
    if not shown:
        return reason_reply("No ticket that you may read passes all of these filters.")
    return _listed("The newest of these tickets", shown, now, is_alike=False)


def products_reply(items: Sequence[Item]) -> Reply:
    """Return products with their picture, price and address."""
    if not items:
        return reason_reply("Nothing like it is in the catalog. A few more words may help.")
    heading = "Products"
    blocks = [section(f":package: *{heading}*"), *(product(item) for item in items)]
    return Reply(notification(f"{heading}:", words(items[0].title or "", TITLE_LENGTH)), blocks)


def product(item: Item) -> Block:
    """Return a product: name, price, whether it is in stock, a line about it, and its picture."""
    name = headline(item.title, item.text)
    price = " ".join(str(item.extra.get(key) or "") for key in ("price", "currency")).strip()
    said = str(item.extra.get("in_stock", "")).casefold()
    stock = "*out of stock*" if said in OUT_OF_STOCK else ""
    known = " · ".join(part for part in (words(price), stock) if part)
    lines = [link(name, item.url), known, words(item.text, PRODUCT_LENGTH) if item.title else ""]
    picture = str(item.extra.get("image") or item.extra.get("image_url") or "")
    more = {}
    if _PICTURE.fullmatch(picture) and len(picture) <= PICTURE_URL_LENGTH:
        alt = plain_text(name)[:TITLE_LENGTH]
        more = {"accessory": {"type": "image", "image_url": picture, "alt_text": alt}}
    return section("\n".join(line for line in lines if line), **more)


def pairs_reply(suspects: Sequence[Suspect]) -> Reply:
    """Return suspected duplicates, the newest first."""
    if not suspects:
        return reason_reply("Nothing is waiting: all that I called duplicates is decided on.")
    heading = "Suspected duplicates"
    lines = [
        f"• {link(one.title, one.url)}\n   _seen before as_ {link(one.other_title, one.other_url)}"
        for one in suspects
    ]
    blocks = [section(f":mag_right: *{heading}*"), *(section(line) for line in lines)]
    blocks.append(context("Decide in their threads, where I answered."))
    return Reply(notification(f"{heading}:", words(suspects[0].title, TITLE_LENGTH)), blocks)


def sharable(reply: Reply, text: str) -> Reply:
    """Return a reply that only one person sees with a button that shows it to all."""
    word = text.strip().partition(" ")[0].lower()
    if word not in SHARED or len(reply.blocks) == 1 or len(text) > SHARED_LENGTH:
        return reply
    note = context("Only you see this. Shared, it names what everybody here may read.")
    share = actions("deja-share", button("Share here", "share", text))
    return Reply(reply.text, [*reply.blocks, share, note])


def shared(reply: Reply, user: str, text: str, mark: str) -> Message:
    """Return a reply as a message to all, with who asked what."""
    asked = f"{person(user)} asked `/deja {words(text, NAME_LENGTH)}`"
    return Message(reply.text, [section(asked, block_id=mark), *reply.blocks], mark)


def _listed(heading: str, shown: Sequence[Shown], now: datetime, *, is_alike: bool) -> Reply:
    blocks = [section(f":mag: *{heading}*")]
    for one in shown:
        since = f"{age(max(now - one.created_at, timedelta()))} ago"
        more = [section(title_lines(one)), facts(one, since, is_alike=is_alike)]
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
