"""The words in the screenshots of a channel's past, which a backfill reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.tasks.histories import History, Said, add_channel, backfill
from tests.bot.tasks.test_images import SAID, TS, read, set_channels, shared_file, texts
from tests.fake_tesseract import tesseract_on_path
from tests.serving import Desk


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for tesseract: pictures here hold their words."""
    with tesseract_on_path(tmp_path / "bin", monkeypatch):
        yield


def test_a_backfill_reads_the_pictures_of_the_past(desk: Desk) -> None:
    """Each once, and no longer than its message is a ticket."""
    add_channel(desk, "C9")
    said = {
        "1": ("see screenshot", SAID),
        "2": ("the door is stuck", "Lock L-9: worn out"),
        "3": ("look at this", "thank you!"),
    }
    written = []
    for at, (text, picture) in said.items():
        files = {"files": [shared_file(desk, f"F{at}", picture)]}
        written.append(Said(f"179535{at}000.000100", text, f"U{at}", files))
    backfill(desk, "C9", History(written))
    assert sorted(texts(desk)) == [
        f"see screenshot\n{SAID}", "the door is stuck\nLock L-9: worn out",
    ]  # fmt: skip
    assert sorted(read(desk)) == [SAID, "Lock L-9: worn out"]
    assert desk.slack.count("files") == len(said)


def test_a_backfill_reads_no_pictures_where_they_are_private(desk: Desk) -> None:
    """The channel's setting holds for its past, too."""
    add_channel(desk, "C9")
    set_channels(desk, reads_images=False)
    picture = {"files": [shared_file(desk, "F1", SAID)]}
    backfill(desk, "C9", History([Said(TS, "the heating does not start", "U1", picture)]))
    assert texts(desk) == ["the heating does not start"]
    assert desk.slack.count("files") == 0
