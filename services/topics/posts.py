"""Where runs of topics stand in Slack, what is said there, and what of it may be said no more.

Nothing here speaks to Slack: it is noted what was posted, so that it can follow or be taken back.
"""

from __future__ import annotations

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, defer

from models import Channel, Topic, TopicAlert, TopicRun
from services.topics.scopes import Scope, scopes_of
from services.topics.title_words import unreadable_titles
from services.topics.views import RunView


def record_made(session: Session, run_id: int, job: str) -> None:
    """Note the key of the job that made a run: tried again, it posts that and makes no other."""
    _locked(session, run_id).job_key = job


def find_made(session: Session, workspace_id: int, job: str) -> TopicRun | None:
    """Return the newest run that a job made; None where it has made none yet."""
    of_job = select(TopicRun).where(TopicRun.workspace_id == workspace_id, TopicRun.job_key == job)
    found: TopicRun | None = session.scalar(of_job.order_by(TopicRun.id.desc()).limit(1))
    return found


def shown_names(view: RunView) -> list[str]:
    """Return what topics and themes are called in the summary of a run, and in its picture."""
    themes = [theme.title for theme in view.themes]
    return [*(topic.title for topic in view.shown), *view.gone, *themes]


def record_posted(session: Session, view: RunView, channel: str, ts: str) -> None:
    """Note where the summary of a run stands (Slack's ids), and what topics are called in it."""
    run = _locked(session, view.run_id)
    run.posted_titles = shown_names(view)
    run.posted_channel, run.message_ts = channel, ts


def record_picture(session: Session, run_id: int, file_id: str | None) -> str | None:
    """Note which picture of a run stands; return the one noted before."""
    run = _locked(session, run_id)
    before, run.file_id = run.file_id, file_id
    return before


def record_taken_back(session: Session, run_id: int) -> None:
    """Note that a run stands nowhere any more."""
    run = _locked(session, run_id)
    run.posted_titles = []
    run.posted_channel = run.message_ts = run.file_id = None


def record_deleted(session: Session, workspace_id: int, channel: str, ts: str) -> None:
    """Note that somebody deleted a message in Slack, which may have been a summary or an alert."""
    of_channel = TopicRun.posted_channel == channel
    runs = update(TopicRun).where(TopicRun.workspace_id == workspace_id, of_channel)
    session.execute(runs.where(TopicRun.message_ts == ts).values(message_ts=None))
    here = select(Channel.id).where(
        Channel.workspace_id == workspace_id, Channel.slack_id == channel
    )
    alerts = update(TopicAlert).where(TopicAlert.channel_id.in_(here))
    session.execute(alerts.where(TopicAlert.message_ts == ts).values(message_ts=None))


def posted_runs(session: Session, workspace_id: int) -> list[TopicRun]:
    """Return the runs of which a summary stands in Slack, or a picture without one."""
    stands = or_(TopicRun.message_ts.is_not(None), TopicRun.file_id.is_not(None))
    posted = select(TopicRun).where(TopicRun.workspace_id == workspace_id, stands)
    return list(session.scalars(posted.options(defer(TopicRun.topics)).order_by(TopicRun.id)))


def newest_posted(session: Session, scope: Scope) -> list[int]:
    """Return the newest summary in each channel where one stands, as ids of runs.

    Of the team's own topics in a scope, and of looks at it.
    """
    rows = session.execute(
        select(TopicRun.posted_channel, TopicRun.kind, TopicRun.id)
        .where(scope.runs_of_both_kinds, TopicRun.message_ts.is_not(None))
        .order_by(TopicRun.id)
    )
    return sorted({(channel, kind): run_id for channel, kind, run_id in rows}.values())


def outdated_runs(session: Session, workspace_id: int) -> set[int]:
    """Return the runs whose summary calls a topic what no ticket says any more, by id.

    Names that people gave stay, as far as a topic still has them.
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
