"""Which messages in Slack a change affects: the jobs that update or delete them.

A job's key ends with the `cause`, the key of the job that the change came with: the same change
leads to the same jobs, however often it is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs.event_kinds import EditedReply, NewMessage
from bot.jobs.kinds import BotJob, unique_jobs
from bot.jobs.summary_jobs import summaries_check_job
from bot.jobs.topic_jobs import alert_jobs, alerts_check_job
from bot.jobs.update_kinds import (
    AnswerUpdate,
    DigestUpdate,
    ItemJudgement,
    PostedReplyUpdate,
    RepostCheck,
)
from models import Answer, Channel, Item, Question, TopicRun
from services.answers.digests import digests_about
from services.answers.posted_replies import replies_about, replies_in, replies_of_topics
from services.answers.thread_answers import answers_about
from services.intake.ingest import IngestResult
from services.issues.groups import connected
from services.issues.outcomes import tickets_with_tried_answers
from services.issues.reposts import threads_with_reposts
from services.topics.alerts import topics_of


def jobs_about(session: Session, item_ids: Iterable[int], cause: str) -> list[BotJob]:
    """Return the jobs that update the answers and digests that name these items."""
    ids = set(item_ids)
    return [
        *(answer_job(about, cause) for about in answers_about(session, ids)),
        *(digest_job(channel_id, week, cause) for channel_id, week in digests_about(session, ids)),
        *(posted_reply_job(reply_id, cause) for reply_id in replies_about(session, ids)),
    ]


def jobs_about_issues(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs that update whatever names tickets of the same issues as these items.

    That includes the tickets whose answers were tried for them.
    """
    affected = {*item_ids, *tickets_with_tried_answers(session, item_ids)}
    return jobs_about(session, connected(session, affected), cause)


def jobs_about_hidden(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs for tickets that some readers may no longer see, or whose answer changed.

    Answers that were posted elsewhere follow, too.
    """
    return [
        *jobs_about_issues(session, item_ids, cause),
        *repost_jobs(session, item_ids, cause),
    ]


def repost_jobs(session: Session, item_ids: Collection[int], cause: str) -> list[BotJob]:
    """Return the jobs that check the threads in which these tickets' answers were posted."""
    return [
        repost_job(item_id, cause) for item_id in sorted(threads_with_reposts(session, item_ids))
    ]


def jobs_about_change(
    session: Session, item_id: int, cause: str, *, judged: Collection[int] = ()
) -> list[BotJob]:
    """Return the jobs for an item whose text has changed: answers that name it may now be wrong.

    Items in `judged` have just been judged and are left out.
    """
    naming = answers_about(session, [item_id])
    of_issue = answers_about(session, connected(session, [item_id]))
    # The item itself may be part of another ticket now: its answer is deleted, not judged.
    own = {item_id} & set(naming)
    return [
        *(judge_job(about, cause) for about in naming if about not in judged),
        *(answer_job(about, cause) for about in of_issue if about not in {*naming, *judged}),
        *(answer_job(about, cause) for about in own if about not in judged),
        *(
            digest_job(channel_id, week, cause)
            for channel_id, week in digests_about(session, [item_id])
        ),
        *(posted_reply_job(reply_id, cause) for reply_id in replies_about(session, [item_id])),
    ]


def jobs_after_ingest(
    session: Session,
    workspace_id: int,
    result: IngestResult,
    stored: Sequence[tuple[int, NewMessage]],
    causes: Mapping[int, str],
) -> list[BotJob]:
    """Return the jobs for tickets whose text has changed, by an edit or by another message.

    `stored` are the jobs' messages with their item ids. `causes` are the items that were judged,
    each with the key of the job that it was judged for.
    """
    edits = [(item_id, job) for item_id, job in stored if job.revision]
    # Tickets besides those of the messages lost some of their text to them, or got it back.
    others = set(result.tickets) - {item_id for item_id, _ in stored}
    changed = {item_id for item_id, _ in edits} | {*result.joined, *result.hidden} | others
    cause = next(iter(causes.values()), "")
    jobs: list[BotJob] = [
        job
        for item_id in sorted(changed)
        for job in jobs_about_change(session, item_id, causes.get(item_id, cause), judged=causes)
    ]
    # A reply that was also sent to the channel may have solved a ticket; of one that is a ticket
    # because of a reaction the edit is known already.
    replies = [job for _, job in edits if job.thread_ts and job.kind_in_any_channel is None]
    if edits:
        edited = [item_id for item_id, _ in edits]
        jobs += jobs_about_topics(session, workspace_id, edited, cause)
        jobs += repost_jobs(session, edited, cause)  # they name the ticket
    return [*jobs, *(edited_reply_job(job) for job in replies)]


def jobs_about_burst(session: Session, result: IngestResult, cause: str) -> list[BotJob]:
    """Return the jobs that judge the tickets of a changed burst, and update what names them."""
    changed = [*result.tickets, *result.hidden]
    jobs: list[BotJob] = [judge_job(item_id, cause) for item_id in result.tickets]
    jobs += [job for item_id in changed for job in jobs_about_change(session, item_id, cause)]
    if result.recounted:
        jobs += jobs_about_issues(session, result.recounted, cause)
    return unique_jobs(jobs)


def jobs_about_channel(session: Session, channel: Channel, cause: str) -> list[BotJob]:
    """Return the jobs for a channel whose readers have changed.

    Messages in it may no longer name the tickets of other channels, nor messages elsewhere its own.
    """
    items = session.scalars(select(Item.id).where(Item.channel_id == channel.id)).all()
    answered = session.scalars(select(Answer.item_id).where(Answer.channel_id == channel.id)).all()
    weeks = session.scalars(
        select(Question.digest)
        .where(Question.channel_id == channel.id, Question.message_ts.is_not(None))
        .distinct()
    )
    jobs = [
        *jobs_about_hidden(session, items, cause),
        *(answer_job(item_id, cause) for item_id in answered),
        *(digest_job(channel.id, week, cause) for week in weeks),
        *(posted_reply_job(reply_id, cause) for reply_id in replies_in(session, channel.id)),
        *jobs_about_topics(session, channel.workspace_id, (), cause),
    ]
    return unique_jobs(jobs)


def jobs_about_topics(
    session: Session, workspace_id: int, item_ids: Collection[int], cause: str
) -> list[BotJob]:
    """Return the jobs that check the posted summaries and alerts of topics; none without topics.

    For when a channel's readers, the text of these tickets or a message in Slack has changed.
    """
    has_run = select(TopicRun.id).where(TopicRun.workspace_id == workspace_id).limit(1)
    if session.scalar(has_run) is None:
        return []
    return [
        summaries_check_job(cause),
        alerts_check_job(cause),
        *alert_jobs(session, topics_of(session, item_ids), cause),
        *(
            posted_reply_job(reply_id, cause)
            for reply_id in replies_of_topics(session, workspace_id)
        ),
    ]


def jobs_about_source(
    session: Session,
    workspace_id: int,
    changed: Sequence[int],
    gone: Sequence[int],
    cause: str,
) -> list[BotJob]:
    """Return the jobs for tickets of another program that were changed or deleted there."""
    return [
        *jobs_about_hidden(session, gone, cause),
        *jobs_about_issues(session, changed, cause),
        *jobs_about_topics(session, workspace_id, [*changed, *gone], cause),
    ]


def judge_job(item_id: int, cause: str) -> ItemJudgement:
    """Return the job that judges an item again."""
    return ItemJudgement(key=f"judge:{item_id}:{cause}", item_id=item_id)


def answer_job(item_id: int, cause: str) -> AnswerUpdate:
    """Return the job that brings the answer to an item up to date in Slack."""
    return AnswerUpdate(key=f"answer:{item_id}:{cause}", item_id=item_id)


def repost_job(item_id: int, cause: str) -> RepostCheck:
    """Return the job that brings what was posted in an item's thread up to date."""
    return RepostCheck(key=f"posted:{item_id}:{cause}", item_id=item_id)


def posted_reply_job(reply_id: int, cause: str) -> PostedReplyUpdate:
    """Return the job that brings a posted reply up to date in Slack."""
    return PostedReplyUpdate(key=f"share_show:{reply_id}:{cause}", share_id=reply_id)


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
