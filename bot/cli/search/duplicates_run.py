"""What `deja duplicates` does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from bot.cli.missing_vectors import note_missing
from bot.cli.options import moment
from bot.cli.search.similar_run import TITLE_LENGTH, rounded, score
from bot.cli.terminal import (
    console,
    count,
    open_services,
    paged,
    print_json,
    print_table,
    progress_bar,
)
from bot.clock import utc_now
from models import Item
from models.queries import items_by_id
from services.answers.status import count_items
from services.channels.audience import whole_workspace
from services.channels.settings import find_channel
from services.issues.verdicts import verdicts_by_pair
from services.memory.workspaces import find_workspace
from services.text.cleaning.headline import headline

if TYPE_CHECKING:
    from services.judgement.duplicates import SuspectedPair


def list_duplicates(
    limit: int | None,
    since: timedelta | datetime | None,
    channel: str | None,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print the suspected duplicates in the backlog."""
    with open_services() as services:
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            everything = whole_workspace(workspace_id).items
            only = _chosen(session, workspace_id, since, channel)
            total = count_items(session, everything & only)["ticket"]
            note_missing(session, services.embedder.fingerprint, everything)
        pairs: list[SuspectedPair] = []
        with progress_bar("Comparing tickets", total) as advance:
            for checked, found in services.duplicates.backlog(workspace_id, only):
                pairs += found
                advance(checked)
        pairs.sort(key=_best_first)
        shown = pairs[:limit]
        with services.database.read() as session:
            if as_json:
                _print_lines(session, shown)
            elif shown:
                with paged():
                    _print_rows(session, shown, len(pairs))
            else:
                console.print("Nothing in the backlog looks like a duplicate.")


def _chosen(
    session: Session,
    workspace_id: int,
    since: timedelta | datetime | None,
    channel: str | None,
) -> ColumnElement[bool]:
    """Return the condition over `Item` for the later tickets of the pairs."""
    only: ColumnElement[bool] = true()
    if since is not None:
        only &= Item.created_at >= moment(since, utc_now())
    if channel is not None:
        only &= Item.channel_id == find_channel(session, workspace_id, channel).id
    return only


def _best_first(pair: SuspectedPair) -> tuple[float, float, int, int]:
    match = pair.match
    return -(match.probability or 0.0), -match.similarity, pair.item_id, match.item_id


def _print_lines(session: Session, pairs: Sequence[SuspectedPair]) -> None:
    items = items_by_id(session, _item_ids(pairs))
    decided = verdicts_by_pair(session)
    for pair in pairs:
        print_json(
            {
                "a": items[pair.item_id].external_id,
                "b": items[pair.match.item_id].external_id,
                "similarity": round(pair.match.similarity, 6),
                "probability": rounded(pair.match.probability),
                "band": pair.match.band,
                "verdict": decided.get(_key(pair)),
            }
        )


def _print_rows(session: Session, pairs: Sequence[SuspectedPair], total: int) -> None:
    items = items_by_id(session, _item_ids(pairs))
    decided = verdicts_by_pair(session)
    rows = []
    for pair in pairs:
        both = items[pair.item_id], items[pair.match.item_id]
        titles = [headline(item.title, item.text, TITLE_LENGTH) for item in both]
        rows.append(
            [
                *(item.external_id for item in both),
                score(pair.match),
                pair.match.band or "",
                decided.get(_key(pair)) or "",
                "\n".join(titles),
            ]
        )
    columns = ["later", "earlier", "score", "band", "verdict", "titles"]
    left_out = f"{len(pairs)} of " if len(pairs) < total else ""
    print_table(f"{left_out}{count(total, 'suspected pair')}", columns, rows)


def _item_ids(pairs: Sequence[SuspectedPair]) -> list[int]:
    return [item_id for pair in pairs for item_id in (pair.item_id, pair.match.item_id)]


def _key(pair: SuspectedPair) -> tuple[int, int]:
    one, other = sorted((pair.item_id, pair.match.item_id))
    return one, other
