"""What `deja cluster` does."""

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
from bot.cli.options import moment
from bot.cli.terminal import (
    ensure_writable,
    me,
    notes,
    open_services,
    progress_bar,
)
from bot.cli.topics.topic_tables import (
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
from services.topics.runs import ClusterRequest

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.topics.scopes import Scope
    from services.topics.views import RunView


def cluster_backlog(
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
    """Group the backlog into topics, and print them."""
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
