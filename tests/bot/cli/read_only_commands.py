"""Runs commands in a process that cannot write to a folder: `python -m …read_only_commands`.

Standard input is a JSON list of command lines. Standard output has a JSON line for each, with the
exit code and the output. The hashing embedder replaces the model.
"""

from __future__ import annotations

import json
import sys

from click.testing import CliRunner

import bot.index_wiring
from bot.cli import main
from tests.hashing import HashingEmbedder


def run(words: list[str]) -> dict[str, object]:
    """Run a command; a traceback counts as a crash."""
    result = CliRunner().invoke(main, words)
    crash = None
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        crash = repr(result.exception)
    return {"exit": result.exit_code, "output": result.output, "crash": crash}


if __name__ == "__main__":
    vars(bot.index_wiring)["embedder_of"] = lambda *_: HashingEmbedder()
    for line in json.load(sys.stdin):
        sys.stdout.write(json.dumps(run(line)) + "\n")
        sys.stdout.flush()
