"""The embedding model, loaded when first needed, once its weights have been verified."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.search.embedders.batched import BATCH_SIZE, BatchedEmbedder
from services.search.embedders.default_model import (
    DEFAULT_DIM,
    DEFAULT_MAX_TOKENS,
    DEFAULT_MODEL,
    DEFAULT_SHA256,
)
from services.search.embedders.model_files import (
    check_kind,
    check_weights,
    checksum_of,
    expected_checksum,
    find_folder,
    prompt_of,
)
from services.search.embedders.model_loading import load_model
from services.search.embedders.numerics import Numerics, use_precision, use_threads
from services.search.embedders.tokens import Tokeniser
from services.text.cleaning.chunks import CLEANING_VERSION, chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

# The model puts a start and an end token around every text.
SPECIAL_TOKENS = 2

# Of some 32 chunks of 40,000 characters as many are read as take less than a second; the last ones
# are from the end, where a log says what failed.
MAX_CHUNKS, LAST_CHUNKS = 16, 4

# Models without a limit of their own, such as averaged word vectors, read this many tokens at once:
# of a longer text the mean says little.
MAX_WINDOW = 8192
UNLIMITED_WINDOW = 512

# A title longer than a quarter of the window is shortened where it is repeated.
TITLE_SHARE = 4


class Embedder(Protocol):
    """Turns texts into unit-length vectors.

    `fingerprint` identifies model, revision, dimensions and text cleaning; vectors with different
    fingerprints are never compared.
    """

    @property
    def fingerprint(self) -> str: ...
    @property
    def dim(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the (start, end) character offsets of all tokens of the text."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row for each text, shape `(len(texts), dim)`."""


class LocalEmbedder(Embedder, Protocol):
    """A model that is chosen by its name; the embedders of tests are none.

    `checksum` is that of its weights. `texts_read` and `seconds_read` count what it has read.
    """

    @property
    def checksum(self) -> str: ...
    @property
    def texts_read(self) -> int: ...
    @property
    def seconds_read(self) -> float: ...

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""


def chunk(embedder: Embedder, text: str, title: str = "") -> list[str]:
    """Split an item's text into at most `MAX_CHUNKS` pieces that the model reads in full.

    `""` has none. Of longer texts the beginning and the end are read.

    `title` is what the text begins with. Every piece repeats it, because a piece from the middle of
    a long ticket does not say what the ticket is about (benchmarks/README.md).
    """
    if not text:
        return []
    window = embedder.max_tokens - SPECIAL_TOKENS
    if len(text) <= window:  # a token has at least one character
        return [text]
    tokens = embedder.token_offsets(text)
    if len(tokens) <= window or not title:
        return _bounded(chunks(text, tokens, window))
    of_title = embedder.token_offsets(title)[: window // TITLE_SHARE]
    heading = title[: of_title[-1][1]] if of_title else ""
    body = text.removeprefix(title).lstrip()
    # One token less for the line break, which some tokenizers count.
    pieces = chunks(body, embedder.token_offsets(body), window - len(of_title) - 1)
    return [f"{heading}\n{piece}" for piece in _bounded(pieces)]


def _bounded(pieces: list[str]) -> list[str]:
    if len(pieces) <= MAX_CHUNKS:
        return pieces
    return [*pieces[: MAX_CHUNKS - LAST_CHUNKS], *pieces[-LAST_CHUNKS:]]


class SentenceTransformerEmbedder(BatchedEmbedder):
    """A sentence-transformers model on this machine, by name or path; offline, safetensors only.

    Raises `ModelError` when the model is missing, or its weights do not match `sha256`.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        sha256: str | None = None,
        known: tuple[str, int] | None = None,
        downloads: Path | None = None,
    ) -> None:
        super().__init__(model, sha256, known, downloads)
        self._is_default = model == DEFAULT_MODEL
        self.numerics = Numerics()

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        name = Path(self.model).name
        made = f"{name[:64]}@{self.checksum[:16]}/{self.dim}/clean{CLEANING_VERSION}"
        return f"{made}/prompt{zlib.crc32(self.prompt.encode()):08x}" if self.prompt else made

    @cached_property
    def prompt(self) -> str:
        """What the model reads before each text."""
        return "" if self._is_default else prompt_of(self.model, self.folder)

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of the weights.

        That of the default model is known, so that commands which only compare stored vectors start
        without loading PyTorch; `encode` computes it.
        """
        return DEFAULT_SHA256 if self._is_default else self._checksum

    @cached_property
    def dim(self) -> int:
        if self._known is not None:
            return self._known[1]
        if self._is_default:
            return DEFAULT_DIM
        return int(self._loaded[0].get_embedding_dimension() or 0)

    @cached_property
    def max_tokens(self) -> int:
        if self._is_default:
            return DEFAULT_MAX_TOKENS
        model, tokens = self._loaded
        window = model.max_seq_length or UNLIMITED_WINDOW
        window = UNLIMITED_WINDOW if window > MAX_WINDOW else int(window)
        return window - len(tokens.offsets(self.prompt))

    def load_copy(self) -> SentenceTransformer:
        """Return the model, loaded once more, for whoever changes its weights or its form."""
        return self._read()[0]

    def compute_with(self, numerics: Numerics) -> None:
        """Compute so from now on; a model that is loaded in another precision is loaded again."""
        with self._lock:
            if numerics.precision != self.numerics.precision:
                self.__dict__.pop("_loaded", None)
            self.numerics = numerics

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return self._loaded[1].offsets(text)

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""
        return self._loaded[1].unknown_share(text)

    def _read_batch(self, texts: list[str]) -> NDArray[np.float32]:
        use_threads(self.numerics.threads)
        rows: NDArray[np.float32] = self._loaded[0].encode(
            texts,
            prompt=self.prompt,
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return rows.astype("float32", copy=False)

    @cached_property
    def _checksum(self) -> str:
        return checksum_of(self.folder, self.model)

    @cached_property
    def folder(self) -> Path:
        """The folder of the model's files."""
        return find_folder(self.model, self._downloads)

    @cached_property
    def _loaded(self) -> tuple[SentenceTransformer, Tokeniser]:
        with self._lock:
            # A second thread may have waited here while the first one loaded the model.
            if "_loaded" in self.__dict__:
                pair: tuple[SentenceTransformer, Tokeniser] = self.__dict__["_loaded"]
                return pair
            self.__dict__["_loaded"] = loaded = self._load()
            return loaded

    def _load(self) -> tuple[SentenceTransformer, Tokeniser]:
        model, tokens = self._read()
        use_precision(model, self.numerics.precision)
        return model, tokens

    def _read(self) -> tuple[SentenceTransformer, Tokeniser]:
        check_kind(self.model, self.folder)
        expected = self._sha256 or expected_checksum(self.model, self.folder)
        check_weights(self.model, self._checksum, expected)
        return load_model(self.model, self.folder)
