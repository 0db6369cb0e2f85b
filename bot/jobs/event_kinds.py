"""Jobs of Slack's events: messages, reactions, people and channels that change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from bot.jobs.kinds import BotJob, PersonJob, SlackJson
from services.intake.senders import Sender
from services.intake.slack_messages import SlackTicket
from services.text.slack.images import ImageFile


@dataclass(frozen=True, kw_only=True)
class NewMessage(BotJob):
    """A message that is a ticket, or the edit of one (`revision` is the time of the edit).

    `private` is None if the event does not say what kind of channel it is from. If a reaction
    changed what a message is, `kind_in_any_channel` is what it is without that (a `MessageKind`).
    A message `by_bot` is a ticket only where its channel's settings say so.
    """

    kind: ClassVar[str] = "message"

    team: str
    channel: str
    private: bool | None
    shared: bool
    ts: str
    thread_ts: str | None
    user: str | None
    text: str
    revision: str
    joins: bool = False
    by_person: bool = False
    sender: Sender | None = None
    images: tuple[ImageFile, ...] = ()
    images_read: bool = False
    kind_in_any_channel: str | None = None
    by_bot: bool = False

    @property
    def ticket(self) -> SlackTicket:
        """What is kept of the message."""
        return SlackTicket(**{one.name: getattr(self, one.name) for one in fields(SlackTicket)})


@dataclass(frozen=True, kw_only=True)
class UnreadImages(BotJob):
    """Pictures of a message to be read; `message` is the payload of its `NewMessage`."""

    kind: ClassVar[str] = "images"

    channel: str
    ts: str
    images: tuple[ImageFile, ...]
    message: SlackJson


@dataclass(frozen=True, kw_only=True)
class NewImages(BotJob):
    """Pictures of a ticket for the model that finds pictures."""

    kind: ClassVar[str] = "pictures"

    channel: str
    ts: str
    images: tuple[ImageFile, ...]


@dataclass(frozen=True, kw_only=True)
class DeletedMessage(BotJob):
    """A message that was deleted."""

    kind: ClassVar[str] = "deletion"

    team: str
    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class EditedReply(BotJob):
    """The edit of a message that may have solved a ticket, follow one, or be one.

    `thread_ts` and `user` are given for a person's reply in a thread.
    """

    kind: ClassVar[str] = "correct"

    team: str
    channel: str
    ts: str
    text: str
    revision: str
    thread_ts: str | None = None
    user: str | None = None


@dataclass(frozen=True, kw_only=True)
class FollowUpReply(BotJob):
    """A reply that follows its thread's ticket: what it says of it, a `FollowUpKind`.

    `failed` where it says that an answer did not help.
    """

    kind: ClassVar[str] = "failed"  # earlier versions stored only replies that say so

    team: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    follow_up: str = "broken"
    failed: bool = True


@dataclass(frozen=True, kw_only=True)
class Mention(PersonJob):
    """A question to the bot: a mention in a channel, or a direct message."""

    kind: ClassVar[str] = "mention"

    ts: str
    thread_ts: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class SolvedMark(PersonJob):
    """A message marked as what solved its thread's ticket, or that mark taken back (`undo`).

    By a ✅, or by a shortcut, which brings the `message` with it.
    """

    kind: ClassVar[str] = "resolve"

    ts: str
    message: SlackJson | None = None
    undo: bool = False


@dataclass(frozen=True, kw_only=True)
class LateTicket(BotJob):
    """A message that became a ticket after others could answer it: its thread may have the answer.

    `ts` is the message, which is in no thread of another one.
    """

    kind: ClassVar[str] = "late_ticket"

    team: str
    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class OverrideReaction(PersonJob):
    """A reaction that makes a message a ticket or none, or one that was removed (`undo`)."""

    kind: ClassVar[str] = "override"
    is_awaited: ClassVar[bool] = False

    ts: str
    emoji: str
    undo: bool = False


@dataclass(frozen=True, kw_only=True)
class BotInvited(BotJob):
    """The bot itself has joined a channel; `inviter` is who brought it, if Slack says so."""

    kind: ClassVar[str] = "setup_ask"

    team: str
    channel: str
    inviter: str | None = None


@dataclass(frozen=True, kw_only=True)
class MemberJoined(BotJob):
    """Somebody else has joined a channel."""

    kind: ClassVar[str] = "joined"

    team: str
    channel: str
    user: str


@dataclass(frozen=True, kw_only=True)
class NewGuest(BotJob):
    """Somebody may have become a guest of the workspace."""

    kind: ClassVar[str] = "guest"

    team: str
    user: str


@dataclass(frozen=True, kw_only=True)
class ChannelChange(BotJob):
    """A channel was renamed or shared with others, or the bot no longer sees it (`closes`)."""

    kind: ClassVar[str] = "channel"

    team: str
    channel: str
    closes: bool


@dataclass(frozen=True, kw_only=True)
class HomeOpened(BotJob):
    """Somebody opened their Home tab, or switched to the other of an administrator's two."""

    kind: ClassVar[str] = "home"
    ages: ClassVar[bool] = True

    team: str
    user: str
    shown: Literal["team", "admin"] = "team"


@dataclass(frozen=True, kw_only=True)
class PaneOpened(BotJob):
    """Somebody opened the assistant's pane."""

    kind: ClassVar[str] = "greet"
    ages: ClassVar[bool] = True

    team: str
    channel: str
    user: str
    thread_ts: str
