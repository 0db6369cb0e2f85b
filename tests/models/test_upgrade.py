"""Databases of earlier versions keep all rows when they are upgraded.

`rows_0016.json` has the rows of every table of revision 0016, one per line. The program of that
version (commit c269089) wrote them, with an embedder of eight dimensions: topics that were renamed,
hidden, split, merged and had tickets moved into them; explorations, themes, posted summaries and
alerts; and a run as the first version with topics stored it.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

import migrations
from models import (
    Calibration,
    Database,
    Document,
    Frequency,
    Item,
    Pool,
)
from services.judgement.calibration_store import (
    calibration_state,
    current_model,
    stored_model,
)
from services.memory.comparable_text import comparable_text
from services.text.comparing.measures import terms_of_kind
from services.text.comparing.terms import terms
from tests.conftest import NOW
from tests.models.old_rows import (
    OLD,
    reflected_table,
    sorted_rows,
    stored_rows,
)

pytestmark = pytest.mark.both_databases(every=True)

# Values of every channel since revision 0018.
EMOJI = {"ticket_emoji": "pushpin", "ignore_emoji": "no_bell"}

# Values of every channel since revisions 0026 and 0034.
CHOICES = {"ticket_senders": [], "ignored_senders": [], "reads_images": True}

# Values of every channel and workspace since revision 0028.
HOURS = {"time_zone": "", "quiet_hours": ""}

# Values of every run of topics since revision 0045.
QUESTIONS: dict[str, Any] = {"fixed_k": None, "questions": []}

# Audience and kind of the numbers of scopes in the rows.
SCOPES = {0: (0, "team"), 2: (2, "team"), -1: (0, "exploration"), -3: (2, "exploration")}


def with_audience(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of revision 0016 with audience and kind in place of the scope."""
    audience_id, kind = SCOPES[row["scope"]]
    rest = {key: value for key, value in row.items() if key != "scope"}
    return {**rest, "audience_id": audience_id, "kind": kind}


def run_of_0017(row: dict[str, Any]) -> dict[str, Any]:
    """Return a run of revision 0016 as revision 0017 stores it."""
    found, changes = with_audience(row), row["changes"]
    for old_name in ("changes", "channels", "channel", "pools"):
        del found[old_name]
    return {
        **found,
        "channel_ids": [int(one) for one in row["channels"]],
        "posted_channel": row["channel"],
        "pool_epochs": row["pools"],
        "topics": {
            topic_id: {
                "change": one["change"],
                "previous_size": one["before"],
                "theme": one.get("theme"),
            }
            for topic_id, one in changes["topics"].items()
        },
        "theme_titles": changes.get("themes", {}),
        "gone_topics": {str(one["id"]): one["title"] for one in changes["gone"]},
        "input_digest": changes.get("made_of", ""),
        "job_key": changes.get("job"),
        "posted_titles": changes.get("shown", []),
        **QUESTIONS,
    }


def test_the_file_has_rows_of_every_table(blank: Database) -> None:
    """No table of that version is missing."""
    command.upgrade(migrations.config(blank.engine), "0016")
    tables = set(sa.inspect(blank.engine).get_table_names()) - {"alembic_version"}
    assert set(OLD) == {name for name in tables if not name.startswith("document_words")}
    assert all(OLD.values())


def test_an_upgrade_keeps_every_row(upgraded: Database) -> None:
    """Every row of every table is there, with its values."""
    workspaces = {row["id"]: row["workspace_id"] for row in OLD["items"]}
    expected = {
        **OLD,
        "embeddings": [
            {**row, "workspace_id": workspaces[row["item_id"]]} for row in OLD["embeddings"]
        ],
        "topics": [{**with_audience(row), "merged_into": None} for row in OLD["topics"]],
        "topic_items": [with_audience(row) for row in OLD["topic_items"]],
        "topic_runs": [run_of_0017(row) for row in OLD["topic_runs"]],
        "channels": [{**row, **EMOJI, **CHOICES, **HOURS} for row in OLD["channels"]],
        "workspaces": [{**row, **HOURS} for row in OLD["workspaces"]],
        "items": [{**row, "is_dated": True} for row in OLD["items"]],
        "answers": [{**row, "display": "best"} for row in OLD["answers"]],
        "jobs": [{**row, "waiting_since": None} for row in OLD["jobs"]],
    }
    del expected["calibrations"]
    assert stored_rows(upgraded, expected) == sorted_rows(expected, upgraded)


def test_old_calibrations_are_out_of_use_and_on_record(upgraded: Database) -> None:
    """Their models cannot be read: they are rolled back, and verdicts are learned from again."""
    with upgraded.read() as session:
        rows = session.scalars(sa.select(Calibration).order_by(Calibration.id)).all()
        assert current_model(session, 1, "ticket", "hashing@1/8/clean1") is None
        assert calibration_state(session, 1, "ticket").fitted_to == 0
        assert [stored_model(row) for row in rows] == [None, None]
    assert [(row.model, row.verdicts) for row in rows] == [
        (row["model"], row["verdicts"]) for row in OLD["calibrations"]
    ]
    assert [row.rolled_back_by for row in rows] == ["upgrade 0019", "bob"]
    assert all(row.rolled_back_at is not None for row in rows)


def test_a_downgrade_restores_every_row(upgraded: Database) -> None:
    """An upgrade can be undone; fields that an old run did not have are then empty."""
    migrations.downgrade(upgraded.engine, "0016")
    empty = {"themes": {}, "made_of": ""}
    runs = [{**row, "changes": {**empty, **row["changes"]}} for row in OLD["topic_runs"]]
    expected = {**OLD, "topic_runs": runs}
    assert stored_rows(upgraded, expected) == sorted_rows(expected, upgraded)


def test_upgraded_talk_is_no_longer_compared(old: Database) -> None:
    """A ticket that does not say what it is about loses vectors and terms; the rest stays."""
    talk = {5: ("Support request", ""), 33: (None, "any update on this?")}
    with old.engine.begin() as connection:
        items = reflected_table(connection, "items")
        for item_id, (title, text) in talk.items():
            change = sa.update(items).where(items.c.id == item_id)
            connection.execute(change.values(title=title, text=text))
    counts = {(row["pool_id"], row["term"]): row["documents"] for row in OLD["frequencies"]}
    for row in OLD["documents"]:
        for term in set(row["terms"].split()) if row["item_id"] in talk else ():
            counts[row["pool_id"], term] -= 1
    migrations.upgrade(old.engine)
    with old.engine.connect() as connection:
        for name in ("embeddings", "neighbourhoods", "documents"):
            left = connection.scalars(sa.select(reflected_table(connection, name).c.item_id))
            assert set(left) == {row["item_id"] for row in OLD[name]} - set(talk)
        table = reflected_table(connection, "frequencies")
        columns = table.c.pool_id, table.c.term, table.c.documents
        assert counts == {
            (row[0], row[1]): row[2] for row in connection.execute(sa.select(*columns))
        }


def test_upgraded_talk_that_somebody_pinned_is_still_compared(old: Database) -> None:
    """A reaction made it a ticket; without it, it would be compared with nothing."""
    pinned, unpinned = 5, 6
    command.upgrade(migrations.config(old.engine), "0019")
    with old.engine.begin() as connection:
        items = reflected_table(connection, "items")
        overrides = reflected_table(connection, "message_overrides")
        for item_id, undone_at in ((pinned, None), (unpinned, NOW)):
            of_item = items.c.id == item_id
            connection.execute(sa.update(items).where(of_item).values(text="hello", title=None))
            place = sa.select(items.c.channel_id, items.c.ts).where(of_item)
            channel_id, ts = connection.execute(place).one()
            assert channel_id is not None
            assert ts is not None
            connection.execute(sa.insert(overrides).values(
                channel_id=channel_id, ts=ts, emoji="pushpin", set_by="U1", kind="ticket",
                set_at=NOW, undone_at=undone_at,
            ))  # fmt: skip
    migrations.upgrade(old.engine)
    with old.read() as session:
        rows = {item.id: item for item in session.scalars(sa.select(Item))}
        assert comparable_text(rows[pinned]) == "hello"
        assert rows[pinned].content_hash is not None
        assert rows[unpinned].content_hash is None


def test_upgraded_products_are_found_by_numbers_with_units(old: Database) -> None:
    """Their terms and counts are those of a product that is stored again."""
    command.upgrade(migrations.config(old.engine), "0024")
    before, after = terms("Lamp 14 Watt"), terms_of_kind("Lamp 14 Watt", "product")
    with old.engine.begin() as connection:
        tables = {
            name: reflected_table(connection, name)
            for name in ("items", "documents", "pools", "frequencies")
        }
        [item_id] = connection.scalars(
            sa.select(tables["items"].c.id).where(tables["items"].c.external_id == "P-1")
        )
        change = sa.update(tables["items"]).where(tables["items"].c.id == item_id)
        connection.execute(change.values(title="Lamp", text="14 Watt"))
        connection.execute(sa.delete(tables["documents"]))
        pool_id = connection.scalar(sa.select(sa.func.min(tables["pools"].c.id)))
        length = connection.scalar(
            sa.select(tables["pools"].c.length).where(tables["pools"].c.id == pool_id)
        )
        connection.execute(sa.insert(tables["documents"]).values(
            item_id=item_id, pool_id=pool_id, terms=" ".join(before), length=len(before)
        ))  # fmt: skip
        connection.execute(sa.delete(tables["frequencies"]))
        connection.execute(
            sa.insert(tables["frequencies"]).values(pool_id=pool_id, term="~14w", documents=3)
        )
    migrations.upgrade(old.engine)
    with old.read() as session:
        document = session.get_one(Document, item_id)
        assert (document.terms, document.length) == (" ".join(after), len(after))
        assert session.get_one(Pool, pool_id).length == (length or 0) + len(after) - len(before)
        counts = {one.term: one.documents for one in session.scalars(sa.select(Frequency))}
    assert counts == {"14w": 1, "~14w": 4, "~4w ": 1}


def test_products_whose_units_are_read_otherwise_now_are_counted_anew(old: Database) -> None:
    """Wrong terms go with their counts: "16 GB/s" was `16gb`."""
    command.upgrade(migrations.config(old.engine), "0035")
    before, after = ["bus", "16", "gb", "s", "16gb"], terms_of_kind("Bus 16 GB/s", "product")
    with old.engine.begin() as connection:
        items, documents, frequencies, pools = (
            reflected_table(connection, name)
            for name in ("items", "documents", "frequencies", "pools")
        )
        row = sa.select(items.c.id).where(items.c.external_id == "P-1")
        item_id = connection.scalar(row)
        change = sa.update(items).where(items.c.id == item_id)
        connection.execute(change.values(title="Bus", text="16 GB/s"))
        connection.execute(sa.delete(documents))
        pool_id = connection.scalar(sa.select(sa.func.min(pools.c.id)))
        connection.execute(sa.insert(documents).values(
            item_id=item_id, pool_id=pool_id, terms=" ".join(before), length=len(before)
        ))  # fmt: skip
        connection.execute(sa.delete(frequencies))
        counts = [{"pool_id": pool_id, "term": term, "documents": 2} for term in before]
        connection.execute(sa.insert(frequencies), counts)
    migrations.upgrade(old.engine)
    with old.read() as session:
        document = session.get_one(Document, item_id)
        assert (document.terms, document.length) == (" ".join(after), len(after))
        kept = session.scalars(sa.select(Frequency).where(Frequency.pool_id == pool_id))
        counts_now = {one.term: one.documents for one in kept if not one.term.startswith("~")}
    unchanged = dict.fromkeys(["bus", "16", "gb", "s"], 2)
    assert counts_now == {**unchanged, "16gb": 1, "16gb_s": 1}


def test_upgraded_products_without_units_stay_as_they_are(upgraded: Database) -> None:
    """Nothing is counted twice."""
    with upgraded.read() as session:
        found = {one.item_id: one.terms for one in session.scalars(sa.select(Document))}
    assert found == {row["item_id"]: row["terms"] for row in OLD["documents"]}


def test_upgraded_tickets_keep_no_notes(old: Database) -> None:
    """Replies that are not public were kept with a ticket before; the rest of it stays."""
    public, note = {"text": "Oil the hinge."}, {"text": "Has not paid.", "public": False}
    before: dict[int, dict[str, Any]] = {
        5: {"tags": ["gate"], "replies": [public, note]},
        6: {"replies": [note]},
        7: {"custom": {"public": False}},
    }
    with old.engine.begin() as connection:
        items = reflected_table(connection, "items")
        for item_id, extra in before.items():
            change = sa.update(items).where(items.c.id == item_id)
            connection.execute(change.values(extra=extra))
    migrations.upgrade(old.engine)
    with old.read() as session:
        assert session.get_one(Item, 5).extra == {"tags": ["gate"], "replies": [public]}
        assert session.get_one(Item, 6).extra == {}
        assert session.get_one(Item, 7).extra == before[7]
