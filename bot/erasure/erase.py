"""An erasure from beginning to end; one that was interrupted is gone on with where it stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.connection import first_line
from bot.erasure.index_files import renew_collections, renew_snapshots
from bot.jobs.follow_ups import jobs_about_hidden, jobs_about_topics, posted_reply_job, repost_jobs
from bot.jobs.kinds import BotJob, enqueue_jobs, unique_jobs
from bot.jobs.summary_jobs import summaries_check_job, summary_job
from services.erasure import people, register, titles
from services.erasure.compaction import compact
from services.erasure.posted_replies import clear_posted_replies
from services.erasure.tickets import (
    BATCH,
    Erased,
    delete_follow_ups,
    erase_tickets,
    lock_tickets,
    next_tickets,
)
from services.erasure.waiting_jobs import erase_jobs, erased_places
from services.errors import DatabaseError
from services.topics.forgetting import forget_unreadable
from services.topics.scopes import scopes_of

if TYPE_CHECKING:
    from bot.settings import Settings
    from models import Database, Erasure
    from models.types import FloatVector
    from services.erasure.subjects import Subject

# Called after each transaction with the number of tickets that it erased.
Progress = Callable[[int], object]


@dataclass
class ErasureResult:
    """What an erasure did: its id, counts by surface, and what to search for afterwards.

    `vectors` are by the fingerprint of their model. `changed` are the tickets of others from which
    something was erased.
    """

    erasure_id: int
    counts: Counter[str] = field(default_factory=Counter)
    snippets: list[str] = field(default_factory=list)
    vectors: dict[str, list[FloatVector]] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Eraser:
    """Erases one subject; `by` is who asked for it, `batch` how many tickets go at a time."""

    database: Database
    settings: Settings
    by: str
    clock: Callable[[], datetime]
    batch: int = BATCH

    def erase(self, subject: Subject, progress: Progress = lambda _: None) -> ErasureResult:
        """Erase a subject for good.

        Each step is a transaction, and does nothing where it was done before. Raises
        `DatabaseError` if the files cannot be rewritten; then only that is left to do.
        """
        with self.database.write() as session:
            begun = register.begin(session, subject, by=self.by, now=self.clock())
        outcome = ErasureResult(begun.id)
        self._erase_tickets(subject, begun, outcome, progress)
        if subject.person is not None:
            self._erase_person(subject, begun, outcome)
        self._erase_rest(subject, begun, outcome)
        self._erase_titles(subject, begun, outcome)
        with self.database.write() as session:
            register.mark_emptied(session, begun.id, subject, self.clock())
        self.finish(begun.id)
        return outcome

    def is_due(self, subject: Subject) -> bool:
        """Say whether there are tickets to erase, or an erasure of them was interrupted."""
        with self.database.read() as session:
            if next_tickets(session, subject, 1):
                return True
            return register.is_interrupted(session, subject)

    def finish(self, erasure_id: int) -> None:
        """Take what was erased out of files: the index's snapshot and the database's own.

        Raises `DatabaseError` if they cannot be rewritten.
        """
        if self.database.is_sqlite:
            try:
                renew_snapshots(self.database, self.settings.index_dir)
            except OSError as error:
                raise DatabaseError(
                    f"The index could not be rewritten ({first_line(error).rstrip('.')}). "
                    "Everything is erased from the tables; run `deja erase --resume` for the rest."
                ) from error
        if self.settings.qdrant_url is not None:
            renew_collections(self.database, self.settings)
        compact(self.database)
        with self.database.write() as session:
            register.finish(session, erasure_id, self.clock())

    def _erase_tickets(
        self, subject: Subject, begun: Erasure, outcome: ErasureResult, progress: Progress
    ) -> None:
        while True:
            with self.database.write() as session:
                found = next_tickets(session, subject, self.batch)
                if not found:
                    return
                ids = lock_tickets(session, subject, found)
                if not ids:
                    continue
                cause = f"erase:{begun.id}:{ids[0]}"
                reposts = repost_jobs(session, ids, cause)
                # The time of the erasure: by it the tombstones of an interrupted one are known.
                erased = erase_tickets(session, ids, begun.asked_at)
                self._store(session, begun, erased, cause, reposts)
            _add(outcome, erased)
            progress(len(ids))

    def _erase_person(self, subject: Subject, begun: Erasure, outcome: ErasureResult) -> None:
        for erase in (people.erase_answers, people.erase_replies):
            with self.database.write() as session:
                cause = f"erase:{begun.id}:{erase.__name__}"
                erased = erase(session, subject, begun.asked_at)
                reposts = repost_jobs(session, erased.changed, cause)
                self._store(session, begun, erased, cause, reposts)
            _add(outcome, erased)
        with self.database.write() as session:
            titles.unname_topics(session, subject.workspace_id, subject.person)
            name = people.pseudonym(begun.id)
            erased = Erased(Counter(names=people.rename_person(session, subject, name)))
            register.add_counts(session, begun.id, erased.counts)
        _add(outcome, erased)

    def _erase_rest(self, subject: Subject, begun: Erasure, outcome: ErasureResult) -> None:
        """Erase what waits in the queue, and what is known of a channel's other messages."""
        erased = Erased()
        with self.database.write() as session:
            places = erased_places(session, subject, begun.asked_at)
            name = people.pseudonym(begun.id) if subject.person else None
            erased.counts["waiting jobs"] = erase_jobs(
                session, subject.workspace_id, places, self.clock(), name
            )
            if subject.channel_id is not None:
                erased.counts["follow-ups"] = delete_follow_ups(session, subject.channel_id)
            replies = clear_posted_replies(session, subject, name)
            erased.counts["posted replies"] = len(replies)
            posts = [posted_reply_job(reply_id, f"erase:{begun.id}:posted") for reply_id in replies]
            enqueue_jobs(session, subject.workspace_id, posts, self.clock())
            register.add_counts(session, begun.id, erased.counts)
        _add(outcome, erased)

    def _erase_titles(self, subject: Subject, begun: Erasure, outcome: ErasureResult) -> None:
        workspace_id, person = subject.workspace_id, subject.person
        with self.database.read() as session:
            scopes = scopes_of(session, workspace_id)
        renamed = [one for scope in scopes for one in forget_unreadable(self.database, scope)]
        erased = Erased(Counter({"names of topics": len(renamed)}))
        with self.database.write() as session:
            dead = titles.dead_words(session, workspace_id)
            posted = titles.clean_runs(session, workspace_id, dead, person)
            erased.counts["titles on record"] = titles.clean_record(
                session, workspace_id, dead, person
            )
            titles.forget_dead_words(session, workspace_id)
            cause = f"erase:{begun.id}:titles"
            jobs: list[BotJob] = [summary_job(run_id, cause) for run_id in posted]
            if renamed:  # a model names them later, from what is left
                jobs.append(summaries_check_job(cause, renamed))
            jobs += jobs_about_topics(session, workspace_id, (), cause)
            enqueue_jobs(session, workspace_id, unique_jobs(jobs), self.clock())
            register.add_counts(session, begun.id, erased.counts)
        _add(outcome, erased)

    def _store(
        self,
        session: Session,
        begun: Erasure,
        erased: Erased,
        cause: str,
        reposts: list[BotJob],
    ) -> None:
        """Store the jobs that correct Slack, and the counts, with what was erased."""
        changed = [*erased.item_ids, *erased.changed]
        jobs = [
            *reposts,
            *jobs_about_hidden(session, changed, cause),
            *jobs_about_topics(session, begun.workspace_id, changed, cause),
        ]
        posts = unique_jobs(jobs)
        enqueue_jobs(session, begun.workspace_id, posts, self.clock())
        erased.counts["checks of posts in Slack"] += len(posts)
        register.add_counts(session, begun.id, erased.counts)


def _add(outcome: ErasureResult, erased: Erased) -> None:
    outcome.counts.update(erased.counts)
    outcome.snippets += erased.snippets
    outcome.changed += erased.changed
    for fingerprint, vectors in erased.vectors.items():
        outcome.vectors.setdefault(fingerprint, []).extend(vectors)
