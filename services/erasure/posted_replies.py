"""Erasing what people typed to get a reply that stands in Slack."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, PostedReply
from services.erasure.subjects import Subject


def clear_posted_replies(session: Session, subject: Subject, pseudonym: str | None) -> list[int]:
    """Erase the requests of what a person got posted, or anybody in a channel; return the replies.

    A person may be named by their pseudonym already. What has no request is deleted in Slack.
    """
    here = select(Channel.id).where(Channel.workspace_id == subject.workspace_id)
    theirs = []
    if subject.kind == "channel":
        theirs = [PostedReply.channel_id == subject.channel_id]
    elif subject.person is not None:
        names = [one for one in (subject.person, pseudonym) if one is not None]
        theirs = [PostedReply.asked_by.in_(names)]
    if not theirs:
        return []
    found = session.scalars(
        select(PostedReply).where(
            PostedReply.channel_id.in_(here),
            or_(PostedReply.command.is_not(None), PostedReply.asked_ts.is_not(None)),
            or_(*theirs),
        )
    ).all()
    for reply in found:
        reply.command = reply.asked_ts = None
    session.flush()
    return [reply.id for reply in found]
