"""Storing what people decide about two tickets, with the jobs that follow, wherever they decide."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from bot.jobs.follow_ups import jobs_about, repost_jobs
from bot.jobs.kinds import BotJob, enqueue_jobs
from services.issues.groups import PairIds, connected
from services.issues.outcomes import undo_failures
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide, undo
from services.memory.workspaces import installed_teams


def store_decision(
    session: Session,
    workspace_id: int,
    pair: PairIds,
    action: str,
    *,
    by: str,
    now: datetime,
    cause: str,
) -> list[BotJob]:
    """Store a verdict, or undo it if `action` is "undo"; return the jobs that update what changes.

    It may change the groups that other tickets' answers and digests show. Raises `ConflictError`,
    and changes nothing, if it contradicts a current verdict.
    """
    changed = connected(session, pair)
    if action in {"undo", "duplicate"}:  # "still broken" no longer counts
        undo_failures(session, pair, by=by, now=now)
    if action == "undo":
        undo(session, pair, by=by, now=now)
    else:
        decide(session, workspace_id, pair, cast(Decision, action), by=by, now=now)
    changed |= connected(session, pair)
    return [
        *jobs_about(session, changed, cause),
        # Who was told that their issue is solved may be of another one now.
        *repost_jobs(session, pair if action == "duplicate" else changed, cause),
    ]


def decide_outside_slack(
    session: Session,
    workspace_id: int,
    pair: PairIds,
    action: str,
    *,
    by: str,
    now: datetime,
    place: str,
) -> None:
    """Store a decision that was made at some `place`, and have what Slack shows follow.

    Raises what `store_decision` raises. A workspace without the app has nothing that follows.
    """
    cause = f"{place}:{secrets.token_hex(8)}"
    jobs = store_decision(session, workspace_id, pair, action, by=by, now=now, cause=cause)
    if workspace_id in installed_teams(session):
        enqueue_jobs(session, workspace_id, jobs, now)
