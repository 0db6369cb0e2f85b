"""Storing what people decide about two tickets, with the jobs that follow, wherever they decide."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from bot.jobs.follow_ups import jobs_about, repost_jobs
from bot.jobs.kinds import BotJob, enqueue_jobs
from services.errors import DejaError
from services.issues.groups import PairIds, connected
from services.issues.outcomes import undo_failures
from services.issues.verdict_rules import Decision
from services.issues.verdicts import NamedVerdict, decide, decide_named, undo
from services.memory.item_names import find_named
from services.memory.workspaces import installed_teams


@dataclass(frozen=True)
class PairDecision:
    """What somebody decides about two tickets of a workspace.

    `action` is a `Decision`, or "undo" to take back the current one.
    """

    workspace_id: int
    pair: PairIds
    action: str
    by: str
    now: datetime


def store_decision(session: Session, decision: PairDecision, cause: str) -> list[BotJob]:
    """Store a verdict, or undo it; return the jobs that update what changes.

    It may change the groups that other tickets' answers and digests show. Raises `ConflictError`,
    and changes nothing, if it contradicts a current verdict.
    """
    pair, action, by, now = decision.pair, decision.action, decision.by, decision.now
    changed = connected(session, pair)
    if action in {"undo", "duplicate"}:  # "still broken" no longer counts
        undo_failures(session, pair, by=by, now=now)
    if action == "undo":
        undo(session, pair, by=by, now=now)
    else:
        decide(session, decision.workspace_id, pair, cast(Decision, action), by=by, now=now)
    changed |= connected(session, pair)
    return [
        *jobs_about(session, changed, cause),
        # Who was told that their issue is solved may be of another one now.
        *repost_jobs(session, pair if action == "duplicate" else changed, cause),
    ]


def decide_outside_slack(session: Session, decision: PairDecision, place: str) -> None:
    """Store a decision that was made at some `place`, and have what Slack shows follow.

    Raises what `store_decision` raises. A workspace without the app has nothing that follows.
    """
    jobs = store_decision(session, decision, cause=f"{place}:{secrets.token_hex(8)}")
    if decision.workspace_id in installed_teams(session):
        enqueue_jobs(session, decision.workspace_id, jobs, decision.now)


def decide_many_outside_slack(
    session: Session, workspace_id: int, verdicts: Sequence[NamedVerdict], now: datetime, place: str
) -> list[bool | DejaError]:
    """Store verdicts that were made at some `place`, and have what Slack shows follow.

    Returns for each whether it changed anything, or why it is refused, as `decide_named` does.
    """
    found = find_named(session, workspace_id, [name for one in verdicts for name in (one.a, one.b)])
    # A verdict changes the groups that its tickets were in before, too.
    before = connected(session, [one for one in found.values() if isinstance(one, int)])
    outcomes = decide_named(session, workspace_id, verdicts, now)
    if any(one is True for one in outcomes) and workspace_id in installed_teams(session):
        changed = before | connected(session, before)
        cause = f"{place}:{secrets.token_hex(8)}"
        jobs = [*jobs_about(session, changed, cause), *repost_jobs(session, changed, cause)]
        enqueue_jobs(session, workspace_id, jobs, now)
    return outcomes
