"""The `deja` command."""

from __future__ import annotations

import os

import click

from bot import __version__
from bot.cli.group import DejaGroup

# What people look for together. Where each command is, and what it does: `deja --help` prints it
# without importing any of them.
SECTIONS = {
    "Start and connect": {
        "run": (
            "bot.cli.servers.run:run",
            "Start Déjà in Slack, or on a local Slack without tokens.",
        ),
        "serve": ("bot.cli.servers.serve:serve", "Connect to Slack and answer until stopped."),
        "worker": (
            "bot.cli.servers.worker:worker",
            "Run the jobs that `deja serve --no-worker` stores.",
        ),
        "web": ("bot.cli.servers.web:web", "Show topics, decisions and health in a browser."),
        "try": ("bot.cli.servers.try_:try_", "Try Déjà on a local Slack with a sample company."),
        "workspaces": ("bot.cli.servers.workspaces:workspaces", "Show where Déjà is installed."),
    },
    "Bring in the past": {
        "import": ("bot.cli.history.import_:import_", "Import tickets or products from a file."),
        "export": ("bot.cli.history.export:export", "Export tickets and what people decided."),
        "backfill": ("bot.cli.history.backfill:backfill", "Read a channel's history from Slack."),
    },
    "Take tickets from other programs": {
        "sources": ("bot.cli.sources.sources:sources", "Let other programs send tickets."),
    },
    "Search": {
        "similar": (
            "bot.cli.search.similar:similar",
            "Find what is most similar to a text or an item.",
        ),
        "duplicates": (
            "bot.cli.search.duplicates:duplicates",
            "List suspected duplicates in the backlog.",
        ),
        "why": ("bot.cli.search.why:why", "Explain why two items match or do not."),
    },
    "Decide, learn, measure": {
        "review": ("bot.cli.decisions.review:review", "Decide on pairs of tickets, one key each."),
        "verdicts": (
            "bot.cli.decisions.verdicts:verdicts",
            "Import, export or undo people's verdicts.",
        ),
        "calibrate": (
            "bot.cli.decisions.calibrate:calibrate",
            "Learn probabilities from the verdicts.",
        ),
        "tune": ("bot.cli.decisions.tune:tune", "Let the model learn from the verdicts."),
        "evaluate": (
            "bot.cli.decisions.evaluate:evaluate",
            "Measure accuracy on labelled pairs or groups.",
        ),
        "replay": (
            "bot.cli.decisions.replay:replay",
            "Show what Déjà would have said about past tickets.",
        ),
        "budget": (
            "bot.cli.decisions.budget:budget",
            "Show or set how many wrong flags a channel accepts.",
        ),
        "groups": ("bot.cli.decisions.groups:groups", "List groups of confirmed duplicates."),
    },
    "Topics and trends": {
        "cluster": ("bot.cli.topics.cluster:cluster", "Group the backlog into topics."),
        "topics": ("bot.cli.topics.topics:topics", "Show the topics and edit them."),
        "trends": ("bot.cli.topics.trends:trends", "Show which topics are growing."),
    },
    "Keep it running": {
        "status": (
            "bot.cli.upkeep.status:status",
            "Show what is stored and how much work is waiting.",
        ),
        "doctor": (
            "bot.cli.upkeep.doctor:doctor",
            "Check settings, disk, database, model and tokens.",
        ),
        "audit": ("bot.cli.upkeep.audit:audit", "Show who decided or changed what, and when."),
        "jobs": ("bot.cli.upkeep.jobs:jobs", "Show waiting and failed jobs; retry failed ones."),
        "settings": (
            "bot.cli.upkeep.settings:settings",
            "Save or apply the settings of all channels.",
        ),
        "db": ("bot.cli.upkeep.db:db", "Create, upgrade or move the database."),
        "backup": ("bot.cli.upkeep.backup:backup", "Back up the database while the bot runs."),
        "restore": ("bot.cli.upkeep.backup:restore", "Replace the database by a backup."),
        "secrets": ("bot.cli.upkeep.secrets:secrets", "Show and change the key of stored tokens."),
        "erase": ("bot.cli.upkeep.erase:erase", "Erase a person, a ticket or a channel for good."),
        "retain": ("bot.cli.upkeep.retain:retain", "Set how long tickets are kept."),
        "model": ("bot.cli.models.model:model", "Show or change the embedding model."),
        "index": ("bot.cli.upkeep.index:index", "Verify or rebuild the vector index."),
        "help": ("bot.cli.help:help_", "Show what a command does, and its options."),
    },
}


@click.group(
    cls=DejaGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="deja")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Déjà gives a support team a memory.

    It remembers every ticket it has seen and points out in the thread when a new one was reported
    before. All settings come from the environment or a .env file; docs/administration.md lists
    them. `deja help COMMAND` says more about one.
    """
    # Whatever a command writes is for its user alone: databases, snapshots, exports, reports.
    before = os.umask(0o077)
    # Pydantic would look through all installed packages for plugins, which would read the settings.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    ctx.call_on_close(lambda: os.umask(before))
