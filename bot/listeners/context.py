"""What listeners know of the workspace that a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.blocks.mark_duplicate import Option
from bot.jobs.kinds import BotJob
from bot.slack.client import Slack
from bot.slack.identity import BotIdentity

# Takes the channel, the message's `ts`, who asks, and what they typed.
Find = Callable[[str, str, str, str], list[Option]]


@dataclass(frozen=True)
class ListenerContext:
    """What listeners need besides the request: to store a job, open a form, search for one."""

    me: BotIdentity
    bot_id: str | None
    slack: Slack
    enqueue: Callable[[BotJob], None]
    find: Find
