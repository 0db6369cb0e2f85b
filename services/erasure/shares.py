"""Erasing what people typed to get a reply that they then shared in a channel."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, Share
from services.erasure.subjects import Subject


def clear_shares(session: Session, subject: Subject, pseudonym: str | None) -> list[int]:
    """Erase the commands of what a person shared, or anybody in a channel; return these shares.

    A person may be named by their pseudonym already. What has no command is deleted in Slack.
    """
    here = select(Channel.id).where(Channel.workspace_id == subject.workspace_id)
    theirs = []
    if subject.kind == "channel":
        theirs = [Share.channel_id == subject.channel_id]
    elif subject.person is not None:
        names = [one for one in (subject.person, pseudonym) if one is not None]
        theirs = [Share.shared_by.in_(names)]
    if not theirs:
        return []
    found = session.scalars(
        select(Share).where(Share.channel_id.in_(here), Share.command != "", or_(*theirs))
    ).all()
    for share in found:
        share.command = ""
    session.flush()
    return [share.id for share in found]
