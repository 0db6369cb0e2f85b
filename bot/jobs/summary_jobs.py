"""Jobs that keep the posted summaries of topics up to date."""

from __future__ import annotations

from collections.abc import Iterable

from bot.jobs.topic_kinds import SummaryCheck, SummaryPicture, SummaryUpdate


def summary_job(run_id: int, cause: str) -> SummaryUpdate:
    """Return the job that brings the summary of a run up to date."""
    return SummaryUpdate(key=f"topics_show:{run_id}:{cause}", run_id=run_id)


def picture_job(run_id: int, cause: str) -> SummaryPicture:
    """Return the job that draws the map of a run into the thread of its summary."""
    return SummaryPicture(key=f"topics_picture:{run_id}:{cause}", run_id=run_id)


def summaries_check_job(cause: str, named_by_words: Iterable[int] = ()) -> SummaryCheck:
    """Return the job that deletes or updates the summaries that may no longer be shown as is.

    `named_by_words` are topics that a model has yet to name.
    """
    return SummaryCheck(key=f"topics_check:{cause}", named_by_words=tuple(named_by_words))
