"""The Home tab: the most reported issues for everybody, Déjà's health for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.channel_setup import MODE_NAMES
from bot.blocks.help import help_blocks
from bot.blocks.parts import DIVIDER, SAME_ISSUE, Block, context, link, section, words
from bot.i18n.texts import Texts
from services.answers.overview import CalibrationSummary, ChannelBehaviour, IssueSummary
from services.evaluation.proof_checks import ProofCheck
from services.issues.undecided_pairs import UndecidedPair
from services.phrases import phrase

NOTHING_REPORTED = phrase(
    "Once people press _{same}_ on my answers, the most reported issues appear here.",
    same=SAME_ISSUE,
)

NOTHING_LEARNED = phrase(
    "Nothing learned yet: only what says the same in the same words is called a duplicate."
)

MAX_ISSUES = 5
MAX_SUSPECTS = 3
MAX_CHANNELS = 20
# In characters, as Slack takes it.
SECTION_LENGTH = 3_000


@dataclass(frozen=True)
class Health:
    """What administrators see: channels, the model, open suspicions, and the job queue.

    `proof` has the checks of the nightly proof that failed.
    """

    channels: Sequence[ChannelBehaviour]
    calibration: CalibrationSummary
    suspects: Sequence[UndecidedPair]
    waiting: int
    failed: int
    proof: Sequence[ProofCheck]


def home_view(
    tickets: int, issues: Sequence[IssueSummary], health: Health | None, say: Texts
) -> Block:
    """Return the Home tab of somebody who may read these issues and that number of tickets."""
    is_open, is_solved = say("Most reported, still open"), say("Most reported, solved")
    blocks = [
        section(
            say.counted(
                tickets,
                ":brain: *Déjà* remembers {n} ticket that you can read.",
                ":brain: *Déjà* remembers {n} tickets that you can read.",
            )
        ),
        *_issues(is_open, [one for one in issues if not one.is_solved], say),
        *_issues(is_solved, [one for one in issues if one.is_solved], say),
    ]
    if not issues:
        blocks.append(context(say(NOTHING_REPORTED)))
    if health is not None:
        blocks += [DIVIDER, *_health(health, say)]
    blocks += [DIVIDER, *help_blocks(say)]
    return {"type": "home", "blocks": blocks}


def _issues(heading: str, found: Sequence[IssueSummary], say: Texts) -> list[Block]:
    lines = [
        f"• {link(one.title, one.url)} · {say.counted(one.reports, '{n} report', '{n} reports')}"
        for one in found
    ]
    return _sections([f"*{heading}*", *lines[:MAX_ISSUES]]) if lines else []


def _sections(lines: Sequence[str]) -> list[Block]:
    """Return lines in as few sections as take them: titles and addresses may be very long."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if len("\n".join([*parts[-1], line])) > SECTION_LENGTH:
            parts.append([])
        parts[-1].append(line)
    return [section("\n".join(part)) for part in parts]


def _health(health: Health, say: Texts) -> list[Block]:
    heading = f":gear: *{say('For admins')}*"
    blocks = [section(heading), section(_learned(health.calibration, say))]
    if health.suspects:
        lines = [
            "• "
            + say(
                "{ticket} _looks like_ {other}",
                ticket=link(one.title, one.url),
                other=link(one.other_title, one.other_url),
            )
            for one in health.suspects[:MAX_SUSPECTS]
        ]
        blocks += _sections([f"*{say('Waiting for a decision')}*", *lines])
    if health.channels:
        lines = [_channel(one, say) for one in health.channels[:MAX_CHANNELS]]
        more = len(health.channels) - MAX_CHANNELS
        if more > 0:
            lines.append(say("… and {n} more: `deja budget` lists them all", n=more))
        blocks += _sections([f"*{say('Channels')}*", *lines])
    if health.proof:
        faults = "\n".join(f"• {say(one.text)}" for one in health.proof)
        blocks.append(section(f":warning: *{say('The nightly proof failed')}*\n{faults}"))
    work = say(
        "Jobs: {waiting} waiting, {failed} failed", waiting=health.waiting, failed=health.failed
    )
    todo = " · `deja jobs list --failed`" if health.failed else ""
    blocks.append(context(f"{work}{todo}"))
    return blocks


def _learned(summary: CalibrationSummary, say: Texts) -> str:
    learned = NOTHING_LEARNED if summary.learned is None else summary.learned
    return f"{say(learned)} {say(summary.then)}"


def _channel(one: ChannelBehaviour, say: Texts) -> str:
    notes = [say(MODE_NAMES[one.mode])]
    if one.is_muted:
        notes.append(say("muted"))
    if one.is_over_budget:
        notes.append(say("quiet: too many wrong suggestions"))
    return " · ".join([f"• #{words(one.name)}", *notes])
