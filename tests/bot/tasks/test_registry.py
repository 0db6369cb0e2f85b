"""The registry of the bot's tasks, by kind of job."""

from __future__ import annotations

from bot.tasks.registry import BATCHED, SINGLE


def test_tasks_name_every_kind_once() -> None:
    """No kind of job is both batched and single, so no two loops claim the same job."""
    assert not BATCHED.keys() & SINGLE.keys()
