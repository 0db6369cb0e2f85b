"""What an attacker forges about topics: forms, and who with which scope in which channel."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, cycle, product

import pytest
from sqlalchemy import select

from bot.blocks.topic_forms import FORMS
from bot.blocks.topic_steps import Step
from models import Channel, Topic, TopicItem
from tests.bot.attacker.attack import Attack
from tests.bot.attacker.places import GUEST, MEMBERS


def topics(attack: Attack) -> dict[int, tuple[str | None, str, bool]]:
    """Return each topic's scope (a channel, None: all members), title, and whether it is shown."""
    with attack.desk.services.database.read() as session:
        rows = session.execute(select(Channel.id, Channel.slack_id))
        names = {channel_id: slack_id for channel_id, slack_id in rows}
        return {
            topic.id: (names.get(topic.audience_id), topic.title, topic.hidden_at is None)
            for topic in session.scalars(select(Topic).order_by(Topic.id))
        }


def reads(attack: Attack, user: str, scope: str | None) -> bool:
    """Say whether somebody may read the tickets that the topics of a scope are made of."""
    return user in MEMBERS if scope is None else attack.places[scope].is_read_by(user)


def one_of_each_scope(attack: Attack) -> dict[str | None, int]:
    """Return a topic of each scope."""
    return {scope: topic_id for topic_id, (scope, _, _) in topics(attack).items()}


def channels(attack: Attack) -> list[str]:
    """Return the channels and direct messages in which the bot can be used."""
    return [*attack.places, "DUFULL", f"D{GUEST}", "DUOUTSIDE"]


Tries = list[tuple[str, str | None, str]]


def each_pair_once(
    users: Sequence[str], scopes: Sequence[str | None], channels: Sequence[str]
) -> Tries:
    """Return every person with every scope, each in another channel than the one before."""
    pairs = product(users, scopes)
    return [
        (user, scope, name) for (user, scope), name in zip(pairs, cycle(channels), strict=False)
    ]


def a_quarter(users: Sequence[str], scopes: Sequence[str | None], channels: Sequence[str]) -> Tries:
    """Return a random quarter of all combinations."""
    tries = list(product(users, scopes, channels))
    return random.Random(0).sample(tries, len(tries) // 4)


in_channels = pytest.mark.parametrize(
    "combine", [each_pair_once, pytest.param(a_quarter, marks=pytest.mark.thorough)]
)

Combine = Callable[[Sequence[str], Sequence[str | None], Sequence[str]], Tries]


# Two forms with one hash are one form that Slack sent twice.
HASHES = map(str, count())


def send_form(attack: Attack, user: str, about: str, title: str) -> None:
    """Submit a topic's form whose metadata names this channel and topic."""
    attack.desk.slack.views.setdefault("VFORGED", {"id": "VFORGED", "type": "modal"})
    attack.desk.submit_values(
        "VFORGED", {"title": {"title": {"value": title}}}, user,
        callback_id=FORMS["rename"], private_metadata=about, hash=next(HASHES),
    )  # fmt: skip
    attack.run_and_check(user, title)


@dataclass(frozen=True)
class Stored:
    """A topic: its scope (a channel, None: all members), title and tickets, whether it is shown."""

    scope: str | None
    title: str
    is_shown: bool
    tickets: frozenset[int]


def stored_topics(attack: Attack) -> dict[int, Stored]:
    """Return each topic with its tickets."""
    with attack.desk.services.database.read() as session:
        rows = session.execute(select(TopicItem.topic_id, TopicItem.item_id)).all()
    return {
        topic_id: Stored(*found, frozenset(item for one, item in rows if one == topic_id))
        for topic_id, found in topics(attack).items()
    }


def send_step(attack: Attack, user: str, step: Step, about: str, named: tuple[int, int]) -> None:
    """Submit a form behind a topic's menu whose fields name a topic and a ticket."""
    desk, (other, item) = attack.desk, named
    desk.slack.views["VFORGED"] = {"id": "VFORGED", "type": "modal"}
    values = {
        "tickets-0": {"tickets-0": {"selected_options": [{"value": str(item)}]}},
        "other": {"other": {"selected_option": {"value": str(other)}}},
        "title": {"title": {"value": "mine"}},
    }
    desk.submit_values(
        "VFORGED", values, user, callback_id=FORMS[step], private_metadata=about,
        hash=f"{len(desk.slack.calls)}",
    )  # fmt: skip
    attack.run_and_check(user, "mine")
