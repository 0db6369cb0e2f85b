"""Jobs that are due by the clock, and backfills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from bot.jobs.kinds import BotJob, SlackJson
from models.items import ItemKind


@dataclass(frozen=True, kw_only=True)
class Recalibration(BotJob):
    """Learn from the verdicts on one kind of items."""

    kind: ClassVar[str] = "calibrate"

    workspace_id: int
    item_kind: ItemKind

    def payload(self) -> dict[str, Any]:
        """Return what is stored: the kind of items as `kind`."""
        return {"workspace_id": self.workspace_id, "kind": self.item_kind}

    @classmethod
    def from_payload(cls, key: str, payload: SlackJson) -> Self:
        """Return the job that was stored. Raises `InputError`."""
        return super().from_payload(key, {**payload, "item_kind": payload.get("kind")})


@dataclass(frozen=True, kw_only=True)
class Sweep(BotJob):
    """Fetch the messages that the bot missed while it was not running."""

    kind: ClassVar[str] = "sweep"


@dataclass(frozen=True, kw_only=True)
class GuestCheck(BotJob):
    """Look up which channels guests read."""

    kind: ClassVar[str] = "guests"


@dataclass(frozen=True, kw_only=True)
class RetentionRun(BotJob):
    """Erase what is older than the rules of retention allow."""

    kind: ClassVar[str] = "retain"


@dataclass(frozen=True, kw_only=True)
class TokenRotation(BotJob):
    """Fetch a new token before the old one expires."""

    kind: ClassVar[str] = "rotate"


@dataclass(frozen=True, kw_only=True)
class ProofRun(BotJob):
    """Prove that the index, the stored rows and the judgement are as they should be."""

    kind: ClassVar[str] = "proof"


@dataclass(frozen=True, kw_only=True)
class AdminNotice(BotJob):
    """Tell administrators about a problem, a stored phrase, in the channel of the settings.

    `mark` finds the message again, so that it is posted once.
    """

    kind: ClassVar[str] = "notice"
    ages: ClassVar[bool] = True
    # It may be about the very jobs that are waiting.
    ahead: ClassVar[timedelta] = timedelta(days=1)

    text: SlackJson
    mark: str
    is_over: bool = False


@dataclass(frozen=True, kw_only=True)
class BackfillPage(BotJob):
    """Read one page of a channel's older messages, from `latest` (None: now) back to `since`.

    `messages` and `tickets` count those of earlier pages. If a `user` asked for it in Slack, the
    message `progress_ts` shows the progress. `cause` is the key of the job that started it.
    """

    kind: ClassVar[str] = "backfill"

    channel_id: int
    since: str
    latest: str | None
    messages: int
    tickets: int
    user: str | None
    progress_ts: str | None
    cause: str
