"""Topics of earlier versions keep what people changed, and are shown as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from models import (
    Channel,
    Database,
    Topic,
    TopicAlert,
    TopicInRun,
    TopicItem,
    TopicRun,
)
from services.topics.scopes import newest_run, scope_of_channel, scope_of_everybody
from services.topics.views import RunView, view_run
from tests.conftest import NOW
from tests.models.old_rows import (
    OLD,
)

pytestmark = pytest.mark.both_databases(every=True)

# What the program of that version showed of the rows.
VIEWS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "views_0016.json").read_text(encoding="utf-8")
)


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


def test_upgraded_topics_keep_peoples_changes(upgraded: Database) -> None:
    """Names, hidden, split and merged topics, and moved tickets are kept, of both kinds."""
    with upgraded.read() as session:
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


def test_upgraded_runs_are_shown_as_before(upgraded: Database) -> None:
    """The newest run of each kind shows the same titles, sizes, changes and themes."""
    with upgraded.read() as session:
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


def test_an_upgraded_run_of_the_first_version_is_complete(upgraded: Database) -> None:
    """Fields that the first version did not have are empty."""
    with upgraded.read() as session:
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


def test_upgraded_summaries_and_alerts_are_found_in_slack(upgraded: Database) -> None:
    """They keep their message, picture, titles, and the job that posted them."""
    with upgraded.read() as session:
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
