"""Groups are the tickets that verdicts connect, with the earliest as root."""

from __future__ import annotations

from threading import Thread

import pytest

from bot.wiring import Services
from models import Workspace
from services.issues.groups import (
    ConnectedComponents,
    all_groups,
    connected,
    ever_connected,
    groups_of,
)
from services.issues.verdicts import NamedVerdict, decide, decide_named, undo
from tests.remembering import START, remember, ticket
from tests.services.issues.six_tickets import (
    check_groups,
    decide_all,
    group_names,
    store_six_tickets,
)


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> dict[str, int]:
    """Store six tickets: `f` was written first, `e` a minute later, `a` last."""
    return store_six_tickets(services, workspace)


@pytest.mark.both_databases
def test_verdicts_connect_tickets_to_groups(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """A chain of verdicts is one group with the earliest ticket as root; groups can merge."""
    decide_all(services, workspace, ids, "a=b", "c=d")
    assert group_names(services, workspace, ids) == ["dc", "ba"]
    decide_all(services, workspace, ids, "b=c", "d=a", "a=c")
    assert group_names(services, workspace, ids) == ["dcba"]
    with services.database.read() as session:
        found = groups_of(session, ids.values())
        assert found[ids["a"]].root_id == ids["d"]
        assert ids["f"] not in found
        assert groups_of(session, [ids["f"]]) == {}


def test_only_duplicates_form_groups(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Related and distinct tickets and undone verdicts form no group."""
    decide_all(services, workspace, ids, "a~b", "c!d", "e=f")
    with services.database.write() as session:
        assert undo(session, (ids["f"], ids["e"]), by="U2", now=START)
    assert group_names(services, workspace, ids) == []


def test_undoing_a_verdict_splits_its_group(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Two groups that one verdict merged are two again, each with its own root."""
    decide_all(services, workspace, ids, "a=b", "c=d", "b=c")
    with services.database.write() as session:
        undo(session, (ids["b"], ids["c"]), by="U2", now=START)
    assert group_names(services, workspace, ids) == ["dc", "ba"]


def test_former_groups_are_known(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Undone duplicates count in former groups, related tickets do not."""
    decide_all(services, workspace, ids, "a=b", "c=d", "b=c", "e~f")
    with services.database.write() as session:
        undo(session, (ids["b"], ids["c"]), by="U2", now=START)
        assert ever_connected(session, [ids["a"]]) == [{ids[name] for name in "abcd"}]
        assert connected(session, [ids["a"]]) == {ids["a"], ids["b"]}
        assert ever_connected(session, [ids["e"]]) == []


def test_a_deleted_ticket_leaves_its_group(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """The next ticket becomes the root, and those that the deleted one connected stay together."""
    decide_all(services, workspace, ids, "a=f", "f=c", "b=d")
    with services.database.write() as session:
        for name in ("f", "d"):
            services.items.remove(session, workspace.id, ("import", name), START)
    assert group_names(services, workspace, ids) == ["ca"]
    with services.database.read() as session:
        assert groups_of(session, [ids["f"], ids["b"]]) == {}


def test_a_verdict_on_a_deleted_ticket_rules_out_nothing(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Nobody can see any more what such a verdict was about."""
    decide_all(services, workspace, ids, "a=b", "b!c")
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "b"), START)
    decide_all(services, workspace, ids, "a=c")
    assert group_names(services, workspace, ids) == ["ca"]
    decide_all(services, workspace, ids, "a!c")
    assert group_names(services, workspace, ids) == []


def test_a_workspace_has_only_its_own_groups(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Another workspace does not see them."""
    decide_all(services, workspace, ids, "a=b")
    with services.database.read() as session:
        assert all_groups(session, workspace.id + 1) == []


@pytest.mark.both_databases
def test_concurrent_decisions_cannot_contradict_each_other(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """The second of two people waits for the first, and the rules see the first verdict."""
    decide_all(services, workspace, ids, "b=c")
    second = Thread(target=decide_all, args=(services, workspace, ids, "a!c"))
    with services.database.write() as session:
        decide(session, workspace.id, (ids["a"], ids["b"]), "duplicate", by="U2", now=START)
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()
    second.join()
    with services.database.read() as session:
        check_groups(session, workspace, ids)
    assert group_names(services, workspace, ids) == ["cb"]


@pytest.mark.both_databases
def test_a_long_chain_is_one_group(services: Services, workspace: Workspace) -> None:
    """All tickets of a long chain of verdicts are one group, and a gap makes two."""
    saved = remember(services, workspace, [ticket(f"{n}", f"{n}", minutes=n) for n in range(60)])
    chain = [NamedVerdict(f"{n}", f"{n + 1}", "duplicate", "U1") for n in range(59) if n != 40]
    with services.database.write() as session:
        assert decide_named(session, workspace.id, chain, START) == [True] * 58
        found = groups_of(session, [saved[0].item_id, saved[50].item_id])
    assert [(group.root_id, len(group.members)) for group in found.values()] == [
        (saved[0].item_id, 41), (saved[41].item_id, 19),
    ]  # fmt: skip


def test_the_shortest_path_is_deterministic() -> None:
    """Ties go to the lower ids, and nodes of different components have no path."""
    graph = ConnectedComponents()
    for edge in ((1, 2), (2, 4), (1, 3), (3, 4), (4, 5), (7, 8)):
        graph.add_edge(edge)
    assert graph.shortest_path(1, 5) == [(4, 5), (2, 4), (1, 2)]
    assert graph.shortest_path(1, 7) == graph.shortest_path(1, 9) == graph.shortest_path(1, 1) == []
    graph.remove_edge((4, 5))
    assert sorted(map(sorted, graph.components())) == [[1, 2, 3, 4], [5], [7, 8]]
