"""Names by meaning for topics that a change named by their words, and the jobs that show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from bot.jobs.kinds import enqueue_jobs
from bot.jobs.topic_jobs import update_jobs
from services.topics.renaming import rename_by_meaning

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.topics.scopes import Scope


def name_by_meaning_and_show(
    services: Services, scope: Scope, topic_ids: Collection[int], cause: str, now: datetime
) -> None:
    """Name topics of a scope by what their tickets mean, and have the new names shown.

    What the change itself shows may be posted by then, with the names by words.
    """
    found = rename_by_meaning(services.database, scope, topic_ids, services.embedder)
    if found:
        with services.database.write() as session:
            updates = update_jobs(session, scope, found, f"{cause}:named", now)
            enqueue_jobs(session, scope.workspace_id, updates, now)
