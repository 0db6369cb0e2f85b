"""A channel for products: questions are answered from the catalog once, and not stored."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import Channel, Item
from services.memory.new_items import NewItem
from services.memory.workspaces import find_workspace
from tests.conftest import NOW
from tests.serving import Desk, restarted, words

QUESTION = "do you have a garden lamp"
CATALOG = [
    ("L-1", "Garden lamp", "false"),
    ("L-2", "Garden lamp mini", "true"),
    ("L-3", "Garden lamp set of three", "true"),
    ("L-4", "Large garden lamp", "true"),
    ("L-5", "Small garden lamp", "true"),
    ("L-6", "Garden lamp in green", "true"),
    ("H-1", "Hub for hotels", "true"),
]


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """Give a bot with a catalog, and a channel for product questions."""
    desk.ticket("C1", "good morning")
    desk.drain()
    set_up(desk, kind="products", mode="full")
    items = [
        NewItem(
            source="catalog", external_id=key, text=title, title=title, kind="product",
            created_at=NOW, extra={"in_stock": stock}, url=f"https://shop.example.com/{key}",
        )
        for key, title, stock in CATALOG
    ]  # fmt: skip
    with desk.services.database.read() as session:
        workspace_id = find_workspace(session).id
    desk.services.ingest.store(workspace_id, items, NOW)
    return desk


def set_up(desk: Desk, **settings: Any) -> None:
    """Change the channel's settings."""
    with desk.services.database.write() as session:
        channel = session.scalars(select(Channel).where(Channel.slack_id == "C1")).one()
        for name, value in settings.items():
            setattr(channel, name, value)


def stored_tickets(desk: Desk) -> list[str]:
    """Return the texts of stored tickets."""
    with desk.services.database.read() as session:
        kept = Item.kind == "ticket", Item.deleted_at.is_(None)
        return list(session.scalars(select(Item.text).where(*kept)))


@pytest.mark.both_databases
def test_a_question_gets_up_to_five_products_in_its_thread(shop: Desk) -> None:
    """Products have links, and those out of stock come last and say so."""
    ts = shop.ticket("C1", QUESTION)
    [offer] = shop.answers("C1", ts)
    assert words(offer).count("https://shop.example.com/L-") == 5
    assert "Hub for hotels" not in words(offer)
    assert "out of stock" in str(offer["blocks"][-1])
    assert "out of stock" not in str(offer["blocks"][:-1])
    assert QUESTION not in stored_tickets(shop)


def test_a_question_is_answered_once(shop: Desk) -> None:
    """Neither a repeated event nor an edit nor a restart causes a second answer."""
    message = shop.slack.say("C1", QUESTION)
    for _ in range(2):
        shop.deliver_message("C1", message, "Ev-one")
    shop.drain()
    shop.edit("C1", message["ts"], f"{QUESTION}, please", "5.1")
    shop.drain()
    again = restarted(shop)
    again.deliver_message("C1", message, "Ev-two")
    again.drain()
    assert len(again.slack.replies("C1", message["ts"])) == 1


def test_messages_without_a_matching_product_get_no_answer(shop: Desk) -> None:
    """Small talk, other subjects, and in a quiet channel only somewhat similar products."""
    set_up(shop, mode="quiet")
    for text in (
        "thanks a lot!", "the meeting is on friday", "my lamp broke since yesterday", ":wave:",
        "x" * 9_000,
    ):  # fmt: skip
        ts = shop.ticket("C1", text)
        assert shop.answers("C1", ts) == [], text
    assert shop.jobs("failed") == []


@pytest.mark.parametrize("settings", [{"mode": "request"}, {"mode": "off"}, {"muted_at": NOW}])
def test_a_channel_that_is_off_gets_no_product_answers(
    shop: Desk, settings: dict[str, Any]
) -> None:
    """On request, off and muted mean the same as for tickets; commands still work."""
    set_up(shop, **settings)
    assert shop.answers("C1", shop.ticket("C1", QUESTION)) == []
    shop.command("C1", "product garden lamp")
    shop.drain()
    assert "L-2" in words(shop.slack.private_replies[-1])


def test_a_reply_in_a_thread_is_not_a_question(shop: Desk) -> None:
    """Replies in threads get no product answers."""
    ts = shop.ticket("C1", "the meeting is on friday")
    shop.deliver_message("C1", shop.slack.say("C1", QUESTION, thread_ts=ts))
    shop.drain()
    assert shop.slack.replies("C1", ts) == shop.slack.replies("C1", ts)[:1]
    assert all("L-2" not in words(one) for one in shop.slack.replies("C1", ts))


def test_inspect_says_why_a_question_is_not_a_ticket(shop: Desk) -> None:
    """The reply says that the channel is for product questions."""
    message = shop.slack.say("C1", QUESTION)
    shop.shortcut("deja_inspect", "C1", message, hook=shop.slack.hook())
    shop.drain()
    assert "this channel is for product questions" in words(shop.slack.private_replies[-1])
