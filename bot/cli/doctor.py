"""`deja status` and `deja doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import click
from slack_sdk.errors import SlackApiError
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from bot.cli.terminal import console, load_settings, open_services, print_json, print_table
from bot.clock import utc_now
from bot.server.serve import check_listening
from bot.settings import Settings
from bot.slack.client import Slack
from bot.slack.errors import token_error
from bot.slack.oauth import Installations, stored_tokens
from bot.slack.scopes import SCOPES
from bot.wiring import connect, ensure_current
from models import Workspace
from services.answers.status import count_embeddings, count_items, count_verdicts, count_workspaces
from services.channels.settings import shown_name
from services.errors import DejaError, RetryLaterError
from services.judgement.calibration import PRIORS
from services.judgement.calibration_store import current_calibration
from services.judgement.noise_budget import channels_over_budget
from services.search.embedding import SentenceTransformerEmbedder
from services.search.hnsw import HnswIndex

MIN_FREE_BYTES = 500_000_000

State = Literal["ok", "warning", "problem"]
COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def status(as_json: bool) -> None:
    """Show what Déjà remembers and how much work is waiting.

    Example: deja status
    """
    with open_services() as services:
        with services.database.read() as session:
            numbers: dict[str, object] = {
                "workspaces": count_workspaces(session),
                "items": count_items(session, true()),
                "embeddings": count_embeddings(session, services.embedder.fingerprint),
                "verdicts": count_verdicts(session),
                "judged by": _judges(session),
                "quiet channels": _quiet(session),
            }
        numbers["jobs"] = services.queue.counts()
        if isinstance(services.index, HnswIndex):
            rows, dead = services.index.count()
            numbers["index"] = {"rows": rows, "dead": dead}
        numbers["model"] = services.embedder.fingerprint
        numbers["database"] = services.database.engine.dialect.name
    if as_json:
        print_json(numbers)
        return
    rows_ = [[name, _words(value)] for name, value in numbers.items()]
    print_table("Déjà", ["what", "how much"], rows_)


@dataclass(frozen=True)
class Finding:
    """What the doctor found of one thing, and what to do about it."""

    name: str
    state: State
    message: str


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask Slack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a finding.")
def doctor(offline: bool, as_json: bool) -> None:
    """Check settings, disk, database, model, index and tokens; the exit code is 1 on a problem.

    Example: deja doctor
    """
    settings = load_settings()
    found = []
    for name, look in _checks(settings, offline):
        try:
            finding = Finding(name, *look())
        except DejaError as error:
            finding = Finding(name, "problem", str(error))
        found.append(finding)
        if as_json:
            print_json({"check": name, "state": finding.state, "message": finding.message})
        else:
            colour = COLOURS[finding.state]
            console.print(f"[{colour}]{finding.state:>8}[/]  [bold]{name}[/]  ", end="")
            console.print(finding.message, markup=False, highlight=False)
    if any(finding.state == "problem" for finding in found):
        raise click.exceptions.Exit(1)


Check = Callable[[], tuple[State, str]]


def _checks(settings: Settings, offline: bool) -> Iterator[tuple[str, Check]]:
    yield "disk", lambda: _disk(settings)
    yield "database", lambda: _database(settings)
    yield "model", lambda: _model(settings)
    yield "index", _index
    yield "promises", lambda: _promises(settings)
    if not offline:
        yield "Slack", lambda: _slack(settings)


def _disk(settings: Settings) -> tuple[State, str]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    probe = settings.data_dir / ".doctor"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return "problem", f"{settings.data_dir} cannot be written: {error.strerror}."
    free = shutil.disk_usage(settings.data_dir).free
    if free < MIN_FREE_BYTES:
        return "warning", f"only {free // 1_000_000} MB are free on the disk of the data folder"
    return "ok", f"{free // 1_000_000_000} GB free"


def _database(settings: Settings) -> tuple[State, str]:
    database = connect(settings)
    try:
        ensure_current(database)
        return "ok", f"{database.engine.dialect.name}, tables are current"
    finally:
        database.close()


def _model(settings: Settings) -> tuple[State, str]:
    embedder = SentenceTransformerEmbedder(settings.model, settings.model_sha256)
    embedder.encode(["a first text"])
    return "ok", f"{embedder.fingerprint}, {embedder.dim} dimensions"


def _index() -> tuple[State, str]:
    with open_services() as services:
        if not isinstance(services.index, HnswIndex):
            return "ok", "kept by PostgreSQL"
        rows, dead = services.index.count()
        return "ok", f"{rows} rows, {dead} of them dead"


def _promises(settings: Settings) -> tuple[State, str]:
    database = connect(settings)
    try:
        ensure_current(database)
        with database.read() as session:
            quiet, judges = _quiet(session), _judges(session)
    finally:
        database.close()
    if quiet:
        return "warning", (
            f"quiet in {', '.join(quiet)}: too many flags were wrong. Give more verdicts "
            "(`deja review`), learn from them (`deja calibrate`), or accept more (`deja budget`)"
        )
    return "ok", f"kept in every channel; judged by {_words(judges)}"


def _quiet(session: Session) -> list[str]:
    return [
        shown_name(channel)
        for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id))
        for channel in channels_over_budget(session, workspace_id)
    ]


def _judges(session: Session) -> list[str]:
    """Say which calibrations judge, of every workspace and kind that has one."""
    return [
        f"calibration {row.id} of {row.verdicts} verdicts on {row.kind}s"
        for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id))
        for kind in PRIORS
        if (row := current_calibration(session, workspace_id, kind)) is not None
    ] or ["the rule for a new team"]


def _slack(settings: Settings) -> tuple[State, str]:
    check_listening(settings)
    if settings.has_many_workspaces:
        return _installations(settings)
    slack = Slack.connect(settings)
    team = slack.identify()
    if settings.slack_app_token is not None:
        try:
            slack.client.apps_connections_open(app_token=settings.slack_app_token)
        except SlackApiError as error:
            raise token_error("SLACK_APP_TOKEN", error) from error
    missing = _missing_scopes(slack)
    if missing:
        return "problem", f"the app lacks {missing}: reinstall it"
    return "ok", f"connected to {team.name}"


def _installations(settings: Settings) -> tuple[State, str]:
    """Look at the token of each workspace that the app is installed in."""
    database = connect(settings)
    try:
        tokens = stored_tokens(settings, Installations(settings, database, utc_now))
        with database.read() as session:
            found = {team: tokens.find(session, team) for team in sorted(tokens.teams(session))}
    finally:
        database.close()
    troubles = []
    for team_id, token in found.items():
        slack = Slack.connect(settings, token)
        try:
            missing = _missing_scopes(slack)
        except (SlackApiError, RetryLaterError, OSError) as error:
            troubles.append(f"{team_id}: {error}")
            continue
        if missing:
            troubles.append(f"{team_id} lacks {missing}: it is to be installed there again")
    if troubles:
        return "problem", "; ".join(troubles)
    return "ok", f"installed in {len(found)} workspaces"


def _missing_scopes(slack: Slack) -> str:
    """Return the permissions that a token lacks; none where Slack does not tell."""
    scopes = slack.scopes()
    return ", ".join(sorted(SCOPES - scopes)) if scopes else ""


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)
