"""A channel for products: questions are answered from the catalog, once, and nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import Channel, Item
from services.memory.items import NewItem
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
    """Give a bot with a catalog, in a channel where products are asked for."""
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


def tickets(desk: Desk) -> list[str]:
    """Return what is remembered as a ticket."""
    with desk.services.database.read() as session:
        kept = Item.kind == "ticket", Item.deleted_at.is_(None)
        return list(session.scalars(select(Item.text).where(*kept)))


@pytest.mark.both_databases
def test_a_question_gets_up_to_five_products_in_its_thread(shop: Desk) -> None:
    """What fits, with its link; what cannot be bought comes last and says so."""
    ts = shop.ticket("C1", QUESTION)
    [offer] = shop.answers("C1", ts)
    assert words(offer).count("https://shop.example.com/L-") == 5
    assert "Hub for hotels" not in words(offer)
    assert "out of stock" in str(offer["blocks"][-1])
    assert "out of stock" not in str(offer["blocks"][:-1])
    assert QUESTION not in tickets(shop)


def test_a_question_is_answered_once(shop: Desk) -> None:
    """Neither a repeated event nor an edit nor another run posts a second time."""
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


@pytest.mark.parametrize(
    "said",
    [
        "thanks a lot!",
        "the meeting is on friday",
        "my lamp broke since yesterday",
        ":wave:",
        "x" * 9_000,
    ],
)
def test_what_nothing_fits_is_left_alone(shop: Desk, said: str) -> None:
    """Small talk, other matters, and what is only somewhat similar where the channel is quiet."""
    set_up(shop, mode="quiet")
    ts = shop.ticket("C1", said)
    assert shop.answers("C1", ts) == []
    assert shop.jobs("failed") == []


@pytest.mark.parametrize("settings", [{"mode": "request"}, {"mode": "off"}, {"muted_at": NOW}])
def test_where_nobody_wants_it_nothing_is_said(shop: Desk, settings: dict[str, Any]) -> None:
    """On request, off and muted mean the same here as for tickets; a command works on."""
    set_up(shop, **settings)
    assert shop.answers("C1", shop.ticket("C1", QUESTION)) == []
    shop.command("C1", "product garden lamp")
    shop.drain()
    assert "L-2" in words(shop.slack.private_replies[-1])


def test_a_reply_is_no_question(shop: Desk) -> None:
    """What is said in a thread is between those who talk there."""
    ts = shop.ticket("C1", "the meeting is on friday")
    shop.deliver_message("C1", shop.slack.say("C1", QUESTION, thread_ts=ts))
    shop.drain()
    assert shop.slack.replies("C1", ts) == shop.slack.replies("C1", ts)[:1]
    assert all("L-2" not in words(one) for one in shop.slack.replies("C1", ts))


def test_inspect_says_why_a_question_is_no_ticket(shop: Desk) -> None:
    """Whoever wonders can look it up."""
    message = shop.slack.say("C1", QUESTION)
    shop.shortcut("deja_inspect", "C1", message, hook=shop.slack.hook())
    shop.drain()
    assert "this channel is for product questions" in words(shop.slack.private_replies[-1])
