"""Topics of a scope: its tickets are grouped, matched with what was known, named and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Database, Item
from services.audience import Place
from services.clustering import STRICTNESS, Clustering, cluster, silent
from services.errors import InputError, NotFoundError
from services.names import LIVE
from services.naming import name_topics, representatives
from services.phrases import phrase
from services.topic_following import NOWHERE, Following, Known, follow
from services.topic_matching import growth
from services.topic_scopes import Scope, pools_of
from services.topic_storage import Draft, Measured, read_before, save_run
from services.topic_vectors import mean_vectors

# What of a ticket is read for names; the rest is logs and threads.
MOST_READ = 1_000

# How often a run that another one overtook is matched anew.
TRIES = 3

# Of the work, in percent: how much is done once the tickets are grouped.
GROUPED = 85

NO_TICKETS = phrase("There is no ticket to group.")
OVERTAKEN = phrase("Others are grouping the same tickets. Try again in a moment.")


@dataclass(frozen=True)
class Wanted:
    """Which tickets are grouped: since when, of which channels (ids; none: all).

    In `k` topics; None: as many as there seem. `shown_since` is where all are grouped and only the
    later ones shown, with what changed since as long before.
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
class _Backlog:
    """Tickets with a vector, by id: `vectors`, `(n, d)`, unit length, what they say, and when."""

    ids: list[int]
    vectors: NDArray[np.float32]
    texts: list[str]
    created: list[datetime]


@dataclass(frozen=True)
class Topics:
    """Groups the tickets of one database, by the vectors of one model (`fingerprint`)."""

    database: Database
    fingerprint: str

    def run(
        self,
        scope: Scope,
        wanted: Wanted,
        *,
        by: str,
        now: datetime,
        tell: Callable[[int, int], None] = silent,
    ) -> int:
        """Group a scope's tickets and return the id of the run that is stored.

        `tell` hears (done, 100). Raises `NotFoundError` where there is no ticket, and where the
        workspace was forgotten meanwhile. Of two runs at once the later one builds on the earlier.
        """
        with self.database.read() as session:
            # First these: what changes while the tickets are read makes the run void.
            pools = pools_of(session, scope.place)
            backlog = _load(session, scope.place, wanted, self.fingerprint)
            before = read_before(session, scope, backlog.ids, self.fingerprint)
        if not backlog.ids:
            raise NotFoundError(NO_TICKETS)
        grouped = cluster(
            backlog.vectors,
            k=wanted.k,
            strictness=wanted.strictness,
            # Of tickets that were grouped with ones that others may not read nothing is kept.
            before=_labels(backlog.ids, () if before.is_void else before.known),
            tell=lambda done, total: tell(GROUPED * done // total, 100),
        )
        for _ in range(TRIES):
            # Again: people may have moved tickets meanwhile.
            with self.database.read() as session:
                before = read_before(session, scope, backlog.ids, self.fingerprint)
            following = follow(
                backlog.ids, backlog.vectors, grouped.labels, before.known, before.moved
            )
            if wanted.shown_since is not None:
                following = _over(following, backlog, wanted.shown_since, now)
            draft = Draft(
                scope=scope,
                fingerprint=self.fingerprint,
                item_ids=backlog.ids,
                before=before,
                following=following,
                names=name_topics(backlog.texts, following.labels),
                measured=_measure(backlog, following, grouped),
                pools=pools,
            )
            with self.database.write() as session:
                run_id = save_run(
                    session,
                    draft,
                    since=wanted.shown_since or wanted.since,
                    channels=wanted.channels,
                    by=by,
                    now=now,
                )
            if run_id is not None:
                tell(100, 100)
                return run_id
        raise InputError(OVERTAKEN)


def _load(session: Session, place: Place, wanted: Wanted, fingerprint: str) -> _Backlog:
    """Return the tickets of a place that have a vector: the mean of their chunks'."""
    here = place.items & wanted.items
    rows = session.execute(select(Item.id, Item.title, Item.text, Item.created_at).where(here))
    known = {row.id: row for row in rows}
    ids, vectors = mean_vectors(session, select(Item.id).where(here), fingerprint)
    # One that came between the two has no text yet.
    places = [at for at, item_id in enumerate(ids) if item_id in known]
    kept = [known[ids[at]] for at in places]
    texts = [f"{row.title or ''}\n{row.text}"[:MOST_READ] for row in kept]
    times = [row.created_at for row in kept]
    return _Backlog([row.id for row in kept], vectors[places], texts, times)


def _labels(item_ids: Sequence[int], known: Sequence[Known]) -> NDArray[np.int64]:
    """Return the topic that each ticket had, as a place in `known`; -1: none."""
    place = {item: at for at, topic in enumerate(known) for item in topic.items}
    return np.array([place.get(item, NOWHERE) for item in item_ids], dtype=np.int64)


def _over(following: Following, backlog: _Backlog, since: datetime, now: datetime) -> Following:
    """Return topics with what became of them from `since` on, against as long before."""
    created = np.array([(at - since) / (now - since) for at in backlog.created])
    topics = []
    for at, one in enumerate(following.topics):
        of_topic = created[following.labels == at]
        before = int(((of_topic >= -1) & (of_topic < 0)).sum())
        change = growth(before, int((of_topic >= 0).sum())) if before else "born"
        topics.append(replace(one, change=change, before=before))
    return replace(following, topics=topics)


def _measure(backlog: _Backlog, following: Following, grouped: Clustering) -> Measured:
    labels, topics = following.labels, len(following.topics)
    centroids = np.zeros((topics, backlog.vectors.shape[1]), dtype=np.float64)
    inside = labels != NOWHERE
    np.add.at(centroids, labels[inside], backlog.vectors[inside])
    centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
    means = centroids.astype(np.float32)
    quality, purity = np.ones(topics), np.ones(topics)
    fits, themes = np.zeros(len(labels)), list(range(topics))
    for topic in range(topics):
        places = np.flatnonzero(labels == topic)
        if not len(places):
            continue
        near = backlog.vectors[places] @ means.T
        fits[places] = near[:, topic]
        purity[topic] = float(np.mean(near.argmax(axis=1) == topic))
        known = grouped.nearest[places]
        known = known[known >= 0]
        if len(known):
            quality[topic] = float(grouped.quality[known].mean())
            themes[topic] = int(np.bincount(grouped.themes[known]).argmax())
    ranks: dict[int, int] = {}
    for shown in representatives(backlog.vectors, labels, means):
        if shown is not None:
            ranks |= {place: at for at, place in enumerate((shown.exemplar, *shown.others))}
    return Measured(means, quality, purity, themes, fits, ranks)
