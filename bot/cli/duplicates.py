"""`deja duplicates`."""

from __future__ import annotations

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from bot.cli.missing_vectors import note_missing
from bot.cli.options import WORKSPACE
from bot.cli.similar import TITLE_LENGTH, rounded, score
from bot.cli.terminal import console, open_services, print_json, print_table, progress_bar
from models.queries import items_by_id
from services.answers.status import count_items
from services.channels.audience import whole_workspace
from services.issues.verdicts import verdicts_by_pair
from services.judgement.duplicates import SuspectedPair
from services.memory.workspaces import find_workspace
from services.text.cleaning import headline


@click.command()
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per pair.")
def duplicates(team_id: str | None, as_json: bool) -> None:
    """List the suspected duplicates in the whole backlog, the most similar first.

    Pairs that people ruled out are left out. In a line of --json, "a" is the later item, "b" the
    earlier one, and "verdict" what was decided (null: nothing yet).

    Example: deja duplicates --json
    """
    with open_services() as services:
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            everything = whole_workspace(workspace_id).items
            total = count_items(session, everything)["ticket"]
            note_missing(session, services.embedder.fingerprint, everything)
        pairs: list[SuspectedPair] = []
        with progress_bar("Comparing tickets", total) as advance:
            for checked, found in services.duplicates.backlog(workspace_id):
                pairs += found
                advance(checked)
        pairs.sort(key=_best_first)
        with services.database.read() as session:
            if as_json:
                _print_lines(session, pairs)
            elif pairs:
                _print_rows(session, pairs)
            else:
                console.print("Nothing in the backlog looks like a duplicate.")


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


def _print_rows(session: Session, pairs: Sequence[SuspectedPair]) -> None:
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
    print_table(f"{len(pairs)} suspected pairs", columns, rows)


def _item_ids(pairs: Sequence[SuspectedPair]) -> list[int]:
    return [item_id for pair in pairs for item_id in (pair.item_id, pair.match.item_id)]


def _key(pair: SuspectedPair) -> tuple[int, int]:
    one, other = sorted((pair.item_id, pair.match.item_id))
    return one, other
