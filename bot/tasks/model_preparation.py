"""Another model comes into use: its vectors are made beside those in use, then one step switches.

Until then the old vectors answer. Nothing is lost whenever it is interrupted: what was made is in
the database, and whoever goes on makes what is missing.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import get_args

from sqlalchemy import select

from bot.model_choice import ModelChoice
from bot.model_numerics import ensure_measured
from bot.wiring import Services, build
from models import Calibration, EmbeddingModel, Workspace
from models.items import ItemKind
from services.errors import NotEnoughVerdictsError, RetryLaterError
from services.judgement.calibration_store import is_up_to_date
from services.memory import embedding_models, pool_statistics
from services.memory.embedding_models import ModelIdentity
from services.memory.scale_learning import lacks_scale, learn_scale
from services.search.embedders.by_name import is_on_this_machine
from services.search.embedders.default_model import DEFAULT_MODEL
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.indexes.contract import FollowingIndex
from services.search.indexes.pgvector import PgVectorIndex

# Items that are embedded, or measured, in one step: a step renews the lease and is not lost.
STEP_ITEMS = 32
MEASURED_ITEMS = 256

# Items that came since the last step and are embedded while everybody waits for the switch.
LAST_ITEMS = 16

logger = logging.getLogger(__name__)


class TakenError(RetryLaterError):
    """Another process makes these vectors, or nobody wants them any more."""


def process_name() -> str:
    """Return a name for this process that no other has."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def services_for(services: Services, identity: ModelIdentity) -> Services:
    """Return services over the same database by another model."""
    known = (identity.fingerprint, identity.dim)
    choice = ModelChoice(identity.name, identity.sha256, known, directions=identity.directions)
    return build(services.settings, database=services.database, choice=choice)


class Preparation:
    """Makes the vectors of a model that is not in use yet, step by step; `made` counts items."""

    def __init__(
        self, target: Services, clock: Callable[[], datetime], owner: str | None = None
    ) -> None:
        self.target = target
        self.owner = owner or process_name()
        self.made = 0
        self._clock = clock
        self._after = 0
        self._is_finished = False

    def step(self) -> bool:
        """Do a part of the work; return whether there is more. Raises `TakenError`."""
        database, fingerprint = self.target.database, self.target.embedder.fingerprint
        with database.write() as session:
            if not embedding_models.take_lease(session, fingerprint, self.owner, self._clock()):
                raise TakenError("another process makes the vectors of the new model", 1.0)
        if isinstance(self.target.index, PgVectorIndex) and not self._after:
            self.target.index.maintain()  # while it is empty, which takes no time
        ids = self.target.vectors.prepare_missing(limit=STEP_ITEMS, after=self._after)
        if ids:
            self._after, self._is_finished = ids[-1], False
            self.made += len(ids)
            return True
        if self._after:  # once more from the start: some may have changed meanwhile
            self._after = 0
            return True
        if self.target.duplicates.measure_missing(limit=MEASURED_ITEMS):
            self._is_finished = False
            return True
        if not self._is_finished:
            self._finish()
        return False

    def _finish(self) -> None:
        """Make what depends on all vectors, so that the switch itself takes no time."""
        with self.target.database.write() as session:
            pool_statistics.compute_all(session, self.target.embedder.fingerprint)
        learn_scale_of(self.target)
        if isinstance(self.target.index, FollowingIndex):
            self.target.index.count()  # adds what is new
            self.target.index.save()
        self._is_finished = True

    def free(self) -> None:
        """Let another process go on at once."""
        with self.target.database.write() as session:
            embedding_models.free_lease(session, self.target.embedder.fingerprint, self.owner)


def switch(
    current: Services,
    target: Services,
    *,
    by: str,
    now: datetime,
    known: Sequence[Calibration] = (),
) -> bool:
    """Bring a model into use; return False, with nothing changed, if too much came meanwhile.

    `known` is what the verdicts taught when the models were compared (`ModelFigures.learned`).
    Raises `InputError` if somebody else switched.
    """
    learned = _learned(current, target, by, now, known)
    with target.database.write() as session:
        embedding_models.lock_for_switch(session, current.embedder.fingerprint)
        if not target.vectors.complete(session, limit=LAST_ITEMS):
            return False
        session.add_all(learned)
        embedding_models.switch(session, target.embedder.fingerprint, by=by, now=now)
    return True


def switch_back(
    current: Services,
    target: Services,
    *,
    by: str,
    now: datetime,
    known: Sequence[Calibration] = (),
) -> None:
    """Bring a kept model into use at once, whatever has come since. Raises `InputError`.

    `known` is as in `switch`.
    """
    learned = _learned(current, target, by, now, known)
    with target.database.write() as session:
        embedding_models.lock_for_switch(session, current.embedder.fingerprint)
        session.add_all(learned)
        embedding_models.switch(session, target.embedder.fingerprint, by=by, now=now)


def _learned(
    current: Services,
    target: Services,
    by: str,
    now: datetime,
    known: Sequence[Calibration],
) -> Sequence[Calibration]:
    """Return what the current verdicts teach about the new vectors, wherever they suffice.

    What is `known` already is not learned again while the verdicts are the same.
    """
    with current.database.read() as session:
        workspaces = session.scalars(select(Workspace.id).order_by(Workspace.id)).all()
        kept = {(one.workspace_id, one.kind): one for one in known if is_up_to_date(session, one)}
    found = []
    for workspace_id, kind in product(workspaces, get_args(ItemKind)):
        if not target.calibrator.is_due(workspace_id, kind):
            continue
        if (row := kept.get((workspace_id, kind))) is not None:
            row.fitted_by, row.fitted_at = by, now
            found.append(row)
            continue
        try:
            found.append(target.calibrator.learn(workspace_id, kind, by=by, now=now))
        except NotEnoughVerdictsError:
            logger.info("the verdicts on %ss do not suffice to learn from", kind)
    return found


def learn_scale_of(services: Services) -> bool:
    """Learn on which scale the model's cosines are; return whether there was anything to learn."""
    with services.database.read() as session:
        is_due = lacks_scale(session, services.embedder.fingerprint)
    if not is_due or not is_on_this_machine(DEFAULT_MODEL):
        return False
    learn_scale(services.vectors, SentenceTransformerEmbedder())
    return True


class BackgroundPreparation:
    """Makes the vectors of whatever model is wanted, in a running bot."""

    def __init__(self, services: Services, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._clock = clock
        self._owner = process_name()
        self._preparation: Preparation | None = None

    def do_part(self) -> bool:
        """Do a part of the work; return whether there is more."""
        with self._services.database.read() as session:
            row = embedding_models.model_in_preparation(session)
        if row is None:
            self._preparation = None
            return learn_scale_of(self._services.live.last)
        preparation = self._prepared(row)
        try:
            if preparation.step():
                return True
        except TakenError:
            return False
        except Exception:  # another process may have what this one lacks, such as the model
            preparation.free()
            raise
        preparation.free()
        return row.switches and self._switch(row)

    def _prepared(self, row: EmbeddingModel) -> Preparation:
        known = self._preparation
        if known is None or known.target.embedder.fingerprint != row.fingerprint:
            with self._services.database.read() as session:
                identity = embedding_models.identity_of(session, row)
            target = services_for(self._services, identity)
            ensure_measured(target.embedder, target.settings)
            known = self._preparation = Preparation(target, self._clock, self._owner)
        return known

    def _switch(self, row: EmbeddingModel) -> bool:
        """Switch to a complete model; return whether there is more to do first."""
        target = self._prepared(row).target
        current = self._services.live.get()
        if not switch(current, target, by=row.changed_by, now=self._clock()):
            return True
        logger.info("%s is complete and in use now", row.name)
        self._services.live.get()
        return False
