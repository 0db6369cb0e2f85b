"""The stories, by signed HTTP requests."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.e2e.conftest import HelpDesk, LocalSlacks
from tests.e2e.stories import Stories, check_story_of_meaning
from tests.hashing import HashingEmbedder


@pytest.fixture
def desk(
    local_slacks: LocalSlacks, tmp_path: Path, sqlite_url: str, embedder: HashingEmbedder
) -> HelpDesk:
    """Give a desk whose bot gets requests from Slack."""
    return local_slacks.desk(tmp_path, sqlite_url, embedder, socket_mode=False)


class TestSignedHttp(Stories):
    """A bot that gets requests from Slack."""

    def test_the_server_has_a_health_check_and_refuses_unsigned_requests(
        self, desk: HelpDesk
    ) -> None:
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


@pytest.mark.both_databases
def test_meaning_is_recognised_on_both_databases(
    local_slacks: LocalSlacks, tmp_path: Path, database_url: str, model: SentenceTransformerEmbedder
) -> None:
    """With the real model, a problem in other words is answered, on both databases."""
    check_story_of_meaning(local_slacks.desk(tmp_path, database_url, model, socket_mode=False))
