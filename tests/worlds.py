"""Worlds that many tests begin with: what people wrote in Slack, and what the bot made of it.

The first test of a worker that begins with one builds it; the others get copies of the database and
of the stand-in of Slack. Only what is in the memory of the bot is not copied, as after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import select

from models import Item, Job
from tests.conftest import NOW
from tests.databases import recycled_file
from tests.serving import Desk

# What the stand-in of Slack holds, without its server.
_SLACK = (
    "violations", "private_replies", "views", "prompts", "files", "users", "channels", "calls",
    "shared_files", "_messages", "_hooks",
)  # fmt: skip
_NEW_CHANNELS = {"C1": {"id": "C1", "name": "c1"}}
# Settings that differ from test to test without any meaning.
_PLACES = {"slack_api_url", "data_dir", "database_url"}


@dataclass(frozen=True)
class _World:
    """The state of Slack, the clock, and the last numbers that Slack and its events were given.

    `result` is what building it returned.
    """

    slack: dict[str, Any]
    now: datetime
    message: int
    event: int
    result: Any


T = TypeVar("T")

_worlds: dict[str, _World] = {}


def begin(desk: Desk, name: str, build: Callable[[], T]) -> T:
    """Bring a desk into the state that `build` leads to, by a copy where there is one.

    Returns what `build` returns; `name` stands for all that it does. A desk that is not new, or is
    on PostgreSQL, is built.
    """
    file = recycled_file(desk.services.settings.database_url.get_secret_value())
    if file is None or not _is_new(desk):
        return build()
    settings = desk.services.settings.model_dump(exclude=_PLACES)
    key = f"{name} {desk.services.embedder.fingerprint} {settings}"
    built: list[T] = []
    file.fill(key, lambda: built.append(build()))
    if built:
        _worlds[key] = _world_of(desk, built[0])
    else:
        _restore(desk, _worlds[key])
    result: T = deepcopy(_worlds[key].result)
    return result


def _is_new(desk: Desk) -> bool:
    """Say whether nothing has happened yet, in Slack or in the database."""
    slack = desk.slack
    is_quiet = not any(slack._messages.values()) and not slack.users and slack.outage is None
    if not is_quiet or slack.channels != _NEW_CHANNELS or desk.clock.now != NOW:
        return False
    with desk.services.database.read() as session:
        return all(session.scalar(select(one.id).limit(1)) is None for one in (Job, Item))


def _world_of(desk: Desk, result: object) -> _World:
    slack = {attribute: getattr(desk.slack, attribute) for attribute in _SLACK}
    message, event = next(desk.slack._numbers), next(desk._ids)
    return deepcopy(_World(slack, desk.clock.now, message, event, result))


def _restore(desk: Desk, world: _World) -> None:
    for attribute, value in deepcopy(world.slack).items():
        setattr(desk.slack, attribute, value)
    desk.slack._numbers = count(world.message + 1)
    while next(desk._ids) < world.event:
        pass
    desk.clock.now = world.now
