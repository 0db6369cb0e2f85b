"""Every due answer is posted once, whatever goes wrong."""

from __future__ import annotations

import pytest

from services.evaluation.nightly_proof import NightlyProof
from tests.bot.server.long_storm import LongStorm
from tests.bot.server.storm import CHANNELS
from tests.bot.server.storm_targets import DeskTarget
from tests.levels import variations
from tests.serving import Desk


@pytest.mark.parametrize(("events", "kills", "seed"), variations([(90, 2, 1), (150, 4, 1)], few=1))
def test_every_answer_due_is_given_once(desk: Desk, events: int, kills: int, seed: int) -> None:
    """Events are repeated, reordered, dropped; there are edits, faults, kills and an outage."""
    for channel in CHANNELS:
        desk.slack.add_channel(channel)
    figures = LongStorm(DeskTarget(desk), events, kills, seed).run()
    assert figures.due > events / 10
    assert figures.kills == kills
    assert (figures.lost, figures.twice, figures.missing, figures.unasked) == (0, 0, [], [])
    assert desk.jobs("ready") == desk.jobs("running") == desk.jobs("failed") == []
    services = desk.services
    proof = NightlyProof(services.database, services.index, services.embedder.fingerprint)
    for check in ("ghosts", "orphans", "vectors"):
        assert proof.check(check, desk.clock.now).state == "ok"
