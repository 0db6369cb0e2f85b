"""What people decide on a pair by a button, and the jobs that make Slack follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs.event_kinds import EditedReply, NewMessage
from bot.jobs.kinds import BotJob
from bot.jobs.summary_jobs import summaries_check_job
from bot.jobs.topic_jobs import alert_jobs, alerts_check_job
from bot.jobs.update_kinds import AnswerUpdate, DigestUpdate, ItemJudgement, RepostCheck
from models import Answer, Channel, Item, Question, TopicRun
from services.answers.digests import digests_about
from services.answers.thread_answers import answers_about
from services.intake.ingest import IngestResult
from services.issues.groups import connected
from services.issues.outcomes import tickets_with_tried_answers
from services.issues.reposts import threads_with_reposts
from services.topics.alerts import topics_of


def jobs_about(session: Session, item_ids: Iterable[int], cause: str) -> list[BotJob]:
    """Return the jobs that make answers and digests about these items show what they say now."""
    ids = set(item_ids)
    return [
        *(answer_job(about, cause) for about in answers_about(session, ids)),
        *(digest_job(channel_id, week, cause) for channel_id, week in digests_about(session, ids)),
    ]


def jobs_about_issues(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs that show what is known of tickets wherever it is told.

    In answers that name them, reports of their issues, or answers that were tried for them.
    """
    told = {*item_ids, *tickets_with_tried_answers(session, item_ids)}
    return jobs_about(session, connected(session, told), cause)


def jobs_about_hidden(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs that take back what may be said of tickets no more, and show the rest."""
    return [
        *jobs_about_issues(session, item_ids, cause),
        *posted_jobs(session, item_ids, cause),
    ]


def posted_jobs(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs that take back, of what was posted of answers, what may stand no more."""
    return [
        RepostCheck(key=f"posted:{item_id}:{cause}", item_id=item_id)
        for item_id in sorted(threads_with_reposts(session, item_ids))
    ]


def jobs_about_change(
    session: Session, item_id: int, cause: str, *, known: Collection[int] = ()
) -> list[BotJob]:
    """Return the jobs that judge anew what names an item whose words have changed.

    What names it may be right no more. The items in `known` are judged already.
    """
    named = answers_about(session, [item_id])
    of_issue = answers_about(session, connected(session, [item_id]))
    return [
        *(judge_job(about, cause) for about in named if about not in known),
        *(answer_job(about, cause) for about in of_issue if about not in {*named, *known}),
        # An answer on what is part of another ticket now is taken back, and not judged.
        *(answer_job(about, cause) for about in named if about == item_id not in known),
        *(
            digest_job(channel_id, week, cause)
            for channel_id, week in digests_about(session, [item_id])
        ),
    ]


def jobs_after(
    session: Session,
    workspace_id: int,
    remembered: IngestResult,
    stored: Sequence[tuple[int, NewMessage]],
    causes: Mapping[int, str],
) -> list[BotJob]:
    """Return the jobs that follow the words of tickets that changed: by an edit, by a part.

    `stored` are the tickets of the messages' jobs; those in `causes` are judged already.
    """
    edits = [(item_id, job) for item_id, job in stored if job.revision]
    changed = {item_id for item_id, _ in edits} | {*remembered.joined, *remembered.hidden}
    cause = next(iter(causes.values()), "")
    jobs: list[BotJob] = [
        job
        for item_id in sorted(changed)
        for job in jobs_about_change(session, item_id, causes.get(item_id, cause), known=causes)
    ]
    # A reply that was sent to the channel, too, may also have solved something.
    replies = [job for _, job in edits if job.thread_ts]
    if edits:
        edited = [item_id for item_id, _ in edits]
        jobs += jobs_about_topics(session, workspace_id, edited, cause)
    return [*jobs, *(edited_reply_job(job) for job in replies)]


def jobs_about_burst(session: Session, remembered: IngestResult, cause: str) -> list[BotJob]:
    """Return the jobs that judge the tickets that messages were made into, and what names them."""
    touched = [*remembered.tickets, *remembered.hidden]
    jobs: list[BotJob] = [judge_job(item_id, cause) for item_id in remembered.tickets]
    jobs += [job for item_id in touched for job in jobs_about_change(session, item_id, cause)]
    return list({job.key: job for job in jobs}.values())


def jobs_about_channel(session: Session, channel: Channel, cause: str) -> list[BotJob]:
    """Return the jobs that show anew what stands in a channel, and what names its items elsewhere.

    For when its readers have changed: in it others may not be named any more, nor it elsewhere.
    """
    named = session.scalars(select(Item.id).where(Item.channel_id == channel.id)).all()
    standing = session.scalars(select(Answer.item_id).where(Answer.channel_id == channel.id)).all()
    weeks = session.scalars(
        select(Question.digest)
        .where(Question.channel_id == channel.id, Question.message_ts.is_not(None))
        .distinct()
    )
    jobs = [
        *jobs_about_hidden(session, named, cause),
        *(answer_job(item_id, cause) for item_id in standing),
        *(digest_job(channel.id, week, cause) for week in weeks),
        *jobs_about_topics(session, channel.workspace_id, (), cause),
    ]
    return list({job.key: job for job in jobs}.values())


def jobs_about_topics(
    session: Session, workspace_id: int, item_ids: Collection[int], cause: str
) -> list[BotJob]:
    """Return the jobs that keep what stands of topics to what may be said; none without topics.

    For when who reads them has changed, or what these tickets say, or a message is gone.
    """
    ran = select(TopicRun.id).where(TopicRun.workspace_id == workspace_id).limit(1)
    if session.scalar(ran) is None:
        return []
    return [
        summaries_check_job(cause),
        alerts_check_job(cause),
        *alert_jobs(session, topics_of(session, item_ids), cause),
    ]


def judge_job(item_id: int, cause: str) -> ItemJudgement:
    """Return the job that judges an item again."""
    return ItemJudgement(key=f"judge:{item_id}:{cause}", item_id=item_id)


def answer_job(item_id: int, cause: str) -> AnswerUpdate:
    """Return the job that brings the answer to an item up to date in Slack."""
    return AnswerUpdate(key=f"answer:{item_id}:{cause}", item_id=item_id)


def digest_job(channel_id: int, week: str, cause: str) -> DigestUpdate:
    """Return the job that brings a digest up to date in Slack."""
    key = f"digest_show:{channel_id}:{week}:{cause}"
    return DigestUpdate(key=key, channel_id=channel_id, week=week)


def edited_reply_job(message: NewMessage) -> EditedReply:
    """Return the job that follows the edit of a message that may have solved a ticket."""
    return EditedReply(
        key=f"correct:{message.key}",
        team=message.team,
        channel=message.channel,
        ts=message.ts,
        text=message.text,
        revision=message.revision,
    )
