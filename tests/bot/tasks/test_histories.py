"""The same history gives the same tickets, parts, follow-ups and answers, whichever way it came."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.bot.tasks.histories import (
    MATTERS,
    History,
    Said,
    Way,
    add_channel,
    backfill,
    export,
    histories,
    live,
    remembered,
)
from tests.levels import rounds
from tests.serving import Desk


@pytest.mark.timeout(900)  # the many examples take minutes
@rounds(8, 60)
def test_live_events_backfill_and_export_agree(burst_desk: Desk, examples: int) -> None:
    """For any history of a channel with threads, edits, deletions, reactions, bots and forms."""
    numbers = count()

    # Each example has channels of its own in one database, so shrinking would take minutes.
    @settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(histories())
    def holds(history: History) -> None:
        number = next(numbers)
        found = []
        for way in (live, backfill, export):
            channel = f"C{way.__name__.upper()}{number}"
            add_channel(burst_desk, channel)
            way(burst_desk, channel, history)
            found.append(remembered(burst_desk, channel))
        by_events, by_backfill, by_export = found
        assert by_backfill == by_events
        assert by_export == by_events

    holds()


@pytest.mark.parametrize("way", [backfill, export])
@pytest.mark.parametrize("text", ["thanks!", "any news?"])
def test_an_edit_that_was_missed_takes_the_ticket_out(
    burst_desk: Desk, way: Way, text: str
) -> None:
    """Reading the channel later finds it; an export from before the edit changes nothing."""
    add_channel(burst_desk, "C9")
    written = Said("1795350000.000100", MATTERS[0], "U1", {})
    before, after = History([written]), History([replace(written, edit=text)])
    live(burst_desk, "C9", before)
    way(burst_desk, "C9", after)
    assert remembered(burst_desk, "C9").tickets == {}
    way(burst_desk, "C9", before)
    assert remembered(burst_desk, "C9").tickets == {}
