"""Jobs about topics: to group tickets, to change or show topics, to alert to rising ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.blocks.topic_steps import Step
from bot.jobs.kinds import BotJob, PersonJob


@dataclass(frozen=True, kw_only=True)
class TopicGrouping(BotJob):
    """Group tickets into topics and post the summary; `user` is None for the weekly summary.

    The tickets are those of the last `days` (None: all) in `channels` (Slack ids; none: all). `k`
    is the number of topics, None to find it; with `keeps_k` later runs keep that.
    """

    kind: ClassVar[str] = "cluster"
    is_awaited: ClassVar[bool] = True

    team: str | None = None
    channel: str
    user: str | None
    response_url: str | None = None
    days: int | None
    channels: tuple[str, ...]
    k: int | None
    keeps_k: bool = False


@dataclass(frozen=True, kw_only=True)
class TopicJob(PersonJob):
    """A job about one topic, from its form (`view_id`) in a channel."""

    topic_id: int
    view_id: str


@dataclass(frozen=True, kw_only=True)
class TopicOpened(TopicJob):
    """The form of a topic, open and still empty."""

    kind: ClassVar[str] = "topic_open"
    ages: ClassVar[bool] = True
    is_awaited: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class TopicStep(TopicJob):
    """The form of a topic, which turns into the one that changes it."""

    kind: ClassVar[str] = "topic_step"
    ages: ClassVar[bool] = True
    is_awaited: ClassVar[bool] = False

    step: Step


@dataclass(frozen=True, kw_only=True)
class TopicRename(TopicJob):
    """Give a topic another title."""

    kind: ClassVar[str] = "topic_rename"

    title: str


@dataclass(frozen=True, kw_only=True)
class TopicMerge(TopicJob):
    """Merge another topic into a topic."""

    kind: ClassVar[str] = "topic_merge"

    other_id: int


@dataclass(frozen=True, kw_only=True)
class TopicSplit(TopicJob):
    """Split a topic in two."""

    kind: ClassVar[str] = "topic_split"


@dataclass(frozen=True, kw_only=True)
class TicketsMove(TopicJob):
    """Move tickets of a topic into another one."""

    kind: ClassVar[str] = "topic_move"

    item_ids: tuple[int, ...]
    other_id: int


@dataclass(frozen=True, kw_only=True)
class TopicChanged(PersonJob):
    """Tell somebody what their form changed: the topics it made or changed, and its changes.

    `edit_ids` are the changes, the newest first.
    """

    kind: ClassVar[str] = "topic_changed"
    ages: ClassVar[bool] = True
    is_awaited: ClassVar[bool] = False

    step: Step
    topic_ids: tuple[int, ...]
    edit_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class TopicHide(TopicJob):
    """Hide a topic."""

    kind: ClassVar[str] = "topic_hide"


@dataclass(frozen=True, kw_only=True)
class TopicUnhide(TopicJob):
    """Show a hidden topic again."""

    kind: ClassVar[str] = "topic_unhide"


@dataclass(frozen=True, kw_only=True)
class TopicShare(TopicJob):
    """Post a topic in its channel."""

    kind: ClassVar[str] = "topic_share"


@dataclass(frozen=True, kw_only=True)
class TopicAnswer(PersonJob):
    """Store whether two topics are one, as somebody said below the summary `message_ts`."""

    kind: ClassVar[str] = "topic_answer"

    topic_id: int
    other_id: int
    said: Literal["one", "apart"]
    message_ts: str = ""


@dataclass(frozen=True, kw_only=True)
class TopicUndo(PersonJob):
    """Undo a change of topics, from below the summary `message_ts`.

    `earlier_ids` are changes that were made together with it, the newest first. `in_place`: only
    who clicked sees the message.
    """

    kind: ClassVar[str] = "topic_undo"

    edit_id: int
    message_ts: str = ""
    earlier_ids: tuple[int, ...] = ()
    in_place: bool = False


@dataclass(frozen=True, kw_only=True)
class SummaryUpdate(BotJob):
    """Bring the posted summary of a run up to date."""

    kind: ClassVar[str] = "topics_show"

    run_id: int


@dataclass(frozen=True, kw_only=True)
class SummaryPicture(BotJob):
    """Draw the map of a run into the thread of its summary."""

    kind: ClassVar[str] = "topics_picture"

    run_id: int


@dataclass(frozen=True, kw_only=True)
class SummaryCheck(BotJob):
    """Delete or update the posted summaries that may no longer be shown as they are.

    The topics `named_by_words` get names by meaning before.
    """

    kind: ClassVar[str] = "topics_check"

    named_by_words: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DailyTopics(BotJob):
    """Group the tickets of a scope, once a day, to find topics that rise."""

    kind: ClassVar[str] = "topics_daily"

    scope: int


@dataclass(frozen=True, kw_only=True)
class ChannelAlerts(BotJob):
    """Alert a channel to each of its rising topics on a day (such as `2026-11-28`)."""

    kind: ClassVar[str] = "topic_alerts"

    channel_id: int
    day: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlertUpdate(BotJob):
    """Bring a posted alert up to date."""

    kind: ClassVar[str] = "alert_show"

    alert_id: int


@dataclass(frozen=True, kw_only=True)
class AlertCheck(BotJob):
    """Delete the posted alerts that may no longer be shown."""

    kind: ClassVar[str] = "alerts_check"
