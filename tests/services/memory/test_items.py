"""Storing, changing and deleting items; every text is embedded once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select, update

from bot.wiring import Services
from models import Document, Embedding, Item, Workspace
from services.errors import InputError, NotFoundError
from services.memory.item_names import find_item
from services.memory.items import ItemStore
from services.memory.new_items import NewItem
from tests.hashing import HashingEmbedder
from tests.remembering import START, remember, ticket


def outcomes(services: Services, workspace: Workspace, *items: NewItem) -> list[str]:
    """Store items, and return the outcome for each."""
    return [saved.outcome for saved in remember(services, workspace, items)]


def embeddings(services: Services) -> int:
    """Return the number of stored vectors."""
    with services.database.read() as session:
        return session.scalar(select(func.count(Embedding.id))) or 0


@pytest.mark.both_databases
def test_an_item_is_added_once(
    services: Services, workspace: Workspace, embedder: HashingEmbedder
) -> None:
    """The second time nothing changes and nothing is embedded."""
    item = ticket("a", "the printer is broken")
    assert outcomes(services, workspace, item) == ["added"]
    assert outcomes(services, workspace, item) == ["unchanged"]
    assert embedder.encoded == ["the printer is broken"]
    assert embeddings(services) == 1


def test_only_a_change_of_words_is_embedded(
    services: Services, workspace: Workspace, embedder: HashingEmbedder
) -> None:
    """New words get new vectors in place of the old ones, a new status does not."""
    item = ticket("a", "the printer is broken")
    outcomes(services, workspace, item)
    assert outcomes(services, workspace, replace(item, status="resolved")) == ["updated"]
    assert outcomes(services, workspace, replace(item, text="the scanner is broken")) == ["updated"]
    assert embedder.encoded == ["the printer is broken", "the scanner is broken"]
    assert embeddings(services) == 1


def test_equal_texts_are_embedded_once(
    services: Services, workspace: Workspace, embedder: HashingEmbedder
) -> None:
    """A text that is stored already, or twice in a batch, is not embedded again."""
    outcomes(services, workspace, ticket("a", "it is slow"), ticket("b", "it is slow"))
    outcomes(services, workspace, ticket("c", "it is slow :tada: :+1:"))
    assert embedder.encoded == ["it is slow"]
    assert embeddings(services) == 3


def test_a_batch_is_embedded_in_one_call(services: Services, workspace: Workspace) -> None:
    """The model is called once for any number of items."""
    calls: list[int] = []

    class Counting(HashingEmbedder):
        def encode(self, texts):  # type: ignore[no-untyped-def]
            calls.append(len(texts))
            return super().encode(texts)

    items = ItemStore(replace(services.vectors, embedder=Counting()))
    items.prepare(workspace.id, [ticket(str(n), f"ticket number {n}") for n in range(40)])
    assert calls == [40]


def test_items_without_words_are_stored_without_vectors(
    services: Services, workspace: Workspace
) -> None:
    """An item of emoji alone is stored, but never compared, and never waits for a vector."""
    assert outcomes(services, workspace, ticket("a", ":tada:")) == ["added"]
    assert embeddings(services) == 0
    assert services.vectors.embed_missing(limit=10) == 0


def test_what_says_nothing_of_a_matter_is_kept_but_never_compared(
    services: Services, workspace: Workspace
) -> None:
    """Imported subjects without a body and talk: equal ones are not duplicates, nor searched."""
    talk = [
        replace(ticket(str(number), text), title=title)
        for number, (title, text) in enumerate(
            2 * [("Support request", ""), ("Re: your order", "Please see attached."), (None, "+1")]
        )
    ]
    assert set(outcomes(services, workspace, *talk)) == {"added"}
    (found,) = remember(services, workspace, [ticket("a", "the printer is broken")])
    assert embeddings(services) == 1
    with services.database.read() as session:
        assert session.scalars(select(Document.item_id)).all() == [found.item_id]
    assert [pairs for _, pairs in services.duplicates.backlog(workspace.id)] == [[]]


def test_what_was_compared_by_an_earlier_version_is_embedded_no_more(
    services: Services, workspace: Workspace
) -> None:
    """Talk without vectors does not wait for them for ever."""
    outcomes(services, workspace, ticket("a", "any update on this?"))
    with services.database.write() as session:
        session.execute(update(Item).values(content_hash="of an earlier version"))
    assert [services.vectors.embed_missing(limit=3) for _ in range(2)] == [1, 0]
    assert embeddings(services) == 0


def test_an_edit_that_removes_all_words_removes_the_vectors(
    services: Services, workspace: Workspace
) -> None:
    """An item without words cannot be found by its old ones."""
    outcomes(services, workspace, ticket("a", "words"))
    assert outcomes(services, workspace, ticket("a", "…")) == ["updated"]
    assert embeddings(services) == 0


@pytest.mark.both_databases
def test_an_older_version_changes_nothing(services: Services, workspace: Workspace) -> None:
    """An edit that arrived before its message stays, and the message is outdated."""
    edit = replace(ticket("a", "as edited"), revision="1700000000.000200")
    assert outcomes(services, workspace, edit) == ["added"]
    assert outcomes(services, workspace, ticket("a", "as first written")) == ["outdated"]
    later = replace(edit, text="edited again", revision="1700000000.000300")
    assert outcomes(services, workspace, later) == ["updated"]


def test_an_edit_without_changes_outdates_older_edits(
    services: Services, workspace: Workspace
) -> None:
    """Of two edits, the second of which undoes the first, the first arrives last."""
    first = ticket("a", "the printer is broken")
    edit = replace(ticket("a", "never mind"), revision="1700000000.000200")
    undone = replace(first, revision="1700000000.000300")
    assert outcomes(services, workspace, first) == ["added"]
    assert outcomes(services, workspace, undone) == ["unchanged"]
    assert outcomes(services, workspace, edit) == ["outdated"]


@pytest.mark.both_databases
def test_two_versions_in_one_batch(services: Services, workspace: Workspace) -> None:
    """Of a message and its edit in one batch the edit stays, in any order."""
    first, edit = (
        ticket("a", "printer"),
        replace(ticket("a", "scanner"), revision="1700000000.0002"),
    )
    assert outcomes(services, workspace, edit, first) == ["added", "outdated"]
    other = replace(first, external_id="b"), replace(edit, external_id="b")
    assert outcomes(services, workspace, *other) == ["added", "updated"]
    with services.database.read() as session:
        assert set(session.scalars(select(Item.text))) == {"scanner"}
        hashes = session.scalars(select(Embedding.text_hash)).all()
        assert len(hashes) == 2
        assert len(set(hashes)) == 1


@pytest.mark.both_databases
def test_a_deletion_leaves_a_tombstone_without_words(
    services: Services, workspace: Workspace
) -> None:
    """A deletion removes text and vectors for good, and the message cannot be stored again."""
    item = ticket("a", "my secret", title="T", author="U1", extra={"note": "secret"})
    outcomes(services, workspace, item)
    with services.database.write() as session:
        services.items.remove(session, workspace.id, item.key, START)
    assert embeddings(services) == 0
    assert outcomes(services, workspace, item) == ["outdated"]
    with services.database.read() as session:
        row = session.scalars(select(Item)).one()
        assert (row.text, row.title, row.author, row.extra) == ("", None, None, {})


def test_a_deletion_may_arrive_before_its_message(services: Services, workspace: Workspace) -> None:
    """A message that arrives after its deletion is not stored."""
    item = ticket("a", "too late")
    with services.database.write() as session:
        services.items.remove(session, workspace.id, item.key, START)
    assert outcomes(services, workspace, item) == ["outdated"]
    assert embeddings(services) == 0


@pytest.mark.both_databases
def test_missing_vectors_are_computed(services: Services, workspace: Workspace) -> None:
    """After a change of model, every item gets vectors of the new one in batches."""
    outcomes(services, workspace, *(ticket(str(n), f"printer {n}") for n in range(5)))
    with services.database.write() as session:
        session.execute(update(Embedding).values(fingerprint="older@1/64/clean1"))
    assert [services.vectors.embed_missing(limit=3) for _ in range(3)] == [3, 2, 0]
    assert embeddings(services) == 10


def test_fields_that_a_source_does_not_have_stay(services: Services, workspace: Workspace) -> None:
    """A source without status and resolution does not change the stored ones."""
    solved = ticket("a", "text", status="resolved", resolution="restart it")
    outcomes(services, workspace, solved)
    outcomes(services, workspace, ticket("a", "new text"))
    with services.database.read() as session:
        row = session.scalars(select(Item)).one()
        assert (row.text, row.status, row.resolution) == ("new text", "resolved", "restart it")


@pytest.mark.both_databases
def test_hostile_text_is_stored(services: Services, workspace: Workspace) -> None:
    """NUL, lone surrogates, right-to-left marks and forty thousand characters are stored."""
    texts = ["a\x00b", "lone \ud800 surrogate", "\u202egnp.exe \u05d0", "word " * 8_000]
    items = [ticket(f"\ud800{n}\x00", text) for n, text in enumerate(texts)]
    assert outcomes(services, workspace, *items) == ["added"] * 4
    with services.database.read() as session:
        assert session.scalars(select(Item.text).order_by(Item.id)).first() == "ab"


def test_long_items_have_a_vector_for_each_chunk(services: Services, workspace: Workspace) -> None:
    """A text longer than the model's window has a vector for each of its chunks."""
    (saved,) = remember(services, workspace, [ticket("a", " ".join(f"w{n}" for n in range(900)))])
    with services.database.read() as session:
        rows = services.vectors.vectors_of(session, [saved.item_id])[saved.item_id]
    assert rows.shape[0] > 3
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.both_databases
def test_items_are_found_by_their_own_ids(services: Services, workspace: Workspace) -> None:
    """An id that two sources have needs the source's name before it."""
    other = replace(ticket("a", "two"), source="other")
    remember(services, workspace, [ticket("a", "one"), other, ticket("b", "three")])
    with services.database.read() as session:
        assert find_item(session, workspace.id, "b").text == "three"
        assert find_item(session, workspace.id, "other:a").text == "two"
        with pytest.raises(InputError, match="Several sources"):
            find_item(session, workspace.id, "a")
        with pytest.raises(NotFoundError, match="no item zzz"):
            find_item(session, workspace.id, "zzz")
