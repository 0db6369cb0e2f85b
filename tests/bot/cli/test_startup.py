"""What commands import: none loads a library that it does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.cli import main
from bot.wiring import Services
from models import Workspace
from services.topics.scopes import scope_of_everybody
from tests.bot.cli.all_commands import commands
from tests.remembering import remember
from tests.services.topics.backlog import SUBJECTS, cluster_scope, tickets_about

# A command and, after a bar, the libraries that it must not import. One process runs all.
SCRIPT = """
import sys
from click.testing import CliRunner
from bot.cli import main

for line in sys.argv[1:]:
    command, _, unneeded = line.partition("|")
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 0, (command, result.output)
    found = set(unneeded.split()) & sys.modules.keys()
    assert not found, (command, found)
"""

# By the cost of importing them, in orders of magnitude.
SECONDS = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "matplotlib")
TENTHS = ("slack_bolt", "slack_sdk", "hnswlib", "jinja2", "babel", "alembic", "waitress")
VECTORS = ("numpy", "regex")
HUB = "huggingface_hub.hf_api httpx2 hnswlib"
# What commands need that compute or connect, and no help does.
OTHERS = ("numpy", "pydantic_settings", "cryptography", "PIL", "httpx2")
LITTLE = ("rich.progress", "sqlalchemy.dialects.postgresql", "psycopg")

AT_ONCE = (
    "--help", "jobs list", "jobs retry --all", "db upgrade", "audit", "groups", "workspaces list",
    "verdicts export -", "budget", "calibrate --list", "sources list", "secrets status",
    "settings export -", "retain list", "export --help",
)  # fmt: skip
# They format numbers and dates for a language, and split titles into words.
WITH_TEXTS = ("topics --help", "topics list", "trends")
# They name models, and load none.
WITH_MODELS = ("model --help", "model list")
# These need the index and so its library.
WITH_INDEX = ("status", "index rebuild")
# Clustering and judging pairs: none of these commands does that.
WORK = (
    "bot.wiring",
    "services.topics.grouping.knn_graph",
    "services.topics.naming",
    "services.judgement.judge",
    "services.judgement.bands",
    "services.judgement.calibration",
    "services.memory.item_vectors",
    "snowballstemmer",
)


def test_the_help_of_every_command_is_printed_at_once() -> None:
    """It imports nothing large that only running a command needs, whatever the command does."""
    unneeded = " ".join((*SECONDS, *TENTHS, *OTHERS, *LITTLE, *WORK))
    helps = [f"help {name}|{unneeded}" for name in ("", *(name for name, _ in commands(main)))]
    _run_all(helps)


@pytest.mark.usefixtures("command_line")
def test_commands_that_need_no_model_start_at_once(
    services: Services, workspace: Workspace, database_url: str
) -> None:
    """They import nothing they do not use, and no other database's driver."""
    remember(services, workspace, tickets_about(SUBJECTS[0]))
    cluster_scope(services, scope_of_everybody(workspace.id))
    little = LITTLE if database_url.startswith("sqlite") else LITTLE[:1]
    unneeded = " ".join((*SECONDS, *TENTHS, *little))
    work = " ".join(WORK)
    lines = [f"{command}|{unneeded} {work} {' '.join(VECTORS)}" for command in AT_ONCE]
    lines += [f"{command}|{unneeded} {work} {HUB}" for command in WITH_MODELS]
    others = unneeded.replace("babel", "")
    lines += [f"{command}|{others} {work} numpy" for command in WITH_TEXTS]
    others = others.replace("hnswlib", "").replace("rich.progress", "")
    lines += [f"{command}|{others} {work}" for command in WITH_INDEX]
    _run_all(lines)


def _run_all(lines: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *lines], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
