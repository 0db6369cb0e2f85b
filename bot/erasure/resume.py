"""Going on with erasures that were interrupted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from bot.erasure.erase import Eraser, ErasureResult
from services.erasure.register import unfinished
from services.erasure.retention import nothing_old, too_old
from services.erasure.subjects import SubjectKind, find_subject

if TYPE_CHECKING:
    from bot.settings import Settings
    from models import Database, Erasure


def resume_all(
    database: Database, settings: Settings, by: str, clock: Callable[[], datetime]
) -> list[ErasureResult]:
    """Finish all erasures that were interrupted; return what was left to do of each."""
    with database.read() as session:
        left = unfinished(session)
    return [_resume(Eraser(database, settings, by, clock), row) for row in left]


def _resume(eraser: Eraser, row: Erasure) -> ErasureResult:
    if row.emptied_at is not None:
        eraser.finish(row.id)
        return ErasureResult(row.id)
    with eraser.database.read() as session:
        kind = cast(SubjectKind, row.kind)
        if kind == "age":
            now = eraser.clock()
            subject = too_old(session, row.workspace_id, now) or nothing_old(row.workspace_id)
        else:
            subject = find_subject(session, row.workspace_id, kind, row.subject)
    return eraser.erase(subject)
