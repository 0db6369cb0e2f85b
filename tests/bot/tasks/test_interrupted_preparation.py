"""The preparation of another model and the switch to it, killed or without space in the middle."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from bot.connection import database_line
from bot.tasks.model_preparation import STEP_ITEMS, Preparation, TakenError, switch
from bot.wiring import Services, build
from models import Change, Database, Embedding, Workspace
from services.channels.audience import whole_workspace
from services.memory import embedding_models
from tests.conftest import NOW
from tests.other_model import OtherEmbedder, begin, beside, prepare
from tests.remembering import remember, ticket

TICKETS = 3 * STEP_ITEMS
PATIENCE = 60


class DyingEmbedder(OtherEmbedder):
    """The other model in a process that is killed while it reads the second part."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors once."""
        if self.encoded:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(texts)


@pytest.fixture
def other(services: Services, workspace: Workspace) -> Services:
    """Give services by another model, which has no vectors of the tickets yet."""
    remember(services, workspace, [ticket(f"{n}", f"printer {n} beeps") for n in range(TICKETS)])
    return beside(services)


def _killed(work: Callable[[], object]) -> None:
    """Do something in another process, which is killed while it does so."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(PATIENCE)
    assert child.exitcode == -signal.SIGKILL


def _finish(preparation: Preparation) -> None:
    while preparation.step():
        pass


def _connect(services: Services) -> Database:
    return Database.connect(services.settings.database_url.get_secret_value())


def _vectors(services: Services) -> int:
    made = select(func.count(Embedding.id)).where(
        Embedding.fingerprint == OtherEmbedder.fingerprint
    )
    with services.database.read() as session:
        return session.scalar(made) or 0


def _assert_old_in_use(services: Services, workspace: Workspace) -> None:
    """Check that the old model is in use, answers, and has lost nothing."""
    with services.database.read() as session:
        row = embedding_models.model_in_use(session)
        assert row is not None
        assert row.fingerprint == services.embedder.fingerprint
        assert session.scalar(select(func.count(Change.id))) == 0
    audience = whole_workspace(workspace.id)
    [match] = services.similar.to_text("printer 7 beeps", kind="ticket", audience=audience, limit=1)
    assert match.similarity > 0.99


@pytest.mark.both_databases
def test_a_preparation_that_is_killed_goes_on(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """Another process takes it over once the killed one has been silent for a minute."""
    begin(other)

    def work() -> None:
        mine = build(services.settings, DyingEmbedder(), _connect(services))
        _finish(Preparation(mine, lambda: NOW, "killed"))

    _killed(work)
    assert _vectors(services) == STEP_ITEMS
    _assert_old_in_use(services, workspace)
    with pytest.raises(TakenError):
        Preparation(other, lambda: NOW).step()
    later = NOW + embedding_models.LEASE + timedelta(seconds=1)
    preparation = Preparation(other, lambda: later)
    _finish(preparation)
    assert preparation.made == TICKETS - STEP_ITEMS  # and no vector is made twice
    assert switch(services, other, by="ana", now=later)


def test_a_switch_that_is_killed_has_not_begun(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """All of it is one transaction: the old model answers, and the switch can be made again."""
    prepare(other)

    def work() -> None:
        database = _connect(services)
        mine = build(services.settings, OtherEmbedder(), database)
        event.listen(database.engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        switch(services, mine, by="ana", now=NOW)

    _killed(work)
    _assert_old_in_use(services, workspace)
    assert switch(services, other, by="ana", now=NOW)


def test_a_full_disk_is_one_line_and_costs_nothing(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """What was made stays, the old model answers, and it goes on once there is space."""
    if not services.database.is_sqlite:
        pytest.skip("PostgreSQL's disk cannot be filled for one connection")
    begin(other)
    database = _connect(services)

    @event.listens_for(database.engine, "connect")
    def fill(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")

    full = Preparation(build(services.settings, OtherEmbedder(), database), lambda: NOW, "full")
    with pytest.raises(OperationalError) as error:
        _finish(full)
    assert database_line(error.value) == "The database cannot be changed: its disk is full."
    database.close()
    _assert_old_in_use(services, workspace)
    _finish(Preparation(other, lambda: NOW, "full"))
    assert _vectors(services) == TICKETS
    assert switch(services, other, by="ana", now=NOW)
