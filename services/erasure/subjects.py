"""What is to be erased: a person, an item or a channel, as conditions over the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item, Part
from models.queries import DELETED, in_parts
from services.channels.settings import find_channel, shown_name
from services.memory.item_names import find_item_id

SubjectKind = Literal["person", "item", "channel", "age"]

NOT_ERASED = Item.revision != DELETED


@dataclass(frozen=True)
class Subject:
    """What is erased in a workspace: `items` is a condition over `Item`, `name` what people say.

    `person` is the id or name of whoever is erased, `channel_id` the channel that is, and
    `slack_id` its id in Slack if it has one.
    """

    workspace_id: int
    kind: SubjectKind
    name: str
    items: ColumnElement[bool]
    person: str | None = None
    channel_id: int | None = None
    slack_id: str | None = None

    @property
    def key(self) -> str:
        """What finds it again: a channel may be renamed, and another one get its name."""
        return self.slack_id or self.name

    @property
    def tickets(self) -> ColumnElement[bool]:
        """The condition over `Item` for what is still to be erased."""
        return (Item.workspace_id == self.workspace_id) & NOT_ERASED & self.items


def find_subject(session: Session, workspace_id: int, kind: SubjectKind, name: str) -> Subject:
    """Return what a name means. Raises `NotFoundError` or `InputError` where it means nothing."""
    if kind == "person":
        return Subject(workspace_id, kind, name, Item.author == name, person=name)
    if kind == "channel":
        channel = find_channel(session, workspace_id, name)
        return _of_channel(channel)
    item_id = find_item_id(session, workspace_id, name)
    return Subject(workspace_id, "item", name, Item.id.in_(_whole_ticket(session, [item_id])))


def _of_channel(channel: Channel) -> Subject:
    return Subject(
        channel.workspace_id,
        "channel",
        shown_name(channel),
        Item.channel_id == channel.id,
        channel_id=channel.id,
        slack_id=channel.slack_id,
    )


def whole_tickets(session: Session, item_ids: list[int]) -> list[int]:
    """Return items with all messages of the tickets that they are part of, lowest id first."""
    return sorted({one for part in in_parts(item_ids) for one in _whole_ticket(session, part)})


def _whole_ticket(session: Session, item_ids: list[int]) -> list[int]:
    heads = select(Part.head_id).where(or_(Part.item_id.in_(item_ids), Part.head_id.in_(item_ids)))
    messages = session.scalars(select(Part.item_id).where(Part.head_id.in_(heads)))
    return sorted({*item_ids, *messages, *session.scalars(heads)})
