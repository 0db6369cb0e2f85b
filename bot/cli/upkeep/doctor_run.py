"""What `deja doctor` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError

from bot.cli.terminal import (
    console,
    count,
    load_settings,
    open_database,
    open_index,
    print_json,
)
from bot.cli.upkeep.doctor_model import (
    State,
    check_index,
    check_languages,
    check_model,
    check_tuned,
    check_vectors,
)
from bot.cli.upkeep.queue_check import check_queue
from bot.cli.upkeep.secrets_text import check_secrets
from bot.cli.upkeep.status import describe_calibrations, quiet_channels
from bot.cli.upkeep.zone_check import check_zones
from bot.clock import utc_now
from bot.connection import database_line
from bot.disk import MIN_FREE_BYTES, free_bytes, unwritable
from bot.model_choice import chat_model_of
from bot.permissions import exposed_files
from bot.slack.client import Slack
from bot.slack.clocks import clock_fault
from bot.slack.errors import token_error
from bot.slack.oauth import Installations, stored_tokens
from bot.slack.scopes import SCOPES
from services.erasure.register import unfinished
from services.errors import DejaError, RetryLaterError
from services.intake.image_reader import find_reader
from services.memory.workspaces import installed_teams
from services.search.embedders.image_embedding import ImageEmbedder

if TYPE_CHECKING:
    from bot.settings import Settings


MAX_PROOF_AGE = timedelta(days=2)

COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}

Check = Callable[[], tuple[State, str]]


@dataclass(frozen=True)
class Finding:
    """The result of one check, and what to do about it."""

    name: str
    state: State
    message: str


def check_health(offline: bool, prove: bool, as_json: bool) -> None:
    """Check settings, disk, database, model and tokens."""
    settings = load_settings()
    found = []
    first_with: dict[str, str] = {}
    for name, check in _checks(settings, offline=offline, prove=prove):
        try:
            finding = Finding(name, *check())
        except (DejaError, DBAPIError) as error:
            reason = database_line(error) if isinstance(error, DBAPIError) else str(error)
            # What is wrong with the database keeps most checks from being made: it is said once.
            first = first_with.setdefault(reason, name)
            message = reason if first == name else f"not checked, see {first}"
            finding = Finding(name, "problem", message)
        found.append(finding)
        if as_json:
            print_json({"check": name, "state": finding.state, "message": finding.message})
        else:
            colour = COLOURS[finding.state]
            console.print(f"[{colour}]{finding.state:>8}[/]  [bold]{name}[/]  ", end="")
            console.print(finding.message, markup=False)
    if any(finding.state == "problem" for finding in found):
        raise click.exceptions.Exit(1)


def _checks(settings: Settings, *, offline: bool, prove: bool) -> Iterator[tuple[str, Check]]:
    yield "disk", lambda: _disk(settings)
    yield "permissions", lambda: _permissions(settings)
    yield "database", lambda: _database(settings)
    yield "queue", lambda: check_queue(settings)
    yield "secrets", lambda: check_secrets(settings)
    yield "model", lambda: check_model(settings)
    yield "vectors", lambda: check_vectors(settings)
    yield "languages", lambda: check_languages(settings)
    yield "tuned models", lambda: check_tuned(settings)
    yield "index", lambda: check_index(settings)
    yield "pictures", _pictures
    yield "pictures by model", lambda: _image_model(settings)
    yield "language model", lambda: _language_model(settings)
    yield "nightly proof", lambda: (_new_proof if prove else _newest_proof)(settings)
    yield "time zones", lambda: check_zones(settings)
    yield "noise budget", lambda: _noise_budgets(settings)
    yield "sources", lambda: _sources(settings)
    if not offline:
        yield "Slack", lambda: _slack(settings)
        if settings.alert_channel is not None:
            yield "alerts", lambda: _alerts(settings, str(settings.alert_channel))


def _disk(settings: Settings) -> tuple[State, str]:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    fault = unwritable(settings.data_dir)
    if fault is not None:
        return "problem", fault
    free = free_bytes(settings)
    if free is None:
        return "problem", f"{settings.data_dir} cannot be read"
    if free < MIN_FREE_BYTES:
        return "warning", f"only {free // 1_000_000} MB are free on the disk of the data folder"
    return "ok", f"{free // 1_000_000_000} GB free"


def _permissions(settings: Settings) -> tuple[State, str]:
    exposed = exposed_files(settings)
    if not exposed:
        return "ok", "nobody else on this machine may read the data"
    files = f"{exposed[0]} and {len(exposed) - 1} more" if len(exposed) > 1 else str(exposed[0])
    return "warning", f"others may use {files}: run `deja db upgrade`, or `chmod go=` on them"


def _database(settings: Settings) -> tuple[State, str]:
    with open_database(settings) as database:
        with database.read() as session:
            left = len(unfinished(session))
        if left:
            erasures = count(left, "erasure is", "erasures are")
            return "warning", f"{erasures} not finished: run `deja erase --resume`"
        return "ok", f"{database.engine.dialect.name}, tables are up to date"


def _language_model(settings: Settings) -> tuple[State, str]:
    if settings.llm_url is None:
        return "ok", "none is set up: nothing is worded by one"
    model = chat_model_of(settings)
    sent = "`deja topics faq --reword` sends the questions and answers of an FAQ"
    return "ok", f"{sent} to {model.name} at {model.access.host}; nothing else is sent there"


def _pictures() -> tuple[State, str]:
    reader = find_reader()
    if reader is None:
        return "ok", "words in screenshots are not read: tesseract is not installed"
    return "ok", f"words in screenshots are read by tesseract ({', '.join(reader.languages)})"


def _image_model(settings: Settings) -> tuple[State, str]:
    if settings.image_model is None:
        return "ok", "pictures are not searched: DEJA_IMAGE_MODEL is not set"
    embedder = ImageEmbedder(settings.image_model, settings.model_dir)
    return "ok", f"pictures are searched by {settings.image_model} ({embedder.dim} dimensions)"


def _new_proof(settings: Settings) -> tuple[State, str]:
    from services.evaluation.nightly_proof import NightlyProof

    with open_index(settings) as found:
        NightlyProof(found.database, found.index, found.embedder.fingerprint).run(utc_now())
    return _newest_proof(settings)


def _newest_proof(settings: Settings) -> tuple[State, str]:
    from services.evaluation.nightly_proof import newest_proof

    with open_database(settings) as database, database.read() as session:
        found = newest_proof(session)
    if found is None:
        return "ok", "none yet: a running worker makes one each night"
    made_at, checks = found
    when = f"{made_at:%Y-%m-%d}"
    failed = [one for one in checks if one.state == "failed"]
    if failed:
        found_wrong = "; ".join(str(one.text) for one in failed)
        return "problem", f"{when}: {found_wrong}. See docs/monitoring.md#the-nightly-proof"
    if utc_now() - made_at > MAX_PROOF_AGE:
        return "warning", f"the last one is of {when}: is a worker running?"
    return "ok", f"{when}: " + "; ".join(str(one.text) for one in checks if one.state == "ok")


def _noise_budgets(settings: Settings) -> tuple[State, str]:
    with open_database(settings) as database, database.read() as session:
        quiet, calibrations = quiet_channels(session), describe_calibrations(session)
    if quiet:
        return "warning", (
            f"quiet in {', '.join(quiet)}: too many flags were wrong. Give more verdicts "
            "(`deja review`), learn from them (`deja calibrate`), or allow more mistakes "
            "(`deja budget`)"
        )
    return "ok", f"kept in every channel; judged by {', '.join(calibrations)}"


def _sources(settings: Settings) -> tuple[State, str]:
    from services.sources.connections import silent_sources

    with open_database(settings) as database, database.read() as session:
        silent = silent_sources(session, utc_now())
    if not silent:
        return "ok", "no connected tracker or help desk has been silent for long"
    found = [
        f"{name} was last read {f'on {when:%Y-%m-%d %H:%M}' if when else 'never'}"
        f" ({error or 'is a worker running?'})"
        for name, when, error in silent
    ]
    return "warning", f"{'; '.join(found)}. See `deja sources check`"


def _slack(settings: Settings) -> tuple[State, str]:
    settings.check_connection()
    if settings.has_many_workspaces:
        return _installations(settings)
    slack = Slack.connect(settings)
    team = slack.identify()
    if settings.slack_app_token is not None:
        try:
            slack.client.apps_connections_open(
                app_token=settings.slack_app_token.get_secret_value()
            )
        except SlackApiError as error:
            raise token_error("SLACK_APP_TOKEN", error) from error
    missing = _missing_scopes(slack)
    if missing:
        return "problem", f"the app lacks {missing}: reinstall it"
    fault = clock_fault(slack, utc_now())
    return ("ok", f"connected to {team.name}") if fault is None else ("problem", fault)


def _installations(settings: Settings) -> tuple[State, str]:
    """Check the token of each workspace in which the app is installed."""
    with open_database(settings) as database:
        tokens = stored_tokens(settings, Installations(settings, database, utc_now))
        with database.read() as session:
            found = {team: tokens.find(session, team) for team in sorted(tokens.teams(session))}
    problems: list[str] = []
    fault: str | None = None
    for team_id, token in found.items():
        slack = Slack.connect(settings, token)
        try:
            missing = _missing_scopes(slack)
            fault = fault or clock_fault(slack, utc_now())  # it is the same for all of them
        except (SlackApiError, RetryLaterError) as error:
            problems.append(f"{team_id}: {error}")
            continue
        if missing:
            problems.append(f"{team_id} lacks {missing}: reinstall the app there")
    if fault is not None:
        problems.append(fault)
    if problems:
        return "problem", "; ".join(problems)
    return "ok", f"installed in {count(len(found), 'workspace')}"


def _alerts(settings: Settings, to: str) -> tuple[State, str]:
    """Check that notices for administrators can be posted where the settings say."""
    slack = _slack_of_notices(settings)
    if slack is None:
        return "warning", "the app is not installed anywhere yet"
    if to.startswith("U"):
        person = slack.person(to)
        if person is None or person.is_bot:
            return "problem", f"DEJA_ALERT_CHANNEL: Slack knows no person {to}"
        return "ok", f"{to} is told about problems"
    if not any(channel.slack_id == to for channel in slack.channels()):
        return "problem", f"DEJA_ALERT_CHANNEL: the bot is not in {to}. Invite it there"
    return "ok", f"problems are told in {to}"


def _slack_of_notices(settings: Settings) -> Slack | None:
    """Return the Slack of the first workspace, which notices are posted in."""
    if not settings.has_many_workspaces:
        return Slack.connect(settings)
    with open_database(settings) as database, database.read() as session:
        tokens = stored_tokens(settings, Installations(settings, database, utc_now))
        teams = [team for _, team in sorted(installed_teams(session).items())]
        found = [token for team in teams if (token := tokens.find(session, team)) is not None]
    return Slack.connect(settings, found[0]) if found else None


def _missing_scopes(slack: Slack) -> str:
    """Return the permissions that a token lacks, or "" if Slack does not list them."""
    scopes = slack.scopes()
    return ", ".join(sorted(SCOPES - scopes)) if scopes else ""
