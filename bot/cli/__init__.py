"""The `deja` command."""

from __future__ import annotations

import click

from bot import __version__
from bot.cli.audit import audit, groups
from bot.cli.backfill import backfill
from bot.cli.budget import budget
from bot.cli.calibrate import calibrate
from bot.cli.cluster import cluster, trends
from bot.cli.db import db, index
from bot.cli.doctor import doctor, status
from bot.cli.evaluate import evaluate
from bot.cli.import_ import import_
from bot.cli.jobs import jobs
from bot.cli.replay import replay
from bot.cli.review import review
from bot.cli.serve import run, serve, worker
from bot.cli.similar import duplicates, similar
from bot.cli.terminal import DejaGroup
from bot.cli.topics import topics
from bot.cli.try_ import try_
from bot.cli.verdicts import verdicts
from bot.cli.why import why
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
