"""The same messages form the same tickets, in any order of arrival and with repetitions."""

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
from models.queries import DELETED
from services.errors import RetryLaterError
from services.intake.burst_plan import Changes
from services.intake.ingest import TicketIngest
from services.intake.slack_messages import SlackTicket
from services.memory.new_items import NewItem
from services.text.small_talk.additions import added_by
from tests.conftest import NOW
from tests.levels import rounds
from tests.remembering import channel as add_channel

START = 1_795_350_000
WORDS = ("printer", "blank", "pages", "since", "today", "vpn")

_channel_numbers = count()


@dataclass(frozen=True)
class Message:
    """A message, or with `revision` its edit or (`DELETED`) its deletion."""

    second: int
    user: str
    text: str
    revision: str = ""


@st.composite
def histories(draw: st.DrawFn) -> list[Message]:
    """Draw messages of two people, with edits and deletions, in order."""
    seconds = draw(st.lists(st.integers(0, 1500), min_size=1, max_size=14, unique=True))
    events = []
    for second in sorted(seconds):
        user = draw(st.sampled_from(["U1", "U2"]))
        texts = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
        events += [
            Message(second, user, text, f"{START + 9000 + number}.000000" if number else "")
            for number, text in enumerate(texts)
        ]
        if draw(st.integers(0, 4)) == 0:
            events.append(Message(second, user, "", DELETED))
    return events


@rounds(8, 60)
def test_any_order_forms_the_same_tickets(
    services: Services, workspace: Workspace, examples: int
) -> None:
    """Batches, repetitions and late retries make no difference."""

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(histories(), st.data())
    def holds(events: list[Message], data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(events), max_size=6))
        shuffled = data.draw(st.permutations(events + again))
        size = data.draw(st.integers(1, 8))
        batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        assert ingest(services, workspace, batches) == ingest(services, workspace, [events])

    holds()


def ingest(
    services: Services, workspace: Workspace, batches: Sequence[Sequence[Message]]
) -> list[tuple[str | None, str, str | None, str]]:
    """Store events in a new channel, and return all messages with their tickets."""
    channel = add_channel(services, workspace, f"C{next(_channel_numbers)}")
    for batch in batches:
        for one in batch:
            if one.revision == DELETED:
                forget(services.ingest, workspace, item_of(channel, one))
        items = [item_of(channel, one) for one in batch if one.revision != DELETED]
        services.ingest.store(workspace.id, items, NOW)
    return stored(services, channel)


def item_of(channel: Channel, message: Message) -> NewItem:
    """Return a message as an item."""
    ts = f"{START + message.second}.000100"
    ticket = SlackTicket(ts, None, message.user, message.text, message.revision, joins=True)
    return ticket.item(str(channel.slack_id), channel_id=channel.id, team_url=None)


def forget(ingest: TicketIngest, workspace: Workspace, item: NewItem) -> None:
    """Handle the deletion of a message."""
    ready = ingest.prepare(workspace.id, Changes(gone=frozenset({item.key})))
    with ingest.database.write() as session:
        ingest.save(session, ready, NOW)


def stored(services: Services, channel: Channel) -> list[tuple[str | None, str, str | None, str]]:
    """Return the `ts` and the text of each message and of its ticket; "" for none.

    Messages that only add to a ticket are none by themselves.
    """
    head = aliased(Item)
    with services.database.read() as session:
        rows = session.execute(
            select(Item.ts, Part.text, head.ts, head.text)
            .join(Part, Part.item_id == Item.id)
            .join(head, head.id == Part.head_id)
            .where(Item.channel_id == channel.id)
            .order_by(Item.ts)
        ).all()
        own = select(Item.ts).where(Item.channel_id == channel.id, Item.deleted_at.is_(None))
        live = set(session.scalars(own))
        assert live == {row[2] for row in rows if added_by(row[1]) is None}
        return [
            (ts, text, head_ts, head_text if head_ts in live else "")
            for ts, text, head_ts, head_text in rows
        ]


@pytest.fixture
def channel(services: Services, workspace: Workspace) -> Channel:
    """Add a channel."""
    return add_channel(services, workspace, "C1")


def test_a_long_stream_is_divided_the_same_way(services: Services, workspace: Workspace) -> None:
    """Thirty messages form the same three tickets forwards and backwards."""
    stream = [Message(number * 100, "U1", f"word{number}") for number in range(30)]
    backwards = [[one] for one in reversed(stream)]
    assert ingest(services, workspace, backwards) == ingest(services, workspace, [stream])


def test_a_split_message_stays_split(
    services: Services, workspace: Workspace, channel: Channel
) -> None:
    """Edits and repetitions do not change that; joined again, it is a part of its burst."""
    messages = [Message(number * 10, "U1", WORDS[number]) for number in range(3)]
    items = [item_of(channel, one) for one in messages]
    services.ingest.store(workspace.id, items, NOW)
    split(services, workspace, items[1], "U9")
    edited = replace(items[1], text="pages and pages", revision=f"{START + 9000}.000000")
    services.ingest.store(workspace.id, [*items, edited], NOW)
    split_off = stored(services, channel)
    assert [row[3] for row in split_off] == ["printer pages", "pages and pages", "printer pages"]
    split(services, workspace, items[1], None)
    [text] = {row[3] for row in stored(services, channel)}
    assert text == "printer pages and pages pages"


def split(services: Services, workspace: Workspace, item: NewItem, by: str | None) -> None:
    """Make a message a ticket of its own, or a part of its burst again."""
    ready = services.ingest.prepare(workspace.id, Changes(split={item.key: by}))
    with services.database.write() as session:
        services.ingest.save(session, ready, NOW)


@pytest.mark.both_databases
def test_a_concurrent_change_is_not_overwritten(
    services: Services, workspace: Workspace, channel: Channel
) -> None:
    """A worker must try again if its ticket has got a new part in the meantime."""
    first, second = (item_of(channel, Message(n, "U1", WORDS[n])) for n in range(2))
    ready = services.ingest.prepare(workspace.id, Changes([first]))
    services.ingest.store(workspace.id, [second], NOW)
    with pytest.raises(RetryLaterError), services.database.write() as session:
        services.ingest.save(session, ready, NOW)
    services.ingest.store(workspace.id, [first], NOW)
    assert {row[3] for row in stored(services, channel)} == {"printer blank"}


@pytest.mark.both_databases
def test_concurrent_workers_form_one_ticket(
    services: Services, workspace: Workspace, channel: Channel
) -> None:
    """Workers that each store one message of a burst form one ticket."""
    items = [item_of(channel, Message(n, "U1", f"word{n}")) for n in range(4)]
    failures: list[BaseException] = []

    def store(item: NewItem) -> None:
        try:
            while True:
                with suppress(RetryLaterError):
                    services.ingest.store(workspace.id, [item], NOW)
                    return
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=store, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert {row[3] for row in stored(services, channel)} == {"word0 word1 word2 word3"}


@pytest.mark.both_databases
def test_the_number_of_queries_does_not_grow_with_the_batch(
    services: Services, workspace: Workspace, channel: Channel
) -> None:
    """Stored messages near a batch are read for the whole batch at once."""

    def statements(start: int, number: int) -> int:
        seen: list[str] = []

        def record(_c: object, _k: object, statement: str, *_: object) -> None:
            if statement.startswith("SELECT"):
                seen.append(statement)

        items = [
            item_of(channel, Message(start + n * 500, f"U{n}", f"{WORDS[n % 6]} {start} {n}"))
            for n in range(number)
        ]
        event.listen(services.database.engine, "before_cursor_execute", record)
        services.ingest.store(workspace.id, items, datetime(2026, 11, 25, tzinfo=UTC))
        event.remove(services.database.engine, "before_cursor_execute", record)
        return len(seen)

    statements(0, 4)
    few, many = statements(1_000_000, 8), statements(2_000_000, 200)
    assert many < few + 20
