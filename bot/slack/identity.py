"""Who the bot is in a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.classify import BotAccounts


@dataclass(frozen=True)
class BotIdentity:
    """Who the bot is, and which other bots' messages count as tickets (bot, app or user ids)."""

    team_id: str
    bot_user_id: str | None
    ticket_bots: frozenset[str] = frozenset()

    @property
    def bots(self) -> BotAccounts:
        """The accounts whose messages no person writes."""
        return BotAccounts(self.bot_user_id, self.ticket_bots)


def is_direct(channel: str) -> bool:
    """Say whether a Slack id is that of a direct conversation between one person and the bot."""
    return channel.startswith("D")
