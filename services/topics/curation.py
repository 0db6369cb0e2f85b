"""Curation: people rename, merge, split and hide topics and move tickets; later runs keep that.

Changes to the topics of explorations affect later explorations, but not the team's topics. Each is
stored as a `TopicEdit`, which `services.topics.undo` undoes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Change, Item, Topic, TopicAction, TopicEdit, TopicItem
from models.queries import LIVE, in_parts
from services.errors import InputError, NotFoundError
from services.memory.item_names import names_of
from services.phrases import phrase
from services.text.words.folding import fold
from services.text.words.plain import plain_text
from services.topics.alerts import copy_alerts
from services.topics.grouping.knn_graph import mean_direction
from services.topics.members import item_ids_of
from services.topics.merge import merge_topic
from services.topics.naming.titles import TopicName, name_topics
from services.topics.quality import representative_ranks
from services.topics.run_texts import read_members
from services.topics.scopes import Scope, newest_run, newest_shown
from services.topics.split import parts_of
from services.topics.storage import free_title
from services.topics.vectors import mean_vectors

MAX_TITLE_LENGTH = 80

SETTING = "topic"

NO_TOPIC = phrase("There is no such topic. The list of topics shows their numbers.")
NO_TITLE = phrase("A topic needs a name.")
LONG_TITLE = phrase("The name of a topic can have at most {n} characters.", n=MAX_TITLE_LENGTH)
TAKEN = phrase("Another topic already has that name.")
ITSELF = phrase("A topic can't be merged with itself.")
NO_TICKET = phrase("There is no such ticket.")
NOT_MOVED = phrase("Nobody has moved this ticket.")


@dataclass(frozen=True)
class Curator:
    """A person (`by`) who works on the topics of an audience. Every change is recorded.

    `made` has the changes made so far, so that they can be undone, and `named` the topics that were
    named by their words alone.
    """

    session: Session
    scope: Scope
    by: str
    now: datetime
    made: list[TopicEdit] = field(default_factory=list)
    named: list[int] = field(default_factory=list)

    def find(self, topic_id: int) -> Topic:
        """Return a topic of the team or of an exploration.

        Raises `NotFoundError` if there is none of that id, or it must not be shown.
        """
        known = select(Topic).where(self.scope.topics_of_both_kinds, Topic.id == topic_id)
        topic = self.session.scalar(known)
        if topic is None or newest_run(self.session, self.scope.of(topic)) is None:
            raise NotFoundError(NO_TOPIC)
        return topic

    def rename(self, topic_id: int, title: str) -> Topic:
        """Give a topic a title, which later runs keep."""
        topic, title = self.find(topic_id), " ".join(plain_text(title).split())
        if not title:
            raise InputError(NO_TITLE)
        if len(title) > MAX_TITLE_LENGTH:
            raise InputError(LONG_TITLE)
        if fold(title) in self.titles(topic, but=topic_id):
            raise InputError(TAKEN)
        self.record(f"{topic_id}, name", topic.title, title)
        if title != topic.title:
            self.note("rename", topic, title=topic.title, previous_by=topic.named_by)
        topic.title, topic.named_by = title, self.by
        return topic

    def hide(self, topic_id: int) -> Topic:
        """Hide a topic."""
        topic = self.find(topic_id)
        if topic.hidden_at is None:
            self.record(f"{topic_id}", "shown", "hidden")
            self.note("hide", topic)
            topic.hidden_by, topic.hidden_at = self.by, self.now
        return topic

    def unhide(self, topic_id: int) -> Topic:
        """Show a topic again."""
        topic = self.find(topic_id)
        if topic.hidden_at is not None:
            self.record(f"{topic_id}", "hidden", "shown")
            self.note("unhide", topic, previous_by=topic.hidden_by)
            topic.hidden_by = topic.hidden_at = None
        return topic

    def merge(self, topic_id: int, others: Sequence[int]) -> TopicEdit:
        """Merge other topics of the same kind into one, which later runs keep together."""
        topic = self.find(topic_id)
        if topic_id in others:
            raise InputError(ITSELF)
        merged = [self.find(one) for one in dict.fromkeys(others)]
        if any(one.kind != topic.kind for one in merged):
            raise NotFoundError(NO_TOPIC)
        edit = self.note("merge", topic, others=[one.id for one in merged])
        edit.was_merged = topic.is_merged
        for other in merged:
            self.record(f"{other.id}", other.title, f"joined to {topic_id}")
            merge_topic(self.session, edit, topic, other)
        topic.is_merged = True
        self.measure(topic)
        self.require_clustering(topic)
        return edit

    def split(self, topic_id: int) -> Topic:
        """Split a topic in two, which later runs keep apart; return the new, smaller one."""
        topic = self.find(topic_id)
        kept, part = parts_of(self.session, topic)
        read = read_members(self.session, topic, [*kept, *part])
        labels = np.repeat([0, 1], [len(kept), len(part)])
        other = self._add_part(topic, name_topics(read.texts, labels, spoken=read.spoken)[1])
        for some in in_parts(part):
            here = self.scope.of(topic).memberships & TopicItem.item_id.in_(some)
            self.session.execute(update(TopicItem).where(here).values(topic_id=other.id, rank=None))
        copy_alerts(self.session, topic.id, other.id, self.now)
        self.record(f"{topic_id}", topic.title, f"split: {other.id}")
        self.note("split", topic, others=[other.id])
        for one in (topic, other):
            self.measure(one)
        self.require_clustering(topic)
        return other

    def _add_part(self, topic: Topic, name: TopicName) -> Topic:
        """Store a new topic, split off from another one; its tickets and centroid follow."""
        part = Topic(
            workspace_id=self.scope.workspace_id,
            audience_id=topic.audience_id,
            kind=topic.kind,
            title=free_title(name.title, self.titles(topic)),
            terms=list(name.terms),
            quality=topic.quality,
            purity=topic.purity,
            fingerprint=topic.fingerprint,
            centroid=topic.centroid,
            parent_id=topic.id,
            is_merged=False,
            created_at=self.now,
        )
        self.session.add(part)
        self.session.flush()
        self.named.append(part.id)
        return part

    def move(self, item_id: int, topic_id: int) -> Topic:
        """Move a ticket of the audience into a topic, where later runs leave it."""
        topic = self.find(topic_id)
        is_ticket = (Item.kind == "ticket") & LIVE
        here = select(Item.id).where(Item.id == item_id, self.scope.audience.items, is_ticket)
        if self.session.scalar(here) is None:
            raise NotFoundError(NO_TICKET)
        row = self.session.get(TopicItem, (item_id, topic.audience_id, topic.kind))
        before = "none" if row is None else f"{row.topic_id}"
        self.record(self.name_of(item_id), before, f"{topic_id}")
        if row is None or row.topic_id != topic_id:
            came_from = [] if row is None else [row.topic_id]
            mover = None if row is None else row.moved_by
            self.note("move", topic, others=came_from, item_id=item_id, previous_by=mover)
        if row is None:
            row = TopicItem(
                item_id=item_id, audience_id=topic.audience_id, kind=topic.kind, fit=0.0
            )
            self.session.add(row)
        row.topic_id, row.moved_by, row.rank = topic_id, self.by, None
        self.require_clustering(topic)
        return topic

    def unmove(self, item_id: int) -> None:
        """Let the next run place a ticket that somebody moved.

        That is undone in the kind of topics that is shown, or else in the other kind.
        """
        shown = newest_shown(self.session, self.scope)
        rows = self.session.scalars(
            select(TopicItem).where(
                TopicItem.item_id == item_id,
                TopicItem.audience_id == self.scope.audience_id,
                TopicItem.moved_by.is_not(None),
            )
        )
        row = max(rows, key=lambda one: shown is not None and one.kind == shown.kind, default=None)
        if row is None:
            raise NotFoundError(NOT_MOVED)
        topic = self.find(row.topic_id)
        self.require_clustering(topic)
        self.record(self.name_of(item_id), f"{row.topic_id}", "as grouped")
        self.note("unmove", topic, item_id=item_id, previous_by=row.moved_by)
        row.moved_by = None

    def require_clustering(self, topic: Topic) -> None:
        """Make the next run cluster the tickets even if none of them is new."""
        run = newest_run(self.session, self.scope.of(topic))
        if run is not None:
            self.session.refresh(run, with_for_update=True)
            run.input_digest = ""

    def note(
        self,
        action: TopicAction,
        topic: Topic,
        *,
        others: Sequence[int] = (),
        item_id: int | None = None,
        title: str | None = None,
        previous_by: str | None = None,
    ) -> TopicEdit:
        """Store a change so that it can be undone."""
        edit = TopicEdit(
            workspace_id=self.scope.workspace_id,
            audience_id=topic.audience_id,
            kind=topic.kind,
            action=action,
            topic_id=topic.id,
            other_ids=list(others),
            item_id=item_id,
            title=title,
            previous_by=previous_by,
            made_by=self.by,
            made_at=self.now,
        )
        self.session.add(edit)
        self.session.flush()
        self.made.append(edit)
        return edit

    def name_of(self, item_id: int) -> str:
        """Return how the record names a ticket."""
        return f"of {names_of(self.session, [item_id])[item_id]}"

    def titles(self, beside: Topic, but: int | None = None) -> set[str]:
        """Return the folded titles of the topics of the same kind, but for one."""
        here = self.scope.of(beside).topics
        others = select(Topic.title).where(here, Topic.id != (but or 0))
        return {fold(title) for title in self.session.scalars(others)}

    def measure(self, topic: Topic) -> None:
        """Update what follows from a topic's tickets: its centroid, their fits, representatives.

        By its centroid the next run recognises it.
        """
        self.session.flush()
        members = update(TopicItem).where(TopicItem.topic_id == topic.id)
        self.session.execute(members.where(TopicItem.rank.is_not(None)).values(rank=None))
        ids, vectors = self._vectors(topic)
        if not ids:
            return
        topic.centroid = mean_direction(vectors)
        all_of_it = np.zeros(len(ids), dtype=np.int64)
        ranks = representative_ranks(vectors, all_of_it, np.asarray(topic.centroid)[None])
        key = {"audience_id": topic.audience_id, "kind": topic.kind}
        rows = [
            {"item_id": item_id, **key, "fit": fit, "rank": ranks.get(at)}
            for at, (item_id, fit) in enumerate(
                zip(ids, (vectors @ topic.centroid).tolist(), strict=True)
            )
        ]
        self.session.execute(update(TopicItem), rows)

    def _vectors(self, topic: Topic) -> tuple[list[int], NDArray[np.float32]]:
        """Return a topic's tickets that have a vector, and the means of their chunks' vectors."""
        return mean_vectors(self.session, item_ids_of(topic), topic.fingerprint)

    def record(self, what: str, before: str, after: str) -> None:
        """Put a change on record."""
        if before == after:
            return
        self.session.add(
            Change(
                workspace_id=self.scope.workspace_id,
                channel_id=self.scope.audience_id or None,
                setting=SETTING,
                before=f"{what}: {before}",
                after=after,
                changed_by=self.by,
                changed_at=self.now,
            )
        )
