"""`deja similar` and `deja duplicates`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from bot.cli.terminal import console, open_services, print_json, print_table, progress_bar
from bot.wiring import Services
from models import Item, Workspace
from models.queries import items_by_id
from services.answers.status import count_items
from services.channels.audience import Audience, whole
from services.errors import InputError
from services.issues.verdicts import standing_pairs
from services.judgement.bands import Match
from services.judgement.duplicates import AlikePair
from services.judgement.explanation_text import percent
from services.memory.item_names import find_item
from services.memory.workspaces import find_workspace
from services.text.cleaning import embedding_text, headline

TITLE_LENGTH = 60


@dataclass(frozen=True)
class Found:
    """What resembles one item (None: a text that was typed)."""

    item: str | None
    title: str
    matches: list[Match]


@click.command()
@click.argument("text", required=False)
@click.option("--id", "id_", metavar="ID", help="Look for what resembles this item.")
@click.option("--each", is_flag=True, help="Do so for every item.")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 1000))
@click.option("--kind", type=click.Choice(["ticket", "product"]), help="Default: tickets.")
@click.option("--source", metavar="NAME", help="Look only among items of this source.")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line an item.")
def similar(
    text: str | None,
    id_: str | None,
    each: bool,
    limit: int,
    kind: str | None,
    source: str | None,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Show what is most alike to TEXT ("-": read from standard input), or to stored items.

    \b
    Examples:
      deja similar "printer prints blank pages"
      deja similar --id T-1042 --json
      deja similar --each --limit 10 --json > similar.jsonl
    """
    if sum((text is not None, id_ is not None, each)) != 1:
        raise click.UsageError("Give a TEXT, --id ID or --each.")
    with open_services() as services:
        with services.database.read() as session:
            place = find_workspace(session, workspace)
        among = _among(place, source)
        if text is not None:
            words = sys.stdin.read() if text == "-" else text
            found = iter([_to_text(services, among, words, limit, kind or "ticket")])
        elif id_ is not None:
            with services.database.read() as session:
                item = find_item(session, place.id, id_)
            found = _to_items(services, among, [item.id], limit, kind or item.kind)
        else:
            found = _to_each(services, among, limit, kind or "ticket")
        for one in found:
            _print_found(services, one, as_json)


@click.command()
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a pair.")
def duplicates(workspace: str | None, as_json: bool) -> None:
    """Show the suspected duplicates of the whole backlog, the most alike first.

    Pairs that people ruled out are left out. Lines of --json have the later item as "a", the
    earlier one as "b", and what was decided as "verdict" (null: nothing yet).

    Example: deja duplicates --json
    """
    with open_services() as services:
        with services.database.read() as session:
            place = find_workspace(session, workspace)
            total = count_items(session, whole(place.id).items)["ticket"]
        pairs: list[AlikePair] = []
        with progress_bar("Comparing tickets", total) as advance:
            for checked, found in services.duplicates.backlog(place.id):
                pairs += found
                advance(checked)
        pairs.sort(
            key=lambda pair: (
                -(pair.match.probability or 0.0),
                -pair.match.similarity,
                pair.item_id,
                pair.match.item_id,
            )
        )
        with services.database.read() as session:
            _print_pairs(session, pairs, as_json)


def _among(workspace: Workspace, source: str | None) -> Audience:
    everything = whole(workspace.id)
    return everything if source is None else everything.among(Item.source == source)


def _to_text(services: Services, place: Audience, text: str, limit: int, kind: str) -> Found:
    if not embedding_text(None, text):
        raise InputError("There are no words in that text to look for.")
    found = services.duplicates.similar(text, kind=kind, place=place, limit=limit)
    return Found(None, text, found)


def _to_items(
    services: Services, place: Audience, item_ids: list[int], limit: int, kind: str
) -> Iterator[Found]:
    found = services.duplicates.similar_items(item_ids, place=place, limit=limit, kind=kind)
    with services.database.read() as session:
        items = items_by_id(session, item_ids)
    for item_id, matches in found.items():
        item = items[item_id]
        yield Found(item.external_id, headline(item.title, item.text, TITLE_LENGTH), matches)


def _to_each(services: Services, place: Audience, limit: int, kind: str) -> Iterator[Found]:
    where = whole(place.workspace_id).items & (Item.kind == kind)
    with services.database.read() as session:
        total = count_items(session, where)[kind]
    with progress_bar("Comparing", total) as advance:
        for item_ids in services.duplicates.ids(where):
            yield from _to_items(services, place, item_ids, limit, kind)
            advance(len(item_ids))


def _print_found(services: Services, found: Found, as_json: bool) -> None:
    with services.database.read() as session:
        items = items_by_id(session, [match.item_id for match in found.matches])
    if as_json:
        print_json(
            {
                "item": found.item,
                "matches": [
                    {
                        "item": items[match.item_id].external_id,
                        "similarity": round(match.similarity, 6),
                        "probability": _rounded(match.probability),
                        "band": match.band,
                    }
                    for match in found.matches
                ],
            }
        )
        return
    name = found.title if found.item is None else f"{found.item}: {found.title}"
    rows = [
        [
            items[match.item_id].external_id,
            _alike(match),
            match.band or "",
            items[match.item_id].status,
            headline(items[match.item_id].title, items[match.item_id].text, TITLE_LENGTH),
        ]
        for match in found.matches
    ]
    print_table(headline(None, name, TITLE_LENGTH), ["id", "alike", "band", "state", "title"], rows)


def _print_pairs(session: Session, pairs: list[AlikePair], as_json: bool) -> None:
    items = items_by_id(
        session, [id_ for pair in pairs for id_ in (pair.item_id, pair.match.item_id)]
    )
    decided = standing_pairs(session)
    if not pairs and not as_json:
        console.print("Nothing in the backlog looks like a duplicate.")
        return
    rows = []
    for pair in pairs:
        a, b = items[pair.item_id], items[pair.match.item_id]
        verdict = decided.get((min(a.id, b.id), max(a.id, b.id)))
        if as_json:
            print_json(
                {
                    "a": a.external_id,
                    "b": b.external_id,
                    "similarity": round(pair.match.similarity, 6),
                    "probability": _rounded(pair.match.probability),
                    "band": pair.match.band,
                    "verdict": verdict,
                }
            )
        title_a, title_b = (headline(item.title, item.text, TITLE_LENGTH) for item in (a, b))
        rows.append(
            [
                a.external_id,
                b.external_id,
                _alike(pair.match),
                pair.match.band or "",
                verdict or "",
                f"{title_a}\n{title_b}",
            ]
        )
    if not as_json:
        columns = ["later", "earlier", "alike", "band", "decided", "titles"]
        print_table(f"{len(pairs)} suspected pairs", columns, rows)


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 6)


def _alike(match: Match) -> str:
    """Return how alike in words: a percentage is a probability, a figure a cosine."""
    if match.probability is None:
        return f"{match.similarity:.2f}"
    return percent(match.probability)
