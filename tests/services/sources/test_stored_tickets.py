"""The walk over a source reads the stored ids a page at a time, in the database's order."""

from __future__ import annotations

from contextlib import closing

import pytest

from bot.wiring import Services
from models import Item, Source, Workspace
from services.errors import SourceError
from services.sources.api import Api, segment
from services.sources.connections import StoredTicketsOf
from services.sources.github import GitHub
from tests.conftest import NOW
from tests.trackers.github import REPOSITORY, GitHubStandIn
from tests.trackers.server import serving

IDS = ["9", "10", "2", "abc", "100", "007", "-3", "1e3", "99999999999999999999", "11", "٣", ""]


@pytest.fixture
def stored(services: Services, workspace: Workspace) -> StoredTicketsOf:
    """Store tickets of a source, one of which is deleted, and one of another source."""
    with services.database.write() as session:
        source = Source(workspace_id=workspace.id, name="a", kind="github", created_at=NOW)
        session.add(source)
        for name, ids in (("a", IDS), ("b", ["5"])):
            session.add_all(
                Item(
                    workspace_id=workspace.id, kind="ticket", source=name, external_id=id_,
                    title="t", text="t", status="open", created_at=NOW, updated_at=NOW,
                    deleted_at=NOW if id_ == "100" else None,
                )
                for id_ in ids
            )  # fmt: skip
    return StoredTicketsOf(services.database, source, "updated_at")


@pytest.mark.both_databases
def test_numbers_are_in_order_whatever_else_is_stored(stored: StoredTicketsOf) -> None:
    """An import may have left ids that are no numbers of the program."""
    assert stored.numbers_after(0, None, 100) == [2, 9, 10, 11]
    assert stored.numbers_after(2, 10, 100) == [9, 10]
    assert stored.numbers_after(9, 9, 100) == []
    assert stored.numbers_after(0, None, 2) == [2, 9]


@pytest.mark.both_databases
def test_ids_go_on_after_one_that_was_deleted(stored: StoredTicketsOf) -> None:
    """In the order in which they were stored; after an unknown one from the beginning."""
    live = [id_ for id_ in IDS if id_ != "100"]
    assert stored.ids_after(None, 3) == live[:3]
    assert stored.ids_after("2", 2) == ["abc", "007"]
    assert stored.ids_after("100", 1) == ["007"]
    assert stored.ids_after("", 5) == []
    assert stored.ids_after("unknown", 1) == live[:1]


@pytest.mark.parametrize("id_", ["../../user", "a/b", "1?x=y", "1#x", "..", "ä", "%2e%2e", "1 2"])
def test_an_id_is_one_part_of_a_path(id_: str) -> None:
    """Whatever an import brought: a token is never used for another address."""
    part = segment(id_)
    assert not set(part) & set("/?# ")
    assert part.isascii()
    assert set(part) != {"."}


def test_a_ticket_that_is_none_of_github_has_no_comment() -> None:
    """Its id is no number: nothing breaks, and nothing outside the repository is asked."""
    tracker = GitHubStandIn(is_public=True)
    with serving(tracker):
        connector = GitHub(Api("GitHub", tracker.address, {}, "token"), REPOSITORY)
        with closing(connector):
            tracker.open(1)
            for id_ in ("abc", "../../../user", "x/1"):
                with pytest.raises(SourceError, match="GitHub"):
                    connector.find_note(id_, "(deja-1)")
    assert all(call.path.startswith(f"/repos/{REPOSITORY}/issues/") for call in tracker.calls)
