"""Workspaces, their channels, and the record of changed settings."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId

# The emoji of a new channel, by their names in Slack.
TICKET_EMOJI = "pushpin"
IGNORE_EMOJI = "no_bell"

# Slack allows names of up to 100 characters.
MAX_EMOJI_LENGTH = 100


class Workspace(Base):
    """A Slack workspace; one without a team holds imports until Slack is connected.

    `installed_at` is when Slack last accepted the app's token for it. `time_zone` (such as
    Europe/Berlin) and `quiet_hours` (such as 20-7) are "" where the settings' hold.
    """

    __tablename__ = "workspaces"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    team_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str | None]
    url: Mapped[str | None]
    bot_user_id: Mapped[str | None] = mapped_column(String(64))
    bot_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    installed_at: Mapped[datetime | None]
    uninstalled_at: Mapped[datetime | None]
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    quiet_hours: Mapped[str] = mapped_column(String(8), default="", server_default="")


class Channel(Base):
    """A channel, with its readers and settings. Imported ones have a name and no Slack id.

    `is_shared`: people of other organisations read it. `has_guests`: guests do. Up to `swept_ts`
    missed messages have been looked for.

    Settings: `mode` is how Déjà behaves there; `noise_budget` how many of ten flags may be wrong;
    `digest`, `weekly_topics` and `topic_alerts` whether these are posted; `deciders` who may
    decide, empty for everybody; `ignored` phrases that make a message no ticket; `language` what
    Déjà speaks there; `kind` whether people write tickets or ask for products. `ticket_emoji` makes
    a message a ticket, `ignore_emoji` makes it none (names without colons; "": none does).
    `reads_images` is whether the words in pictures are read there. `ticket_senders` are bots whose
    messages are tickets, `ignored_senders` forms and bots whose messages are none (see
    `ChannelSender`).
    `time_zone` and `quiet_hours` are as in `Workspace`, "" where those of the workspace hold.
    `asked_ts` is the message that asks for these settings; `creator` and `invited_by` may answer.
    """

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slack_id"),
        CheckConstraint("mode IN ('off', 'request', 'quiet', 'full')", name="mode"),
        CheckConstraint("language IN ('en', 'de', 'es')", name="language"),
        CheckConstraint("kind IN ('tickets', 'products')", name="kind"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    slack_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None]
    mode: Mapped[str] = mapped_column(String(16), default="off", server_default="off")
    is_private: Mapped[bool] = mapped_column(default=True)
    is_shared: Mapped[bool] = mapped_column(default=False)
    has_guests: Mapped[bool] = mapped_column(default=False, server_default=false())
    muted_at: Mapped[datetime | None]
    muted_by: Mapped[str | None] = mapped_column(String(64))
    swept_ts: Mapped[str | None] = mapped_column(String(32))
    noise_budget: Mapped[int] = mapped_column(default=1, server_default="1")
    digest: Mapped[bool] = mapped_column(default=True, server_default=true())
    weekly_topics: Mapped[bool] = mapped_column(default=False, server_default=false())
    topic_alerts: Mapped[bool] = mapped_column(default=False, server_default=false())
    deciders: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    ignored: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    kind: Mapped[str] = mapped_column(String(16), default="tickets", server_default="tickets")
    ticket_emoji: Mapped[str] = mapped_column(
        String(MAX_EMOJI_LENGTH), default=TICKET_EMOJI, server_default=TICKET_EMOJI
    )
    ignore_emoji: Mapped[str] = mapped_column(
        String(MAX_EMOJI_LENGTH), default=IGNORE_EMOJI, server_default=IGNORE_EMOJI
    )
    reads_images: Mapped[bool] = mapped_column(default=True, server_default=true())
    ticket_senders: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    ignored_senders: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    quiet_hours: Mapped[str] = mapped_column(String(8), default="", server_default="")
    creator: Mapped[str | None] = mapped_column(String(64))
    invited_by: Mapped[str | None] = mapped_column(String(64))
    asked_ts: Mapped[str | None] = mapped_column(String(32))


class ChannelSender(Base):
    """A bot or a form that has posted in a channel, so that people can choose it.

    `sender` is the id of a bot or a workflow; `name` is what Slack showed when it was first seen.
    """

    __tablename__ = "channel_senders"

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    sender: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    is_form: Mapped[bool]


class MessageOverride(Base):
    """Somebody's reaction that makes a message a ticket or not (`kind`), whatever it says.

    `undone_at` is when the reaction was removed. Each change is on record as a `Change`, too.
    """

    __tablename__ = "message_overrides"
    __table_args__ = (CheckConstraint("kind IN ('ticket', 'ignored')", name="kind"),)

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    ts: Mapped[str] = mapped_column(String(32), primary_key=True)
    emoji: Mapped[str] = mapped_column(String(MAX_EMOJI_LENGTH), primary_key=True)
    set_by: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    set_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Change(Base):
    """The record of a setting that somebody changed."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "workspace_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    setting: Mapped[str] = mapped_column(String(32))
    before: Mapped[str]
    after: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
