"""The problems that an administrator should look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.disk import MIN_FREE_BYTES, free_bytes
from bot.wiring import Services
from services.evaluation.nightly_proof import failed_checks
from services.evaluation.problem_log import FoundProblem
from services.judgement.noise_budget import channels_over_budget
from services.phrases import counted, phrase
from services.queue import oldest_overdue


def find_problems(
    services: Services, workspaces: Collection[int], now: datetime
) -> list[FoundProblem]:
    """Return what is wrong now, in the workspaces that have the app."""
    with services.database.read() as session:
        return [
            *_failed_jobs(services),
            *_late_jobs(services, session, workspaces, now),
            *_exceeded_budgets(session, workspaces),
            *_failed_checks(session),
            *_full_disk(services),
        ]


def _failed_jobs(services: Services) -> Iterator[FoundProblem]:
    number = services.queue.counts()["failed"]
    if number:
        text = counted(
            number,
            "{n} job was given up: see `deja jobs list --failed`.",
            "{n} jobs were given up: see `deja jobs list --failed`.",
        )
        yield FoundProblem("failed", text, number)


def _late_jobs(
    services: Services, session: Session, workspaces: Collection[int], now: datetime
) -> Iterator[FoundProblem]:
    due = oldest_overdue(session, workspaces, now)
    if due is not None and now - due >= timedelta(minutes=services.settings.alert_minutes):
        text = phrase("Work has been waiting for {span}: see `deja jobs list`.", span=now - due)
        yield FoundProblem("queue", text)


def _exceeded_budgets(session: Session, workspaces: Collection[int]) -> Iterator[FoundProblem]:
    quiet = sum(len(channels_over_budget(session, workspace_id)) for workspace_id in workspaces)
    if quiet:
        text = counted(
            quiet,
            "I am quiet in {n} channel, because too much of what I said there was wrong: "
            "see `deja budget`.",
            "I am quiet in {n} channels, because too much of what I said there was wrong: "
            "see `deja budget`.",
        )
        yield FoundProblem("budget", text, quiet)


def _failed_checks(session: Session) -> Iterator[FoundProblem]:
    for one in failed_checks(session):
        text = phrase("The nightly proof failed: {found}. See `deja doctor`.", found=one.text)
        yield FoundProblem(f"proof-{one.name}", text)


def _full_disk(services: Services) -> Iterator[FoundProblem]:
    free = free_bytes(services.settings)
    if free is not None and free < MIN_FREE_BYTES:
        text = phrase("Only {n} MB are free on the disk of the data folder.", n=free // 1_000_000)
        yield FoundProblem("disk", text)
