"""What is said of an item: who may see it, what people ruled out, what came first."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.channels.audience import whole_workspace
from services.issues.verdicts import decide, undo
from tests.remembering import START, channel, remember, ticket

TEXT = "the printer on the second floor prints blank pages"


def said(services: Services, *item_ids: int) -> dict[int, list[int]]:
    """Judge items and return which items are said to be alike."""
    judged = services.duplicates.judge_items(item_ids)
    return {one.item_id: [match.item_id for match in one.matches] for one in judged}


def in_channel(
    services: Services, workspace: Workspace, place: Channel, name: str, minutes: int
) -> int:
    """Store the text as a ticket of a channel and return its id."""
    item = ticket(name, TEXT, minutes=minutes, channel_id=place.id, ts=f"17000000{minutes:02}.0001")
    return remember(services, workspace, [item])[0].item_id


@pytest.mark.both_databases
def test_the_later_ticket_is_told_of_the_earlier(services: Services, workspace: Workspace) -> None:
    """Only what came before counts as seen before; the overtaken one is named instead."""
    place = channel(services, workspace, "C1")
    first = in_channel(services, workspace, place, "a", 0)
    second = in_channel(services, workspace, place, "b", 5)
    assert said(services, second) == {second: [first]}
    judged = services.duplicates.judge_items([first])
    assert [(one.item_id, one.matches, one.overtaken) for one in judged] == [(first, [], [second])]


def test_a_late_ticket_overtaken_elsewhere_names_no_other_readers(
    services: Services, workspace: Workspace
) -> None:
    """A later ticket is judged again only where its readers may read the late one, too."""
    public, other = channel(services, workspace, "C1"), channel(services, workspace, "C2")
    private = channel(services, workspace, "G1", private=True)
    shared = channel(services, workspace, "C9", shared=True)
    later = in_channel(services, workspace, public, "later", 9)
    for_outsiders = in_channel(services, workspace, shared, "outsiders", 8)
    late = {
        place.id: in_channel(services, workspace, place, f"late-{place.id}", minutes)
        for minutes, place in enumerate((other, private, shared))
    }
    judged = services.duplicates.judge_items(list(late.values()))
    assert {one.item_id: one.overtaken for one in judged} == {
        late[other.id]: [later],
        late[private.id]: [],
        late[shared.id]: [for_outsiders],
    }


def test_at_most_three_are_named_the_most_alike_first(
    services: Services, workspace: Workspace
) -> None:
    """Of five equal and two lesser ones the three best are named."""
    place = channel(services, workspace, "C1")
    ids = [in_channel(services, workspace, place, str(n), n) for n in range(6)]
    assert said(services, ids[5]) == {ids[5]: ids[:3]}


def test_an_issue_is_named_once(services: Services, workspace: Workspace) -> None:
    """Of tickets that people said are the same issue the best is named, and others have room."""
    place = channel(services, workspace, "C1")
    ids = [in_channel(services, workspace, place, str(n), n) for n in range(6)]
    with services.database.write() as session:
        for pair in ((ids[0], ids[1]), (ids[2], ids[1])):
            decide(session, workspace.id, pair, "duplicate", by="U1", now=START)
    assert said(services, ids[5]) == {ids[5]: [ids[0], ids[3], ids[4]]}


def test_unlike_tickets_are_passed_over_in_silence(
    services: Services, workspace: Workspace
) -> None:
    """Nothing is said of a ticket that resembles none."""
    a, b = remember(
        services, workspace, [ticket("a", TEXT), ticket("b", "how do I book a holiday?", minutes=3)]
    )
    assert said(services, a.item_id, b.item_id) == {a.item_id: [], b.item_id: []}


@pytest.mark.both_databases
def test_private_channels_are_named_nowhere_else(services: Services, workspace: Workspace) -> None:
    """A private channel's ticket is told in its own channel alone; public ones are told there."""
    private = channel(services, workspace, "G1", private=True)
    public = channel(services, workspace, "C1")
    hidden = in_channel(services, workspace, private, "a", 0)
    open_ = in_channel(services, workspace, public, "b", 1)
    assert said(services, open_) == {open_: []}
    in_private = in_channel(services, workspace, private, "c", 2)
    assert said(services, in_private) == {in_private: [hidden, open_]}


def test_shared_channels_are_told_of_themselves_alone(
    services: Services, workspace: Workspace
) -> None:
    """Where outsiders read along, only the channel's own tickets are named."""
    public = channel(services, workspace, "C1")
    shared = channel(services, workspace, "C2", shared=True)
    in_channel(services, workspace, public, "a", 0)
    own = in_channel(services, workspace, shared, "b", 1)
    asked = in_channel(services, workspace, shared, "c", 2)
    assert said(services, asked) == {asked: [own]}


def test_workspaces_never_meet(services: Services, workspace: Workspace) -> None:
    """Another workspace's public tickets are not candidates."""
    with services.database.write() as session:
        other = Workspace(team_id="T2", created_at=START)
        session.add(other)
    in_channel(services, other, channel(services, other, "C9"), "a", 0)
    mine = in_channel(services, workspace, channel(services, workspace, "C1"), "b", 1)
    assert said(services, mine) == {mine: []}


def test_a_ruled_out_pair_returns_in_neither_direction(
    services: Services, workspace: Workspace
) -> None:
    """Not a duplicate: not now, not later, not the other way round; undone it may."""
    place = channel(services, workspace, "C1")
    first = in_channel(services, workspace, place, "a", 0)
    second = in_channel(services, workspace, place, "b", 1)
    with services.database.write() as session:
        decide(session, workspace.id, (second, first), "distinct", by="U1", now=START)
    assert said(services, second) == {second: []}
    assert services.similar.to_items(
        [first, second], audience=whole_workspace(workspace.id), limit=5
    ) == {
        first: [],
        second: [],
    }
    assert [pairs for _, pairs in services.duplicates.backlog(workspace.id)] == [[]]
    with services.database.write() as session:
        undo(session, (first, second), by="U1", now=START)
    assert said(services, second) == {second: [first]}


def test_a_thread_is_not_told_of_itself(services: Services, workspace: Workspace) -> None:
    """A broadcast from a thread is no duplicate of the thread's first message."""
    place = channel(services, workspace, "C1")
    in_channel(services, workspace, place, "a", 0)
    parent = "1700000000.0001"
    broadcast = ticket(
        "b", TEXT, minutes=4, channel_id=place.id, ts="1700000004.0001", thread_ts=parent
    )
    (saved,) = remember(services, workspace, [broadcast])
    assert said(services, saved.item_id) == {saved.item_id: []}


def test_products_are_not_tickets(services: Services, workspace: Workspace) -> None:
    """A catalog entry in the same words is not a ticket seen before."""
    remember(services, workspace, [ticket("p", TEXT, kind="product")])
    (saved,) = remember(services, workspace, [ticket("a", TEXT, minutes=1)])
    assert said(services, saved.item_id) == {saved.item_id: []}


@pytest.mark.both_databases
def test_the_backlog_is_gone_through_once(services: Services, workspace: Workspace) -> None:
    """Every suspected pair is there once, the later item first."""
    place = channel(services, workspace, "C1")
    ids = [in_channel(services, workspace, place, str(n), n) for n in range(3)]
    (batch,) = services.duplicates.backlog(workspace.id)
    assert batch[0] == 3
    pairs = [(pair.item_id, pair.match.item_id, pair.match.band) for pair in batch[1]]
    assert pairs == [
        (ids[1], ids[0], "duplicate"), (ids[2], ids[0], "duplicate"), (ids[2], ids[1], "duplicate"),
    ]  # fmt: skip


def test_long_tickets_are_alike_by_their_best_part(
    services: Services, workspace: Workspace
) -> None:
    """A short report matches the long one that contains it."""
    noise = " ".join(f"unrelated{n}" for n in range(600))
    long = ticket("a", f"{noise} {' '.join([TEXT] * 30)}")
    short = ticket("b", TEXT, minutes=1)
    a, b = remember(services, workspace, [long, short])
    assert said(services, b.item_id) == {b.item_id: [a.item_id]}


def test_deleted_items_are_neither_judged_nor_named(
    services: Services, workspace: Workspace
) -> None:
    """A forgotten ticket is no candidate, and judging it says nothing."""
    a, b = remember(services, workspace, [ticket("a", TEXT), ticket("b", TEXT, minutes=1)])
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "a"), START)
        assert session.scalar(select(Item.text).where(Item.id == a.item_id)) == ""
    assert said(services, a.item_id, b.item_id) == {b.item_id: []}
