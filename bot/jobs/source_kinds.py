"""Jobs of the programs that send tickets, and of those whose tickets are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.jobs.kinds import BotJob


@dataclass(frozen=True, kw_only=True)
class SentTickets(BotJob):
    """Tickets that a program sent, checked but not read."""

    kind: ClassVar[str] = "sent_tickets"

    source_id: int
    tickets: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class SourcePoll(BotJob):
    """Read a page of what has changed in a tracker or help desk; `page` counts from 0."""

    kind: ClassVar[str] = "poll"

    source_id: int
    page: int = 0


@dataclass(frozen=True, kw_only=True)
class TrackerNote(BotJob):
    """Write to a program that one of its tickets is a duplicate, or take that back."""

    kind: ClassVar[str] = "write_back"

    verdict_id: int
    item_id: int


@dataclass(frozen=True, kw_only=True)
class IssueMessage(BotJob):
    """Show in a ticket's thread what became of the issue that was created of it."""

    kind: ClassVar[str] = "issue_show"

    created_id: int


@dataclass(frozen=True, kw_only=True)
class IssueFollowing(BotJob):
    """Bring a ticket to the state of the issue that was created of it."""

    kind: ClassVar[str] = "issue_follow"

    created_id: int
