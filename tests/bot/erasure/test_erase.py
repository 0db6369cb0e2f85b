"""Erasures: nothing of a person, a ticket or a channel is left, and nothing comes back."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from bot.erasure.erase import Eraser, ErasureResult
from bot.erasure.index_files import files_of
from bot.erasure.resume import resume_all
from bot.jobs.topic_kinds import SummaryCheck
from models import Embedding, Erasure, Frequency, Job, Resolution, Topic, Verdict
from services.erasure.people import ANSWERS, COPIES, REPLIES
from services.erasure.preview import preview
from services.erasure.proof import prove
from services.erasure.subjects import Subject, SubjectKind, find_subject
from services.erasure.waiting_jobs import ERASED
from tests.bot.tasks.resolutions import ANSWER
from tests.bot.tasks.ticket_texts import PRINTER
from tests.bot.tasks.topics import post_summary, summaries
from tests.serving import Desk, words

pytestmark = pytest.mark.both_databases

SECRET = "The zebra of Mrs Quill eats the violet cable every night"


def eraser(desk: Desk, batch: int = 100) -> Eraser:
    """Return what erases for an administrator."""
    services = desk.services
    return Eraser(services.database, services.settings, "admin", desk.clock, batch)


def erase(desk: Desk, kind: SubjectKind, name: str) -> ErasureResult:
    """Erase something, and do the work that follows."""
    subject = _subject(desk, kind, name)
    with desk.services.database.read() as session:
        expected = preview(session, subject)
    done = eraser(desk).erase(subject)
    # What was announced is what was done, apart from what only the work itself shows.
    for surface in (
        "tickets and products", "vectors", "answers", "waiting jobs", REPLIES, ANSWERS, COPIES
    ):  # fmt: skip
        assert done.counts[surface] == expected.counts[surface], surface
    with desk.services.database.read() as session:
        files = files_of(desk.services.database, desk.services.settings)
        proof = prove(session, done.snippets, files, vectors=done.vectors, changed=done.changed)
    assert proof.holds, proof
    desk.drain()
    return done


def _subject(desk: Desk, kind: SubjectKind, name: str) -> Subject:
    with desk.services.database.read() as session:
        return find_subject(session, desk.workspace_id, kind, name)


def name_of(channel: str, ts: str) -> str:
    """Return the name of a message for the command line."""
    return f"{channel}/{ts}"


def test_an_item_is_gone_from_every_surface(desk: Desk) -> None:
    """Its row is a tombstone, answers no longer show it, and its words are in no count."""
    first = desk.ticket("C1", SECRET, user="U7")
    second = desk.ticket("C1", SECRET.replace("night", "day"), user="U8")
    assert SECRET in words(desk.answers("C1", second)[0])
    done = erase(desk, "item", name_of("C1", first))
    assert done.counts["tickets and products"] == 1
    assert done.snippets
    assert len(done.vectors) == 1
    item = desk.item("C1", first)
    assert (item.text, item.author, item.url, item.revision) == ("", None, None, "~")
    assert desk.answers("C1", second) == []
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Embedding.id))) == 1
        assert session.scalar(select(Frequency.term).where(Frequency.term == "night")) is None
        [row] = session.scalars(select(Erasure)).all()
    assert (row.asked_by, row.kind, row.counts["vectors"]) == ("admin", "item", 1)
    assert SECRET[:20] not in json.dumps(row.counts) + row.subject
    assert row.finished_at is not None


def test_what_was_erased_does_not_come_back(desk: Desk) -> None:
    """Neither by the event again, nor by an edit, nor after a second erasure."""
    message = desk.slack.say("C1", SECRET, user="U7")
    desk.deliver_message("C1", message)
    desk.drain()
    erase(desk, "item", name_of("C1", message["ts"]))
    desk.deliver_message("C1", {**message, "client_msg_id": "again"})
    edited = {**message, "edited": {"ts": "1999999999.000100", "user": "U7"}}
    desk.deliver_message("C1", {"type": "message", "subtype": "message_changed", "message": edited})
    desk.drain()
    assert desk.item("C1", message["ts"]).text == ""
    again = erase(desk, "item", name_of("C1", message["ts"]))
    assert again.counts["tickets and products"] == 0


def test_a_person_is_gone_and_what_they_decided_stays(desk: Desk) -> None:
    """Their tickets and answers are erased, their decisions have a pseudonym."""
    ticket = desk.ticket("C1", PRINTER)
    message = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ticket)
    desk.deliver_message("C1", message)
    desk.drain()
    reply = message["ts"]
    own = desk.ticket("C1", SECRET, user="U5")
    desk.react("C1", reply, user="U5")
    desk.drain()
    assert desk.item("C1", ticket).resolution == ANSWER
    done = erase(desk, "person", "U5")
    assert desk.item("C1", own).text == ""
    assert desk.item("C1", ticket).resolution is None
    assert desk.item("C1", ticket).text == PRINTER
    with desk.services.database.read() as session:
        [row] = session.scalars(select(Resolution)).all()
        record = session.get_one(Erasure, done.erasure_id)
    assert (row.text, row.author, row.marked_by) == ("", None, f"erased-{done.erasure_id}")
    assert record.subject == f"erased-{record.id}"
    # The mark made again does not bring the words back.
    desk.react("C1", reply, user="U1")
    desk.drain()
    assert desk.item("C1", ticket).resolution is None


def test_waiting_work_of_a_person_is_dropped(desk: Desk) -> None:
    """A message that was not stored yet is not stored any more, and its payload is empty."""
    message = desk.slack.say("C1", SECRET, user="U7")
    desk.deliver_message("C1", message)
    done = erase(desk, "person", "U7")
    assert done.counts["waiting jobs"] == 1
    with desk.services.database.read() as session:
        job = session.scalars(select(Job).where(Job.error == ERASED)).one()
    assert (job.state, job.payload) == ("dropped", {})
    assert desk.find_item("C1", message["ts"]) is None


def test_a_channel_is_emptied_and_the_others_stay(desk: Desk) -> None:
    """Only what was said there goes."""
    desk.slack.add_channel("C2")
    here, there = desk.ticket("C1", SECRET), desk.ticket("C2", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        a, b = desk.item("C1", here).id, desk.item("C2", there).id
        session.add(
            Verdict(
                workspace_id=desk.workspace_id, item_a_id=min(a, b), item_b_id=max(a, b),
                verdict="distinct", decided_by="U1", decided_at=desk.clock.now,
            )
        )  # fmt: skip
    erase(desk, "channel", "C1")
    assert desk.item("C1", here).text == ""
    assert desk.item("C2", there).text == PRINTER
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Verdict.id))) == 1


def test_an_interrupted_erasure_goes_on(desk: Desk) -> None:
    """What was erased stays erased, the record says that it is not finished, the rest follows."""
    stamps = [desk.ticket("C1", f"{SECRET} {n}", user="U7") for n in range(3)]
    desk.drain()

    def die(_number: int) -> None:
        raise KeyboardInterrupt

    with desk.services.database.read() as session:
        subject = find_subject(session, desk.workspace_id, "person", "U7")
    with pytest.raises(KeyboardInterrupt):
        eraser(desk, batch=1).erase(subject, die)
    assert [bool(desk.item("C1", ts).text) for ts in stamps] == [False, True, True]
    services = desk.services
    [resumed] = resume_all(services.database, services.settings, "admin", desk.clock)
    assert resumed.erasure_id == 1
    assert not any(desk.item("C1", ts).text for ts in stamps)
    with services.database.read() as session:
        [row] = session.scalars(select(Erasure)).all()
    assert row.counts["tickets and products"] == len(stamps)
    assert row.finished_at is not None
    assert resume_all(services.database, services.settings, "admin", desk.clock) == []


def test_a_topic_that_loses_its_name_waits_for_a_model(desk: Desk) -> None:
    """Its words are gone at once; what is left is read by the worker, not by the command line."""
    summary = post_summary(desk)
    with desk.services.database.write() as session:
        topic = session.scalars(select(Topic).order_by(Topic.id)).first()
        assert topic is not None
        topic.title = SECRET
        topic_id = topic.id
    ticket = desk.ticket("C1", SECRET)
    desk.drain()
    done = eraser(desk).erase(_subject(desk, "item", name_of("C1", ticket)))
    assert done.counts["names of topics"] == 1
    with desk.services.database.read() as session:
        jobs = session.scalars(select(Job.payload).where(Job.kind == SummaryCheck.kind)).all()
        assert {"named_by_words": [topic_id]} in jobs
        assert "zebra" not in session.get_one(Topic, topic_id).title
    desk.drain()
    assert "zebra" not in words(summaries(desk)[0])
    assert summary["ts"] == summaries(desk)[0]["ts"]
