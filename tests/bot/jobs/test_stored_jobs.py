"""Jobs that an earlier version stored are read and run after an upgrade.

`stored_jobs.jsonl` has rows of commit c269089, the last version whose jobs were dictionaries: its
tests ran with an `enqueue` that recorded each job, and one job of each kind and of each set of
types in the payload was kept. Only the response URLs were replaced. Later kinds have a row as
their first version stored it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.kinds import BotJob
from bot.tasks.registry import BATCHED, SINGLE
from services.errors import InputError
from services.queue import MAX_ATTEMPTS, NewJob, enqueue
from tests.serving import Desk

KINDS = {one.kind: one for one in (*BATCHED, *SINGLE)}
ROWS = [
    NewJob(**json.loads(line))
    for line in Path(__file__).with_name("stored_jobs.jsonl").read_text("utf-8").splitlines()
]
PRINTER = "printer prints blank pages after the firmware update"

# Fields that were not used, and are not read any more.
NOT_READ = {"split": {"other_id"}}


def _ids(row: NewJob) -> str:
    return f"{row.kind}-{row.key}"


def read(row: NewJob) -> BotJob:
    """Return the job of a row."""
    return KINDS[row.kind].from_payload(row.key, row.payload)


def store_rows(desk: Desk, *rows: NewJob) -> None:
    """Store rows as the earlier version did."""
    with desk.services.database.write() as session:
        assert enqueue(session, desk.workspace_id, rows, desk.clock.now) == len(rows)


def test_every_kind_has_a_row() -> None:
    """The rows are of all the kinds there are."""
    assert {row.kind for row in ROWS} == set(KINDS)


@pytest.mark.parametrize("row", ROWS, ids=_ids)
def test_a_row_is_read_as_it_was_stored(row: NewJob) -> None:
    """The job has every value of the row, and is stored under the same kind and key."""
    job = read(row)
    stored = json.loads(json.dumps(job.payload()))
    kept = {name: row.payload[name] for name in row.payload.keys() - NOT_READ.get(row.kind, set())}
    assert _old_part(stored, kept) == kept
    assert (job.kind, job.key) == (row.kind, row.key)


def _old_part(stored: Any, old: Any) -> Any:
    """Return the part of a payload that the old one had."""
    if not isinstance(old, dict):
        return stored
    return {name: _old_part(stored[name], value) for name, value in old.items()}


def test_rows_of_every_kind_run(desk: Desk) -> None:
    """All rows are done at the first attempt, even if there is nothing to do for them."""
    for user in ("U1", "U1"):
        desk.ticket("C1", PRINTER, user=user)
    desk.drain()
    hook = desk.slack.hook()
    rows = []
    for number, row in enumerate(ROWS):
        payload = dict(row.payload)
        if payload.get("response_url"):
            payload["response_url"] = hook
        # Rows come from several databases, and two with the same key would be one job.
        rows.append(NewJob(row.kind, f"{row.key}#{number}", payload))
    store_rows(desk, *rows)
    desk.drain()
    left = [(job.kind, job.error) for state in ("ready", "failed") for job in desk.jobs(state)]
    assert left == []
    assert {job.key for job in desk.jobs("done")} >= {row.key for row in rows}


@pytest.mark.parametrize(
    ("kind", "missing", "expected"),
    [
        ("message", ["joins"], {"joins": False}),
        ("message", ["kind_in_any_channel"], {"kind_in_any_channel": None}),
        ("message", ["by_person"], {"by_person": False}),
        ("failed", ["follow_up", "failed"], {"follow_up": "broken", "failed": True}),
        ("correct", ["thread_ts", "user"], {"thread_ts": None, "user": None}),
        ("resolve", ["message", "undo"], {"message": None, "undo": False}),
        ("resolve", ["response_url"], {"response_url": None}),
        ("setup_ask", ["inviter"], {"inviter": None}),
        ("setup_save", ["backfill"], {"backfill": None}),
        ("topic_alerts", ["day"], {"day": None}),
        ("digest_click", ["response_url"], {"response_url": None}),
    ],
)
def test_fields_that_older_rows_lack_have_defaults(
    kind: str, missing: list[str], expected: dict[str, Any]
) -> None:
    """A field that a still older payload does not have gets a default."""
    row = next(row for row in ROWS if row.kind == kind)
    payload = {name: value for name, value in row.payload.items() if name not in missing}
    job = read(NewJob(kind, row.key, payload))
    assert {name: job.payload()[name] for name in missing} == expected


def test_settings_that_older_rows_lack_have_defaults() -> None:
    """The settings form of an older version had fewer fields."""
    row = next(row for row in ROWS if row.kind == "setup_save")
    first = {name: row.payload["settings"][name] for name in ("mode", "noise_budget", "digest")}
    job = read(NewJob("setup_save", row.key, {**row.payload, "settings": first}))
    assert job.payload()["settings"]["language"] == "en"
    assert job.payload()["settings"]["ticket_emoji"] == "pushpin"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "item_id: Field required"),
        ({"item_id": "one"}, "item_id: Input should be a valid integer"),
        ({"item_id": None}, "item_id: Input should be a valid integer"),
    ],
)
def test_an_invalid_payload_is_named(payload: dict[str, Any], reason: str) -> None:
    """The error names the kind and the field, but no text that a person wrote."""
    with pytest.raises(InputError, match=rf"^The payload of a judge job .*\({reason}"):
        read(NewJob("judge", "judge:1:x", payload))


@pytest.mark.both_databases
def test_invalid_rows_fail_visibly(desk: Desk) -> None:
    """They are retried and given up like others, and the jobs beside them are done."""
    asked = {"channel": "C1", "user": "U2", "response_url": desk.slack.hook()}
    store_rows(
        desk,
        NewJob("message", "bad-message", {"channel": "C1"}),
        NewJob("command", "bad-command", asked),
        NewJob("rotate", "good", {"from": "the future"}),
    )
    desk.ticket("C1", PRINTER)
    for _ in range(MAX_ATTEMPTS):
        desk.wait(600)
    assert {job.key for job in desk.jobs("failed")} == {"bad-message", "bad-command"}
    assert all("cannot be read" in str(job.error) for job in desk.jobs("failed"))
    assert {"good", "Ev1"} <= {job.key for job in desk.jobs("done")}
    assert ["gave up" in reply["text"] for reply in desk.slack.private_replies] == [True]
