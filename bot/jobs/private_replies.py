"""Replies to one person alone: the outcome of a request, why it was refused, or that it failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.blocks.replies import Reply
from bot.jobs.kinds import BotJob, ReplyTarget
from bot.jobs.request_kinds import PrivateReply
from services.errors import InputError
from services.job_rows import ClaimedJob
from services.phrases import Phrase, phrase

GIVEN_UP = phrase(
    "That didn't work: something went wrong on my side, and I gave up after several "
    "attempts. The error is logged for whoever runs me. Please try again later."
)


@dataclass(frozen=True, kw_only=True)
class _ReplyAddress(BotJob):
    """The part of a stored job that says where its reply goes, whatever else is in it."""

    kind: ClassVar[str] = "reply address"

    channel: str
    user: str | None
    response_url: str | None = None


def reply_job(reply: Reply, job: ReplyTarget) -> PrivateReply:
    """Return the job that shows a reply to the person behind `job`, and to nobody else."""
    return PrivateReply(
        key=_key(job),
        channel=job.channel,
        user=job.user,
        response_url=job.response_url,
        text=reply.text,
        blocks=tuple(reply.blocks),
    )


def reason_job(reason: Phrase, job: ReplyTarget, *, is_late: bool = False) -> PrivateReply:
    """Return the job that shows one line to the person behind `job`, in their language."""
    return PrivateReply(
        key=_key(job),
        channel=job.channel,
        user=job.user,
        response_url=job.response_url,
        reason=reason.stored(),
        is_late=is_late,
    )


def failure_job(kind: type[BotJob], claimed: ClaimedJob) -> PrivateReply | None:
    """Return the job that says a job was given up to whoever waits for it; None if nobody does."""
    if not kind.is_awaited:
        return None
    try:
        address = _ReplyAddress.from_payload(claimed.key, claimed.payload)
    except InputError:
        return None
    return None if address.user is None else reason_job(GIVEN_UP, address, is_late=True)


def _key(job: ReplyTarget) -> str:
    return f"whisper:{job.key}"
