"""The doctor on a team that writes in several languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.bot.cli.upkeep.test_doctor import finding

Deja = Callable[..., Result]

ENGLISH = "The printer on the second floor prints blank pages since this morning"
GERMAN = "Der Drucker im zweiten Stock druckt seit heute Morgen nur leere Seiten"


@pytest.mark.parametrize(("german", "state"), [(0, "ok"), (1, "ok"), (4, "warning")])
def test_several_languages_are_told_with_what_to_do(
    command_line: Deja, tmp_path: Path, german: int, state: str
) -> None:
    """One quotation is no language of the team; a few tickets are, and have a remedy."""
    texts = [ENGLISH] * 20 + [GERMAN] * german
    rows = [json.dumps({"id": f"T-{n}", "text": f"{text} {n}"}) for n, text in enumerate(texts)]
    (tmp_path / "tickets.jsonl").write_text("\n".join(rows))
    assert command_line("import", str(tmp_path / "tickets.jsonl")).exit_code == 0
    found = finding(command_line, "languages", "--offline")
    assert found["state"] == state
    remedy = "deja model use 'all-MiniLM-L6-v2 + use-multilingual'"
    assert (remedy in found["message"]) == (state == "warning")
