"""Kinds of jobs: each is restored from its payload, and some have a person who waits."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.event_kinds import NewMessage
from bot.jobs.kinds import BotJob, SlackJson
from bot.jobs.private_replies import GIVEN_UP, failure_job
from bot.jobs.request_kinds import SlashCommand
from bot.jobs.topic_kinds import TopicGrouping
from bot.tasks.registry import BATCHED, SINGLE
from services.intake.slack_messages import SlackTicket
from services.job_rows import ClaimedJob
from tests.conftest import NOW

KINDS = [*BATCHED, *SINGLE]

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
_objects = st.dictionaries(st.text(max_size=6), _json, max_size=4)
# Values from Slack are any JSON; other fields are generated from their type.
_SLACKS: dict[Any, st.SearchStrategy[Any]] = {
    SlackJson: _objects,
    SlackJson | None: st.none() | _objects,
    tuple[dict[str, Any], ...]: st.lists(_objects, max_size=2).map(tuple),
}


def _values(hint: Any) -> st.SearchStrategy[Any]:
    return _SLACKS[hint] if hint in _SLACKS else st.from_type(hint)


def _jobs(kind: type[BotJob]) -> st.SearchStrategy[BotJob]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{one.name: _values(hints[one.name]) for one in fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.kind))
@settings(max_examples=25)
@given(data=st.data())
def test_a_job_is_restored_from_its_payload(kind: type[BotJob], data: st.DataObject) -> None:
    """Any job is the same after it was stored as JSON."""
    job = data.draw(_jobs(kind))
    stored = json.loads(json.dumps(job.payload()))
    assert kind.from_payload(job.key, stored) == job


def test_kinds_have_different_names() -> None:
    """No two kinds are stored under the same name."""
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


def test_a_message_job_has_its_ticket() -> None:
    """All fields of a ticket are in its job."""
    ticket = SlackTicket("1.1", "1.0", "U1", "hello", "2.0", joins=True)
    job = NewMessage(
        key="Ev1", team="T1", channel="C1", private=None, shared=False, ts="1.1", thread_ts="1.0",
        user="U1", text="hello", revision="2.0", joins=True,
    )  # fmt: skip
    assert job.ticket == ticket
    assert replace(job, joins=False).ticket == replace(ticket, joins=False)


def _claimed(job: BotJob) -> ClaimedJob:
    return ClaimedJob(1, 1, job.kind, job.key, job.payload(), 8, "worker", NOW)


def test_a_person_who_waits_gets_a_reply_when_a_job_is_given_up() -> None:
    """The reply is for the channel and by the response URL of the command."""
    job = SlashCommand(
        key="command:1", team="T1", channel="C1", user="U2", response_url="https://hook", text="x"
    )
    reply = failure_job(SlashCommand, _claimed(job))
    assert reply is not None
    assert (reply.key, reply.channel, reply.user) == ("whisper:command:1", "C1", "U2")
    assert (reply.response_url, reply.reason, reply.is_late) == (
        "https://hook", GIVEN_UP.stored(), True,
    )  # fmt: skip


@pytest.mark.parametrize(("user", "has_reply"), [("U2", True), (None, False)])
def test_a_weekly_summary_that_is_given_up_has_no_reply(user: str | None, has_reply: bool) -> None:
    """Nobody waits for a weekly summary, but a person does for a requested one."""
    job = TopicGrouping(key="cluster:1", channel="C1", user=user, days=7, channels=(), k=None)
    assert (failure_job(TopicGrouping, _claimed(job)) is not None) == has_reply


@pytest.mark.parametrize("payload", [{}, {"channel": ["C1"], "user": "U2"}, {"user": "U2"}])
def test_a_job_that_does_not_say_where_has_no_reply(payload: dict[str, Any]) -> None:
    """It could not be read itself, and was given up for that."""
    claimed = ClaimedJob(1, 1, SlashCommand.kind, "command:1", payload, 8, "worker", NOW)
    assert failure_job(SlashCommand, claimed) is None
