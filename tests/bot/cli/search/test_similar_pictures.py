"""`deja similar` on pictures: what it takes, and from where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.tiny_clip import make_tiny_clip

Deja = Callable[..., Result]


def test_words_of_pictures_come_from_standard_input_too(
    command_line: Deja, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other texts do."""
    monkeypatch.setenv("DEJA_IMAGE_MODEL", str(make_tiny_clip(tmp_path / "clip")))
    (tmp_path / "t.csv").write_text("id,text\n1,the gate jams\n")
    assert command_line("import", "t.csv").exit_code == 0
    found = command_line("similar", "--pictures", "-", stdin="a red light")
    assert found.exit_code == 0
    assert "a red light" in found.stdout


@pytest.mark.parametrize("asked", [("--image", "a.png"), ("--pictures", "a red light")])
def test_products_have_no_pictures(command_line: Deja, asked: tuple[str, str]) -> None:
    """Asking for them is refused rather than answered with tickets."""
    refused = command_line("similar", *asked, "--kind", "product")
    assert refused.exit_code == 2
    assert "Only tickets are found by their pictures" in refused.stderr
