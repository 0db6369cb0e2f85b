"""The stories by signed HTTP requests."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from services.search.embedding import SentenceTransformerEmbedder
from tests.e2e.conftest import HelpDesk, LocalSlacks
from tests.e2e.stories import Stories, tell_a_story_of_meaning
from tests.hashing import HashingEmbedder


@pytest.fixture
def desk(
    local_slacks: LocalSlacks, tmp_path: Path, sqlite_url: str, embedder: HashingEmbedder
) -> HelpDesk:
    """Give a desk whose bot is called by Slack."""
    return local_slacks.desk(tmp_path, sqlite_url, embedder, socket_mode=False)


class TestSignedHttp(Stories):
    """A bot that Slack calls."""

    def test_the_same_server_tells_its_health_and_refuses_strangers(self, desk: HelpDesk) -> None:
        """`/healthz` answers 200; a request without a signature gets 401."""
        with desk.bot():
            base = f"http://127.0.0.1:{desk.port}"
            with urlopen(f"{base}/healthz") as response:
                assert response.status == 200
            request = Request(f"{base}/slack/events", data=b"{}")
            with pytest.raises(HTTPError) as refused:
                urlopen(request)
            assert refused.value.code == 401
            refused.value.close()


def test_meaning_is_recognised_on_either_database(
    local_slacks: LocalSlacks, tmp_path: Path, database_url: str, model: SentenceTransformerEmbedder
) -> None:
    """With the real model a problem told in other words is answered, on both databases."""
    tell_a_story_of_meaning(local_slacks.desk(tmp_path, database_url, model, socket_mode=False))
