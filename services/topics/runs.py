"""Topics of a scope: its tickets are grouped, matched with what was known, named and stored."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Database, Item
from models.queries import LIVE
from services.errors import InputError, NotFoundError
from services.phrases import phrase
from services.topics.grouping.alignment import growth
from services.topics.grouping.clustering import STRICTNESS, cluster, no_progress
from services.topics.grouping.tracking import NOWHERE, Tracking, follow
from services.topics.naming.themes import theme_titles
from services.topics.naming.titles import name_topics
from services.topics.previous_run import PreviousRun, read_before
from services.topics.quality import measure
from services.topics.scopes import Scope, pool_epochs
from services.topics.storage import Draft, RunInfo, save_again, save_run
from services.topics.vectors import ROWS, mean_vectors

# What of a ticket is read for names; the rest is logs and threads.
MAX_READ = 1_000

# How often a run that another one overtook is matched anew.
TRIES = 3

# Of the work, in percent: how much is done once the tickets are grouped, followed, named, measured.
GROUPED, FOLLOWED, NAMED, MEASURED = 80, 82, 92, 96

Times = NDArray[np.float64]

NO_TICKETS = phrase("There are no tickets to group.")
OVERTAKEN = phrase("Someone else is grouping the same tickets. Try again in a moment.")


@dataclass(frozen=True)
class ClusterRequest:
    """Which tickets are grouped: since when, of which channels (ids; none: all).

    In `k` topics, which is a look; None: as many as there seem. `shown_since` is where all are
    grouped and only the later ones shown, with what changed since as long before.
    """

    since: datetime | None = None
    channels: tuple[int, ...] = ()
    k: int | None = None
    strictness: float = STRICTNESS
    shown_since: datetime | None = None

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition over `Item`."""
        found = LIVE & (Item.kind == "ticket")
        if self.since is not None:
            found &= Item.created_at >= self.since
        if self.channels:
            found &= Item.channel_id.in_(self.channels)
        return found


@dataclass(frozen=True)
class _Said:
    """What tickets say, and when each came, `(n,)`: seconds since 1970, or not a number."""

    texts: list[str]
    created: Times


@dataclass(frozen=True)
class Topics:
    """Groups the tickets of one database, by the vectors of one model (`fingerprint`)."""

    database: Database
    fingerprint: str

    def run(
        self,
        scope: Scope,
        wanted: ClusterRequest,
        *,
        by: str,
        now: datetime,
        on_progress: Callable[[int, int], None] = no_progress,
    ) -> int:
        """Group a scope's tickets and return the id of the run that is stored.

        A number that somebody asked for makes it a look (`topic_scopes`), with topics of its own.
        What people make of these later looks respect, and the team's own know nothing of it.
        Where nothing is new since the last run the topics stay as they are.
        `on_progress` is given (done, 100). Raises `NotFoundError` where there is no ticket, and
        where the workspace was forgotten meanwhile. Of two runs at once the later one builds on
        the earlier.
        """
        scope = scope if wanted.k is None else scope.exploration
        here = scope.audience.items & wanted.items
        with self.database.read() as session:
            # First these: what changes while the tickets are read makes the run void.
            pools = pool_epochs(session, scope.audience)
            ids, vectors = mean_vectors(session, select(Item.id).where(here), self.fingerprint)
            before = read_before(session, scope, ids, self.fingerprint)
        if not ids:
            raise NotFoundError(NO_TICKETS)
        made = RunInfo(
            since=wanted.shown_since or wanted.since,
            channels=wanted.channels,
            input_digest=_digest(ids, vectors, wanted),
            by=by,
            now=now,
        )
        is_same = made.input_digest == before.input_digest and not before.is_stale
        if is_same and wanted.shown_since is None:
            with self.database.write() as session:
                run_id = save_again(session, scope, before, made)
            if run_id is not None:
                on_progress(100, 100)
                return run_id
        grouped = cluster(
            vectors,
            k=wanted.k,
            strictness=wanted.strictness,
            before=_labels(ids, before),
            on_progress=lambda done, total: on_progress(GROUPED * done // total, 100),
        )
        for _ in range(TRIES):
            # Again: people may have moved tickets meanwhile.
            with self.database.read() as session:
                # Only now, so that the texts do not lie in memory while the tickets are grouped.
                said = _read(session, here, ids)
                before = read_before(session, scope, ids, self.fingerprint)
            following = follow(ids, vectors, grouped.labels, before.known, before.moved)
            if wanted.shown_since is not None:
                following = _over(following, said.created, wanted.shown_since, now)
            on_progress(FOLLOWED, 100)
            names = name_topics(said.texts, following.labels)
            on_progress(NAMED, 100)
            measured = measure(
                vectors,
                following.labels,
                len(following.topics),
                grouped,
                lambda done, total: on_progress(NAMED + (MEASURED - NAMED) * done // total, 100),
            )
            hidden = [one.topic_id in before.hidden for one in following.topics]
            themes = theme_titles(said.texts, following.labels, measured.themes, hidden)
            draft = Draft(
                scope, self.fingerprint, ids, before, following, names, themes, measured, pools
            )
            with self.database.write() as session:
                run_id = save_run(session, draft, made)
            if run_id is not None:
                on_progress(100, 100)
                return run_id
        raise InputError(OVERTAKEN)


def _digest(ids: Sequence[int], vectors: NDArray[np.float32], wanted: ClusterRequest) -> str:
    """Return the digest of all that the topics of tickets follow from."""
    digest = sha256(json.dumps([ids, wanted.k, wanted.strictness]).encode())
    digest.update(vectors.data)
    return digest.hexdigest()


def _read(session: Session, here: ColumnElement[bool], ids: Sequence[int]) -> _Said:
    """Return what tickets say; of one that is gone meanwhile nothing."""
    title, text = func.coalesce(Item.title, ""), func.substr(Item.text, 1, MAX_READ)
    known = {
        item_id: (f"{title}\n{text}"[:MAX_READ], created.timestamp())
        for item_id, title, text, created in session.execute(
            select(Item.id, title, text, Item.created_at)
            .where(here)
            .execution_options(yield_per=ROWS)
        )
    }
    said = [known.get(one, ("", math.nan)) for one in ids]
    return _Said([text for text, _ in said], np.array([created for _, created in said]))


def _labels(item_ids: Sequence[int], before: PreviousRun) -> NDArray[np.int64]:
    """Return the topic that each ticket had, as a place among the known ones; -1: none.

    Of what was grouped with tickets that readers may read no more nothing is kept.
    """
    known = () if before.is_stale else before.known
    place = {item: at for at, topic in enumerate(known) for item in topic.items}
    return np.array([place.get(item, NOWHERE) for item in item_ids], dtype=np.int64)


def _over(following: Tracking, created: Times, since: datetime, now: datetime) -> Tracking:
    """Return topics with what became of them from `since` on, against as long before."""
    ago = (created - since.timestamp()) / (now - since).total_seconds()
    inside, count = following.labels != NOWHERE, len(following.topics)
    before, after = (
        np.bincount(following.labels[is_then & inside], minlength=count)
        for is_then in ((ago >= -1) & (ago < 0), ago >= 0)
    )
    topics = [
        replace(one, change=growth(int(was), int(is_now)) if was else "born", before=int(was))
        for one, was, is_now in zip(following.topics, before, after, strict=True)
    ]
    return replace(following, topics=topics)
