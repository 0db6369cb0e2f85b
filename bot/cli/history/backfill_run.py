"""What `deja backfill` does."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli.options import moment
from bot.cli.terminal import count, load_settings, notes, open_services, print_json, progress_bar
from bot.clock import utc_now
from bot.jobs.kinds import enqueue_jobs
from bot.jobs.upkeep_kinds import BackfillPage
from bot.model_numerics import ensure_measured
from bot.server.serve import Bot, build_bot
from bot.tasks.backfill import Backfill, BackfillProgress, backfill_job
from bot.tasks.registry import Handler, Tasks, one_by_one
from services.channels.settings import find_channel, shown_name
from services.errors import InputError, NotFoundError
from services.memory.workspaces import find_workspace

if TYPE_CHECKING:
    from models import Channel


POLL_SECONDS = 0.5
WHOLE = 100


def read_history(
    channel: str, since: timedelta | datetime, team_id: str | None, as_json: bool
) -> None:
    """Read a channel's history, and print what was stored."""
    with open_services(load_settings()) as services:
        bot = build_bot(services)
        now = utc_now()
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
        found = _channel(bot.workspaces.tasks(workspace_id), channel)
        if found.mode == "off":
            raise InputError(
                f"Déjà is off in {shown_name(found)}: choose a mode with /deja settings first."
            )
        start = moment(since, now)
        job = backfill_job(found.id, start, user=None, cause=f"{now.timestamp():.6f}")
        with services.database.write() as session:
            enqueue_jobs(session, workspace_id, [job], now)
        ensure_measured(services.embedder, services.settings)
        read = _run(bot, workspace_id, start, now)
    if read is None:
        raise NotFoundError(
            f"Nothing was read from {shown_name(found)}: the bot is not in the channel, or is "
            "reading it already. See `deja jobs list --failed`."
        )
    if as_json:
        print_json({"messages": read.messages, "tickets": read.tickets})
    else:
        notes.print(
            f"{count(read.messages, 'message')} read, {count(read.tickets, 'ticket')} stored."
        )


def _run(bot: Bot, workspace_id: int, start: datetime, now: datetime) -> BackfillProgress | None:
    """Run the jobs here, page by page, until none is left; None if no page could be read."""
    latest: BackfillProgress | None = None
    with progress_bar("Reading history", WHOLE) as bar:

        def on_progress(read: BackfillProgress) -> None:
            nonlocal latest
            latest = read
            reached = start.timestamp() if read.latest is None else float(read.latest)
            whole = max((now - start).total_seconds(), 1.0)
            bar.update(int(WHOLE * (now.timestamp() - reached) / whole), WHOLE)

        def handler(tasks: Tasks) -> Handler:
            slack = tasks.slack.retrying_rate_limits()
            return one_by_one(
                BackfillPage, Backfill(bot.services, slack, tasks.me, on_progress).read
            )

        while bot.services.queue.is_waiting(workspace_id, BackfillPage.kind):
            if not bot.worker.run_once({BackfillPage: handler}, 1):
                time.sleep(POLL_SECONDS)
    return latest


def _channel(tasks: Tasks, name: str) -> Channel:
    """Return a stored channel, or one that the bot is in but has had no event from."""
    with tasks.services.database.read() as session:
        workspace_id = find_workspace(session, tasks.me.team_id).id
        try:
            found = find_channel(session, workspace_id, name)
        except NotFoundError:
            found = None
    if found is not None and found.slack_id is not None:
        return found
    for facts in tasks.slack.channels():
        if name.removeprefix("#") in {facts.name, facts.slack_id}:
            return tasks.channels.ensure_channel(facts.slack_id, utc_now())
    raise NotFoundError(f"The bot is not in a channel {name}: invite it first.")
