"""What `deja evaluate` does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.decisions.evaluation_report import (
    draw_curve,
    draw_reliability,
    measure,
    measured_line,
    show_measured,
)
from bot.cli.terminal import count, notes, open_services, print_json, progress_bar
from models import Item
from models.queries import COMPARED, LIVE, in_parts
from services.channels.audience import whole_workspace
from services.errors import DejaError, InputError
from services.evaluation.label_files import LabelFile, read_labels, relevant_items
from services.evaluation.labelled_pairs import (
    JudgedPairs,
    compare_with_labels,
    judge_pairs,
    rank_queries,
    restrict_to,
)
from services.judgement.calibration_store import current_calibration
from services.judgement.metrics import (
    RankingReport,
    ranking_report,
)
from services.memory.item_names import find_named
from services.memory.workspaces import find_workspace
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.judgement.bands import Match


MAX_SHOWN = 20


def evaluate_labels(
    file: Path,
    plot: Path | None,
    reliability: Path | None,
    kind: str | None,
    source: str | None,
    limit: int,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print how well Déjà finds labelled pairs or groups."""
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        labels = read_labels(lines)
    with open_services() as services, services.database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        named = _find_items(session, workspace_id, labels, kind)
        judged, skipped = _judge(services, session, workspace_id, labels, named)
        ranking = _rank(services, session, workspace_id, (labels, named, source, limit))
        model = current_calibration(session, workspace_id, named.kind)
    measured = measure(judged if labels.pairs else None, ranking, model, _skipped(skipped))
    if as_json:
        print_json(measured_line(measured) | _errors(labels, named))
    else:
        show_measured(measured)
    if plot is not None:
        draw_curve(plot, measured)
    if reliability is not None:
        draw_reliability(reliability, judged, measured)
    _raise_errors(labels, named)


@dataclass(frozen=True)
class NamedItems:
    """The items that a label file names: ids by name, all of one kind, and the unknown names."""

    ids: dict[str, int]
    kind: str
    unknown: list[str]


def _find_items(
    session: Session, workspace_id: int, labels: LabelFile, kind: str | None
) -> NamedItems:
    names = [*labels.groups, *(name for pair in labels.pairs for name in (pair.a, pair.b))]
    if not names:
        first = "".join(f" Line {line}: {reason}" for line, reason in labels.errors[:1])
        raise InputError(f"No line of the file is a label.{first}")
    where = LIVE if kind is None else LIVE & (Item.kind == kind)
    found = find_named(session, workspace_id, names, where=where)
    ids = {name: one for name, one in found.items() if not isinstance(one, DejaError)}
    if not ids:
        raise InputError(f"None of the file's {kind or 'id'}s is known: import them first.")
    kinds = {
        one
        for part in in_parts(ids.values())
        for one in session.scalars(select(Item.kind).where(Item.id.in_(part)).distinct())
    }
    if len(kinds) > 1:
        raise InputError("The file names tickets and products: choose with --kind.")
    return NamedItems(ids, kinds.pop(), [name for name in found if name not in ids])


def _judge(
    services: Services, session: Session, workspace_id: int, labels: LabelFile, named: NamedItems
) -> tuple[JudgedPairs, int]:
    """Judge the labelled pairs; return how many could not be compared, too."""
    labelled = {
        (named.ids[pair.a], named.ids[pair.b]): pair.is_duplicate
        for pair in labels.pairs
        if pair.a in named.ids and pair.b in named.ids
    }
    pairs = [(one, other) for one, other in labelled if one != other]
    judge, audience = services.judge, whole_workspace(workspace_id)
    matches: dict[tuple[int, int], Match] = {}
    with progress_bar("Judging pairs", len(pairs)) as advance:
        for number, batch in judge_pairs(session, judge, pairs, audience):
            matches |= batch
            advance(number)
    return compare_with_labels(matches, labelled), len(labelled) - len(matches)


def _rank(
    services: Services,
    session: Session,
    workspace_id: int,
    request: tuple[LabelFile, NamedItems, str | None, int],
) -> RankingReport:
    labels, named, source, limit = request
    audience = whole_workspace(workspace_id)
    if source is not None:
        audience = audience.among(Item.source == source)
    compared = select(Item.id).where(audience.items, LIVE, COMPARED)
    relevant = restrict_to(
        {
            named.ids[query]: {named.ids[name] for name in names if name in named.ids}
            for query, names in relevant_items(labels).items()
            if query in named.ids
        },
        set(session.scalars(compared)),
    )
    found: dict[str, list[str]] = {}
    with progress_bar("Ranking", len(relevant)) as advance:
        for batch in rank_queries(session, services.judge, list(relevant), audience, limit):
            found |= {str(query): [str(one) for one in ids] for query, ids in batch.items()}
            advance(len(batch))
    expected = {str(query): {str(one) for one in ids} for query, ids in relevant.items()}
    return ranking_report(found, expected)


def _skipped(number: int) -> list[str]:
    if not number:
        return []
    pairs = count(number, "pair is", "pairs are")
    return [f"{pairs} left out: there are no words to compare, or both are one item."]


def _errors(labels: LabelFile, named: NamedItems) -> dict[str, Any]:
    errors = [{"line": line, "reason": reason} for line, reason in labels.errors]
    return {"unknown": named.unknown, "errors": errors}


def _raise_errors(labels: LabelFile, named: NamedItems) -> None:
    """Print the first lines and ids that could not be used, and raise `ClickException` if any."""
    errors = [f"line {line}: {reason}" for line, reason in labels.errors]
    for messages in (errors, [f"There is no item {name}." for name in named.unknown]):
        for message in messages[:MAX_SHOWN]:
            # Ids come from outside: no control characters may reach the terminal.
            notes.print(plain_text(message), markup=False)
        if len(messages) > MAX_SHOWN:
            notes.print(f"… and {len(messages) - MAX_SHOWN} more.")
    if errors or named.unknown:
        raise click.ClickException(
            f"{count(len(errors), 'line')} could not be used, "
            f"{count(len(named.unknown), 'id is', 'ids are')} unknown."
        )
