"""`deja cluster` and `deja trends`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.orm import Session

from bot.blocks.topics import HEADING, filters_of, picture_note
from bot.cli.options import SINCE, WORKSPACE, moment
from bot.cli.terminal import (
    console,
    ensure_writable,
    notes,
    open_services,
    print_json,
    print_table,
    progress_bar,
)
from bot.cli.topic_tables import (
    PRIVATE,
    chosen_channels,
    me,
    print_lines,
    print_run,
    scope_named,
    view_named,
)
from bot.clock import utc_now
from bot.connection import first_line
from bot.i18n.texts import ENGLISH
from services.memory.workspaces import find_workspace
from services.phrases import format_value
from services.topics.drawing.map_image import DARK, LIGHT, MapColours
from services.topics.drawing.pages import draw_run, page_of_run
from services.topics.grouping.clustering import STRICTNESS
from services.topics.grouping.partitions import MAX_TOPICS
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, newest_run
from services.topics.statistics import WEEKS
from services.topics.trends import MAX_P_VALUE, MIN_REPORTERS, MIN_TICKETS
from services.topics.unanswered import Unanswered, unanswered
from services.topics.views import RunView, TopicView

if TYPE_CHECKING:
    from bot.wiring import Services

SPARKS = "▁▂▃▄▅▆▇█"
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


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 30d or 2026-11-01.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="May be repeated.")
@click.option(
    "--k",
    type=click.IntRange(1, MAX_TOPICS),
    help="Explore so many topics; the team's own stay as they are.",
)
@click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    default=STRICTNESS,
    show_default=True,
    help="0: every ticket belongs somewhere; 1: only what fits very well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Draw the map.")
@click.option("--dark", is_flag=True, help="Draw it on a dark ground.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one page.")
@WORKSPACE
def cluster(
    since: timedelta | datetime | None,
    channels: Sequence[str],
    k: int | None,
    strictness: float,
    as_json: bool,
    png: Path | None,
    dark: bool,
    html: Path | None,
    team_id: str | None,
) -> None:
    """Group the backlog into topics, name them, and say what changed since the last time.

    Of the channels that everybody in the workspace reads and what was imported; a private or
    shared channel has topics of its own: name it alone with --channel.

    \b
    Examples:
      deja cluster
      deja cluster --since 30d --channel helpdesk --png map.png --html report.html
      deja cluster --json > topics.jsonl
    """
    now = utc_now()
    files = _writable_files(png, html)
    request = ClusterRequest(None if since is None else moment(since, now), (), k, strictness)
    with open_services() as services:
        scope = _run(services, team_id, channels, request, now)
        with services.database.read() as session:
            view = view_named(session, scope, now)
            if png is not None:
                _write_map(session, view, png, DARK if dark else LIGHT)
            if html is not None:
                _write_report(session, view, html, now)
            if as_json:
                print_lines(session, view)
                return
    print_run(view)
    for file in files:
        notes.print(f"Written: {file}", highlight=False, markup=False)


def _writable_files(*files: Path | None) -> list[Path]:
    """Return the files that were asked for; raise if one of them cannot be written."""
    named = [file for file in files if file is not None]
    for file in named:
        ensure_writable(file)
    return named


def _run(
    services: Services,
    team_id: str | None,
    channels: Sequence[str],
    request: ClusterRequest,
    now: datetime,
) -> Scope:
    """Cluster the tickets of channels with these names, and return the scope of their topics."""
    with services.database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        scope, chosen = chosen_channels(session, workspace_id, channels)
    request = replace(request, channels=tuple(chosen))
    with progress_bar("Grouping", 100) as bar:
        services.topics.run(scope, request, by=me(), now=now, on_progress=bar.update)
    return scope


def _write_map(session: Session, view: RunView, file: Path, colours: MapColours) -> None:
    with _written(file):
        note = picture_note(view, ENGLISH)
        draw_run(session, view, file, heading=str(HEADING), note=note, colours=colours)


def _write_report(session: Session, view: RunView, file: Path, now: datetime) -> None:
    narrowed = filters_of(view, ENGLISH)
    page = page_of_run(session, view, heading=str(HEADING), made=now.date(), narrowed=narrowed)
    with _written(file):
        file.write_text(page, encoding="utf-8")


@contextmanager
def _written(file: Path) -> Iterator[None]:
    """Say that the topics are stored if a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(
            f"{file} was not written. {first_line(error)} The topics are kept: `deja topics list`."
        ) from error


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "week"]),
    default="week",
    show_default=True,
    help="Draw the last 14 days, or the last 8 weeks.",
)
@click.option("--unanswered", "radar", is_flag=True, help="What is asked again without an answer.")
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
def trends(by: str, radar: bool, channel: str | None, team_id: str | None, as_json: bool) -> None:
    """Show which topics are asked about more than they used to be, in the last seven days.

    A topic is rising if so many tickets, by three people or more, have a chance of at most 1 in
    1,000 given the topic's own past (a negative binomial test that allows for weekdays). All
    tickets of a topic are counted, not only those of the last run.

    \b
    Examples:
      deja trends
      deja trends --by day
      deja trends --unanswered
    """
    now = utc_now()
    with open_services() as services, services.database.read() as session:
        scope = scope_named(session, team_id, channel)
        view = view_named(session, scope, now, newest_run(session, scope))
        waiting = unanswered(session, view, now) if radar else []
    if not view.shown and not as_json:
        console.print("There are no topics to watch.")
        return
    if radar:
        _print_radar(waiting, as_json)
        return
    found = sorted(view.shown, key=lambda one: (one.trend.p_value, -one.size))
    if as_json:
        for one in found:
            print_json(_trend_line(one))
        return
    _print_trends(view, found, by)


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
            "rise" if one.trend.is_rise else "",
        ]
        for one in found
    ]
    drawn = f"{SHOWN_DAYS} days" if by == "day" else f"{WEEKS} weeks"
    print_table(
        " · ".join(["Trends", *filters_of(view, ENGLISH)]),
        ["topic", "title", "7 days", "usual", "change", *(["p"] if is_wide else []), drawn, ""],
        rows,
    )
    console.print(JUDGED, highlight=False)


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
