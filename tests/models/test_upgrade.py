"""Databases of earlier versions keep all rows when they are upgraded.

`rows_0016.json` has the rows of every table of revision 0016, one per line. The program of that
version (commit c269089) wrote them, with an embedder of eight dimensions: topics that were renamed,
hidden, split, merged and had tickets moved into them; explorations, themes, posted summaries and
alerts; and a run as the first version with topics stored it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command

import migrations
from models import (
    Calibration,
    Channel,
    Database,
    Item,
    Topic,
    TopicAlert,
    TopicInRun,
    TopicItem,
    TopicRun,
)
from models.types import Vector
from services.judgement.calibration_store import (
    calibration_state,
    current_model,
    stored_model,
)
from services.memory.comparable_text import comparable_text
from services.topics.scopes import newest_run, scope_of_channel, scope_of_everybody
from services.topics.views import RunView, view_run
from tests.conftest import NOW

Rows = dict[str, list[dict[str, Any]]]

OLD: Rows = json.loads((Path(__file__).parent / "rows_0016.json").read_text(encoding="utf-8"))

# What the program of that version showed of the rows.
VIEWS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "views_0016.json").read_text(encoding="utf-8")
)

# Values of every channel since revision 0018.
EMOJI = {"ticket_emoji": "pushpin", "ignore_emoji": "no_bell"}

# Audience and kind of the numbers of scopes in the rows.
SCOPES = {0: (0, "team"), 2: (2, "team"), -1: (0, "exploration"), -3: (2, "exploration")}


@pytest.fixture
def old(blank: Database) -> Database:
    """Give a database of revision 0016 with its rows."""
    command.upgrade(migrations.config(blank.engine), "0016")
    with blank.engine.begin() as connection:
        for name, rows in OLD.items():
            table = reflected_table(connection, name)
            connection.execute(
                sa.insert(table),
                [{key: database_value(table.c[key].type, row[key]) for key in row} for row in rows],
            )
    return blank


def reflected_table(connection: sa.Connection, name: str) -> sa.TableClause:
    """Return a table with the columns that it has in the database."""
    columns = sa.inspect(connection).get_columns(name)
    types = [
        Vector() if one["name"] in {"vector", "centroid", "centre"} else one["type"]
        for one in columns
    ]
    return sa.table(
        name, *(sa.column(one["name"], kind) for one, kind in zip(columns, types, strict=True))
    )


def database_value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    """Return a value of the file as the database stores it."""
    if isinstance(kind, sa.DateTime) and value is not None:
        return datetime.fromisoformat(value)
    return np.array(value, dtype=np.float32) if isinstance(kind, Vector) else value


def file_value(value: Any, like: Any) -> Any:
    """Return a value of the database as the file has it, in the format of `like` there."""
    if isinstance(value, datetime):
        has_zone = like is None or datetime.fromisoformat(like).tzinfo is not None
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.isoformat() if has_zone else value.isoformat()
    if isinstance(value, np.ndarray):
        return [round(float(one), 6) for one in value]
    return value


def stored_rows(database: Database, expected: Rows) -> Rows:
    """Return all rows of a database, with values in the format of the expected ones."""
    found: Rows = {}
    with database.engine.connect() as connection:
        for name, rows in expected.items():
            table = reflected_table(connection, name)
            keys = sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]
            order = [table.c[key] for key in sorted(keys)]
            likes = sorted(rows, key=lambda row: [row[key] for key in sorted(keys)])
            values = connection.execute(sa.select(table).order_by(*order)).mappings().all()
            assert len(values) == len(rows), name
            found[name] = [
                {key: file_value(row[key], like.get(key)) for key in row}
                for row, like in zip(values, likes, strict=True)
            ]
    return found


def sorted_rows(rows: Rows, database: Database) -> Rows:
    """Return rows in the order of their primary keys."""
    keys = {
        name: sorted(sa.inspect(database.engine).get_pk_constraint(name)["constrained_columns"])
        for name in rows
    }
    return {
        name: sorted(some, key=lambda row, name=name: [row[key] for key in keys[name]])  # type: ignore[misc]
        for name, some in rows.items()
    }


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
    }


def summary(view: RunView) -> dict[str, Any]:
    """Return what people see of a run: topics, themes and channels."""
    return {
        "topics": [
            [one.topic_id, one.title, one.size, one.change, one.is_hidden] for one in view.topics
        ],
        "themes": [theme.title for theme in view.themes],
        "gone": list(view.gone),
        "unclustered": view.unclustered,
        "channels": [one.name for one in view.channels],
    }


def test_the_file_has_rows_of_every_table(blank: Database) -> None:
    """No table of that version is missing."""
    command.upgrade(migrations.config(blank.engine), "0016")
    tables = set(sa.inspect(blank.engine).get_table_names()) - {"alembic_version"}
    assert set(OLD) == {name for name in tables if not name.startswith("document_words")}
    assert all(OLD.values())


def test_an_upgrade_keeps_every_row(old: Database) -> None:
    """Every row of every table is there, with its values."""
    migrations.upgrade(old.engine)
    expected = {
        **OLD,
        "topics": [with_audience(row) for row in OLD["topics"]],
        "topic_items": [with_audience(row) for row in OLD["topic_items"]],
        "topic_runs": [run_of_0017(row) for row in OLD["topic_runs"]],
        "channels": [{**row, **EMOJI} for row in OLD["channels"]],
        "items": [{**row, "is_dated": True} for row in OLD["items"]],
    }
    del expected["calibrations"]
    assert stored_rows(old, expected) == sorted_rows(expected, old)


def test_old_calibrations_are_out_of_use_and_on_record(old: Database) -> None:
    """Their models cannot be read: they are rolled back, and the verdicts are learned from anew."""
    migrations.upgrade(old.engine)
    with old.read() as session:
        rows = session.scalars(sa.select(Calibration).order_by(Calibration.id)).all()
        assert current_model(session, 1, "ticket") is None
        assert calibration_state(session, 1, "ticket").fitted_to == 0
        assert [stored_model(row) for row in rows] == [None, None]
    assert [(row.model, row.verdicts) for row in rows] == [
        (row["model"], row["verdicts"]) for row in OLD["calibrations"]
    ]
    assert [row.rolled_back_by for row in rows] == ["upgrade 0019", "bob"]
    assert all(row.rolled_back_at is not None for row in rows)


def test_a_downgrade_restores_every_row(old: Database) -> None:
    """An upgrade can be undone; fields that an old run did not have are then empty."""
    migrations.upgrade(old.engine)
    migrations.downgrade(old.engine, "0016")
    empty = {"themes": {}, "made_of": ""}
    runs = [{**row, "changes": {**empty, **row["changes"]}} for row in OLD["topic_runs"]]
    expected = {**OLD, "topic_runs": runs}
    assert stored_rows(old, expected) == sorted_rows(expected, old)


def test_upgraded_topics_keep_peoples_changes(old: Database) -> None:
    """Names, hidden, split and merged topics, and moved tickets are kept, of both kinds."""
    migrations.upgrade(old.engine)
    with old.read() as session:
        topics = {one.id: one for one in session.scalars(sa.select(Topic))}
        named = {one.title: one.kind for one in topics.values() if one.named_by is not None}
        hidden = {(one.title, one.kind) for one in topics.values() if one.hidden_at is not None}
        parts = {one.id: one.parent_id for one in topics.values() if one.parent_id is not None}
        merged = [one.id for one in topics.values() if one.is_merged]
        moved = session.execute(
            sa.select(TopicItem.item_id, TopicItem.audience_id, TopicItem.kind).where(
                TopicItem.moved_by.is_not(None)
            )
        ).all()
    assert named == {"Paper “trouble”": "team", "Two at once": "exploration"}
    assert hidden == {(topics[2].title, "team"), (topics[6].title, "exploration")}
    assert parts == {4: 3, 14: 7}
    assert merged == [1]
    assert {tuple(one) for one in moved} == {(1, 0, "exploration"), (2, 0, "team")}


def test_upgraded_runs_are_shown_as_before(old: Database) -> None:
    """The newest run of each kind shows the same titles, sizes, changes and themes."""
    migrations.upgrade(old.engine)
    with old.read() as session:
        private = session.scalars(sa.select(Channel).where(Channel.slack_id == "G1")).one()
        scopes = {"everybody": scope_of_everybody(1), "private": scope_of_channel(private)}
        shown = {}
        for name, scope in scopes.items():
            for which, run in (("newest", None), ("team", newest_run(session, scope))):
                view = view_run(session, scope, NOW, run)
                assert view is not None
                assert view.is_exploration is (which == "newest")
                shown[f"{name}, {which}"] = summary(view)
    assert shown == VIEWS


def test_an_upgraded_run_of_the_first_version_is_complete(old: Database) -> None:
    """Fields that the first version did not have are empty."""
    migrations.upgrade(old.engine)
    with old.read() as session:
        run = newest_run(session, scope_of_everybody(1))
    assert run is not None
    assert run.topics == {1: TopicInRun("grown", 2, None)}
    assert run.gone_topics == {999: "Zebra crossing"}
    assert run.channel_ids == [1]
    assert (run.theme_titles, run.posted_titles, run.job_key, run.input_digest) == (
        {},
        [],
        None,
        "",
    )


def test_upgraded_summaries_and_alerts_are_found_in_slack(old: Database) -> None:
    """They keep their message, picture, titles, and the job that posted them."""
    migrations.upgrade(old.engine)
    with old.read() as session:
        posted = session.scalars(
            sa.select(TopicRun).where(TopicRun.message_ts.is_not(None)).order_by(TopicRun.id)
        ).all()
        alerts = session.scalars(sa.select(TopicAlert).order_by(TopicAlert.id)).all()
    before = [row for row in OLD["topic_runs"] if row["message_ts"] is not None]
    assert [
        (run.posted_channel, run.message_ts, run.file_id, run.posted_titles, run.job_key)
        for run in posted
    ] == [
        (
            row["channel"], row["message_ts"], row["file_id"],
            row["changes"]["shown"], row["changes"]["job"],
        )
        for row in before
    ]  # fmt: skip
    assert [(one.topic_id, one.message_ts) for one in alerts] == [
        (row["topic_id"], row["message_ts"]) for row in OLD["topic_alerts"]
    ]


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
