"""The Home tab: for everybody what was asked most, for administrators how Déjà is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.parts import DIVIDER, Block, context, link, section, words
from bot.blocks.replies import HELP
from bot.blocks.setup import MODE_NAMES
from services.overview import Behaviour, Calibrated, Issue
from services.reasons import percent
from services.suspects import Suspect

MOST_ISSUES = 5
MOST_SUSPECTS = 3
MOST_CHANNELS = 20


@dataclass(frozen=True)
class Health:
    """What administrators are told."""

    channels: Sequence[Behaviour]
    calibration: Calibrated | None
    suspects: Sequence[Suspect]
    waiting: int
    failed: int


def home_view(tickets: int, issues: Sequence[Issue], health: Health | None) -> Block:
    """Return the Home tab of somebody who may read so many tickets and these issues."""
    number = f"{tickets:,} ticket{'' if tickets == 1 else 's'}"
    blocks = [
        section(f":brain: *Déjà* remembers {number} that you may read."),
        *_issues("Asked most, and open", [one for one in issues if not one.is_solved]),
        *_issues("Asked most, and solved", [one for one in issues if one.is_solved]),
    ]
    if not issues:
        blocks.append(
            context("Press _Same issue_ on my answers, and what is asked most stands here.")
        )
    if health is not None:
        blocks += [DIVIDER, *_health(health)]
    blocks += [DIVIDER, *(section(part) for part in HELP[1:])]
    return {"type": "home", "blocks": blocks}


def _issues(heading: str, found: Sequence[Issue]) -> list[Block]:
    lines = [f"• {link(one.title, one.url)} · {one.reports} reports" for one in found]
    return [section("\n".join([f"*{heading}*", *lines[:MOST_ISSUES]]))] if lines else []


def _health(health: Health) -> list[Block]:
    blocks = [section(":gear: *For administrators*"), section(_judged_by(health.calibration))]
    if health.suspects:
        lines = [
            f"• {link(one.title, one.url)} _like_ {link(one.other_title, one.other_url)}"
            for one in health.suspects[:MOST_SUSPECTS]
        ]
        blocks.append(section("\n".join(["*Waiting for a decision*", *lines])))
    if health.channels:
        lines = [_channel(one) for one in health.channels[:MOST_CHANNELS]]
        more = len(health.channels) - MOST_CHANNELS
        lines += [f"… and {more} more: `deja budget` lists them all"] if more > 0 else []
        blocks.append(section("\n".join(["*Channels*", *lines])))
    jobs = f"{health.waiting} waiting, {health.failed} failed"
    todo = " · see `deja jobs list --failed`" if health.failed else ""
    blocks.append(context(f"Work: {jobs}{todo}"))
    return blocks


def _judged_by(model: Calibrated | None) -> str:
    if model is None:
        return "*Judged by* the rule for a new team, until there are enough verdicts."
    right = "" if model.precision is None else f", {percent(model.precision)} right at the cut"
    return f"*Judged by* a model of {model.verdicts} verdicts{right}."


def _channel(one: Behaviour) -> str:
    notes = [MODE_NAMES[one.mode]]
    if one.is_muted:
        notes.append("muted")
    if one.is_broken:
        notes.append("quiet: too many wrong flags")
    return " · ".join([f"• #{words(one.name)}", *notes])
