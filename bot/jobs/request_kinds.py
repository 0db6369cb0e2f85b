"""Jobs of what people do with the bot: commands, buttons, shortcuts, forms; and the replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.jobs.kinds import BotJob, PersonJob, SlackJson
from services.channels.settings import ChannelSettings, Mode


@dataclass(frozen=True, kw_only=True)
class SlashCommand(PersonJob):
    """`/deja text`."""

    kind: ClassVar[str] = "command"

    response_url: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ShareClick(PersonJob):
    """The button that shares a private reply; `text` is the command that it answered."""

    kind: ClassVar[str] = "share"
    ages: ClassVar[bool] = True

    text: str


@dataclass(frozen=True, kw_only=True)
class HelpClick(PersonJob):
    """The button *More* of the help; `in_place`: only who clicked sees the message."""

    kind: ClassVar[str] = "help"
    ages: ClassVar[bool] = True

    in_place: bool


@dataclass(frozen=True, kw_only=True)
class AnswerClick(PersonJob):
    """A button on the answer to an item; `other_id` is the match it is about, if any."""

    kind: ClassVar[str] = "click"

    action: str
    item_id: int
    other_id: int | None


@dataclass(frozen=True, kw_only=True)
class DigestClick(PersonJob):
    """A button on a weekly digest."""

    kind: ClassVar[str] = "digest_click"

    action: str
    question_id: int


@dataclass(frozen=True, kw_only=True)
class SolvedNoticeClick(PersonJob):
    """A button on a solved notice: whether the answer of `item_id` works for `other_id`."""

    kind: ClassVar[str] = "told_click"

    action: str
    item_id: int
    other_id: int | None


@dataclass(frozen=True, kw_only=True)
class BurstClick(PersonJob):
    """The button that splits a message off its burst, or joins it again."""

    kind: ClassVar[str] = "split"

    action: str
    item_id: int


@dataclass(frozen=True, kw_only=True)
class ReportClick(PersonJob):
    """The button that no longer counts the message at `ts` as a report, or counts it again."""

    kind: ClassVar[str] = "report"

    action: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class ModeClick(PersonJob):
    """A button of the message that asks how to work in a channel."""

    kind: ClassVar[str] = "setup_choose"

    mode: Mode


@dataclass(frozen=True, kw_only=True)
class InspectShortcut(PersonJob):
    """The shortcut *Inspect this message*."""

    kind: ClassVar[str] = "deja_inspect"
    ages: ClassVar[bool] = True

    ts: str
    message: SlackJson


@dataclass(frozen=True, kw_only=True)
class SimilarShortcut(PersonJob):
    """The shortcut *Find similar*."""

    kind: ClassVar[str] = "deja_similar"
    ages: ClassVar[bool] = True

    ts: str
    message: SlackJson


@dataclass(frozen=True, kw_only=True)
class DuplicateForm(PersonJob):
    """The form of *Mark as duplicate*: the message at `ts` is one of the item `other_id`."""

    kind: ClassVar[str] = "mark"

    ts: str
    other_id: int


@dataclass(frozen=True, kw_only=True)
class SolvedForm(PersonJob):
    """The form that asks what solved a ticket; `text` may be empty."""

    kind: ClassVar[str] = "solved"

    item_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class IssueOpened(PersonJob):
    """The form of *Create issue…* about the ticket `item_id`, open and still empty."""

    kind: ClassVar[str] = "issue_open"
    ages: ClassVar[bool] = True
    is_awaited: ClassVar[bool] = False

    view_id: str
    item_id: int


@dataclass(frozen=True, kw_only=True)
class IssueForm(PersonJob):
    """The submitted form of *Create issue…*: what to open, and in which project of which source."""

    kind: ClassVar[str] = "issue"

    form: str
    item_id: int
    source_id: int
    project: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SettingsOpened(PersonJob):
    """The form of a channel's settings, open and still empty."""

    kind: ClassVar[str] = "setup_open"
    ages: ClassVar[bool] = True
    is_awaited: ClassVar[bool] = False

    view_id: str


@dataclass(frozen=True, kw_only=True)
class SettingsForm(PersonJob):
    """The submitted form of a channel's settings; `backfill` is how many days to read, if any.

    `resets_caution`: similar tickets are to be mentioned as at the start.
    """

    kind: ClassVar[str] = "setup_save"

    settings: ChannelSettings
    backfill: int | None = None
    resets_caution: bool = False


@dataclass(frozen=True, kw_only=True)
class PrivateReply(BotJob):
    """A reply that only one person sees: a phrase (`reason`, as stored), or text and blocks.

    `is_late`: a job failed for good. Then the reply is posted even without a response URL.
    """

    kind: ClassVar[str] = "whisper"
    ages: ClassVar[bool] = True

    channel: str
    user: str | None
    response_url: str | None
    reason: SlackJson | None = None
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()
    is_late: bool = False
