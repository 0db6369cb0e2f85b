"""Decisions on pairs of tickets, by a button or a form, and the jobs that follow from them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from bot.jobs.follow_ups import jobs_about, repost_jobs
from bot.jobs.kinds import BotJob, PersonJob
from bot.jobs.private_replies import reason_job
from models import Channel
from services.channels.settings import ensure_decider
from services.errors import ConflictError, NotAllowedError
from services.issues.groups import PairIds, connected
from services.issues.outcomes import undo_failures
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide, undo
from services.phrases import phrase

# Names no ticket: whoever clicked may not be allowed to see them.
REFUSED = phrase("Not saved: this would join two tickets that someone marked as not duplicates.")


def take_decision(
    session: Session,
    channel: Channel,
    pair: PairIds,
    job: PersonJob,
    now: datetime,
    *,
    action: str,
) -> list[BotJob]:
    """Store the verdict of a click, or undo it; return the jobs that update what it changes.

    It may change the groups that other tickets' answers and digests show. Raises `ConflictError`,
    and changes nothing, if it contradicts a current verdict, and `NotAllowedError` if others
    decide in the channel.
    """
    user = job.user
    ensure_decider(channel, user)
    changed = connected(session, pair)
    if action in {"undo", "duplicate"}:  # "still broken" no longer counts
        undo_failures(session, pair, by=user, now=now)
    if action == "undo":
        undo(session, pair, by=user, now=now)
    else:
        decide(session, channel.workspace_id, pair, cast(Decision, action), by=user, now=now)
    changed |= connected(session, pair)
    return [
        *jobs_about(session, changed, job.key),
        # Who was told that their issue is solved may be of another one now.
        *repost_jobs(session, pair if action == "duplicate" else changed, job.key),
    ]


def refusal_job(error: NotAllowedError | ConflictError, job: PersonJob) -> BotJob:
    """Return the job that tells who clicked why nothing was stored; it names no ticket."""
    return reason_job(error.phrase if isinstance(error, NotAllowedError) else REFUSED, job)
