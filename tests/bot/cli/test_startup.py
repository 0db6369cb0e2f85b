"""What commands import: none waits for a library that it does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.wiring import Services
from models import Workspace
from tests.remembering import remember, ticket

# A command and, behind a bar, the libraries that it may not have imported. One process runs all.
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

# By what importing them costs, in orders of magnitude.
SECONDS = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "matplotlib")
TENTHS = ("slack_bolt", "slack_sdk", "hnswlib", "jinja2", "babel", "alembic", "waitress")
VECTORS = ("numpy", "pgvector", "regex")
LITTLE = ("rich.progress", "sqlalchemy.dialects.postgresql", "psycopg")

AT_ONCE = (
    "--help", "jobs list", "jobs retry --all", "db upgrade", "audit", "groups", "workspaces list",
    "verdicts export -",
)  # fmt: skip
# What they show depends on what was learned, which is figures of vectors and words.
WITH_VECTORS = ("budget", "calibrate --list")


@pytest.mark.usefixtures("command_line")
def test_commands_that_need_no_model_start_at_once(
    services: Services, workspace: Workspace, database_url: str
) -> None:
    """They import nothing that they do not use, and no other database's driver."""
    remember(services, workspace, [ticket("T-1", "The printer prints blank pages")])
    little = LITTLE if database_url.startswith("sqlite") else LITTLE[:1]
    unneeded = " ".join((*SECONDS, *TENTHS, *little))
    lines = [f"{command}|{unneeded} {' '.join(VECTORS)}" for command in AT_ONCE]
    lines += [f"{command}|{unneeded}" for command in WITH_VECTORS]
    subprocess.run([sys.executable, "-c", SCRIPT, *lines], check=True)
