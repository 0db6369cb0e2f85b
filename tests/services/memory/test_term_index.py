"""Words in the database are found, counted exactly, and counted apart for private channels."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select, text

from bot.wiring import Services
from models import Channel, Database, Document, Frequency, Item, Pool, Workspace
from services.channels.audience import audience_of_channel, whole_workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.idf_cache import IdfCache
from services.memory.term_index import documents_with, find_by_terms, readable_pools
from services.text.comparing.terms import terms
from tests.fresh_services import fresh_services
from tests.remembering import START, channel, remember, ticket

WORDS = [
    "printer",
    "invoice",
    "0x80070005",
    "PS-LX350H",
    "2.4.1",
    "プリンター",
    "naïve",
    "order_no",
]


def found(
    services: Services, workspace: Workspace, query: str, in_channel: Channel | None = None
) -> list[str]:
    """Return the external ids that a query finds, in a channel or on the command line."""
    with services.database.read() as session:
        audience = audience_of_channel(in_channel) if in_channel else whole_workspace(workspace.id)
        words = terms(query)
        lexicon = IdfCache().lexicon(session, readable_pools(session, audience, "ticket"), words)
        ids = find_by_terms(session, words, lexicon, where=audience.items, limit=10)
        return [session.get_one(Item, item_id).external_id for item_id in ids]


def stored_frequencies(database: Database) -> dict[tuple[int, str], int]:
    """Return the stored document frequencies that are not zero."""
    with database.read() as session:
        rows = session.execute(select(Frequency.pool_id, Frequency.term, Frequency.documents))
        return {(pool, term): number for pool, term, number in rows if number}


def recounted(database: Database) -> dict[tuple[int, str], int]:
    """Return the document frequencies, counted from the stored documents."""
    with database.read() as session:
        counts: Counter[tuple[int, str]] = Counter()
        for pool, words in session.execute(select(Document.pool_id, Document.terms)):
            counts.update((pool, term) for term in set(words.split(" ")))
        return dict(counts)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("what does 0x80070005 mean", "code"),
        ("turntable pslx350h", "sku"),
        ("PS LX350H", "sku"),
        ("since 2.4.1", "version"),
        ("NAIVE", "accent"),
        ("プリンターが動かない", "japanese"),
        ("order_4711", "order"),
    ],
)
def test_rare_words_are_found(
    services: Services, workspace: Workspace, query: str, expected: str
) -> None:
    """Codes, SKUs, versions and words of every script are found by their exact spelling."""
    remember(services, workspace, [
        ticket("code", "Update stops with 0x80070005!"), ticket("sku", "no sound: PS-LX350H"),
        ticket("version", "crash since v2.4 and 2.4.1."), ticket("accent", "a naïve question"),
        ticket("japanese", "プリンターの紙"), ticket("order", "where is order_4711"),
        *(ticket(f"other {n}", f"something else, number {n}") for n in range(9)),
    ])  # fmt: skip
    assert found(services, workspace, query)[0] == expected


def test_rarer_words_count_more(services: Services, workspace: Workspace) -> None:
    """An item with the rare word comes before items with the common ones."""
    remember(services, workspace, [
        ticket("rare", "0x80070005"), *(ticket(f"{n}", f"the printer {n}") for n in range(8)),
    ])  # fmt: skip
    assert found(services, workspace, "printer 0x80070005")[0] == "rare"
    assert found(services, workspace, "nothing of this") == []
    assert found(services, workspace, "") == []


@given(query=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
@settings(max_examples=150)
def test_no_query_breaks_the_syntax(query: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Quotes, operators and brackets are words or ignored."""
    services, workspace = _shared_services(tmp_path_factory)
    found(services, workspace, f"{query} \" OR NEAR(* - :) printer' ; DROP TABLE items --")


_shared_by_examples: dict[str, tuple[Services, Workspace]] = {}


def _shared_services(factory: pytest.TempPathFactory) -> tuple[Services, Workspace]:
    """Return services on SQLite that all examples of a property share."""
    if "one" not in _shared_by_examples:
        _shared_by_examples["one"] = fresh_services(factory.mktemp("words"))
        remember(
            *_shared_by_examples["one"],
            [ticket("a", 'printer " OR NEAR'), ticket("b", "drop table items")],
        )
    return _shared_by_examples["one"]


@pytest.mark.both_databases
def test_edits_and_deletions_leave_nothing_behind(services: Services, workspace: Workspace) -> None:
    """Old words and deleted tickets are not found any more, and the counts are right."""
    remember(services, workspace, [ticket("a", "the printer"), ticket("b", "the invoice")])
    remember(services, workspace, [ticket("a", "the scanner")])
    assert found(services, workspace, "printer") == []
    assert found(services, workspace, "scanner") == ["a"]
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "b"), START)
    assert found(services, workspace, "invoice") == []
    assert stored_frequencies(services.database) == recounted(services.database)
    with services.database.read() as session:
        assert session.execute(select(Pool.documents, Pool.length)).all() == [(1, 2)]


def test_items_from_before_the_index_are_indexed(services: Services, workspace: Workspace) -> None:
    """Items that were stored without words are indexed when they are embedded again."""
    remember(services, workspace, [ticket("a", "the printer")])
    with services.database.write() as session:
        for table in ("documents", "frequencies", "pools", "embeddings"):
            session.execute(text(f"DELETE FROM {table}"))
    assert found(services, workspace, "printer") == []
    assert services.vectors.embed_missing(limit=10) == 1
    assert found(services, workspace, "printer") == ["a"]


def test_private_words_are_counted_apart(services: Services, workspace: Workspace) -> None:
    """A public channel sees neither items nor counts of a private one; a shared one its own."""
    public, private = (
        channel(services, workspace, "C1"),
        channel(services, workspace, "C2", private=True),
    )
    shared = channel(services, workspace, "C3", shared=True)
    remember(services, workspace, [
        ticket("public", "printer", channel_id=public.id), ticket("none", "printer"),
        ticket("private", "printer", channel_id=private.id),
        ticket("shared", "printer", channel_id=shared.id),
    ])  # fmt: skip
    assert found(services, workspace, "printer", public) == ["public", "none", "shared"]
    assert found(services, workspace, "printer", private) == ["public", "none", "private", "shared"]
    assert found(services, workspace, "printer", shared) == ["shared"]
    cache = IdfCache()
    with services.database.read() as session:
        counts = [
            cache.lexicon(
                session,
                readable_pools(session, audience_of_channel(in_channel), "ticket"),
                ["printer"],
            )
            for in_channel in (private, public, shared, public)
        ]
    assert [(one.documents, one.frequencies["printer"]) for one in counts] == [
        (4, 4), (3, 3), (1, 1), (3, 3),
    ]  # fmt: skip


@pytest.mark.both_databases
def test_words_of_a_channel_that_turns_private_count_only_there(
    services: Services, workspace: Workspace
) -> None:
    """Its words count for itself only, and for all again when it turns public."""
    public, turning = channel(services, workspace, "C1"), channel(services, workspace, "C2")
    remember(services, workspace, [ticket("a", "printer", channel_id=turning.id)])
    for is_private, count in ((True, 0), (False, 1)):
        with services.database.write() as session:
            save_channel(session, workspace.id, ChannelFacts("C2", is_private=is_private))
        with services.database.read() as session:
            pools = readable_pools(
                session, audience_of_channel(session.get_one(Channel, public.id)), "ticket"
            )
            assert IdfCache().lexicon(session, pools, ["printer"]).documents == count
        assert stored_frequencies(services.database) == recounted(services.database)


def test_sqlite_uses_the_index_of_words(sqlite_url: str) -> None:
    """SQLite reads only the documents that have a word."""
    database = Database.connect(sqlite_url)
    with database.read() as session:
        statement = documents_with(literal("printer")).compile(session.connection())
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", tuple(statement.params.values())
        )
        steps = [row[3] for row in plan]
    database.close()
    assert any("document_words" in step for step in steps)
    assert not any(step.startswith("SCAN documents ") for step in steps)


@pytest.mark.thorough
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_uses_the_index_of_new_words(services: Services, workspace: Workspace) -> None:
    """Words that were stored since the last vacuum are in the index like all others."""
    words = [" ".join(f"w{(n * 37 + m) % 5_000}" for m in range(40)) for n in range(1_500)]
    remember(services, workspace, [ticket(f"{n}", text) for n, text in enumerate(words)])
    with services.database.write() as session:
        session.execute(text("ANALYZE documents"))
        statement = documents_with(literal("w17")).compile(
            session.connection(), compile_kwargs={"literal_binds": True}
        )
        plan = session.connection().exec_driver_sql(f"EXPLAIN {statement}").scalars().all()
    assert any("ix_documents_words" in step for step in plan)
    assert not any("Seq Scan" in step for step in plan)


@pytest.mark.both_databases
def test_a_ticket_of_a_hundred_thousand_words_is_stored(
    services: Services, workspace: Workspace
) -> None:
    """A log of many different words is found by its beginning, and exceeds no limit."""
    remember(services, workspace, [ticket("log", " ".join(f"w{n}" for n in range(100_000)))])
    assert found(services, workspace, "w17") == ["log"]


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from("abc"), st.lists(st.sampled_from(WORDS), max_size=4), st.booleans()
        ),
        max_size=8,
    )
)
@settings(max_examples=40)
def test_counts_stay_exact(
    steps: list[tuple[str, list[str], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any additions, edits and deletions, counts are the same as counted again."""
    services, workspace = _shared_services(tmp_path_factory)
    for name, words, is_deleted in steps:
        remember(services, workspace, [ticket(f"x{name}{is_deleted}", " ".join(words))])
        if is_deleted:
            with services.database.write() as session:
                services.items.remove(
                    session, workspace.id, ("import", f"x{name}{is_deleted}"), START
                )
    assert stored_frequencies(services.database) == recounted(services.database)
    with services.database.read() as session:
        documents, length = session.execute(
            select(func.count(Document.item_id), func.coalesce(func.sum(Document.length), 0))
        ).one()
        assert session.execute(select(Pool.documents, Pool.length)).one() == (documents, length)


@pytest.mark.both_databases
def test_trigrams_of_products_are_counted(services: Services, workspace: Workspace) -> None:
    """The trigrams of products are counted as well as their words."""
    remember(services, workspace, [ticket("p", "sony", kind="product")])
    with services.database.read() as session:
        pools = readable_pools(session, whole_workspace(workspace.id), "product")
        assert IdfCache().lexicon(session, pools, ["~son", "sony"]).frequencies == {
            "~son": 1,
            "sony": 1,
        }
