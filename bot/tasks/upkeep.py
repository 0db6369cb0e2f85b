"""Tasks that are due by the clock: learning from verdicts, and fetching new tokens."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import Recalibration, TokenRotation
from bot.slack.tokens import Tokens
from bot.wiring import Services
from services.errors import NotEnoughVerdictsError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upkeep:
    """Keeps the calibration and the token of a workspace fresh."""

    services: Services
    tokens: Tokens
    team_id: str

    def calibrate(self, job: Recalibration, lease: Lease, now: datetime) -> list[BotJob]:
        """Fit a model to the verdicts so far, unless that was done since the job was stored."""
        if self.services.calibrator.is_due(job.workspace_id, job.item_kind):
            try:
                self.services.calibrator.fit(job.workspace_id, job.item_kind, by="deja", now=now)
            except NotEnoughVerdictsError as error:
                logger.info("nothing was learned: %s", error)
        return []

    def rotate(self, job: TokenRotation, lease: Lease, now: datetime) -> list[BotJob]:
        """Fetch a new token before the old one expires."""
        self.tokens.rotate(self.team_id)
        return []
