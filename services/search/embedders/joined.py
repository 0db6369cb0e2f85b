"""Several models side by side: `all-MiniLM-L6-v2 + use-multilingual`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from services.errors import ModelError
from services.search.embedders.embedding import LocalEmbedder
from services.text.cleaning.chunks import CLEANING_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What stands between the names of models that are used side by side.
PLUS = " + "

# Of the names, in a fingerprint: as much as others have of one.
MAX_NAME = 64


class JoinedEmbedder:
    """Joins the vectors of several models, each divided by the root of their number.

    The vectors of one text have unit length again, and the cosine of two texts is the mean of the
    models' cosines. Every model reads each text once.
    """

    def __init__(
        self,
        parts: Sequence[LocalEmbedder],
        sha256: str | None = None,
        known: tuple[str, int] | None = None,
    ) -> None:
        self.parts = tuple(parts)
        self._sha256 = sha256
        self._known = known

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        names = "+".join(part.fingerprint.partition("@")[0] for part in self.parts)
        return f"{names[:MAX_NAME]}@{self.checksum[:16]}/{self.dim}/clean{CLEANING_VERSION}"

    @cached_property
    def checksum(self) -> str:
        """One of all that decides what the vectors are: models, their order, their prompts."""
        every = "\n".join(f"{part.fingerprint} {part.checksum}" for part in self.parts)
        return hashlib.sha256(every.encode()).hexdigest()

    @cached_property
    def dim(self) -> int:
        if self._known is not None:
            return self._known[1]
        return sum(part.dim for part in self.parts)

    @cached_property
    def max_tokens(self) -> int:
        """The smallest window: every model reads each piece in full."""
        return min(part.max_tokens for part in self.parts)

    @property
    def texts_read(self) -> int:
        """How many texts were read so far, each of them by every model."""
        return max(part.texts_read for part in self.parts)

    @property
    def seconds_read(self) -> float:
        """How many seconds that took all models together."""
        return sum(part.seconds_read for part in self.parts)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the tokens of the model that has most of them in this text."""
        return max((part.token_offsets(text) for part in self.parts), key=len)

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that no model has a token for."""
        return min(part.unknown_share(text) for part in self.parts)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        self._check()
        rows = np.hstack([part.encode(texts) for part in self.parts])
        return np.asarray(rows / np.sqrt(len(self.parts)), dtype=np.float32)

    def _check(self) -> None:
        if self._sha256 is not None and self.checksum != self._sha256.lower():
            raise ModelError(
                "The models used side by side are not those that made the vectors: "
                f"{self.checksum[:12]}…, expected {self._sha256[:12]}…. Install them again."
            )
