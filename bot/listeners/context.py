"""What listeners need of the workspace that a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.blocks.mark_duplicate import Option
from bot.jobs.kinds import BotJob
from bot.slack.client import Slack
from bot.slack.identity import BotIdentity

# Takes the channel, the message's `ts`, and the emoji of a reaction.
IsOverride = Callable[[str, str, str], bool]
# Takes the channel, the message's `ts`, who asks, and what they typed.
Find = Callable[[str, str, str, str], list[Option]]


@dataclass(frozen=True)
class ListenerContext:
    """A listener's dependencies besides the request, injected as `deps`.

    `enqueue` stores a job, `slack` opens forms, and `find` searches for tickets. `is_override` says
    whether a reaction changes what a message is.
    """

    me: BotIdentity
    bot_id: str | None
    slack: Slack
    enqueue: Callable[[BotJob], None]
    find: Find
    is_override: IsOverride
