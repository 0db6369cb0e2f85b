"""The stories, in Socket Mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.e2e.conftest import HelpDesk, LocalSlacks
from tests.e2e.stories import Stories, check_story_of_meaning
from tests.hashing import HashingEmbedder


@pytest.fixture
def desk(
    local_slacks: LocalSlacks, tmp_path: Path, sqlite_url: str, embedder: HashingEmbedder
) -> HelpDesk:
    """Give a desk whose bot connects by WebSocket."""
    return local_slacks.desk(tmp_path, sqlite_url, embedder, socket_mode=True)


class TestSocketMode(Stories):
    """A bot that connects to Slack."""


def test_meaning_is_recognised_on_both_databases(
    local_slacks: LocalSlacks, tmp_path: Path, database_url: str, model: SentenceTransformerEmbedder
) -> None:
    """With the real model, a problem in other words is answered, on both databases."""
    check_story_of_meaning(local_slacks.desk(tmp_path, database_url, model, socket_mode=True))
