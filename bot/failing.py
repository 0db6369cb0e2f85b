"""What the author of a ticket says of an answer that was used in its thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from bot.decisions import jobs_about_issues
from bot.wiring import Deja
from models import Channel
from services.intake.slack_messages import find_ticket
from services.issues.outcomes import note_failure
from services.memory.workspaces import find_workspace
from services.queue import ClaimedJob, NewJob, enqueue, finish


@dataclass(frozen=True)
class Failing:
    """Counts answers that did not help."""

    deja: Deja

    def note(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Store that an answer did not help, where the ticket's author says so after it was used.

        A second try would find that said, so all is stored in one transaction.
        """
        payload, user = job.payload, job.payload["user"]
        said_at = datetime.fromtimestamp(float(payload["ts"]), UTC)
        with self.deja.database.write() as session:
            if not finish(session, [job.id], job.owner, now):
                return []
            workspace_id = find_workspace(session, payload["team"]).id
            here = (Channel.workspace_id == workspace_id) & (Channel.slack_id == payload["channel"])
            channel = session.scalar(select(Channel).where(here))
            item = None if channel is None else find_ticket(session, channel, payload["thread_ts"])
            if item is None or item.author != user:
                return []
            solved = note_failure(session, item.id, by=user, since=said_at, now=now)
            follow_ups = [] if solved is None else jobs_about_issues(session, [solved], job.key)
            enqueue(session, job.workspace_id, follow_ups, now)
        return follow_ups
