"""What is stored of a person: what they wrote and did, and nothing that others wrote."""

from __future__ import annotations

import json

import pytest

from bot.wiring import Services
from models import Channel, Item, Resolution, Verdict, Workspace
from services.erasure.account import rows_of_person
from tests.conftest import NOW

REPLIES = [{"text": "mine", "author": "U1"}, {"text": "no", "author": "U2"}]


@pytest.mark.both_databases
def test_a_person_gets_their_own_words_and_no_others(
    services: Services, workspace: Workspace
) -> None:
    """Tickets, answers and decisions of theirs; of marked answers not the words of others."""
    with services.database.write() as session:
        place = Channel(workspace_id=workspace.id, slack_id="C1", name="hr", deciders=["U1"])
        session.add(place)
        session.flush()
        for name, author in (("a", "U1"), ("b", "U2")):
            session.add(
                Item(
                    workspace_id=workspace.id, kind="ticket", source="t", external_id=name,
                    text=f"words of {author}", author=author, channel_id=place.id,
                    created_at=NOW, updated_at=NOW,
                    extra={"replies": REPLIES},
                )
            )  # fmt: skip
        session.flush()
        for text, author in (("answer of U1", "U1"), ("answer of U2", "U2")):
            session.add(
                Resolution(item_id=2, text=text, author=author, marked_by="U1", marked_at=NOW)
            )
        session.add(
            Verdict(
                workspace_id=workspace.id, item_a_id=1, item_b_id=2, verdict="distinct",
                decided_by="U1", decided_at=NOW,
            )
        )  # fmt: skip
    with services.database.read() as session:
        rows = list(rows_of_person(session, workspace.id, "U1"))
        assert list(rows_of_person(session, workspace.id, "U9")) == []
    told = json.dumps(rows, default=str)
    assert "words of U1" in told
    assert "answer of U1" in told
    assert "words of U2" not in told
    assert "answer of U2" not in told
    tables = sorted(row["table"] for row in rows)
    assert tables == ["deciders", "items", "replies", "resolutions", "resolutions", "verdicts"]
    [verdict] = [row for row in rows if row["table"] == "verdicts"]
    assert (verdict["item_a_id"], verdict["item_b_id"]) == ("a", "b")
