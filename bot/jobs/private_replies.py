"""Jobs that tell one person something: what came of it, why it was refused, that it failed."""

from __future__ import annotations

from typing import Any

from bot.blocks.replies import Reply
from services.phrases import Phrase, phrase
from services.queue import ClaimedJob, NewJob

# What people did, and wait for: they are told when it fails for good.
AWAITED = frozenset(
    [
        "click",
        "cluster",
        "command",
        "deja_inspect",
        "deja_similar",
        "digest_click",
        "mark",
        "mention",
        "resolve",
        "setup_choose",
        "setup_save",
        "share",
        "solved",
        "split",
        "told_click",
        "topic_hide",
        "topic_rename",
        "topic_share",
        "topic_unhide",
    ]
)


GIVEN_UP = phrase(
    "That didn't work: something went wrong on my side, and I gave up after several "
    "attempts. The error is logged for whoever runs me. Please try again later."
)


def whisper_job(reply: Reply, job: ClaimedJob) -> NewJob:
    """Return the job that tells something to whoever clicked, and to nobody else."""
    return _whisper(job, text=reply.text, blocks=reply.blocks)


def reason_job(reason: Phrase, job: ClaimedJob) -> NewJob:
    """Return the job that tells whoever clicked one line, in their language."""
    return _whisper(job, reason=reason.stored())


def failure_job(job: ClaimedJob) -> NewJob | None:
    """Return the job that tells whoever waits for one that was given up; None where nobody does."""
    return _whisper(job, reason=GIVEN_UP.stored(), is_late=True) if job.kind in AWAITED else None


def _whisper(job: ClaimedJob, **said: Any) -> NewJob:
    kept = {name: job.payload.get(name) for name in ("response_url", "channel", "user")}
    return NewJob("whisper", f"whisper:{job.key}", {**kept, **said})
