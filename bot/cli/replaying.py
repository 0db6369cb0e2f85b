"""`deja replay`."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cli.options import SINCE, moment
from bot.cli.terminal import console, print_json, print_table, progress_bar, services
from bot.worker import utc_now
from models import Channel, Item
from services.errors import NotFoundError
from services.names import in_parts, names_of
from services.replaying import Flagged, Replay, weakest
from services.text import headline
from services.verdicts import standing_pairs
from services.workspaces import find_workspace

WEAKEST = 10
TITLE_LENGTH = 60


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 12h, 30d or 2026-11-01.")
@click.option("--channel", metavar="NAME", help="Only the tickets of this channel.")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a flagged ticket.")
def replay(
    since: timedelta | datetime | None, channel: str | None, workspace: str | None, as_json: bool
) -> None:
    """Play the past in order of arrival: what Déjà would have said, judging as it does now.

    Each ticket is compared with what came before it, nothing is changed, and nothing is posted.
    Shown are how many tickets would have been answered, and the ten weakest of these answers: look
    there first. A JSON line: {"item", "match", "probability", "band"}; the probability is null
    before verdicts have taught a model.

    \b
    Examples:
      deja replay --since 30d
      deja replay --channel helpdesk --json
    """
    with services() as deja:
        start = None if since is None else moment(since, utc_now())
        with deja.database.read() as session:
            place = find_workspace(session, workspace)
            channel_id = None if channel is None else _channel_id(session, place.id, channel)
            total = _count(session, place.id, start, channel_id)
        run = Replay()
        found: list[Flagged] = []
        judged = deja.duplicates.replay(place.id, since=start, channel_id=channel_id)
        with progress_bar("Replaying", total) as advance:
            for one in run.flagged(judged):
                advance()
                if one is not None:
                    found.append(one)
        with deja.database.read() as session:
            if as_json:
                _print_lines(session, found)
            else:
                _show(session, run.tickets, found)


def _channel_id(session: Session, workspace_id: int, name: str) -> int:
    found = session.scalar(
        select(Channel.id)
        .where(Channel.workspace_id == workspace_id)
        .where((Channel.name == name.removeprefix("#")) | (Channel.slack_id == name))
        .order_by(Channel.id)
        .limit(1)
    )
    if found is None:
        raise NotFoundError(f"There is no channel {name}.")
    return found


def _count(
    session: Session, workspace_id: int, since: datetime | None, channel_id: int | None
) -> int:
    statement = select(func.count(Item.id)).where(
        Item.workspace_id == workspace_id, Item.kind == "ticket", Item.deleted_at.is_(None)
    )
    if since is not None:
        statement = statement.where(Item.created_at >= since)
    if channel_id is not None:
        statement = statement.where(Item.channel_id == channel_id)
    return session.scalar(statement) or 0


def _print_lines(session: Session, found: list[Flagged]) -> None:
    names = names_of(session, {id_ for one in found for id_ in (one.item_id, one.match.item_id)})
    for one in found:
        chance = one.match.probability
        print_json(
            {
                "item": names[one.item_id],
                "match": names[one.match.item_id],
                "probability": None if chance is None else round(chance, 4),
                "band": one.match.band,
            }
        )


def _show(session: Session, tickets: int, found: list[Flagged]) -> None:
    if not tickets:
        console.print("There is nothing to replay.")
        return
    duplicates = [one for one in found if one.match.band == "duplicate"]
    console.print(
        f"{len(found)} of {tickets} tickets would have been answered: {len(duplicates)} as seen "
        f"before, {len(found) - len(duplicates)} as alike."
    )
    decided = standing_pairs(session)
    verdicts = [
        verdict
        for one in duplicates
        if (verdict := decided.get(_pair(one.item_id, one.match.item_id)))
    ]
    if verdicts:
        right = sum(verdict == "duplicate" for verdict in verdicts)
        console.print(f"Of those called seen before {len(verdicts)} are decided, {right} rightly.")
    if found:
        _show_weakest(session, weakest(found, WEAKEST))


def _show_weakest(session: Session, found: list[Flagged]) -> None:
    ids = {id_ for one in found for id_ in (one.item_id, one.match.item_id)}
    names = names_of(session, ids)
    items = {
        item.id: item
        for part in in_parts(ids)
        for item in session.scalars(select(Item).where(Item.id.in_(part)))
    }
    rows = []
    for one in found:
        ours, theirs = items[one.item_id], items[one.match.item_id]
        chance = one.match.probability
        rows.append(
            [
                names[ours.id],
                names[theirs.id],
                f"{one.match.similarity:.2f}" if chance is None else f"{100 * chance:.0f} %",
                one.match.band or "",
                f"{headline(ours.title, ours.text, TITLE_LENGTH)}\n"
                f"{headline(theirs.title, theirs.text, TITLE_LENGTH)}",
            ]
        )
    columns = ["item", "match", "alike", "band", "titles"]
    print_table(f"The {len(rows)} weakest", columns, rows)


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
