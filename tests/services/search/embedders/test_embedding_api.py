"""A model behind an API: batches, waits, limits, and answers that cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from services.errors import ModelError, ModelUnreachableError
from services.search.embedders import api_client
from services.search.embedders.api_client import ApiAccess
from services.search.embedders.by_name import (
    ModelPlaces,
    is_on_this_machine,
    open_embedder,
    sends_texts,
)
from services.search.embedders.embedding_api import MAX_TEXTS, EmbeddingApi
from tests.embedding_server import KEY, EmbeddingServer, embedding_server
from tests.hashing import HashingEmbedder

NAME = "api:hashing-model"
TEXTS = ["the printer prints blank pages", "how do I book a day of holiday?"]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    """Run an embedding API."""
    with embedding_server() as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """Give the list of the pauses that were made."""
    return []


@pytest.fixture
def api(server: EmbeddingServer, waits: list[float]) -> EmbeddingApi:
    """Give the model behind it."""
    return EmbeddingApi(NAME, ApiAccess(server.url, KEY, seconds=2), sleep=waits.append)


def test_vectors_are_those_of_the_texts(api: EmbeddingApi, server: EmbeddingServer) -> None:
    """Many texts go in several requests, and each row is that of its text."""
    texts = [f"report {number} of a printer" for number in range(MAX_TEXTS * 2 + 5)]
    np.testing.assert_allclose(api.encode(texts), HashingEmbedder().encode(texts), atol=1e-6)
    assert [len(request) for request in server.requests[1:]] == [MAX_TEXTS, MAX_TEXTS, 5]
    assert api.texts_read == len(texts)
    assert api.dim == 64
    assert api.fingerprint.startswith(f"{NAME}@")


def test_long_texts_go_in_smaller_requests(api: EmbeddingApi, server: EmbeddingServer) -> None:
    """A request has a bounded number of tokens."""
    api.encode(["word " * 500] * 20)
    assert max(map(len, server.requests)) < 20


def test_answers_in_another_order_are_put_in_order(
    api: EmbeddingApi, server: EmbeddingServer
) -> None:
    """The API says which text a vector belongs to."""
    server.change = lambda answer: answer["data"].reverse()
    np.testing.assert_allclose(api.encode(TEXTS), HashingEmbedder().encode(TEXTS), atol=1e-6)


def test_a_busy_api_is_asked_again_when_it_says(
    api: EmbeddingApi, server: EmbeddingServer, waits: list[float]
) -> None:
    """`Retry-After` is kept to; an API that says nothing gets more and more time."""
    _ = api.dim
    server.failures = [(429, {"Retry-After": "3"}, ""), (503, {}, "")]
    assert api.encode(TEXTS).shape == (2, 64)
    assert waits == [3.0, 4.0]


@pytest.mark.parametrize("wait", ["60", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_whoever_would_wait_long_is_told(
    api: EmbeddingApi, server: EmbeddingServer, waits: list[float], wait: str
) -> None:
    """A job is postponed for as long as the API says."""
    server.failures = [(429, {"Retry-After": wait}, "")]
    with pytest.raises(ModelUnreachableError, match="does not answer now") as caught:
        api.encode(TEXTS)
    assert caught.value.delay >= 60
    assert not waits


def test_an_api_that_takes_too_long_is_told(server: EmbeddingServer, waits: list[float]) -> None:
    """It is asked three times."""
    server.seconds = 0.3
    access = ApiAccess(server.url, KEY, seconds=0.1)
    with pytest.raises(ModelUnreachableError, match="it took too long"):
        EmbeddingApi(NAME, access, sleep=waits.append).encode(TEXTS)
    assert len(waits) == 2


def test_no_answer_is_not_waited_for_again_and_again(
    server: EmbeddingServer, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time that it was waited for counts, not only that between two tries."""
    monkeypatch.setattr(api_client, "PATIENCE", 2.1)
    server.seconds = 0.3
    access = ApiAccess(server.url, KEY, seconds=0.2)
    with pytest.raises(ModelUnreachableError, match="it took too long"):
        EmbeddingApi(NAME, access, sleep=waits.append).encode(TEXTS)
    assert not waits


def test_an_api_that_is_not_there_is_told(waits: list[float]) -> None:
    """One line has its host."""
    access = ApiAccess("http://127.0.0.1:9/v1/embeddings", KEY)
    with pytest.raises(ModelUnreachableError, match=r"127\.0\.0\.1:9 does not answer"):
        EmbeddingApi(NAME, access, sleep=waits.append).encode(TEXTS)


def test_texts_that_are_too_long_for_it_are_sent_in_parts(
    api: EmbeddingApi, server: EmbeddingServer
) -> None:
    """One long text does not keep the others from being read."""
    server.max_words = 30
    rows = api.encode([TEXTS[0], "scanner " * 100, TEXTS[1]])
    np.testing.assert_allclose(rows[[0, 2]], HashingEmbedder().encode(TEXTS), atol=1e-6)
    np.testing.assert_allclose(rows[1], HashingEmbedder().encode(["scanner"])[0], atol=1e-6)
    server.max_words = 0
    with pytest.raises(ModelError, match="refuses every text: maximum context length"):
        api.encode(TEXTS)


def _without_index(answer: Any) -> None:
    del answer["data"][1]["index"]


def _twice(answer: Any) -> None:
    answer["data"][1]["index"] = 0


def _one_short(answer: Any) -> None:
    answer["data"].pop()


def _one_more(answer: Any) -> None:
    answer["data"].append({"index": 2, "embedding": [1.0] * 64})


def _mixed(answer: Any) -> None:
    answer["data"][0]["embedding"] = [1.0]


def _zeros(answer: Any) -> None:
    answer["data"][0]["embedding"] = [0.0] * 64


def _infinite(answer: Any) -> None:
    answer["data"][0]["embedding"] = ["1e999"] * 64


def _huge(answer: Any) -> None:
    answer["data"][0]["embedding"] = [1e300] * 64


def _huge_integers(answer: Any) -> None:
    answer["data"][0]["embedding"] = [10**400] * 64


def _nothing(answer: Any) -> None:
    answer["data"][0]["embedding"] = [None] * 64


def _other_dimension(answer: Any) -> None:
    for one in answer["data"]:
        one["embedding"] = one["embedding"][:32]


def _no_data(answer: Any) -> None:
    del answer["data"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without_index, "something else than vectors"),
        (_twice, "something else than vectors"),
        (_one_more, "something else than vectors"),
        (_no_data, "something else than vectors"),
        (_one_short, "1 vectors for 2 texts"),
        (_mixed, "several dimensions"),
        (_zeros, "without a direction"),
        (_infinite, "without a direction"),
        (_huge, "without a direction"),
        (_huge_integers, "something else than vectors"),
        (_nothing, "something else than vectors"),
        (_other_dimension, "32 dimensions in place of 64"),
    ],
)
def test_an_answer_that_cannot_be_right_is_refused(
    api: EmbeddingApi, server: EmbeddingServer, change: Callable[[Any], None], said: str
) -> None:
    """Nothing of it is taken for vectors, and one line says why."""
    assert api.dim == 64
    server.change = change
    with pytest.raises(ModelError, match=said) as caught:
        api.encode(TEXTS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, "<html>Log in</html>", "answered with something else than vectors"),
        (200, "[" * 100_000, "answered with something else than vectors"),
        (404, "[" * 100_000, r"answered HTTP 404: \[\["),
        (302, "", r"answered HTTP 302\.$"),
    ],
)
def test_what_is_no_answer_of_an_api_costs_one_line(
    api: EmbeddingApi, server: EmbeddingServer, status: int, body: str, said: str
) -> None:
    server.failures = [(status, {}, body)]
    with pytest.raises(ModelError, match=said) as caught:
        api.encode(TEXTS)
    assert "\n" not in str(caught.value)


def test_a_refused_key_is_told_without_it(server: EmbeddingServer) -> None:
    """The API's own words are shown, the key is not."""
    with pytest.raises(ModelError, match="refuses DEJA_EMBEDDING_KEY: Incorrect") as caught:
        EmbeddingApi(NAME, ApiAccess(server.url, "sk-secret")).encode(TEXTS)
    assert "sk-secret" not in str(caught.value)


def test_nothing_is_sent_unless_an_address_is_set(server: EmbeddingServer) -> None:
    """Without the setting the model is not on this machine."""
    assert sends_texts(NAME)
    assert not sends_texts("all-MiniLM-L6-v2")
    assert not is_on_this_machine(NAME)
    with pytest.raises(ModelError, match="DEJA_EMBEDDING_URL, which is not set"):
        open_embedder(NAME).encode(TEXTS)
    assert not server.texts


def test_another_api_than_that_of_the_vectors_is_not_asked(
    api: EmbeddingApi, server: EmbeddingServer
) -> None:
    """Two models may have one name; their vectors are never mixed."""
    places = ModelPlaces(api=ApiAccess("http://127.0.0.1:9/v1/embeddings", KEY))
    other = open_embedder(NAME, api.checksum, (api.fingerprint, api.dim), places)
    with pytest.raises(ModelError, match="come from another API"):
        other.encode(TEXTS)
    same = open_embedder(NAME, api.checksum, places=ModelPlaces(api=ApiAccess(server.url, KEY)))
    assert same.encode(TEXTS).shape == (2, 64)


def test_the_prompt_of_a_known_model_is_sent(server: EmbeddingServer) -> None:
    """A server of multilingual-e5-small reads it before each text."""
    EmbeddingApi("api:multilingual-e5-small", ApiAccess(server.url, KEY)).encode(TEXTS)
    assert server.requests[-1] == [f"query: {text}" for text in TEXTS]
