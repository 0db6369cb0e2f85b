"""What people changed about the topics of a scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import TopicEdit
from services.topics.scopes import Scope


def edits_of(scope: Scope) -> Select[TopicEdit]:
    """Return the query for all changes, those that were undone as well."""
    return select(TopicEdit).where(
        TopicEdit.workspace_id == scope.workspace_id, TopicEdit.audience_id == scope.audience_id
    )


def newest_edits(session: Session, scope: Scope, limit: int) -> Sequence[TopicEdit]:
    """Return the newest changes, those that were undone as well, the newest first."""
    return session.scalars(edits_of(scope).order_by(TopicEdit.id.desc()).limit(limit)).all()
