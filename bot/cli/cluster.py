"""`deja cluster`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.orm import Session

from bot.blocks.topic_filters import filters_of
from bot.blocks.topics import HEADING, picture_note
from bot.cli.missing_vectors import note_missing
from bot.cli.options import SINCE, WORKSPACE, moment
from bot.cli.terminal import (
    ensure_writable,
    me,
    notes,
    open_services,
    progress_bar,
)
from bot.cli.topic_tables import (
    chosen_channels,
    print_lines,
    print_run,
    view_named,
)
from bot.clock import utc_now
from bot.connection import first_line
from bot.i18n.texts import ENGLISH
from models import Item
from services.memory.workspaces import find_workspace
from services.topics.drawing.map_image import DARK, LIGHT, MapColours
from services.topics.drawing.pages import draw_run, page_of_run
from services.topics.grouping.clustering import STRICTNESS
from services.topics.grouping.partitions import MAX_TOPICS
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.views import RunView

if TYPE_CHECKING:
    from bot.wiring import Services


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 30d or 2026-11-01.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="May be repeated.")
@click.option(
    "--k",
    type=click.IntRange(1, MAX_TOPICS),
    help="Explore so many topics; the team's own stay as they are, without --keep.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Make --k the number of the team's topics from now on; without --k, find it again.",
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
    keep: bool,
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
      deja cluster --k 12 --keep
    """
    now = utc_now()
    files = _writable_files(png, html)
    start = None if since is None else moment(since, now)
    request = ClusterRequest(start, (), k, strictness, keeps_k=keep)
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
        notes.print(f"Written: {file}", markup=False)


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
        grouped = scope.audience.items & (Item.kind == "ticket")
        note_missing(session, services.embedder.fingerprint, grouped)
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
