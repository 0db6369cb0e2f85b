"""Which of Slack's events are tickets, deletions, mentions, or ignored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.event_kinds import DeletedMessage, NewMessage
from bot.jobs.from_events import job_for_event, job_for_message
from bot.jobs.kinds import BotJob
from bot.slack.identity import BotIdentity
from services.intake.senders import Sender

ME = BotIdentity("T1", "U0DEJA", frozenset({"BALERT"}))
TS = "1795300001.000100"
PARENT = "1795300000.000100"

Json = dict[str, Any]


def _event(**more: Any) -> Json:
    event = {"type": "message", "channel": "C1", "channel_type": "channel", "ts": TS}
    return {**event, "user": "U1", "text": "printer is on fire", **more}


def _changed(**message: Any) -> Json:
    inner = {"type": "message", "ts": TS, "user": "U1", "text": "printer is on fire", **message}
    return {"type": "message", "subtype": "message_changed", "channel": "C1", "message": inner}


def _job(event: Json, event_id: str = "Ev1", **body: Any) -> BotJob | None:
    return job_for_event({"event_id": event_id, "event": event, **body}, ME)


def test_a_new_message_is_a_ticket() -> None:
    """A message becomes a job with its event id as key, and all fields that are kept."""
    job = _job(_event())
    assert job == NewMessage(
        key="Ev1", team="T1", channel="C1", private=False, shared=False, ts=TS, thread_ts=None,
        user="U1", text="printer is on fire", revision="", joins=True,
        by_person=True,
    )  # fmt: skip


def test_an_edit_carries_its_revision() -> None:
    """An edit is the same message with a later revision."""
    job = _job(_changed(edited={"user": "U1", "ts": "1795300009.000000"}))
    assert job is not None
    assert (job.kind, job.payload()["ts"]) == ("message", TS)
    assert job.payload()["revision"] == "1795300009.000000"


def test_a_link_preview_has_no_revision() -> None:
    """A link preview is a change without an edit, so it has the first revision."""
    job = _job(_changed(attachments=[{"title": "A page"}]))
    assert job is not None
    assert (job.payload()["revision"], job.payload()["text"]) == ("", "printer is on fire")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": TS},
        _changed(subtype="tombstone", user="USLACKBOT"),
    ],
    ids=["deletion", "tombstone"],
)
def test_a_deletion_names_its_message(event: Json) -> None:
    """A deletion is an event of its own, or the tombstone of a thread's parent."""
    assert _job(event) == DeletedMessage(key="Ev1", team="T1", channel="C1", ts=TS)


def test_a_reply_is_a_ticket_only_if_it_is_broadcast() -> None:
    """A broadcast reply is a ticket with its thread, and other replies are ignored."""
    assert _job(_event(thread_ts=PARENT)) is None
    job = _job(_event(thread_ts=PARENT, subtype="thread_broadcast"))
    assert job is not None
    assert job.payload()["thread_ts"] == PARENT


def test_a_threads_parent_is_a_ticket() -> None:
    """A message whose thread is its own is the parent."""
    job = _job(_event(thread_ts=TS))
    assert job is not None
    assert job.payload()["thread_ts"] is None


@pytest.mark.parametrize(
    ("text", "title", "is_ticket"),
    [
        ("see the log", "image.png", True),
        ("", "Login error 77", True),
        ("", "image.png", False),
    ],
)
def test_a_file_counts_by_its_words(text: str, title: str, is_ticket: bool) -> None:
    """A shared file is a ticket if it has a text, or a title that somebody chose."""
    event = _event(subtype="file_share", files=[{"id": "F1", "title": title}], text=text)
    assert (_job(event) is not None) is is_ticket


@pytest.mark.parametrize(
    "content",
    [
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "VPN is down"}}]},
        {"attachments": [{"fields": [{"title": "What", "value": "VPN is down"}]}]},
    ],
    ids=["blocks", "attachments"],
)
@pytest.mark.parametrize(
    "sign", [{"workflow_id": "Wf1"}, {"bot_profile": {"is_workflow_bot": True}}]
)
def test_a_workflows_form_is_a_ticket(content: Json, sign: Json) -> None:
    """A form that a person filled in comes from a bot, with its text in blocks or attachments."""
    event = _event(subtype="bot_message", bot_id="BWORK", user=None, text="", **content, **sign)
    job = _job(event)
    assert job is not None
    assert "VPN is down" in job.payload()["text"]


@pytest.mark.parametrize(
    "event",
    [
        _event(subtype="bot_message"),
        _event(bot_id="BOTHER", thread_ts=PARENT),
        _event(user="U0DEJA", bot_id="B0DEJA"),
        _event(user="U0DEJA"),
        _changed(user="U0DEJA", bot_id="B0DEJA"),
        _event(subtype="channel_join"),
        _event(subtype="channel_leave"),
        _event(subtype="channel_topic"),
        _event(subtype="pinned_item"),
        _event(hidden=True),
        _event(text="   "),
        _event(ts=None),
        _event(ts="not a time"),
        _event(channel=None),
        _event(ts="999999999999.000100"),
        _changed(channel_type="im"),
        {"type": "message", "subtype": "message_changed", "channel": "C1"},
        {"type": "message", "subtype": "message_deleted", "channel": "C1"},
    ],
)
def test_other_events_are_ignored(event: Json) -> None:
    """The bot itself, bots' replies, bots without an id, joins and malformed events."""
    assert _job(event) is None


@pytest.mark.parametrize("more", [{"subtype": "bot_message"}, {}])
def test_a_bots_message_is_a_job_because_its_channel_may_want_it(more: Json) -> None:
    """Only the job knows the channel's settings."""
    job = _job(_event(bot_id="BOTHER", username="Alerts", **more))
    assert isinstance(job, NewMessage)
    assert job.by_bot
    assert job.sender == Sender("BOTHER", "Alerts")
    assert NewMessage.from_payload(job.key, json.loads(json.dumps(job.payload()))) == job


@pytest.mark.parametrize(
    "who",
    [
        {"bot_id": "BALERT"},
        {"bot_id": "B9", "app_id": "BALERT"},
        {"bot_id": "B9", "user": "BALERT"},
    ],
)
def test_bots_that_write_tickets_can_be_configured(who: Json) -> None:
    """Messages of a bot in the settings, by bot, app or user id, are tickets."""
    assert _job(_event(**who)) is not None


def test_both_events_of_a_mention_have_one_job_key() -> None:
    """`message` and `app_mention` have different event ids, but the same job key."""
    text = "<@U0DEJA> similar vpn drops"
    first = _job(_event(text=text), "Ev1")
    second = _job({**_event(text=text), "type": "app_mention"}, "Ev2")
    assert first == second
    assert first is not None
    assert (first.kind, first.payload()["text"]) == ("mention", "similar vpn drops")


def test_a_mention_in_a_thread_has_its_thread() -> None:
    """The reply to a mention belongs in its thread."""
    job = _job(_event(text="<@U0DEJA>", thread_ts=PARENT))
    assert job is not None
    assert (job.kind, job.payload()["thread_ts"]) == ("mention", PARENT)


def test_a_direct_message_is_a_question() -> None:
    """A direct message is a question and not a ticket, and its edit is ignored."""
    job = _job(_event(channel="D1", channel_type="im"))
    assert job is not None
    assert job.kind == "mention"
    assert _job({**_changed(), "channel": "D1", "channel_type": "im"}) is None


def test_an_edited_mention_is_ignored() -> None:
    """Only the first version of a mention is answered."""
    assert _job(_changed(text="<@U0DEJA> hello")) is None


@pytest.mark.parametrize(("kind", "private"), [("channel", False), ("group", True), ("mpim", True)])
def test_the_kind_of_channel_is_kept(kind: str, private: bool) -> None:
    """Each event says whether its channel is private now."""
    job = _job(_event(channel_type=kind), is_ext_shared_channel=True)
    assert job is not None
    assert (job.payload()["private"], job.payload()["shared"]) == (private, True)


def test_history_is_read_like_events() -> None:
    """A message from the history is a ticket without facts of its channel."""
    job = job_for_message({"channel": "C1", "ts": TS, "user": "U1", "text": "x"}, ME, key="sweep")
    assert job is not None
    assert (job.key, job.payload()["private"]) == ("sweep", None)


_scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
_likely = st.sampled_from(
    [TS, PARENT, "C1", "U1", "U0DEJA", "BALERT", "<@U0DEJA> hi", "im", "message_changed",
     "message_deleted", "bot_message", "tombstone", "thread_broadcast", "app_mention", "message",
     "reaction_added", "white_check_mark", "member_joined_channel"]
)  # fmt: skip
_keys = st.sampled_from(
    ["type", "subtype", "channel", "channel_type", "ts", "thread_ts", "deleted_ts", "user", "text",
     "bot_id", "app_id", "bot_profile", "workflow_id", "edited", "blocks", "attachments", "hidden",
     "username", "reaction", "item", "inviter"]
)  # fmt: skip
_messages = st.dictionaries(_keys, _likely | _values, max_size=10)
_events = st.one_of(
    _messages,
    st.tuples(_messages, _messages).map(lambda two: {**two[0], "message": two[1]}),
    st.tuples(_messages, _messages).map(lambda two: {**two[0], "item": two[1]}),
)


@given(st.dictionaries(st.sampled_from(["event", "event_id", "x"]), _events | _values | _likely))
def test_no_event_breaks_the_parser(body: Json) -> None:
    """Any event causes no error, and no job without a key, a channel and a time."""
    job = job_for_event(body, ME)
    if job is not None:
        assert isinstance(job.payload()["channel"], str)
        assert datetime.fromtimestamp(float(job.payload()["ts"]), UTC).year > 1969
        assert all(isinstance(job.payload().get(name, ""), str) for name in ("key", "text"))
        assert isinstance(job.payload().get("user"), str | None)
        json.dumps(job.payload())
