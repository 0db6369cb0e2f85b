"""Runs: cluster a scope's tickets, track and name the topics, and store them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select

from models import Database, Item
from models.queries import LIVE
from services.errors import InputError, NotFoundError
from services.memory.similarity_scale import scale_of
from services.phrases import phrase
from services.progress import no_progress
from services.search.embedders.embedding import Embedder
from services.topics.grouping.alignment import change_in_size
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.languages import without_languages
from services.topics.grouping.limits import STRICTNESS
from services.topics.grouping.numbered import join_numbered
from services.topics.grouping.tracking import (
    UNCLUSTERED,
    Tracking,
    track_topics,
    without_topics,
)
from services.topics.meaning_names import TicketTexts, name_by_meaning
from services.topics.naming.themes import name_themes
from services.topics.previous_run import PreviousRun, read_previous
from services.topics.quality import measure_topics
from services.topics.run_texts import Times, read_languages, read_texts
from services.topics.scopes import Scope, pool_epochs
from services.topics.shapeless import shapeless_topics
from services.topics.storage import RunDraft, RunInfo, save_again, save_run
from services.topics.vectors import duplicate_cosine, mean_vectors

# How often a run is tracked again after another one was stored in the meantime.
TRIES = 3

# Percent of the work that is done once the tickets are clustered, tracked, named, measured.
CLUSTERED, TRACKED, NAMED, MEASURED = 80, 82, 92, 96

Progress = Callable[[int, int], None]

NO_TICKETS = phrase("There are no tickets to group.")
OVERTAKEN = phrase("Someone else is grouping the same tickets. Try again in a moment.")


@dataclass(frozen=True)
class ClusterRequest:
    """The tickets to cluster: since `since`, of these `channels` (ids; none: all).

    `k` is the number of topics, which makes the run an exploration, unless it `keeps_k`: then the
    team's topics are so many, in this run and in later ones. Without `k` the number is the one that
    was kept, or it is found; where the run `keeps_k` it is found from now on.

    With `shown_since` all tickets are clustered but only those since then shown, with what changed
    compared with a span of the same length before.
    """

    since: datetime | None = None
    channels: tuple[int, ...] = ()
    k: int | None = None
    strictness: float = STRICTNESS
    shown_since: datetime | None = None
    keeps_k: bool = False

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition over `Item`."""
        found = LIVE & (Item.kind == "ticket")
        if self.since is not None:
            found &= Item.reported_at >= self.since
        if self.channels:
            found &= Item.channel_id.in_(self.channels)
        return found


@dataclass(frozen=True)
class _Clustered:
    """Tickets after they were clustered; the pools were read before them."""

    scope: Scope
    request: ClusterRequest
    items: ColumnElement[bool]
    ids: list[int]
    vectors: NDArray[np.float32]
    clusters: Clustering
    pool_epochs: dict[str, int]


@dataclass(frozen=True)
class Topics:
    """Clusters the tickets of one database by the vectors of one model, which names them, too."""

    database: Database
    embedder: Embedder

    @property
    def fingerprint(self) -> str:
        """What the vectors were made by."""
        return self.embedder.fingerprint

    def run(
        self,
        scope: Scope,
        request: ClusterRequest,
        *,
        by: str,
        now: datetime,
        on_progress: Progress = no_progress,
    ) -> int:
        """Cluster a scope's tickets and return the id of the stored run.

        A fixed number of topics that is not kept makes it an exploration. If nothing is new since
        the last run the topics stay as they are. Of two runs at once the later one builds on the
        earlier.
        `on_progress` is called with (done, 100). Raises `NotFoundError` if there is no ticket or
        the workspace was forgotten in the meantime.
        """
        scope = scope if request.k is None or request.keeps_k else scope.exploration
        items = scope.audience.items & request.items
        with self.database.read() as session:
            # Before the tickets: a change while they are read then makes the run stale.
            epochs = pool_epochs(session, scope.audience)
            ids, vectors = mean_vectors(session, select(Item.id).where(items), self.fingerprint)
            previous = read_previous(session, scope, ids, vectors, self.fingerprint)
            same = duplicate_cosine(session, self.fingerprint)
        if not ids:
            raise NotFoundError(NO_TICKETS)
        if not request.keeps_k and not scope.is_exploration:
            request = replace(request, k=previous.fixed_k)
        info = _info(scope, request, _digest(ids, vectors, request), by, now)
        run_id = self._save_unchanged(scope, request, previous, info)
        if run_id is None:
            with self.database.read() as session:
                languages = read_languages(session, items, ids)
            clusters = cluster(
                without_languages(vectors, languages, same),
                k=request.k,
                strictness=request.strictness,
                previous=_labels(ids, previous),
                same=same,
                on_progress=lambda done, total: on_progress(CLUSTERED * done // total, 100),
            )
            found = _Clustered(scope, request, items, ids, vectors, clusters, epochs)
            run_id = self._save(found, info, on_progress)
        on_progress(100, 100)
        return run_id

    def _save_unchanged(
        self, scope: Scope, request: ClusterRequest, previous: PreviousRun, info: RunInfo
    ) -> int | None:
        """Store a run with the topics of the last one if nothing is new, else return None."""
        is_same = info.input_digest == previous.input_digest and not previous.is_stale
        if not is_same or request.shown_since is not None:
            return None
        with self.database.write() as session:
            return save_again(session, scope, previous, info)

    def _save(self, found: _Clustered, info: RunInfo, on_progress: Progress) -> int:
        """Track, name, measure and store topics, again if another run was stored meanwhile."""
        for _ in range(TRIES):
            draft = self._draft(found, info.now, on_progress)
            with self.database.write() as session:
                run_id = save_run(session, draft, info)
            if run_id is not None:
                return run_id
        raise InputError(OVERTAKEN)

    def _draft(self, found: _Clustered, now: datetime, on_progress: Progress) -> RunDraft:
        ids, vectors = found.ids, found.vectors
        with self.database.read() as session:
            # Only now, so that the texts are not in memory while the tickets are clustered.
            texts = read_texts(session, found.items, ids)
            # Again, as people may have moved tickets in the meantime.
            previous = read_previous(session, found.scope, ids, vectors, self.fingerprint)
            scale = scale_of(session, self.fingerprint)
        labels = found.clusters.labels
        if found.request.k is None:
            labels = join_numbered(texts.texts, labels)
        tracking = track_topics(
            ids, vectors, labels, previous.known, previous.moved, apart=previous.apart
        )
        if found.request.shown_since is not None:
            tracking = _compare_spans(tracking, texts.created, found.request.shown_since, now)
        tracking = _without_undated_news(tracking, texts.created)
        on_progress(TRACKED, 100)
        tickets = TicketTexts(texts.texts, tracking.labels, texts.spoken)
        names = name_by_meaning(tickets, vectors, self.embedder, scale)
        if found.request.k is None:
            shapeless = shapeless_topics(tracking, names, previous)
            tracking = without_topics(tracking, shapeless)
            names = [name for at, name in enumerate(names) if at not in shapeless]
        on_progress(NAMED, 100)
        measures = measure_topics(
            vectors,
            tracking.labels,
            len(tracking.topics),
            found.clusters,
            lambda done, total: on_progress(NAMED + (MEASURED - NAMED) * done // total, 100),
        )
        hidden = [one.topic_id in previous.hidden for one in tracking.topics]
        themes = name_themes(texts.texts, tracking.labels, measures.themes, hidden, texts.spoken)
        return RunDraft(
            found.scope, self.fingerprint, ids, previous, tracking, names, themes, measures,
            found.pool_epochs,
        )  # fmt: skip


def _info(scope: Scope, request: ClusterRequest, digest: str, by: str, now: datetime) -> RunInfo:
    """Return what is stored of a request beside its topics."""
    since = request.shown_since or request.since
    fixed_k = None if scope.is_exploration else request.k
    return RunInfo(since, request.channels, digest, fixed_k, by=by, now=now)


def _digest(ids: Sequence[int], vectors: NDArray[np.float32], request: ClusterRequest) -> str:
    """Return a digest of everything that the topics are computed from."""
    digest = sha256(json.dumps([ids, request.k, request.strictness]).encode())
    digest.update(vectors.data)
    return digest.hexdigest()


def _labels(item_ids: Sequence[int], previous: PreviousRun) -> NDArray[np.int64]:
    """Return the previous topic of each ticket as a position among the known ones, -1 for none.

    A stale run has none: it clustered tickets that its readers may not read any more.
    """
    known = () if previous.is_stale else previous.known
    place = {item: at for at, topic in enumerate(known) for item in topic.items}
    return np.array([place.get(item, UNCLUSTERED) for item in item_ids], dtype=np.int64)


def _compare_spans(tracking: Tracking, created: Times, since: datetime, now: datetime) -> Tracking:
    """Return topics with what changed from `since` to `now`, against as long a span before."""
    spans_ago = (created - since.timestamp()) / (now - since).total_seconds()
    inside, count = tracking.labels != UNCLUSTERED, len(tracking.topics)
    before, after = (
        np.bincount(tracking.labels[is_then & inside], minlength=count)
        for is_then in ((spans_ago >= -1) & (spans_ago < 0), spans_ago >= 0)
    )
    topics = [
        replace(
            one,
            change=change_in_size(int(was), int(is_now)) if was else "born",
            previous_size=int(was),
        )
        for one, was, is_now in zip(tracking.topics, before, after, strict=True)
    ]
    return replace(tracking, topics=topics)


def _without_undated_news(tracking: Tracking, created: Times) -> Tracking:
    """Return topics of which none is new by tickets without a date: nobody knows when they came.

    Where every topic with dates is new, as in a first run, all stay new, which is no news.
    """
    dated = tracking.labels[(tracking.labels != UNCLUSTERED) & ~np.isnan(created)]
    counts = np.bincount(dated, minlength=len(tracking.topics))
    pairs = list(zip(tracking.topics, counts, strict=True))
    if all(one.change == "born" for one, number in pairs if number):
        return tracking
    topics = [
        replace(one, change="same") if one.change == "born" and not number else one
        for one, number in pairs
    ]
    return replace(tracking, topics=topics)
