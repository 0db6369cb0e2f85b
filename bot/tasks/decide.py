"""Decisions on pairs of tickets, by a button or a form, and the jobs that follow from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.decisions import PairDecision, store_decision
from bot.jobs.kinds import BotJob, PersonJob
from bot.jobs.private_replies import reason_job
from models import Channel
from services.channels.settings import ensure_decider
from services.errors import ConflictError, NotAllowedError
from services.issues.groups import PairIds
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

    Raises `ConflictError`, and changes nothing, if it contradicts a current verdict, and
    `NotAllowedError` if others decide in the channel.
    """
    ensure_decider(channel, job.user)
    decision = PairDecision(channel.workspace_id, pair, action, job.user, now)
    return store_decision(session, decision, cause=job.key)


def refusal_job(error: NotAllowedError | ConflictError, job: PersonJob) -> BotJob:
    """Return the job that tells who clicked why nothing was stored; it names no ticket."""
    return reason_job(error.phrase if isinstance(error, NotAllowedError) else REFUSED, job)
