"""What `deja trends` does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.blocks.topic_filters import filters_of
from bot.cli.options import moment
from bot.cli.terminal import (
    console,
    open_database,
    paged,
    print_json,
    print_table,
)
from bot.cli.topics.topic_tables import (
    scope_named,
    view_named,
)
from bot.clock import utc_now
from bot.i18n.texts import ENGLISH
from services.phrases import format_value
from services.topics.scopes import newest_run
from services.topics.statistics import WEEKS
from services.topics.trends import MAX_P_VALUE, MIN_REPORTERS, MIN_TICKETS

if TYPE_CHECKING:
    from services.topics.unanswered import Unanswered
    from services.topics.views import RunView, TopicView


SPARKS = "▁▂▃▄▅▆▇█"
# Older tickets are not counted by day.
MAX_DAYS = WEEKS * 7
# The last two weeks, by day.
SHOWN_DAYS = 14
MIN_P = 0.0001
# On a narrower terminal titles take the room of chances, by which the table is in order anyway.
WIDE_ENOUGH = 100
JUDGED = (
    f"rise: p at most {MAX_P_VALUE}, {MIN_TICKETS} tickets or more by {MIN_REPORTERS} people "
    "or more. p is how likely chance alone brings so many: a negative binomial test against the "
    "topic's own past, weekdays taken into account."
)


def print_trends(
    by: str,
    radar: bool,
    limit: int | None,
    since: timedelta | datetime | None,
    channel: str | None,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print which topics are growing."""
    now = utc_now()
    with open_database() as database, database.read() as session:
        scope = scope_named(session, team_id, channel)
        view = view_named(session, scope, now, newest_run(session, scope))
        waiting = _unanswered(session, view, now) if radar else []
    if not view.shown and not as_json:
        console.print("There are no topics to watch.")
        return
    days = MAX_DAYS if since is None else (now - moment(since, now)).days + 1
    if radar:
        asked = [one for one in waiting if _is_recent(one.topic, days)]
        _print_radar(asked[:limit], as_json)
        return
    recent = [one for one in view.shown if _is_recent(one, days)]
    found = sorted(recent, key=lambda one: (one.trend.p_value, -one.size))[:limit]
    if as_json:
        for one in found:
            print_json(_trend_line(one))
        return
    with paged():
        _print_trends(view, found, by)


def _is_recent(topic: TopicView, days: int) -> bool:
    """Say whether a topic has a ticket of the last days."""
    return days >= MAX_DAYS or (days > 0 and sum(topic.days[-days:]) > 0)


def _unanswered(session: Session, view: RunView, now: datetime) -> list[Unanswered]:
    # Trends do not wait for the libraries that read questions.
    from services.topics.unanswered import unanswered

    return unanswered(session, view, now)


def _print_trends(view: RunView, found: Sequence[TopicView], by: str) -> None:
    is_wide = console.width >= WIDE_ENOUGH
    rows = [
        [
            str(one.topic_id),
            one.title,
            str(one.trend.count),
            f"{one.trend.expected:.1f}",
            f"{one.trend.change:.1f}×",
            *([_chance(one)] if is_wide else []),
            _sparks(one.days[-SHOWN_DAYS:] if by == "day" else one.weeks),
            "yes" if one.trend.is_rise else "",
        ]
        for one in found
    ]
    drawn = f"{SHOWN_DAYS} days" if by == "day" else f"{WEEKS} weeks"
    print_table(
        " · ".join(["Trends", *filters_of(view, ENGLISH)]),
        [
            "topic",
            "title",
            "7 days",
            "usual",
            "change",
            *(["p"] if is_wide else []),
            drawn,
            "rising",
        ],
        rows,
    )
    console.print(JUDGED)


def _chance(topic: TopicView) -> str:
    chance = topic.trend.p_value
    return f"{chance:.4f}" if chance >= MIN_P else f"<{MIN_P}"


def _print_radar(found: Sequence[Unanswered], as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json(
                {
                    "topic": one.topic.topic_id,
                    "title": one.topic.title,
                    "open": one.open_count,
                    "median_wait_hours": round(one.median_wait.total_seconds() / 3600, 1),
                    "question": one.question,
                }
            )
        return
    if not found:
        console.print("Whatever is asked more than once has an answer.")
        return
    rows = [
        [
            str(one.topic.topic_id),
            one.topic.title,
            str(one.open_count),
            format_value(one.median_wait),
            one.question,
        ]
        for one in found
    ]
    columns = ["topic", "title", "open", "waiting", "question for an FAQ"]
    print_table("Asked again and not answered", columns, rows)


def _sparks(counts: Sequence[int]) -> str:
    """Return counts as small columns, of which only those of nothing are the lowest."""
    most, highest = max(counts, default=0) or 1, len(SPARKS) - 1
    return "".join(SPARKS[-(-highest * one // most)] for one in counts)


def _trend_line(topic: TopicView) -> dict[str, Any]:
    return {
        "topic": topic.topic_id,
        "title": topic.title,
        "last_7_days": topic.trend.count,
        "expected": round(topic.trend.expected, 2),
        "change": round(topic.trend.change, 2),
        "days": list(topic.days[-SHOWN_DAYS:]),
        "weeks": list(topic.weeks),
        "p_value": topic.trend.p_value,
        "reporters": topic.trend.reporters,
        "rise": topic.trend.is_rise,
    }
