"""The stories in Socket Mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.search.embedding import SentenceTransformerEmbedder
from tests.e2e.conftest import HelpDesk, open_desk
from tests.e2e.stories import Stories, tell_a_story_of_meaning
from tests.hashing import HashingEmbedder


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str, embedder: HashingEmbedder) -> Iterator[HelpDesk]:
    """Give a desk whose bot connects by WebSocket."""
    with open_desk(tmp_path, sqlite_url, embedder, socket_mode=True) as opened:
        yield opened


class TestSocketMode(Stories):
    """A bot that connects to Slack."""


def test_meaning_is_recognised_on_either_database(
    tmp_path: Path, database_url: str, model: SentenceTransformerEmbedder
) -> None:
    """With the real model a problem told in other words is answered, on both databases."""
    with open_desk(tmp_path, database_url, model, socket_mode=True) as desk:
        tell_a_story_of_meaning(desk)
