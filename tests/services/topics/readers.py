"""Models that read tickets as a test wants them to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.hashing import HashingEmbedder


class Reader(HashingEmbedder):
    """A model to which one ticket's words mean what the topic does, and other words nothing."""

    centre: NDArray[np.float32]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of some texts."""
        far = np.roll(self.centre, 1)
        return np.stack([self.centre if "everybody" in text else far for text in texts])
