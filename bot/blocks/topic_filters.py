"""The filters of a run of topics in a line: channels, start, fixed number of topics."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n.texts import Texts
from services.topics.views import RunView

# Further channels are only counted.
MAX_CHANNELS = 3


def filters_of(view: RunView, say: Texts) -> list[str]:
    """Return the filters of a run in plain text: channels, start, fixed number of topics."""
    return list_filters(view, say, [f"#{one.name}" for one in view.channels])


def list_filters(view: RunView, say: Texts, channels: Sequence[str]) -> list[str]:
    """Return the filters of a run, whose channels are written as in `channels`."""
    found = [", ".join(channels[:MAX_CHANNELS])] if channels else []
    if len(channels) > MAX_CHANNELS:
        found[0] += f" {say('… and {n} more', n=len(channels) - MAX_CHANNELS)}"
    if view.since is not None:
        found.append(say("since {day}", day=view.since))
    if view.is_exploration:
        found.append(say("with a fixed number of topics"))
    return found
