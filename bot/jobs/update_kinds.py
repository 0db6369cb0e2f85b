"""Jobs that follow from others: tickets to judge, and messages to post, update or delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.jobs.kinds import BotJob


@dataclass(frozen=True, kw_only=True)
class ItemJudgement(BotJob):
    """Judge an item again."""

    kind: ClassVar[str] = "judge"

    item_id: int


@dataclass(frozen=True, kw_only=True)
class AnswerUpdate(BotJob):
    """Bring the answer to an item up to date in its thread."""

    kind: ClassVar[str] = "answer"

    item_id: int


@dataclass(frozen=True, kw_only=True)
class RepostCheck(BotJob):
    """Bring the answers and notices posted in an item's thread up to date, or delete them."""

    kind: ClassVar[str] = "posted"

    item_id: int


@dataclass(frozen=True, kw_only=True)
class PostedReplyUpdate(BotJob):
    """Bring a reply that stands in Slack up to date with what it names."""

    # Both names are those under which the first version stored it.
    kind: ClassVar[str] = "share_show"

    share_id: int


@dataclass(frozen=True, kw_only=True)
class ProductOffer(BotJob):
    """Answer a message with products of the catalog."""

    kind: ClassVar[str] = "offer"
    ages: ClassVar[bool] = True

    team: str
    channel: str
    ts: str
    text: str


@dataclass(frozen=True, kw_only=True)
class WeeklyDigest(BotJob):
    """Post the digest of a week (such as `2026-W48`) in a channel."""

    kind: ClassVar[str] = "digest"

    channel_id: int
    week: str


@dataclass(frozen=True, kw_only=True)
class DigestUpdate(BotJob):
    """Bring a posted digest up to date."""

    kind: ClassVar[str] = "digest_show"

    channel_id: int
    week: str


@dataclass(frozen=True, kw_only=True)
class SolvedNotice(BotJob):
    """Post in a report's thread that the first report of its issue is solved."""

    kind: ClassVar[str] = "tell"
    ages: ClassVar[bool] = True

    root_id: int
    report_id: int


@dataclass(frozen=True, kw_only=True)
class SolvedNoticeUpdate(BotJob):
    """Show in a solved notice which button `by` pressed (`said`: works or broken).

    Earlier versions stored these jobs; a `RepostCheck` of the report does the same.
    """

    kind: ClassVar[str] = "told_show"

    channel_id: int
    root_id: int
    report_id: int
    thread_ts: str
    said: str
    by: str


@dataclass(frozen=True, kw_only=True)
class SetupUpdate(BotJob):
    """Show what `by` chose in the message that asked how to work in a channel."""

    kind: ClassVar[str] = "setup_show"

    channel_id: int
    by: str
