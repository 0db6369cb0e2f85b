"""Archives of `deja export` that are imported again, and the stored rows before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.cli.history.import_options import Options
from bot.cli.history.import_report import FileReport, Report
from bot.cli.history.import_run import ImportRun
from bot.wiring import Services
from models import FollowUp, Item, MessageOverride, Part, Resolution
from services.intake.importers.recognition import ReadOptions
from services.intake.slack_messages import SlackTicket
from services.memory.new_items import NewItem
from services.memory.workspaces import local_workspace
from tests.conftest import NOW

START = 1_795_350_000


def restore(target: Services, file: Path, *, dry_run: bool = False) -> FileReport:
    """Import an archive, as the command does."""
    with target.database.write() as session:
        workspace = local_workspace(session, NOW)
    options = Options(ReadOptions(), None, None, None, dry_run=dry_run)
    report = Report()
    ImportRun(target, workspace, options, NOW, report).import_paths([file])
    return report.files[0]


def message(second: int, user: str, text: str, **more: str) -> NewItem:
    """Return a message of the channel C1."""
    ts = f"{START + second}.000000"
    fields = {"type": "message", "ts": ts, "user": user, "text": text, **more}
    return SlackTicket.of(fields).item("C1", channel_id=1, team_url="https://t.slack.com/")


def stored(services: Services) -> dict[str, Any]:
    """Return the stored messages, without row ids and storage times."""
    with services.database.read() as session:
        rows = list(session.scalars(select(Item).order_by(Item.external_id)))
        names = {row.id: row.external_id for row in rows}
        return {
            "tickets": [
                (row.external_id, row.text, row.author, row.url, row.status, row.resolution,
                 row.ts, row.thread_ts, row.revision, row.extra, row.content_hash, row.created_at)
                for row in rows if row.deleted_at is None
            ],
            "parts": sorted(
                (names[one.item_id], names[one.head_id], one.text, one.split_by or "")
                for one in session.scalars(select(Part))
            ),
            "follow-ups": [
                (one.ts, one.thread_ts, one.author, one.kind, names[one.item_id or 0])
                for one in session.scalars(select(FollowUp))
            ],
            "reactions": sorted(
                (one.ts, one.emoji, one.set_by, one.kind, one.set_at)
                for one in session.scalars(select(MessageOverride))
            ),
            "answers": [(one.text, one.author) for one in session.scalars(select(Resolution))],
        }  # fmt: skip
