"""The sample workspace, posted to a local Slack and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.tryout import sample, tour
from bot.tryout.page import TryoutPage
from bot.wiring import Services
from models import Workspace
from models.queries import SLACK_SOURCE
from services.intake.slack_messages import external_id, permalink
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.new_items import NewItem, SavedItem
from services.memory.workspaces import find_workspace
from services.text.slack.markup import clean_slack

EMBED_AT_ONCE = 64
# The sample does not say when a reply was written; its youngest ticket is twelve hours old.
ANSWERED_AFTER = timedelta(hours=2)
# The user that the local Slack's page starts as: an administrator.
HOST = "mei"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class SampleIds:
    """The ids of the sample's channels and users, by name."""

    channels: dict[str, str]
    users: dict[str, str]


def fill(
    services: Services,
    page: TryoutPage,
    names: SampleIds,
    now: datetime,
    on_progress: Progress,
) -> dict[int, sample.SampleTicket]:
    """Post the sample tickets to Slack and store them, each with the age that the sample gives."""
    workspace, rows = _save_channels(services, page.url, names)
    items = []
    for ticket in sample.tickets():
        items.append(_post(page, names, ticket, rows[ticket.channel], now))
        on_progress(1)
    items += [_product(row, now) for row in sample.products()]
    saved = _save(services, workspace, items, now, on_progress)
    pairs = zip(saved, sample.tickets(), strict=False)  # the products come after the tickets
    return {one.item_id: ticket for one, ticket in pairs}


def _save_channels(
    services: Services, url: str, names: SampleIds
) -> tuple[Workspace, dict[str, int]]:
    """Store the channels, and return the workspace and the channels' row ids by name."""
    with services.database.write() as session:
        workspace = find_workspace(session)
        workspace.url = url  # links open the local page, not the fictional domain
        rows = {
            name: save_channel(
                session,
                workspace.id,
                ChannelFacts(id_, name, False, False, creator=names.users[HOST]),
                mode="full",
            )
            for name, id_ in names.channels.items()
        }
        start = ChannelFacts(tour.CHANNEL["id"], tour.CHANNEL["name"], False, False)
        save_channel(session, workspace.id, start, mode="request")
    return workspace, {name: row.id for name, row in rows.items()}


def _post(
    page: TryoutPage,
    names: SampleIds,
    ticket: sample.SampleTicket,
    channel_id: int,
    now: datetime,
) -> NewItem:
    """Post a ticket and its resolution, and return the item to store."""
    channel = names.channels[ticket.channel]
    author = names.users[ticket.author]
    written = now - timedelta(days=ticket.days_ago)
    ts = page.local.post(channel, author, ticket.text)
    page.times[ts] = written.timestamp()
    if ticket.resolution:
        reply_ts = page.local.post(channel, names.users["greta"], ticket.resolution, thread_ts=ts)
        page.times[reply_ts] = (written + ANSWERED_AFTER).timestamp()
    return NewItem(
        source=SLACK_SOURCE,
        external_id=external_id(channel, ts),
        text=clean_slack(ticket.text),
        created_at=written,
        channel_id=channel_id,
        author=author,
        url=permalink(page.url, channel, ts, None),
        status=ticket.status,
        resolution=ticket.resolution,
        ts=ts,
    )


def _product(row: dict[str, str], now: datetime) -> NewItem:
    return NewItem(
        source="catalog",
        external_id=row["id"],
        kind="product",
        title=row["title"],
        text=row["text"],
        url=row["url"],
        created_at=now,
        extra={key: row[key] for key in ("category", "price", "currency", "in_stock")},
    )


def _save(
    services: Services,
    workspace: Workspace,
    items: Sequence[NewItem],
    now: datetime,
    on_progress: Progress,
) -> list[SavedItem]:
    """Store items in batches, each in a transaction of its own."""
    saved: list[SavedItem] = []
    for start in range(0, len(items), EMBED_AT_ONCE):
        part = services.items.prepare(workspace.id, items[start : start + EMBED_AT_ONCE])
        with services.database.write() as session:
            saved += services.items.save(session, workspace.id, part, now)
        on_progress(len(part))
    return saved
