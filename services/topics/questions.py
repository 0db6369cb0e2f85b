"""Asks people whether two topics are one, so that topics get the grain that a team wants.

The most alike pairs come first. A series of questions is over after three pairs in a row that
people call different, or after twenty questions: a team whose grain is right is asked three times
and then left alone. Later, only pairs with a newer topic are asked about. Answers are stored as
changes of topics, so that later runs keep them and each can be undone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Item, Topic, TopicEdit, TopicItem, TopicRun
from models.queries import LIVE
from services.errors import InputError
from services.phrases import phrase
from services.topics.apart import Pair, pair_of, read_apart
from services.topics.curation import Curator
from services.topics.edits import standing_edits
from services.topics.grouping.topic_means import means_of
from services.topics.scopes import Scope
from services.topics.views import RunView, TopicView

# In a series; and so many pairs in a row that are called different end it.
MAX_QUESTIONS, MAX_DIFFERENT = 20, 3
# Tickets of each topic that a question shows.
MAX_EXAMPLES = 3

Answer = Literal["one", "apart"]

ANSWERED = phrase("This question has already been answered.")


@dataclass(frozen=True)
class TopicPair:
    """Two topics that may be one, the larger first."""

    topic: TopicView
    other: TopicView

    @property
    def ids(self) -> Pair:
        """Their ids."""
        return pair_of(self.topic.topic_id, self.other.topic_id)


@dataclass(frozen=True)
class Series:
    """The questions that were answered since the last series was over, at `ended_at` if ever.

    `different` are those in a row, up to the last, in which people called topics different.
    """

    answered: int = 0
    different: int = 0
    ended_at: datetime | None = None

    def after(self, answer: Answer, at: datetime) -> Series:
        """Return the series after one more answer."""
        answered = self.answered + 1
        different = self.different + 1 if answer == "apart" else 0
        if answered == MAX_QUESTIONS or different == MAX_DIFFERENT:
            return Series(ended_at=at)
        return Series(answered, different, self.ended_at)


def read_series(session: Session, scope: Scope) -> Series:
    """Return the current series of a scope. Topics that people merged by themselves count, too."""
    answers = standing_edits(scope, "merge", "apart")
    rows = session.execute(answers.with_only_columns(TopicEdit.action, TopicEdit.made_at))
    series = Series()
    for action, at in rows:
        series = series.after("apart" if action == "apart" else "one", at)
    return series


def find_questions(
    session: Session, view: RunView, limit: int, but: Collection[Pair] = ()
) -> list[TopicPair]:
    """Return the next pairs to ask about, at most `limit`, without the pairs in `but`.

    None if the series is over and no topic is newer.
    """
    series = read_series(session, view.selection.scope)
    open_pairs = (pair for pair in _open_pairs(session, view, series.ended_at) if pair not in but)
    found = islice(open_pairs, min(limit, MAX_QUESTIONS - series.answered))
    return [pair for ids in found if (pair := topic_pair(view, ids)) is not None]


def find_more_questions(
    session: Session, view: RunView, limit: int, but: Collection[Pair] = ()
) -> list[TopicPair]:
    """Return the next pairs for somebody who wants to be asked on, whatever was answered so far."""
    found = islice((pair for pair in _open_pairs(session, view) if pair not in but), limit)
    return [pair for ids in found if (pair := topic_pair(view, ids)) is not None]


def topic_pair(view: RunView, ids: Pair) -> TopicPair | None:
    """Return two topics of a run, the larger first; None if one of them is not shown."""
    topics = [topic for topic in view.shown if topic.topic_id in ids]
    return TopicPair(*topics) if len(topics) == len(set(ids)) else None


def _open_pairs(
    session: Session, view: RunView, newer_than: datetime | None = None
) -> Iterator[Pair]:
    """Yield the pairs of a run's shown topics that nobody has decided on, the most alike first.

    Of each pair one topic at least is `newer_than` that.
    """
    scope, shown = view.selection.scope, {topic.topic_id for topic in view.shown}
    size = func.count(TopicItem.item_id)
    topics = session.execute(
        select(Topic, size, func.avg(TopicItem.fit))
        .join(TopicItem, TopicItem.topic_id == Topic.id)
        .join(Item, Item.id == TopicItem.item_id)
        .where(scope.topics, scope.audience.items, LIVE)
        .group_by(Topic.id)
        .order_by(Topic.id)
    ).all()
    rows = [row for row in topics if row[0].id in shown]
    # Vectors of several models cannot be compared; the next run gives all topics those of one.
    if len({topic.fingerprint for topic, *_ in rows}) != 1:
        return
    means = means_of(
        np.stack([topic.centroid for topic, *_ in rows]),
        np.array([float(fit) for *_, fit in rows]),
        np.array([count for _, count, _ in rows]),
    )
    apart = set(read_apart(session, scope))
    for one, two in means.pairs():
        topic, other = rows[one][0], rows[two][0]
        is_new = newer_than is None or max(topic.created_at, other.created_at) > newer_than
        if is_new and (pair := pair_of(topic.id, other.id)) not in apart:
            yield pair


def answer(curator: Curator, ids: Pair, said: Answer) -> TopicEdit:
    """Store what somebody said of two topics, and return the change.

    Topics that are one are merged, into the one that people named, or else the larger one. Raises
    `InputError` if somebody else was faster.
    """
    session = curator.session
    known = {one: session.get(Topic, one) for one in ids}
    is_merged = any(one is not None and one.merged_into is not None for one in known.values())
    topics = [] if is_merged else [curator.find(one) for one in ids]
    if not topics or ids in read_apart(session, curator.scope.of(topics[0])):
        raise InputError(ANSWERED)
    topic, other = sorted(topics, key=lambda one: _precedence(session, one), reverse=True)
    if said == "one":
        return curator.merge(topic.id, [other.id])
    curator.record(f"{topic.id}, {other.id}", "undecided", "different")
    return curator.note("apart", topic, others=[other.id])


def _precedence(session: Session, topic: Topic) -> tuple[bool, int, int]:
    """Return what says which of two topics keeps its name: the greater one does."""
    count = select(func.count()).where(TopicItem.topic_id == topic.id)
    return topic.named_by is not None, session.scalar(count) or 0, -topic.id


@dataclass(frozen=True)
class AskedPair:
    """A question of a summary: the two topics, and the change that answers it, None if open.

    `other` is None where the two are one topic now.
    """

    topic: TopicView
    other: TopicView | None
    edit_id: int | None


def questions_of(session: Session, view: RunView) -> list[AskedPair]:
    """Return what the summary of a run asks, without questions about topics that are gone."""
    edits = _edits_by_pair(session, view.selection.scope)
    found = []
    for one, two in session.get_one(TopicRun, view.run_id).questions:
        ids = pair_of(one, two)
        pair = topic_pair(view, ids)
        edit_id = edits.get(ids)
        if pair is not None:
            found.append(AskedPair(pair.topic, pair.other, edit_id))
        elif edit_id is not None:
            left = [topic for topic in view.shown if topic.topic_id in ids]
            found += [AskedPair(topic, None, edit_id) for topic in left]
    return found


def _edits_by_pair(session: Session, scope: Scope) -> dict[Pair, int]:
    """Return the newest change that said whether two topics are one, by pair."""
    answers = standing_edits(scope, "merge", "apart")
    rows = session.execute(
        answers.with_only_columns(TopicEdit.id, TopicEdit.topic_id, TopicEdit.other_ids)
    )
    return {
        pair_of(topic_id, other): edit_id for edit_id, topic_id, others in rows for other in others
    }
