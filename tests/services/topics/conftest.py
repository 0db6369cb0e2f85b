"""The sample company's tickets with their real vectors, computed once a worker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.tryout import sample
from services.search.embedding import SentenceTransformerEmbedder
from services.text.slack_markup import clean_slack


@dataclass(frozen=True)
class Company:
    """Tickets: their words, the issue each belongs to ("" for none), and vectors, `(n, dim)`."""

    texts: list[str]
    issues: list[str]
    vectors: NDArray[np.float32]


@pytest.fixture(scope="session")
def company(model: SentenceTransformerEmbedder) -> Company:
    """Give the sample company's tickets."""
    tickets = sample.tickets()
    texts = [clean_slack(one.text) for one in tickets]
    return Company(texts, [str(one.group or "") for one in tickets], model.encode(texts))
