"""The answers that people marked in the threads of an export, stored after their tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models import Channel, Database
from services.channels.settings import channel_of_slack
from services.intake.answer_marks import AnswerMark, save_marks
from services.intake.importers.entries import ChannelRef, ImportEntry, MarkedReply, Row
from services.intake.slack_messages import external_id, find_ticket


def save_marked(
    database: Database,
    entries: Iterable[ImportEntry],
    channels: Mapping[ChannelRef, int | None],
    now: datetime,
) -> set[AnswerMark]:
    """Store what the marks of a batch say; return those whose ticket is known."""
    marks: dict[int, list[AnswerMark]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry, Row | MarkedReply) and entry.mark is not None:
            marks[channels[entry.channel] or 0].append(entry.mark)
    found: set[AnswerMark] = set()
    if marks:
        with database.write() as session:
            for channel_id, of_channel in marks.items():
                channel = session.get_one(Channel, channel_id)
                found.update(save_marks(session, channel, of_channel, now))
    return found


def known_marks(
    session: Session, workspace_id: int, replies: Sequence[MarkedReply], tickets: set[str]
) -> set[AnswerMark]:
    """Return the marks whose ticket is stored, or among those with these external ids."""
    found = set()
    for reply in replies:
        channel = channel_of_slack(session, workspace_id, reply.channel.slack_id)
        thread_ts = reply.mark.thread_ts
        is_stored = channel is not None and find_ticket(session, channel, thread_ts) is not None
        if is_stored or external_id(reply.channel.slack_id, thread_ts) in tickets:
            found.add(reply.mark)
    return found
