"""Scheduled jobs: those that no event and no person asks for."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from bot.jobs.kinds import BotJob
from bot.jobs.upkeep_kinds import GuestCheck, Recalibration, TokenRotation
from bot.tasks.digests import digest_jobs
from bot.tasks.retention import retention_jobs
from bot.tasks.source_polls import poll_jobs
from bot.tasks.topic_alerts import topic_jobs
from bot.tasks.write_backs import write_back_jobs
from bot.wiring import Services
from models.items import ItemKind
from services.judgement.calibration_store import calibration_state, newest_calibration
from services.text.words.plain import text_hash


def due_jobs(services: Services, workspace_id: int, now: datetime) -> list[BotJob]:
    """Return the jobs that are due in a workspace; the queue drops those it has had before."""
    return [
        *_calibrations(services, workspace_id),
        *digest_jobs(services, workspace_id, now),
        *topic_jobs(services, workspace_id, now),
        *poll_jobs(services, workspace_id, now),
        *retention_jobs(services, workspace_id, now),
        *write_back_jobs(services, workspace_id),
        GuestCheck(key=f"guests:{workspace_id}:{now:%Y-%m-%d}"),
    ]


def rotation_job(end: datetime, now: datetime) -> TokenRotation:
    """Return the job that replaces a token before it expires at `end`: a new one each hour."""
    return TokenRotation(key=f"rotate:{end:%Y-%m-%dT%H:%M}:{now:%Y-%m-%dT%H}")


def _calibrations(services: Services, workspace_id: int) -> list[Recalibration]:
    jobs, fingerprint = [], services.embedder.fingerprint
    for kind in get_args(ItemKind):
        with services.database.read() as session:
            state = calibration_state(session, workspace_id, kind, fingerprint)
            last = newest_calibration(session, workspace_id, kind, fingerprint)
        if not state.changes_until_fit:
            # What failed is tried again after the next decision, not before.
            after = f"{0 if last is None else last.id}:{state.verdicts}:{state.changes}"
            key = f"calibrate:{workspace_id}:{kind}:{text_hash(fingerprint)[:8]}:{after}"
            jobs.append(Recalibration(key=key, workspace_id=workspace_id, item_kind=kind))
    return jobs
