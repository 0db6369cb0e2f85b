"""The messages and pictures of runs in Slack: where they are, and which must change.

Nothing here calls Slack. What was posted is recorded, so that it can be updated or deleted.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, defer

from models import Channel, Topic, TopicAlert, TopicRun
from services.topics.apart import Pair
from services.topics.scopes import Scope, scopes_of
from services.topics.title_words import unreadable_titles
from services.topics.views import RunView


def record_job(session: Session, run_id: int, job: str) -> None:
    """Record the key of the job that made a run, so that a retry posts that run."""
    _locked(session, run_id).job_key = job


def find_run_of_job(session: Session, workspace_id: int, job: str) -> TopicRun | None:
    """Return the newest run that a job made, None if it has made none yet."""
    of_job = select(TopicRun).where(TopicRun.workspace_id == workspace_id, TopicRun.job_key == job)
    found: TopicRun | None = session.scalar(of_job.order_by(TopicRun.id.desc()).limit(1))
    return found


def shown_titles(view: RunView) -> list[str]:
    """Return the titles of topics and themes in the summary of a run and in its picture."""
    themes = [theme.title for theme in view.themes]
    return [*(topic.title for topic in view.shown), *view.gone, *themes]


def record_posted(session: Session, view: RunView, channel: str, ts: str) -> None:
    """Record where the summary of a run is (Slack's ids), and the titles in it."""
    run = _locked(session, view.run_id)
    run.posted_titles = shown_titles(view)
    run.posted_channel, run.message_ts = channel, ts


def record_picture(session: Session, run_id: int, file_id: str | None) -> str | None:
    """Record the picture of a run (Slack's id); return the one before."""
    run = _locked(session, run_id)
    before, run.file_id = run.file_id, file_id
    return before


def record_unposted(session: Session, run_id: int) -> None:
    """Record that a run has neither a message nor a picture any more."""
    run = _locked(session, run_id)
    run.posted_titles = []
    run.posted_channel = run.message_ts = run.file_id = None


def record_deleted(session: Session, workspace_id: int, channel: str, ts: str) -> None:
    """Record that a message was deleted in Slack, which may have been a summary or an alert."""
    of_channel = TopicRun.posted_channel == channel
    runs = update(TopicRun).where(TopicRun.workspace_id == workspace_id, of_channel)
    session.execute(runs.where(TopicRun.message_ts == ts).values(message_ts=None))
    here = select(Channel.id).where(
        Channel.workspace_id == workspace_id, Channel.slack_id == channel
    )
    alerts = update(TopicAlert).where(TopicAlert.channel_id.in_(here))
    session.execute(alerts.where(TopicAlert.message_ts == ts).values(message_ts=None))


def posted_runs(session: Session, workspace_id: int) -> list[TopicRun]:
    """Return the runs that have a summary in Slack, or a picture without one."""
    is_posted = or_(TopicRun.message_ts.is_not(None), TopicRun.file_id.is_not(None))
    posted = select(TopicRun).where(TopicRun.workspace_id == workspace_id, is_posted)
    return list(session.scalars(posted.options(defer(TopicRun.topics)).order_by(TopicRun.id)))


def newest_posted(session: Session, scope: Scope) -> list[int]:
    """Return the newest summary in each channel that has one, as ids of runs.

    Of the team's topics, and of explorations.
    """
    rows = session.execute(
        select(TopicRun.posted_channel, TopicRun.kind, TopicRun.id)
        .where(scope.runs_of_both_kinds, TopicRun.message_ts.is_not(None))
        .order_by(TopicRun.id)
    )
    return sorted({(channel, kind): run_id for channel, kind, run_id in rows}.values())


def posted_run(session: Session, workspace_id: int, channel: str, ts: str) -> list[int]:
    """Return the run whose summary is a message (Slack's ids), as ids: one or none."""
    here = (TopicRun.workspace_id == workspace_id) & (TopicRun.posted_channel == channel)
    return list(session.scalars(select(TopicRun.id).where(here, TopicRun.message_ts == ts)))


def record_questions(session: Session, run_id: int, pairs: Sequence[Pair]) -> None:
    """Record which pairs of topics the summary of a run asks about."""
    _locked(session, run_id).questions = list(pairs)


def outdated_runs(session: Session, workspace_id: int) -> set[int]:
    """Return the ids of the runs whose summary has a title that is in no ticket any more.

    Titles that people gave to a topic that still has them do not count.
    """
    found: set[int] = set()
    for scope in scopes_of(session, workspace_id):
        rows = session.execute(
            select(TopicRun.id, TopicRun.posted_titles).where(
                scope.runs, TopicRun.message_ts.is_not(None)
            )
        )
        names = {run_id: set(shown) for run_id, shown in rows}
        given = session.scalars(
            select(Topic.title).where(scope.topics, Topic.named_by.is_not(None))
        )
        lost = unreadable_titles(session, scope.audience, set().union(*names.values())) - set(given)
        found.update(run_id for run_id, shown in names.items() if shown & lost)
    return found


def _locked(session: Session, run_id: int) -> TopicRun:
    return session.get_one(TopicRun, run_id, with_for_update=True)
