"""What people changed about the topics of a scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import TopicAction, TopicEdit
from services.topics.scopes import Scope


def edits_of(scope: Scope) -> Select[TopicEdit]:
    """Return the query for changes of both kinds of topics, those that were undone as well."""
    return select(TopicEdit).where(
        TopicEdit.workspace_id == scope.workspace_id, TopicEdit.audience_id == scope.audience_id
    )


def standing_edits(scope: Scope, *actions: TopicAction) -> Select[TopicEdit]:
    """Return the query for changes of a scope's kind of topics that stand, the oldest first."""
    return (
        edits_of(scope)
        .where(
            TopicEdit.kind == scope.kind,
            TopicEdit.action.in_(actions),
            TopicEdit.undone_at.is_(None),
        )
        .order_by(TopicEdit.id)
    )


def newest_edits(session: Session, scope: Scope, limit: int) -> Sequence[TopicEdit]:
    """Return the newest changes, those that were undone as well, the newest first."""
    return session.scalars(edits_of(scope).order_by(TopicEdit.id.desc()).limit(limit)).all()
