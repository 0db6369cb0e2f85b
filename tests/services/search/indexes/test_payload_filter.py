"""Conditions over items as filters of Qdrant: never narrower than the condition itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from qdrant_client import models as qdrant
from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import aliased

from models import Channel, Database, Item, Workspace
from services.channels.audience import (
    PersonAccess,
    audience_of_channel,
    audience_of_members,
    audience_of_person,
    whole_workspace,
)
from services.search.indexes.payload_filter import PAYLOAD, payload_filter
from tests.databases import open_database
from tests.remembering import START
from tests.services.search.local_qdrant import local_qdrant

# Subqueries of subqueries that depend on the item.
_OF_OTHERS = (
    exists()
    .where(Workspace.id == Channel.workspace_id, Workspace.id != Item.workspace_id)
    .correlate(Channel, Item)
)
_OTHER = aliased(Channel)
_CHANNELS_OF_OTHERS = select(_OTHER.id).where(_OTHER.workspace_id != Item.workspace_id)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Give two workspaces with items in public and private channels, and in none."""
    connected = open_database(sqlite_url)
    with connected.write() as session:
        for team in (1, 2):
            workspace = Workspace(team_id=f"T{team}", created_at=START)
            session.add(workspace)
            session.flush()
            channels = [
                Channel(workspace_id=workspace.id, slack_id=f"C{number}", is_private=number > 1)
                for number in range(4)
            ]
            session.add_all(channels)
            session.flush()
            session.add_all(
                Item(
                    workspace_id=workspace.id, channel_id=channel and channel.id, kind=kind,
                    source=source, external_id=f"{channel and channel.id} {kind}", text="",
                    created_at=START, updated_at=START,
                )
                for channel in [None, *channels]
                for kind, source in (("ticket", "slack"), ("product", "shop"))
            )  # fmt: skip
    yield connected
    connected.close()


def passing(database: Database, where: ColumnElement[bool]) -> set[int]:
    """Return the ids of the items whose payload passes the filter for a condition."""
    client = local_qdrant()
    client.create_collection(
        "items", vectors_config=qdrant.VectorParams(size=2, distance=qdrant.Distance.COSINE)
    )
    with database.read() as session:
        points = [
            qdrant.PointStruct(
                id=item.id,
                vector=np.ones(2).tolist(),
                payload={
                    name: None if (value := getattr(item, name)) is None else str(value)
                    for name in PAYLOAD
                },
            )
            for item in session.scalars(select(Item))
        ]
    client.upsert("items", points)
    with database.engine.connect() as connection:
        found = client.scroll("items", payload_filter(connection, where), limit=1_000)[0]
    return {int(one.id) for one in found}


def test_an_audience_is_narrowed_to_just_what_it_reads(database: Database) -> None:
    """Every kind of audience becomes a filter that lets through what it reads, and no more."""
    with database.read() as session:
        channels = session.scalars(select(Channel)).all()
        access = PersonAccess(reads_public=True, channel_ids=frozenset([channels[2].id]))
        guest = PersonAccess(reads_public=False, channel_ids=frozenset())
        audiences = [
            *(audience_of_channel(channel) for channel in channels),
            audience_of_members(1),
            audience_of_person(2, access),
            audience_of_person(1, guest),
            whole_workspace(2),
        ]
        for audience in audiences:
            read = set(session.scalars(select(Item.id).where(audience.items)))
            assert passing(database, audience.items) == read
            of_kind = audience.items & (Item.kind == "product") & (Item.source == "shop")
            read = set(session.scalars(select(Item.id).where(of_kind)))
            assert passing(database, of_kind) == read


@pytest.mark.parametrize(
    "where",
    [
        true(),
        Item.resolution.is_not(None),
        (Item.kind == "ticket") & (Item.created_at < START),
        (Item.kind == "ticket") | Item.resolution.is_(None),
        ~(Item.kind == "ticket"),
        (Item.kind != "ticket") & (Item.workspace_id == 1),
        (Item.workspace_id == 1) & ~((Item.kind == "ticket") & (Item.text == "x")),
        Item.channel_id.not_in([1, 2]),
        Item.channel_id.in_(select(Channel.id).where(Channel.workspace_id != Item.workspace_id)),
        Item.channel_id.in_(select(Channel.id).where(~_OF_OTHERS)),
        Item.channel_id.in_(select(Channel.id).where(Channel.id.not_in(_CHANNELS_OF_OTHERS))),
        Item.channel_id.in_([]) | (Item.source == "shop"),
        Item.channel_id.is_not(None) & Item.id.in_([1, 2, 3]),
    ],
)
def test_a_part_that_is_not_stored_narrows_nothing(
    database: Database, where: ColumnElement[bool]
) -> None:
    """Whatever passes a condition passes its filter, also where that cannot say all of it."""
    with database.read() as session:
        assert set(session.scalars(select(Item.id).where(where))) <= passing(database, where)
