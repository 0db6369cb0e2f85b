"""The same messages make the same tickets, in whatever order they become known, however often."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import aliased

from bot.wiring import Services
from models import Channel, Item, Part, Workspace
from services.errors import RetryLaterError
from services.intake.burst_plan import Changes
from services.intake.ingest import TicketIngest
from services.intake.slack_messages import SlackTicket
from services.memory.items import DELETED, NewItem
from tests.conftest import NOW
from tests.remembering import channel

START = 1_795_350_000
WORDS = ("printer", "blank", "pages", "since", "today", "vpn")

_worlds = count()


@dataclass(frozen=True)
class Said:
    """A message, or with `revision` an edit of it, or (DELETED) its deletion."""

    second: int
    user: str
    text: str
    revision: str = ""


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Draw messages of two people with their edits and deletions, in order."""
    seconds = draw(st.lists(st.integers(0, 1500), min_size=1, max_size=14, unique=True))
    events = []
    for second in sorted(seconds):
        user = draw(st.sampled_from(["U1", "U2"]))
        texts = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
        events += [
            Said(second, user, text, f"{START + 9000 + number}.000000" if number else "")
            for number, text in enumerate(texts)
        ]
        if draw(st.integers(0, 4)) == 0:
            events.append(Said(second, user, "", DELETED))
    return events


def test_any_order_makes_the_same_tickets(services: Services, workspace: Workspace) -> None:
    """In one batch or many, once or repeatedly, a retry first or last."""

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(histories(), st.data())
    def holds(events: list[Said], data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(events), max_size=6))
        shuffled = data.draw(st.permutations(events + again))
        size = data.draw(st.integers(1, 8))
        batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        assert tell(services, workspace, batches) == tell(services, workspace, [events])

    holds()


def tell(
    services: Services, workspace: Workspace, batches: Sequence[Sequence[Said]]
) -> list[tuple[str | None, str, str | None, str]]:
    """Remember events in a channel of their own; return all messages with their tickets' text."""
    place = channel(services, workspace, f"C{next(_worlds)}")
    for batch in batches:
        for one in batch:
            if one.revision == DELETED:
                forget(services.ingest, workspace, item_of(place, one))
        said = [item_of(place, one) for one in batch if one.revision != DELETED]
        services.ingest.store(workspace.id, said, NOW)
    return remembered(services, place)


def item_of(place: Channel, said: Said) -> NewItem:
    """Return what a message is as an item."""
    ticket = SlackTicket(
        f"{START + said.second}.000100", None, said.user, said.text, said.revision, joins=True
    )
    return ticket.item(str(place.slack_id), channel_id=place.id, team_url=None)


def forget(memory: TicketIngest, workspace: Workspace, item: NewItem) -> None:
    """Delete a message."""
    ready = memory.prepare(workspace.id, Changes(gone=frozenset({item.key})))
    with memory.database.write() as session:
        memory.save(session, ready, NOW)


def remembered(services: Services, place: Channel) -> list[tuple[str | None, str, str | None, str]]:
    """Return of each message its `ts` and words, and those of its ticket."""
    head = aliased(Item)
    with services.database.read() as session:
        rows = session.execute(
            select(Item.ts, Part.text, head.ts, head.text)
            .join(Part, Part.item_id == Item.id)
            .join(head, head.id == Part.head_id)
            .where(Item.channel_id == place.id)
            .order_by(Item.ts)
        ).all()
        own = select(Item.ts).where(Item.channel_id == place.id, Item.deleted_at.is_(None))
        assert set(session.scalars(own)) == {row[2] for row in rows}
        return [(ts, text, head_ts, whole) for ts, text, head_ts, whole in rows]


@pytest.fixture
def place(services: Services, workspace: Workspace) -> Channel:
    """Add a channel."""
    return channel(services, workspace, "C1")


def test_a_long_stream_is_cut_the_same_way(services: Services, workspace: Workspace) -> None:
    """However far back a chain of messages begins."""
    stream = [Said(number * 100, "U1", f"word{number}") for number in range(60)]
    backwards = [[one] for one in reversed(stream)]
    assert tell(services, workspace, backwards) == tell(services, workspace, [stream])


def test_a_split_message_stays_one(
    services: Services, workspace: Workspace, place: Channel
) -> None:
    """Whatever is edited or said again afterwards; joined again it is a part once more."""
    said = [Said(number * 10, "U1", WORDS[number]) for number in range(3)]
    items = [item_of(place, one) for one in said]
    services.ingest.store(workspace.id, items, NOW)
    split(services, workspace, items[1], "U9")
    edited = replace(items[1], text="pages and pages", revision=f"{START + 9000}.000000")
    services.ingest.store(workspace.id, [*items, edited], NOW)
    apart = remembered(services, place)
    assert [row[3] for row in apart] == ["printer pages", "pages and pages", "printer pages"]
    split(services, workspace, items[1], None)
    [text] = {row[3] for row in remembered(services, place)}
    assert text == "printer pages and pages pages"


def split(services: Services, workspace: Workspace, item: NewItem, by: str | None) -> None:
    """Say that a message is a ticket of its own."""
    ready = services.ingest.prepare(workspace.id, Changes(split={item.key: by}))
    with services.database.write() as session:
        services.ingest.save(session, ready, NOW)


def test_what_changed_meanwhile_is_not_written_over(
    services: Services, workspace: Workspace, place: Channel
) -> None:
    """Who prepared a ticket that somebody else added to tries again."""
    first, second = (item_of(place, Said(n, "U1", WORDS[n])) for n in range(2))
    ready = services.ingest.prepare(workspace.id, Changes([first]))
    services.ingest.store(workspace.id, [second], NOW)
    with pytest.raises(RetryLaterError), services.database.write() as session:
        services.ingest.save(session, ready, NOW)
    services.ingest.store(workspace.id, [first], NOW)
    assert {row[3] for row in remembered(services, place)} == {"printer blank"}


def test_workers_at_once_make_one_ticket(
    services: Services, workspace: Workspace, place: Channel
) -> None:
    """Each hears one message of the burst."""
    items = [item_of(place, Said(n, "U1", f"word{n}")) for n in range(4)]
    failures: list[BaseException] = []

    def hear(item: NewItem) -> None:
        try:
            while True:
                with suppress(RetryLaterError):
                    services.ingest.store(workspace.id, [item], NOW)
                    return
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=hear, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert {row[3] for row in remembered(services, place)} == {"word0 word1 word2 word3"}


def test_no_query_a_message(services: Services, workspace: Workspace, place: Channel) -> None:
    """What is stored near a batch is looked up for all of it at once."""

    def statements(start: int, number: int) -> int:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_: object) -> None:
            if statement.startswith("SELECT"):
                seen.append(statement)

        items = [
            item_of(place, Said(start + n * 500, f"U{n}", f"{WORDS[n % 6]} {start} {n}"))
            for n in range(number)
        ]
        event.listen(services.database.engine, "before_cursor_execute", note)
        services.ingest.store(workspace.id, items, datetime(2026, 11, 25, tzinfo=UTC))
        event.remove(services.database.engine, "before_cursor_execute", note)
        return len(seen)

    statements(0, 4)
    few, many = statements(1_000_000, 8), statements(2_000_000, 200)
    assert many < few + 20
