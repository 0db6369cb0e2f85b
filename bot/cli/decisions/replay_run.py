"""What `deja replay` does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.cli.missing_vectors import note_missing
from bot.cli.options import moment
from bot.cli.terminal import console, count, open_services, print_json, print_table, progress_bar
from bot.clock import utc_now
from models.queries import items_by_id
from services.channels.audience import whole_workspace
from services.channels.settings import find_channel, shown_name
from services.evaluation.replay import (
    FlaggedTicket,
    Replay,
    decided_flags,
    judge_past,
    least_likely,
    noise_budgets_of,
    ruled_out_flags,
    tickets_to_replay,
)
from services.issues.verdicts import verdicts_by_pair
from services.judgement.explanation_text import likelihood
from services.judgement.noise_budget import MIN_CLICKS, NoiseBudget
from services.memory.item_names import names_of
from services.memory.workspaces import find_workspace
from services.text.cleaning.headline import headline

if TYPE_CHECKING:
    from bot.wiring import Services
    from models import Item
    from services.judgement.bands import Match


WEAKEST = 10
MAX_CHANNELS = 20
TITLE_LENGTH = 60


def replay_past(
    since: timedelta | datetime | None,
    channel: str | None,
    limit: int | None,
    only_weakest: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print what Déjà would have said about past tickets."""
    with open_services() as services:
        start = None if since is None else moment(since, utc_now())
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            chosen = None if channel is None else find_channel(session, workspace_id, channel).id
            everything = whole_workspace(workspace_id).items
            note_missing(session, services.embedder.fingerprint, everything)
        tickets = tickets_to_replay(
            services.database, workspace_id, since=start, channel_id=chosen, limit=limit
        )
        run = Replay()
        found = _flagged(run, judge_past(services.duplicates, tickets), len(tickets))
        with services.database.read() as session:
            if as_json:
                _print_lines(session, least_likely(found, WEAKEST) if only_weakest else found)
                return
            if not only_weakest:
                _show_counts(services, session, workspace_id, run, found)
            _show_weakest(session, least_likely(found, WEAKEST))


def _flagged(
    run: Replay, judged: Iterable[tuple[Item, list[Match]]], total: int
) -> list[FlaggedTicket]:
    found = []
    with progress_bar("Replaying", total) as advance:
        for one in run.flagged(judged):
            advance()
            if one is not None:
                found.append(one)
    return found


def _print_lines(session: Session, found: Sequence[FlaggedTicket]) -> None:
    names = names_of(session, {id_ for one in found for id_ in (one.item_id, one.match.item_id)})
    for one in found:
        probability = one.match.probability
        print_json(
            {
                "item": names[one.item_id],
                "match": names[one.match.item_id],
                "probability": None if probability is None else round(probability, 4),
                "band": one.match.band,
            }
        )


def _show_counts(
    services: Services,
    session: Session,
    workspace_id: int,
    run: Replay,
    found: Sequence[FlaggedTicket],
) -> None:
    """Print how many answers there would have been, which were right, and the noise budgets.

    A replay leaves out pairs that people have ruled out since; here they count as wrong flags.
    """
    if not run.channels:
        console.print("There is nothing to replay.")
        return
    duplicates = sum(one.match.band == "duplicate" for one in found)
    console.print(
        f"{len(found)} of {count(len(run.channels), 'ticket')} would have been answered: "
        f"{duplicates} as seen before, {len(found) - duplicates} as similar."
    )
    wrong = ruled_out_flags(session, services.judge, workspace_id, run.channels)
    flags = decided_flags(found, wrong, verdicts_by_pair(session))
    if not flags:
        console.print("Nobody has decided on any of those: `deja review` asks about such pairs.")
        return
    right = sum(flags.values())
    console.print(
        f"People decided on {len(flags)} of those called seen before: {right} right, "
        f"{len(flags) - right} wrong. A model that learned from these knows them; `deja evaluate` "
        "measures how it does on others."
    )
    for channel, budget in noise_budgets_of(session, flags, run.channels)[:MAX_CHANNELS]:
        name = "Without a channel" if channel is None else shown_name(channel)
        console.print(f"{name}: {_budget_line(budget)}", markup=False)


def _budget_line(budget: NoiseBudget) -> str:
    line = f"{budget.right} of {budget.decided} right, {budget.wrong_in_ten} in ten may be wrong: "
    if budget.decided < MIN_CLICKS:
        return f"{line}too few decisions to say."
    if not budget.is_kept:
        return f"{line}not kept, the bot would be quiet."
    return f"{line}kept."


def _show_weakest(session: Session, found: Sequence[FlaggedTicket]) -> None:
    if not found:
        return
    ids = {id_ for one in found for id_ in (one.item_id, one.match.item_id)}
    names = names_of(session, ids)
    items = items_by_id(session, ids)
    rows = []
    for one in found:
        ours, theirs = items[one.item_id], items[one.match.item_id]
        probability, cosine = one.match.probability, one.match.similarity
        rows.append(
            [
                names[ours.id],
                names[theirs.id],
                f"{cosine:.2f}" if probability is None else str(likelihood(probability)),
                one.match.band or "",
                f"{headline(ours.title, ours.text, TITLE_LENGTH)}\n"
                f"{headline(theirs.title, theirs.text, TITLE_LENGTH)}",
            ]
        )
    has_model = found[0].match.probability is not None
    score = "likelihood" if has_model else "similarity"
    columns = ["item", "match", score, "band", "titles"]
    print_table(f"The {len(rows)} weakest", columns, rows)
