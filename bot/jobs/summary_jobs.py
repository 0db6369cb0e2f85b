"""Jobs that keep the posted summaries of topics to what may be said."""

from __future__ import annotations

from services.queue import NewJob


def show_job(run_id: int, cause: str) -> NewJob:
    """Return the job that makes a summary say what its topics are called now."""
    return NewJob("topics_show", f"topics_show:{run_id}:{cause}", {"run_id": run_id})


def picture_job(run_id: int, cause: str) -> NewJob:
    return NewJob("topics_picture", f"topics_picture:{run_id}:{cause}", {"run_id": run_id})


def summaries_check_job(cause: str) -> NewJob:
    """Return the job that takes back, or brings up to date, what may stand so no more."""
    return NewJob("topics_check", f"topics_check:{cause}", {})
