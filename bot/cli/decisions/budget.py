"""`deja budget`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.options import WORKSPACE
from bot.cli.terminal import console, me, notes, open_database, print_json, print_table
from bot.clock import utc_now
from models import Channel, Database
from services.channels.settings import find_channel, shown_name
from services.judgement.calibration_store import current_calibration, stored_model
from services.judgement.caution import CONTRASTS, caution_of, reset_caution
from services.judgement.cut import MAX_BUDGET
from services.judgement.noise_budget import noise_budget_of, set_budget
from services.memory.workspaces import find_workspace

# Of each step of caution.
_SIMILAR = ("all", *("closer" for _ in CONTRASTS[1:]), "none")


@click.command()
@click.argument("channel", required=False)
@click.argument("wrong_in_ten", required=False, type=click.IntRange(0, MAX_BUDGET))
@WORKSPACE
@click.option(
    "--reset-similar",
    is_flag=True,
    help="Mention similar tickets in the channel as at the start, whatever people rejected.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per channel.")
def budget(
    channel: str | None,
    wrong_in_ten: int | None,
    team_id: str | None,
    reset_similar: bool,
    as_json: bool,
) -> None:
    """Show or set the noise budget: how many flags in ten may be wrong in a channel (0 to 5).

    The default is 1. The budget decides from where on tickets are called duplicates: the pairs that
    people decided on show how often that was right. If clicks in a channel show that its budget is
    not kept, the bot stays quiet there until a new model, better clicks or another budget gives it
    a new chance.

    Similar tickets have no budget: where people reject most of them, only closer ones are
    mentioned, and in the end none.

    \b
    Examples:
      deja budget
      deja budget helpdesk 2
      deja budget helpdesk --reset-similar
    """
    if reset_similar and channel is None:
        raise click.UsageError("Name the channel: deja budget CHANNEL --reset-similar")
    with open_database() as database:
        with database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            if channel is None:
                found = _channels(session, workspace_id)
            else:
                found = [find_channel(session, workspace_id, channel)]
        if wrong_in_ten is not None:
            _set(database, found[0].id, wrong_in_ten)
            notes.print(
                f"{shown_name(found[0])}: {wrong_in_ten} in ten may be wrong.", markup=False
            )
        if reset_similar:
            _reset(database, found[0].id)
        with database.read() as session:
            lines = [_line(session, session.get_one(Channel, one.id)) for one in found]
    if as_json:
        for line in lines:
            print_json(line)
    elif lines:
        _print(lines)
    else:
        console.print("There are no channels yet.")


def _channels(session: Session, workspace_id: int) -> list[Channel]:
    statement = select(Channel).where(Channel.workspace_id == workspace_id).order_by(Channel.id)
    return list(session.scalars(statement))


def _set(database: Database, channel_id: int, wrong_in_ten: int) -> None:
    with database.write() as session:
        channel = session.get_one(Channel, channel_id)
        set_budget(session, channel, wrong_in_ten, by=me(), now=utc_now())


def _reset(database: Database, channel_id: int) -> None:
    with database.write() as session:
        channel = session.get_one(Channel, channel_id)
        reset_caution(session, channel, by=me(), now=utc_now())
        notes.print(f"{shown_name(channel)}: similar tickets are mentioned.", markup=False)


def _print(lines: Sequence[dict[str, Any]]) -> None:
    rows = [
        [
            str(line["channel"]),
            str(line["budget"]),
            f"{line['right']} of {line['decided']}",
            "–" if line["cut"] is None else f"{line['cut']['right']} of {line['cut']['count']}",
            "kept" if line["kept"] else "not kept: quiet",
        ]
        for line in lines
    ]
    columns = ["channel", "wrong in ten", "right so far", "right when learned", "budget"]
    if any(line["similar step"] for line in lines):
        columns.append("similar")
        rows = [
            [*row, _SIMILAR[line["similar step"]]] for row, line in zip(rows, lines, strict=True)
        ]
    print_table("Noise budgets", columns, rows)


def _line(session: Session, channel: Channel) -> dict[str, Any]:
    kept = noise_budget_of(session, channel)
    calibration = current_calibration(session, channel.workspace_id, "ticket")
    model = None if calibration is None else stored_model(calibration)
    cut = None if model is None else model.cut(kept.wrong_in_ten)
    return {
        "channel": channel.name or channel.slack_id,
        "budget": kept.wrong_in_ten,
        "decided": kept.decided,
        "right": kept.right,
        "cut": None if cut is None else asdict(cut),
        "kept": kept.is_kept,
        "similar step": caution_of(session, channel).step,
    }
