"""What the tasks of one workspace share."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.client import Slack
from bot.slack.identity import BotIdentity
from bot.slack.tokens import Tokens
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.requester_access import RequesterAccess
from bot.wiring import Services


@dataclass(frozen=True)
class TaskContext:
    """The services, and the Slack of one workspace."""

    services: Services
    slack: Slack
    me: BotIdentity
    tokens: Tokens

    @property
    def channels(self) -> ChannelSync:
        """The workspace's channels."""
        default_mode = self.services.settings.default_mode
        return ChannelSync(self.services.database, self.slack, self.me, default_mode)

    @property
    def access(self) -> RequesterAccess:
        """What each person of the workspace may read."""
        return RequesterAccess(self.services.database, self.slack, self.me)
