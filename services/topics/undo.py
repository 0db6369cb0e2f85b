"""Undo: what people changed about topics is as it was before, the latest change first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import delete, select, update

from models import Topic, TopicAction, TopicAlert, TopicEdit, TopicItem
from services.errors import InputError, NotFoundError
from services.phrases import phrase, translatable
from services.topics.curation import Curator
from services.topics.edits import edits_of
from services.topics.members import item_ids_of
from services.topics.merge import unmerge_topics
from services.topics.naming.titles import name_topics
from services.topics.run_texts import read_members
from services.topics.storage import free_title
from services.topics.title_words import nameless

NO_EDIT = phrase("There is no such change of topics.")
NOTHING = phrase("Nobody has changed these topics: there is nothing to undo.")
UNDONE = phrase("This change has already been undone.")
GONE = phrase("This can't be undone any more: what was there before is gone.")
LATER = translatable("First undo change {number}, which was made to the same topics later.")

# They change which tickets a topic has, so that nothing before them can be undone alone.
STRUCTURAL: frozenset[TopicAction] = frozenset(["merge", "split"])
_SAME: tuple[frozenset[TopicAction], ...] = (
    frozenset(["rename"]),
    frozenset(["hide", "unhide"]),
    frozenset(["move", "unmove"]),
)


@dataclass(frozen=True)
class Undo:
    """Undoes the changes that people made to the topics of a curator's audience."""

    curator: Curator

    def undo(self, edit_id: int | None = None) -> TopicEdit:
        """Undo a change, by default the newest that is not undone; return it.

        Raises `NotFoundError` if there is none, and `InputError` where a later one stands in its
        way, it was undone before, or what was there is gone.
        """
        return self._undo_all([edit_id])[0]

    def undo_together(self, edit_ids: Sequence[int]) -> list[TopicEdit]:
        """Undo changes that were made together, in this order; return them. Raises as `undo`."""
        return self._undo_all(edit_ids)

    def _undo_all(self, edit_ids: Sequence[int | None]) -> list[TopicEdit]:
        """Undo changes; each topic that tickets were moved from or to is measured once."""
        touched: set[int] = set()
        edits = [self._undo(one, touched) for one in edit_ids]
        for topic in self.curator.session.scalars(select(Topic).where(Topic.id.in_(touched))):
            self.curator.measure(topic)
        return edits

    def _undo(self, edit_id: int | None, touched: set[int]) -> TopicEdit:
        edit = self._find(edit_id)
        is_answer = edit.action == "apart"  # stays true of a topic that was merged since
        found = self.curator.session.get(Topic, edit.topic_id) if is_answer else None
        topic = found or self.curator.find(edit.topic_id)
        _UNDO[edit.action](self, edit, topic)
        edit.undone_by, edit.undone_at = self.curator.by, self.curator.now
        if edit.item_id is not None:
            touched.update([topic.id, *edit.other_ids])
        if is_answer or edit.action in STRUCTURAL or edit.item_id is not None:
            self.curator.require_clustering(topic)
        return edit

    def _find(self, edit_id: int | None) -> TopicEdit:
        changes = edits_of(self.curator.scope)
        found = changes.with_for_update()
        if edit_id is not None:
            found = found.where(TopicEdit.id == edit_id)
        else:
            found = found.where(TopicEdit.undone_at.is_(None)).order_by(TopicEdit.id.desc())
        edit = self.curator.session.scalars(found.limit(1)).first()
        if edit is None:
            raise NotFoundError(NOTHING if edit_id is None else NO_EDIT)
        if edit.undone_at is not None:
            raise InputError(UNDONE)
        later = changes.where(TopicEdit.id > edit.id, TopicEdit.undone_at.is_(None))
        for one in self.curator.session.scalars(later.order_by(TopicEdit.id.desc())):
            if stands_in_the_way(one, edit):
                raise InputError(phrase(LATER, number=str(one.id)))
        return edit

    def _rename(self, edit: TopicEdit, topic: Topic) -> None:
        if edit.title is None:
            raise InputError(GONE)
        title = self._former(topic, edit.title, self.curator.titles(topic, but=topic.id))
        self.curator.record(f"{topic.id}, name", topic.title, title)
        topic.title, topic.named_by = title, edit.previous_by

    def _hide(self, edit: TopicEdit, topic: Topic) -> None:
        self.curator.record(f"{topic.id}", "hidden", "shown")
        topic.hidden_by = topic.hidden_at = None

    def _unhide(self, edit: TopicEdit, topic: Topic) -> None:
        self.curator.record(f"{topic.id}", "shown", "hidden")
        topic.hidden_by, topic.hidden_at = edit.previous_by or self.curator.by, self.curator.now

    def _merge(self, edit: TopicEdit, topic: Topic) -> None:
        taken = self.curator.titles(topic)
        others = unmerge_topics(self.curator.session, edit, topic)
        if not others:
            raise InputError(GONE)
        for other in others:
            other.title = self._former(other, other.title, taken)
            self.curator.record(f"{other.id}", f"joined to {topic.id}", other.title)
        for one in (topic, *others):
            self.curator.measure(one)

    def _former(self, topic: Topic, title: str, taken: set[str]) -> str:
        """Return what a topic was called; a name that was forgotten is made from the tickets."""
        if title == nameless(topic.id):
            ids = list(self.curator.session.scalars(item_ids_of(topic)))
            read = read_members(self.curator.session, topic, ids)
            labels = np.zeros(len(ids), dtype=np.int64)
            names = name_topics(read.texts, labels, spoken=read.spoken)
            title = names[0].title if names else title
            self.curator.named.append(topic.id)
        return free_title(title, taken)

    def _split(self, edit: TopicEdit, topic: Topic) -> None:
        session = self.curator.session
        part = session.get(Topic, edit.other_ids[0])
        if part is None or part.merged_into is not None:
            raise InputError(GONE)
        members = update(TopicItem).where(TopicItem.topic_id == part.id)
        session.execute(members.values(topic_id=topic.id, rank=None))
        parts = update(Topic).where(Topic.parent_id == part.id)
        session.execute(parts.values(parent_id=topic.id))
        # The copies of the topic's own alerts, which kept the part from raising new ones.
        of_part = TopicAlert.topic_id == part.id
        session.execute(delete(TopicAlert).where(of_part, TopicAlert.message_ts.is_(None)))
        session.execute(update(TopicAlert).where(of_part).values(topic_id=topic.id))
        self.curator.record(f"{topic.id}", f"split: {part.id}", topic.title)
        session.execute(delete(Topic).where(Topic.id == part.id))
        self.curator.measure(topic)

    def _move(self, edit: TopicEdit, topic: Topic) -> None:
        session = self.curator.session
        row = session.get(TopicItem, (edit.item_id, topic.audience_id, topic.kind))
        before = session.get(Topic, edit.other_ids[0]) if edit.other_ids else None
        if row is None or edit.item_id is None or (edit.other_ids and before is None):
            raise InputError(GONE)
        after = "none" if before is None else f"{before.id}"
        self.curator.record(self.curator.name_of(edit.item_id), f"{row.topic_id}", after)
        if before is None:
            session.delete(row)
        else:
            row.topic_id, row.moved_by, row.rank = before.id, edit.previous_by, None

    def _apart(self, edit: TopicEdit, topic: Topic) -> None:
        self.curator.record(f"{topic.id}, {edit.other_ids[0]}", "different", "undecided")

    def _unmove(self, edit: TopicEdit, topic: Topic) -> None:
        session = self.curator.session
        row = session.get(TopicItem, (edit.item_id, topic.audience_id, topic.kind))
        if row is None or edit.item_id is None:
            raise InputError(GONE)
        self.curator.record(self.curator.name_of(edit.item_id), "as grouped", f"{topic.id}")
        row.topic_id, row.moved_by, row.rank = topic.id, edit.previous_by or self.curator.by, None


_UNDO: Mapping[TopicAction, Callable[[Undo, TopicEdit, Topic], None]] = {
    "rename": Undo._rename,
    "hide": Undo._hide,
    "unhide": Undo._unhide,
    "merge": Undo._merge,
    "split": Undo._split,
    "move": Undo._move,
    "unmove": Undo._unmove,
    "apart": Undo._apart,
}


def stands_in_the_way(later: TopicEdit, edit: TopicEdit) -> bool:
    """Say whether a later change must be undone before `edit` can be."""
    if edit.action == "apart":
        return False  # it moved no ticket
    if later.action in STRUCTURAL:
        return not {later.topic_id, *later.other_ids}.isdisjoint([edit.topic_id, *edit.other_ids])
    is_alike = any({later.action, edit.action} <= actions for actions in _SAME)
    if not is_alike:
        return False
    return later.item_id == edit.item_id if edit.item_id else later.topic_id == edit.topic_id
