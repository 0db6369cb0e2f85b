"""Finding and naming channels."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.settings import find_channel, shown_name
from services.errors import NotFoundError
from services.memory.channel_facts import ensure_named_channel
from tests.remembering import channel


@pytest.mark.both_databases
def test_a_channel_is_found_by_its_name_or_slack_id(
    services: Services, workspace: Workspace
) -> None:
    """A name may have a #; of two channels with the same name, the one in Slack is found."""
    with services.database.write() as session:
        imported = ensure_named_channel(session, workspace.id, "name-C1")
    live = channel(services, workspace, "C2")
    with services.database.write() as session:
        assert find_channel(session, workspace.id, "#name-C1").id == imported.id
        second = ensure_named_channel(session, workspace.id, "other")
        second.name = live.name
        session.flush()
        for name in ("name-C2", "#name-C2", "C2"):
            assert find_channel(session, workspace.id, name).id == live.id
        with pytest.raises(NotFoundError, match="There is no channel nowhere"):
            find_channel(session, workspace.id, "nowhere")


def test_a_channel_without_a_name_is_shown_by_its_id(
    services: Services, workspace: Workspace
) -> None:
    """Every channel has a text to show."""
    added = channel(services, workspace, "C1")
    assert shown_name(added) == "#name-C1"
    added.name = None
    assert shown_name(added) == "#C1"
