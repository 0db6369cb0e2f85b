"""Tickets to cluster: the sample company's with real vectors, and a small backlog in a database."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.tryout import sample
from bot.wiring import Services
from models import Workspace
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.text.slack.markup import clean_slack
from services.topics.scopes import Scope, scope_of_everybody
from tests.remembering import remember
from tests.services.topics.backlog import SUBJECTS, tickets_about


@dataclass(frozen=True)
class Company:
    """Tickets: texts, the issue each belongs to ("" for none), and vectors, `(n, dim)`."""

    texts: list[str]
    issues: list[str]
    vectors: NDArray[np.float32]


@pytest.fixture(scope="session")
def company(model: SentenceTransformerEmbedder) -> Company:
    """Give the sample company's tickets, embedded once a worker."""
    tickets = sample.tickets()
    texts = [clean_slack(one.text) for one in tickets]
    return Company(texts, [str(one.group or "") for one in tickets], model.encode(texts))


@pytest.fixture
def scope(services: Services, workspace: Workspace) -> Scope:
    """Fill a workspace with tickets about three subjects that everybody may read."""
    for subject in SUBJECTS:
        remember(services, workspace, tickets_about(subject))
    return scope_of_everybody(workspace.id)
