"""`deja budget`."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.terminal import console, notes, open_services, print_json, print_table
from bot.clock import utc_now
from bot.wiring import Services
from models import Channel
from services.channels.settings import find_channel, shown_name
from services.judgement.noise_budget import MAX_BUDGET, promise_in, set_budget
from services.memory.workspaces import find_workspace


@click.command()
@click.argument("channel", required=False)
@click.argument("wrong_in_ten", required=False, type=click.IntRange(0, MAX_BUDGET))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a channel.")
def budget(
    channel: str | None, wrong_in_ten: int | None, workspace: str | None, as_json: bool
) -> None:
    """Show or set how many of ten flags may be wrong in a channel (0 to 5; 1 unless set).

    The cut follows: the probability from which a ticket is called a duplicate. Clicks move it, and
    where they show that the promise is not kept the bot is quiet in the channel, until a new model,
    better clicks or another budget give it another chance.

    \b
    Examples:
      deja budget
      deja budget helpdesk 2
    """
    with open_services() as services:
        with services.database.read() as session:
            place = find_workspace(session, workspace)
            if channel is None:
                found = _channels(session, place.id)
            else:
                found = [find_channel(session, place.id, channel)]
        if wrong_in_ten is not None:
            _set(services, found[0].id, wrong_in_ten)
            notes.print(
                f"{shown_name(found[0])}: {wrong_in_ten} of ten may be wrong.", markup=False
            )
        with services.database.read() as session:
            lines = [_line(session, session.get_one(Channel, one.id)) for one in found]
    if as_json:
        for line in lines:
            print_json(line)
    elif lines:
        _show(lines)
    else:
        console.print("There are no channels yet.")


def _channels(session: Session, workspace_id: int) -> list[Channel]:
    statement = select(Channel).where(Channel.workspace_id == workspace_id).order_by(Channel.id)
    return list(session.scalars(statement))


def _set(services: Services, channel_id: int, wrong_in_ten: int) -> None:
    with services.database.write() as session:
        channel = session.get_one(Channel, channel_id)
        set_budget(session, channel, wrong_in_ten, by=getpass.getuser(), now=utc_now())


def _show(lines: Sequence[dict[str, Any]]) -> None:
    rows = [
        [
            str(line["channel"]),
            str(line["budget"]),
            f"{line['right']} of {line['decided']}",
            f"{100 * line['cut']:.0f} %",
            "kept" if line["kept"] else "not kept: quiet",
        ]
        for line in lines
    ]
    columns = ["channel", "wrong in ten", "right so far", "cut", "promise"]
    print_table("Noise budgets", columns, rows)


def _line(session: Session, channel: Channel) -> dict[str, Any]:
    promise = promise_in(session, channel)
    return {
        "channel": channel.name or channel.slack_id,
        "budget": promise.budget,
        "decided": promise.decided,
        "right": promise.right,
        "cut": round(promise.cut, 4),
        "kept": promise.is_kept,
    }
