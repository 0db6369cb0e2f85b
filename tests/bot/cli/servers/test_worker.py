"""`deja worker`: a process that only works."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

from tests.bot.cli.test_patience import SECONDS, running
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn


def test_the_model_is_loaded_before_the_first_ticket(
    slack: SlackStandIn, sqlite_template: Path, tmp_path: Path
) -> None:
    """Weights that are not the expected ones are named at the start, and nothing is worked on."""
    url = f"sqlite:///{copy(sqlite_template, tmp_path / 'deja.db')}"
    values = settings_values(slack.url, url, str(tmp_path / "data"))
    with running({**values, "DEJA_MODEL_SHA256": "0" * 64}, tmp_path, "worker") as process:
        _, told = process.communicate(timeout=SECONDS)
    assert "Error: The weights of the model" in told
    assert "is working for" not in told
    assert process.returncode == 1
