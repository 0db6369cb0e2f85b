"""Reading back what belongs to messages: reactions and follow-ups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models import Database, FollowUp, Item, MessageOverride, insert_new
from services.exports.archive import ExportArchive
from services.exports.restore import RestoreCounts, batches, item_ids
from services.exports.restore_tickets import channel_ref
from services.exports.tables import FOLLOW_UPS, REACTIONS, Values
from services.intake.importers.entries import ChannelRef
from services.intake.importers.storage.store import ensure_channel
from services.text.small_talk.follow_ups import FollowUpKind

_KINDS = frozenset(kind.value for kind in FollowUpKind)


def restore_reactions(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the reactions that make messages tickets or none; those that are known stay.

    They come before the messages, whose text they decide about.
    """
    channels: dict[ChannelRef, int | None] = {}
    for batch in batches(archive.read(REACTIONS)):
        with database.write() as session:
            refs = {channel_ref(one) for one in batch} - channels.keys()
            channels |= {ref: ensure_channel(session, workspace_id, ref) for ref in refs}
            rows = [
                {
                    name: one[name]
                    for name in ("ts", "emoji", "set_by", "kind", "set_at", "undone_at")
                }
                | {"channel_id": channels[channel_ref(one)]}
                for one in batch
                if _is_reaction(one)
            ]
            unique = ["channel_id", "ts", "emoji", "set_by"]
            added = insert_new(session, MessageOverride, rows, unique=unique)
        counts.added["reactions"] += added
        counts.unchanged["reactions"] += len(rows) - added
        counts.left_out["reactions"] += len(batch) - len(rows)


def _is_reaction(values: Values) -> bool:
    names = ("channel_slack_id", "ts", "emoji", "set_by")
    is_known = values["kind"] in ("ticket", "ignored") and isinstance(values["set_at"], datetime)
    return is_known and all(values[name] for name in names)


def restore_follow_ups(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the messages that follow tickets; those that are known stay."""
    for batch in batches(archive.read(FOLLOW_UPS)):
        with database.write() as session:
            ids = item_ids(session, workspace_id, [(one["source"], one["id"]) for one in batch])
            channels = {
                item_id: channel_id
                for item_id, channel_id in session.execute(
                    select(Item.id, Item.channel_id).where(Item.id.in_(set(ids.values())))
                )
            }
            rows = [
                {name: one[name] for name in ("ts", "thread_ts", "kind", "undone_by", "undone_at")}
                | {"author": one["author"] or "", "revision": one["revision"] or ""}
                | {"item_id": item_id, "channel_id": channels[item_id]}
                for one in batch
                for item_id in [ids.get((one["source"], one["id"]))]
                if item_id is not None and channels[item_id] and one["ts"] and one["kind"] in _KINDS
            ]
            added = insert_new(session, FollowUp, rows, unique=["channel_id", "ts"])
        counts.added["follow_ups"] += added
        counts.unchanged["follow_ups"] += len(rows) - added
        counts.left_out["follow_ups"] += len(batch) - len(rows)
