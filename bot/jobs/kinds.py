"""What every kind of job has in common: a key, a payload, and whether somebody waits for it.

The queue stores a kind, a key and JSON. Everything else deals with one frozen dataclass a kind:

- `event_kinds`: something happened in Slack
- `request_kinds`: somebody typed a command, pressed a button or sent a form; and the private reply
- `update_kinds`: tickets to judge, messages to post, update or delete
- `topic_kinds`: topics to group, to change, to show
- `upkeep_kinds`: what is due by the clock
- `source_kinds`: other programs sent tickets, or are asked for them
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, Self

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from services.errors import InputError
from services.job_rows import ClaimedJob
from services.queue import NewJob, enqueue, finish

# A message, or a part of one, as Slack wrote it.
SlackJson = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class BotJob:
    """A job. Its fields besides `key` are its payload, stored under their names.

    So a field keeps its name, and one that was added later has a default: the queue may hold jobs
    of an older version.
    """

    kind: ClassVar[str]
    # Whether somebody waits for it, who gets a message if it fails for good.
    is_awaited: ClassVar[bool] = False
    # Whether it says something that is no news after a day, and is dropped then.
    ages: ClassVar[bool] = False
    # Of the jobs that are due, it goes ahead of those that are less late than this.
    ahead: ClassVar[timedelta] = timedelta(0)

    key: str

    def payload(self) -> dict[str, Any]:
        """Return what the queue stores besides the key, as JSON."""
        return {name: value for name, value in asdict(self).items() if name != "key"}

    @classmethod
    def from_payload(cls, key: str, payload: SlackJson) -> Self:
        """Return a stored job; unknown fields are ignored.

        Raises `InputError` for a payload that lacks a field or has one of another type.
        """
        try:
            job: Self = _adapter(cls).validate_python({**payload, "key": key})
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
            field = ".".join(map(str, wrong["loc"]))
            raise InputError(
                f"The payload of a {cls.kind} job cannot be read ({field}: {wrong['msg']})."
            ) from None
        return job


# Made when a kind is first read.
_adapters: dict[type[BotJob], TypeAdapter[Any]] = {}


def _adapter(kind: type[BotJob]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


@dataclass(frozen=True, kw_only=True)
class PersonJob(BotJob):
    """A job that somebody's action in a channel caused; as a rule they wait for the outcome."""

    is_awaited: ClassVar[bool] = True

    team: str
    channel: str
    user: str
    response_url: str | None = None


class ReplyTarget(Protocol):
    """What a private reply needs of the job that it answers."""

    @property
    def key(self) -> str:
        """The key of the job."""

    @property
    def channel(self) -> str:
        """The Slack id of the channel that the request came from."""

    @property
    def user(self) -> str | None:
        """The Slack id of the person who asked; None if nobody did."""

    @property
    def response_url(self) -> str | None:
        """The URL to which a reply can be posted; None if Slack gave none."""


@dataclass(frozen=True)
class Lease:
    """What the queue knows about a running job; `attempts` includes this one."""

    job_id: int
    workspace_id: int
    attempts: int
    owner: str
    created_at: datetime

    @classmethod
    def of(cls, claimed: ClaimedJob) -> Self:
        """Return the lease of a claimed job."""
        return cls(
            claimed.id, claimed.workspace_id, claimed.attempts, claimed.owner, claimed.created_at
        )

    def finish(self, session: Session, now: datetime) -> bool:
        """Mark the job done in the caller's transaction; return whether the lease still held.

        For jobs that must not run twice: they are finished by the transaction that stores their
        effect.
        """
        return bool(finish(session, [self.job_id], self.owner, now))


def unique_jobs(jobs: Iterable[BotJob]) -> list[BotJob]:
    """Return jobs without those whose key an earlier one has."""
    first: dict[str, BotJob] = {}
    for job in jobs:
        first.setdefault(job.key, job)
    return list(first.values())


def enqueue_jobs(session: Session, workspace_id: int, jobs: Sequence[BotJob], now: datetime) -> int:
    """Store the jobs of a workspace whose keys are new; return how many there were."""
    rows = [NewJob(job.kind, job.key, job.payload(), job.ahead) for job in jobs]
    return enqueue(session, workspace_id, rows, now)
