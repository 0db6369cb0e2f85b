"""Changes: settings that somebody changed, kept on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from models import Change, Channel


def record_change(
    session: Session,
    channel: Channel,
    setting: str,
    values: tuple[str, str],
    *,
    by: str,
    now: datetime,
) -> bool:
    """Keep on record that a channel's setting goes from the first value to the second.

    Return whether it does: what stays as it was is no change.
    """
    before, after = values
    if before == after:
        return False
    session.add(
        Change(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            setting=setting,
            before=before,
            after=after,
            changed_by=by,
            changed_at=now,
        )
    )
    return True
