"""What `deja why` does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.terminal import console, open_services, print_json
from bot.tasks.ticket_searches import MIN_SIMILARITY
from models import Item
from models.queries import LIVE
from services.channels.audience import Audience, whole_workspace
from services.errors import InputError
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.explanation import Explanation, explain
from services.judgement.explanation_text import decision_text, explanation_text, shown_likelihood
from services.judgement.noise_budget import audience_and_budget
from services.memory.comparable_text import comparable_text
from services.memory.item_names import find_item, names_of
from services.memory.workspaces import find_workspace
from services.phrases import format_value
from services.text.cleaning.compared_text import readable_text
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.judgement.bands import Match


DIGITS = 6


def explain_pair(a: str, b: str | None, team_id: str | None, as_json: bool) -> None:
    """Print why two items match or do not."""
    with open_services() as services:
        with services.database.read() as session:
            whole = whole_workspace(find_workspace(session, team_id).id)
            ours = _find_comparable(session, whole, a)
            theirs = None if b is None else _find_comparable(session, whole, b)
        if theirs is None:
            theirs = _most_similar(services, ours, whole)
        if theirs is None:
            if as_json:
                print_json({"a": a, "b": None})
            else:
                console.print(Text(f"Nothing is similar to {plain_text(a)}."))
            return
        with services.database.read() as session:
            audience, wrong_in_ten = _audience_and_budget(session, ours, theirs, whole)
            explanation = explain(
                session,
                services.judge,
                ours.id,
                theirs.id,
                audience=audience,
                wrong_in_ten=wrong_in_ten,
            )
            names = names_of(session, [ours.id, theirs.id])
        if as_json:
            print_json(_line(explanation, names))
        else:
            _print(explanation, [ours, theirs], names)


def _find_comparable(session: Session, audience: Audience, name: str) -> Item:
    """Return the item of that name. Raises `InputError` if it says nothing to compare."""
    item = find_item(session, audience.workspace_id, name)
    if comparable_text(item):
        return item
    if readable_text(item.title, item.text):
        raise InputError(f"{name} does not say what it is about, so it is compared with nothing.")
    raise InputError(f"{name} has no words that could be compared.")


def _most_similar(services: Services, item: Item, audience: Audience) -> Item | None:
    found = services.similar.to_items([item.id], audience=audience, limit=1)
    best = next((one for one in found[item.id] if one.similarity >= MIN_SIMILARITY), None)
    if best is None:
        return None
    with services.database.read() as session:
        return session.scalar(select(Item).where(Item.id == best.item_id, LIVE))


def _audience_and_budget(
    session: Session, ours: Item, theirs: Item, whole: Audience
) -> tuple[Audience, int]:
    """Return the audience and the noise budget to judge by: those of the first item's channel.

    Where its readers may not read the second item, those of the whole workspace.
    """
    audience, wrong_in_ten = audience_and_budget(session, whole.workspace_id, ours.channel_id)
    if session.scalar(select(Item.id).where(Item.id == theirs.id, audience.items)) is not None:
        return audience, wrong_in_ten
    return whole, DEFAULT_BUDGET


def _print(explanation: Explanation, items: Sequence[Item], names: dict[int, str]) -> None:
    """Print an explanation for people. What tickets say is never read as markup."""
    text = explanation_text(explanation)
    for label, item in zip(("first ", "second"), items, strict=True):
        name = plain_text(f"{names[item.id]}: {headline(item.title, item.text)}")
        console.print(Text.assemble((f"{label}  ", "dim"), (name, "bold")))
    if explanation.age_gap is not None:
        console.print(Text(f"{format_value(explanation.age_gap)} apart", style="dim"))
    for heading, sign, style, lines in (
        ("For", "+", "green", text.for_),
        ("Against", "-", "red", text.against),
    ):
        console.print(Text(f"\n{heading}", style=f"bold {style}"))
        for line in [str(line) for line in lines] or ["nothing"]:
            console.print(_indented(plain_text(line), (sign, style)))
    console.print(Text("\nDecision", style="bold"))
    console.print(_indented(str(text.verdict)))
    by = "" if explanation.decision is None else plain_text(explanation.decision.by)
    if sentences := decision_text(explanation, by):
        console.print(_indented(" ".join(map(str, sentences))))
    _print_figures(explanation.judgement.match)


def _indented(line: str, sign: tuple[str, str] = ("", "")) -> Table:
    """Return a line after its sign, as a hanging indent."""
    row = Table.grid(padding=(0, 0, 0, 1))
    row.add_row(Text.assemble(" ", sign), Text(line))
    return row


def _print_figures(match: Match) -> None:
    figures = [f"similarity {match.similarity:.2f}"]
    likely = shown_likelihood(match.probability, match.band)
    if likely is not None:
        figures.append(f"{likely} likely the same")
    console.print(Text(f"\n{', '.join(figures)}", style="dim"))


def _line(explanation: Explanation, names: dict[int, str]) -> dict[str, Any]:
    judgement, decision, gap = explanation.judgement, explanation.decision, explanation.age_gap
    text = explanation_text(explanation)
    figures = asdict(judgement.match)
    del figures["item_id"]
    return {
        "a": names[explanation.ours],
        "b": names[explanation.theirs],
        **_plain(figures),
        "cut": None if judgement.cut is None else _plain(asdict(judgement.cut)),
        "is_learned": judgement.is_learned,
        "is_near_exact": judgement.is_near_exact,
        "evidence": _plain(asdict(explanation.features)),
        **asdict(explanation.text),
        "age_gap_days": None if gap is None else _figure(gap / timedelta(days=1)),
        "same_reporter": explanation.same_reporter,
        "crowded": explanation.crowded,
        "decision": decision
        and {"verdict": decision.verdict, "by": decision.by, "at": decision.at.isoformat()},
        "group_size": explanation.group_size,
        "words": {
            "for": [str(line) for line in text.for_],
            "against": [str(line) for line in text.against],
            "verdict": str(text.verdict),
        },
    }


def _plain(value: Any) -> Any:
    """Return a value for JSON: numbers rounded, NaN as null."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return _figure(value) if isinstance(value, float) else value


def _figure(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, DIGITS)
