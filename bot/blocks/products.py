"""Products of the catalog: a carousel of cards, with picture, name, price, stock and address."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.blocks.parts import Block, link, mrkdwn, notification, section, words
from bot.blocks.replies import Reply, reason_reply
from bot.i18n.texts import Texts
from models import Item
from services.text.cleaning.headline import TITLE_LENGTH, headline
from services.text.words.plain import plain_text

DESCRIPTION_LENGTH = 120
PICTURE_URL_LENGTH = 3000

# Slack's limits of a card, and of the cards of a carousel.
MAX_CARD_TITLE = 150
MAX_CARD_TEXT = 200
MAX_CARDS = 10

# How catalogs say that a product cannot be bought.
OUT_OF_STOCK = frozenset({"false", "no", "0", "out of stock", "outofstock", "none"})
_PICTURE = re.compile(r"https://[^\s<>|]+")


def products_reply(items: Sequence[Item], say: Texts) -> Reply:
    """Return products side by side, as many as a carousel takes.

    A Slack that does not know carousels gets the same as a list (`bot.slack.simpler_blocks`).
    """
    if not items:
        return reason_reply(
            say("There is nothing like that in the catalog. A few more words may help.")
        )
    heading = say("Products")
    cards = [product_card(item, say) for item in items[:MAX_CARDS]]
    blocks = [section(f":package: *{heading}*"), {"type": "carousel", "elements": cards}]
    text = notification(f"{heading}:", words(items[0].title or "", TITLE_LENGTH))
    return Reply(text, blocks, tuple(item.id for item in items))


def is_sold_out(item: Item) -> bool:
    """Say whether a product is out of stock according to its catalog."""
    return str(item.extra.get("in_stock", "")).strip().casefold() in OUT_OF_STOCK


def product_card(item: Item, say: Texts) -> Block:
    """Return a card with a product's name, price, stock, a line of its description, and picture."""
    name = headline(item.title, item.text)
    price = " ".join(str(item.extra.get(key) or "") for key in ("price", "currency")).strip()
    stock = f"*{say('out of stock')}*" if is_sold_out(item) else ""
    facts = " · ".join(part for part in (words(price), stock) if part)
    card: Block = {"type": "card", "title": mrkdwn(_title(name, item.url))}
    if facts:
        card["subtitle"] = mrkdwn(facts)
    if item.title and (description := _fitting(item.text, DESCRIPTION_LENGTH, MAX_CARD_TEXT)):
        card["body"] = mrkdwn(description)
    picture = str(item.extra.get("image") or item.extra.get("image_url") or "")
    if _PICTURE.fullmatch(picture) and len(picture) <= PICTURE_URL_LENGTH:
        alt = plain_text(name)[:TITLE_LENGTH]
        card["hero_image"] = {"type": "image", "image_url": picture, "alt_text": alt}
    return card


def _title(name: str, url: str | None) -> str:
    """Return a product's name as a link, or alone where the address is too long for a card."""
    linked = link(name, url)
    return linked if len(linked) <= MAX_CARD_TITLE else _fitting(name, TITLE_LENGTH, MAX_CARD_TITLE)


def _fitting(text: str, length: int, max_length: int) -> str:
    """Return a line of `length` characters, or of so few that with escapes it fits `max_length`."""
    line = words(text, length)
    return line if len(line) <= max_length else words(text, max_length // 5)
