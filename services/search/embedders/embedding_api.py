"""A model behind an API such as OpenAI's `/v1/embeddings`: texts leave this machine.

Off unless an administrator sets an address. Whatever an API answers is checked before it counts as
vectors: how many there are, in which order, of which dimension.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

from services.errors import ModelError
from services.search.embedders.api_answers import ApiAnswer, vectors_in
from services.search.embedders.api_client import ApiAccess, ApiClient
from services.search.embedders.model_table import find_known
from services.text.cleaning.chunks import CLEANING_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# How the name of a model behind the API begins.
PREFIX = "api:"

# Texts and tokens of one request: far below what APIs allow, and answered within seconds.
MAX_TEXTS, MAX_TOKENS = 64, 8_000

# What of a window is used: pieces are as long as those of other models, whatever the API takes.
WINDOW = 512

# Four letters of English are a token, and a letter of other scripts is one or less: no tokenizer
# makes more of a text.
_TOKEN = re.compile(r"[A-Za-z0-9]{1,4}|[^\sA-Za-z0-9]")

# An API that finds a single text too long gets half of it, down to this many characters.
MIN_CHARACTERS = 64
TOO_LARGE = frozenset({400, 413})


class EmbeddingApi:
    """The model `api:NAME`.

    Raises `ModelError` for an answer that cannot be right and when the API refuses, and
    `ModelUnreachableError` when it does not answer now.
    """

    max_tokens = WINDOW

    def __init__(
        self,
        name: str,
        access: ApiAccess | None,
        sha256: str | None = None,
        known: tuple[str, int] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.model = name.removeprefix(PREFIX)
        self._access = access
        self._sha256 = sha256
        self._known = known
        self._sleep = sleep
        self._turn = Lock()
        row = find_known(self.model)
        self.prompt = "" if row is None else row.prompt
        self.texts_read = 0
        self.seconds_read = 0.0

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        made = f"{self.name[:64]}@{self.checksum[:16]}/{self.dim}/clean{CLEANING_VERSION}"
        return f"{made}/prompt{zlib.crc32(self.prompt.encode()):08x}" if self.prompt else made

    @cached_property
    def checksum(self) -> str:
        """Nobody sees the weights: the SHA-256 of the API's host and the model's name."""
        return hashlib.sha256(f"{self.access.host} {self.model}".encode()).hexdigest()

    @cached_property
    def dim(self) -> int:
        if self._known is not None:
            return self._known[1]
        return len(self._request(["dimensions"])[0])

    @property
    def access(self) -> ApiAccess:
        """Where the API is. Raises `ModelError` if nobody has allowed one."""
        if self._access is None:
            raise ModelError(
                f"{self.name} needs DEJA_EMBEDDING_URL, which is not set: with it the texts of "
                "tickets leave this machine."
            )
        return self._access

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _TOKEN.finditer(text)]

    def unknown_share(self, text: str) -> float:
        """Nobody can say what an API has no token for."""
        return 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if self._sha256 is not None and self.checksum != self._sha256.lower():
            raise ModelError(
                f"DEJA_EMBEDDING_URL names {self.access.host}, but the vectors of {self.name} come "
                "from another API. Set that one, or bring this one into use with `deja model use`."
            )
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        done = 0
        for batch in self._batches(texts):
            with self._turn:  # whoever waits has their turn between two requests
                start = perf_counter()
                rows[done : done + len(batch)] = self._checked(self._request(batch))
                self.seconds_read += perf_counter() - start
            done += len(batch)
            self.texts_read += len(batch)
        return rows

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in texts:
            more = len(self.token_offsets(text))
            if batch and (len(batch) == MAX_TEXTS or tokens + more > MAX_TOKENS):
                yield batch
                batch, tokens = [], 0
            batch.append(text)
            tokens += more
        if batch:
            yield batch

    def _checked(self, rows: list[list[float]]) -> NDArray[np.float32]:
        """Return unit vectors. Raises `ModelError` for another dimension, or a vector of zeros."""
        import numpy as np

        with np.errstate(over="ignore"):  # what is too large has no length below
            vectors = np.asarray(rows, dtype=np.float32)
        if vectors.shape[1] != self.dim:
            raise ModelError(
                f"{self.access.host} answered with {vectors.shape[1]} dimensions in place of "
                f"{self.dim}: it uses another model than {self.model}."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and lengths.all()):
            raise ModelError(f"{self.access.host} answered with a vector without a direction.")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _request(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of a few texts, in their order; too many or too long ones in parts."""
        answer = self._answer(texts)
        if answer.status not in TOO_LARGE or not answer.is_about_length:
            return vectors_in(answer, self.access.host, len(texts))
        if len(texts) > 1:
            half = len(texts) // 2
            return self._request(texts[:half]) + self._request(texts[half:])
        if len(texts[0]) <= MIN_CHARACTERS:
            raise ModelError(f"{self.access.host} refuses every text: {answer.said}")
        return self._request([texts[0][: len(texts[0]) // 2]])

    def _answer(self, texts: list[str]) -> ApiAnswer:
        return self._client.ask(
            {
                "model": self.model,
                "input": [self.prompt + text for text in texts],
                "encoding_format": "float",
            }
        )

    @cached_property
    def _client(self) -> ApiClient:
        return ApiClient("embedding API", self.access, sleep=self._sleep)
