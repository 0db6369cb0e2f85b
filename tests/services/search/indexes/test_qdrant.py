"""What only QdrantIndex has: a collection beside the database that outlives the process."""

from __future__ import annotations

import httpx
import pytest
from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from sqlalchemy import delete, insert, select

from models import Database, Embedding, Item
from services.errors import IndexUnreachableError
from services.search.indexes.qdrant import QdrantIndex, collection_name
from tests.databases import PostgresServer
from tests.services.search.local_qdrant import local_qdrant
from tests.services.search.vectors import DIM, FINGERPRINT, WORKSPACE, add_items, random_vectors

COLLECTION = collection_name("deja", FINGERPRINT)


@pytest.fixture
def client() -> QdrantClient:
    """Give an empty Qdrant."""
    return local_qdrant()


def open_index(database: Database, client: QdrantClient) -> QdrantIndex:
    """Open an index as a new process does."""
    return QdrantIndex(database, client, fingerprint=FINGERPRINT, dim=DIM)


def point_ids(client: QdrantClient) -> set[int]:
    """Return the ids of all points."""
    return {int(one.id) for one in client.scroll(COLLECTION, limit=10_000)[0]}


def test_a_collection_is_used_again(sqlite: Database, client: QdrantClient) -> None:
    """The next process finds what is there, and adds only what came since."""
    rows = random_vectors(60)
    ids = add_items(sqlite, rows[:40])
    open_index(sqlite, client).load()
    ids += add_items(sqlite, rows[40:])
    later = open_index(sqlite, client)
    assert [own[0].item_id for own in later.search(rows, workspace_id=WORKSPACE, limit=1)] == ids
    assert later.count() == (60, 0)


@pytest.mark.both_databases
def test_it_follows_the_rows_of_its_database(database: Database, client: QdrantClient) -> None:
    """Each new row is found at once, and a deleted one no more."""
    rows = random_vectors(40)
    index = open_index(database, client)
    ids = add_items(database, rows[:20]) + add_items(database, rows[20:])
    found = index.search(rows, workspace_id=WORKSPACE, limit=1)
    assert [own[0].item_id for own in found] == ids
    with database.write() as session:
        session.execute(delete(Item).where(Item.id == ids[0]))
    [left] = index.search(rows[:1], workspace_id=WORKSPACE, limit=40)
    assert {one.item_id for one in left} == set(ids[1:])


def test_points_of_rows_that_are_gone_are_removed(sqlite: Database, client: QdrantClient) -> None:
    """Maintenance deletes them; until then the database keeps them from being found."""
    rows = random_vectors(30)
    ids = add_items(sqlite, rows)
    index = open_index(sqlite, client)
    index.load()
    with sqlite.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_(ids[:10])))
        kept = set(session.scalars(select(Embedding.id)))
    assert index.count() == (30, 10)
    assert ids[0] not in {
        one.item_id for one in index.search(rows[:1], workspace_id=WORKSPACE, limit=30)[0]
    }
    index.maintain()
    assert point_ids(client) == kept
    assert index.count() == (20, 0)


def test_a_collection_of_another_database_is_made_right(
    sqlite: Database, client: QdrantClient
) -> None:
    """After a backup is restored ids mean other rows, and their points are replaced."""
    add_items(sqlite, random_vectors(20, seed=1))
    open_index(sqlite, client).load()
    with sqlite.write() as session:
        session.execute(delete(Embedding))
        session.connection().exec_driver_sql("DELETE FROM sqlite_sequence")
    rows = random_vectors(20, seed=2)
    ids = add_items(sqlite, rows)
    with sqlite.write() as session:
        for row in session.scalars(select(Embedding)):
            row.text_hash = f"{row.id:064x}"[::-1]
    index = open_index(sqlite, client)
    assert [own[0].item_id for own in index.search(rows, workspace_id=WORKSPACE, limit=1)] == ids


def test_a_rebuild_makes_the_collection_again(sqlite: Database, client: QdrantClient) -> None:
    """Whatever was in the collection, a rebuild reports progress and holds every row."""
    add_items(sqlite, random_vectors(20))
    index = open_index(sqlite, client)
    index.load()
    seen: list[tuple[int, int]] = []
    index.rebuild(lambda done, total: seen.append((done, total)))
    assert seen == [(20, 20)]
    assert index.count() == (20, 0)
    index.delete()
    assert not client.collection_exists(COLLECTION)


def test_a_row_that_appears_late_is_found(postgres: PostgresServer, client: QdrantClient) -> None:
    """A transaction that commits after one with higher ids is not passed over."""
    database = Database.connect(postgres.create("deja_late", template="deja_template"))
    rows = random_vectors(4)
    first = add_items(database, rows[:1])
    index = open_index(database, client)
    index.load()
    with database.engine.connect() as slow:
        [item_id] = slow.scalars(
            insert(Item).from_select(
                ["workspace_id", "kind", "source", "external_id", "text", "status", "extra",
                 "revision", "is_dated", "created_at", "updated_at"],
                select(Item.workspace_id, Item.kind, Item.source, Item.external_id + "late",
                       Item.text, Item.status, Item.extra, Item.revision, Item.is_dated,
                       Item.created_at, Item.updated_at).limit(1),
            ).returning(Item.__table__.c.id)
        )  # fmt: skip
        late = {"item_id": item_id, "chunk": 0, "fingerprint": FINGERPRINT, "dim": DIM,
                "workspace_id": WORKSPACE}  # fmt: skip
        slow.execute(insert(Embedding).values(**late, text_hash="late", vector=rows[1]))
        for number in (2, 3):  # other transactions take higher ids, and searches see them
            [quick] = add_items(database, rows[number : number + 1])
            assert (
                index.search(rows[number : number + 1], workspace_id=WORKSPACE, limit=1)[0][
                    0
                ].item_id
                == quick
            )
        slow.commit()
    assert index.search(rows[1:2], workspace_id=WORKSPACE, limit=1)[0][0].item_id == item_id
    assert index.search(rows[:1], workspace_id=WORKSPACE, limit=1)[0][0].item_id == first[0]
    assert index.count() == (4, 0)
    database.close()
    postgres.drop("deja_late")


def test_a_server_that_is_away_is_named(sqlite: Database) -> None:
    """The error says which setting to look at, and a job waits for it."""
    away = QdrantClient(url="http://127.0.0.1:1", check_compatibility=False)
    with pytest.raises(IndexUnreachableError, match="DEJA_QDRANT_URL") as caught:
        open_index(sqlite, away).search(random_vectors(1), workspace_id=WORKSPACE, limit=1)
    assert caught.value.delay > 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ResponseHandlingException(httpx.ConnectError("refused\nmore")), "refused"),
        (ResponseHandlingException(httpx.PoolTimeout("")), "PoolTimeout"),
        (ResourceExhaustedResponse("", 7), "Resource Exhausted Response"),
        (UnexpectedResponse(503, "", b"", httpx.Headers()), "Unexpected Response: 503"),
    ],
)
def test_whatever_a_server_fails_with_is_named_in_one_line(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    """Also an error without a message, one of too many requests, and when a model is dropped."""

    def fail(*_values: object) -> None:
        raise error

    away = QdrantClient(":memory:")
    monkeypatch.setattr(away, "collection_exists", fail)
    monkeypatch.setattr(away, "delete_collection", fail)
    index = open_index(sqlite, away)
    for use in (index.load, index.delete):
        with pytest.raises(IndexUnreachableError) as caught:
            use()
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)
