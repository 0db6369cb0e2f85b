"""The `deja` command."""

from __future__ import annotations

import click

from bot import __version__
from bot.cli.auditing import audit, groups
from bot.cli.backfilling import backfill
from bot.cli.budgeting import budget
from bot.cli.calibrating import calibrate
from bot.cli.clustering import cluster, trends
from bot.cli.curating import topics
from bot.cli.database import db, index
from bot.cli.evaluating import evaluate
from bot.cli.explaining import why
from bot.cli.health import doctor, status
from bot.cli.importing import import_
from bot.cli.jobs import jobs
from bot.cli.replaying import replay
from bot.cli.reviewing import review
from bot.cli.running import run, serve, worker
from bot.cli.searching import duplicates, similar
from bot.cli.terminal import DejaGroup
from bot.cli.trying import try_
from bot.cli.verdicts import verdicts
from bot.cli.workspaces import workspaces


@click.group(cls=DejaGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="deja")
def main() -> None:
    """Déjà gives a support team a memory.

    It remembers every ticket it has seen, and says so in the thread when one was seen before.
    All settings come from the environment or a .env file; docs/administration.md lists them.
    """


COMMANDS = (
    run,
    serve,
    worker,
    try_,
    import_,
    backfill,
    similar,
    duplicates,
    why,
    review,
    verdicts,
    calibrate,
    evaluate,
    replay,
    budget,
    cluster,
    topics,
    trends,
    workspaces,
    groups,
    audit,
    jobs,
    status,
    doctor,
    db,
    index,
)
for command in COMMANDS:
    main.add_command(command)
