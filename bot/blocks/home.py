"""The Home tab: what happens with a person's tickets, and for administrators how Déjà is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.channel_setup import MODE_NAMES
from bot.blocks.help import help_blocks
from bot.blocks.parts import (
    DIVIDER,
    RESOLUTION_LENGTH,
    SAME_ISSUE,
    Block,
    actions,
    button,
    context,
    link,
    plain,
    section,
    words,
)
from bot.i18n.texts import Texts
from services.answers.overview import CalibrationSummary, ChannelBehaviour, IssueSummary
from services.answers.track_record import HelpfulAnswer
from services.answers.week import Week
from services.evaluation.proof_checks import ProofCheck
from services.issues.undecided_pairs import UndecidedPair
from services.phrases import phrase
from services.topics.views import TopicView

NOTHING_REPORTED = phrase(
    "Once people press _{same}_ on my answers, the most reported issues appear here.",
    same=SAME_ISSUE,
)

NOTHING_LEARNED = phrase(
    "Nothing learned yet: only tickets that say the same thing in the same words are called "
    "duplicates."
)

MAX_ISSUES = 5
MAX_SUSPECTS = 3
MAX_CHANNELS = 20
MAX_RISING = 3
MAX_ANSWERS = 3
# In characters, as Slack takes it.
SECTION_LENGTH = 3_000


@dataclass(frozen=True)
class TeamHome:
    """What a person may know of the tickets: their number, the last week, and what helped.

    `rising` are the topics that are asked about more than usual, the largest rise first.
    """

    tickets: int
    week: Week
    rising: Sequence[TopicView]
    issues: Sequence[IssueSummary]
    answers: Sequence[HelpfulAnswer]


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


def home_view(team: TeamHome, say: Texts, *, is_admin: bool) -> Block:
    """Return the Home tab of somebody; administrators find the way to theirs there."""
    is_open, is_solved = say("Most reported, still open"), say("Most reported, solved")
    blocks = [
        _header(say("Your team's tickets")),
        section(
            say.counted(
                team.tickets,
                ":brain: *Déjà* remembers {n} ticket that you can read.",
                ":brain: *Déjà* remembers {n} tickets that you can read.",
            )
        ),
        *([_switch("admin", say("For administrators"))] if is_admin else []),
        *_week(team, say),
        *_issues(is_open, [one for one in team.issues if not one.is_solved], say),
        *_issues(is_solved, [one for one in team.issues if one.is_solved], say),
        *_answers(team.answers, say),
    ]
    if not team.issues:
        blocks.append(context(say(NOTHING_REPORTED)))
    blocks += [DIVIDER, section(f"*{say('What you can do here')}*"), *help_blocks(say)]
    return {"type": "home", "blocks": blocks}


def admin_view(health: Health, say: Texts) -> Block:
    """Return the Home tab that only administrators see."""
    blocks = [
        _header(say("For administrators")),
        _switch("team", say("Your team's tickets")),
        *_health(health, say),
    ]
    return {"type": "home", "blocks": blocks}


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def _switch(shown: str, label: str) -> Block:
    """Return the button that shows the other of the two views."""
    return actions("deja-home", button(label, f"home_{shown}", shown))


def _week(team: TeamHome, say: Texts) -> list[Block]:
    """Return what changed in the last seven days."""
    week = team.week
    lines = [
        say.counted(
            week.tickets,
            "{n} new ticket, {before} in the seven days before",
            "{n} new tickets, {before} in the seven days before",
            before=week.before,
        ),
        say.counted(week.solved, "{n} ticket solved", "{n} tickets solved"),
        *(
            say(
                "Asked more than usual: *{title}*, {n} times, usually {expected}",
                title=words(topic.title),
                n=topic.trend.count,
                expected=topic.trend.expected,
            )
            for topic in team.rising[:MAX_RISING]
        ),
    ]
    return _sections([f"*{say('In the last seven days')}*", *(f"• {line}" for line in lines)])


def _answers(answers: Sequence[HelpfulAnswer], say: Texts) -> list[Block]:
    """Return the answers that helped most often."""
    lines = [
        f"• {link(one.title, one.url)}: {words(one.answer, RESOLUTION_LENGTH)} · "
        + say.counted(
            one.record.worked,
            "worked for {n} other ticket",
            "worked for {n} other tickets",
        )
        for one in answers[:MAX_ANSWERS]
    ]
    return _sections([f"*{say('Answers that helped')}*", *lines]) if lines else []


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
    heading = f"*{say('How I judge')}*"
    blocks = [section(f"{heading}\n{_learned(health.calibration, say)}")]
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
        blocks.append(context(say("`/deja duplicates` lists all that you can read.")))
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
    budget = one.budget
    if budget.decided:
        notes.append(say("{right} of {n} right", right=budget.right, n=budget.decided))
    notes.append(say("{n} in ten may be wrong", n=budget.wrong_in_ten))
    if one.is_over_budget:
        notes.append(say("quiet: too many wrong suggestions"))
    return " · ".join([f"• #{words(one.name)}", *notes])
