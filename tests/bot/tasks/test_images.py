"""The words in screenshots are part of their tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.jobs.event_kinds import NewMessage
from bot.jobs.kinds import enqueue_jobs
from bot.slack.breaker import MAX_FAILURES, MAX_PROBE
from bot.slack.errors import GoneError
from bot.slack.files import fetch_file
from models import Channel, ImageText, Item
from services.erasure.account import rows_of_person
from services.erasure.subjects import SubjectKind
from services.errors import InputError, UnavailableError
from services.intake.store_image_texts import ImageReading, save_readings
from services.text.slack.images import MAX_IMAGE_BYTES
from tests.bot.erasure.test_erase import erase
from tests.bot.tasks.histories import History, Said, Way, add_channel, backfill, export, live
from tests.conftest import NOW
from tests.fake_tesseract import tesseract_on_path
from tests.levels import variations
from tests.pictures import saying
from tests.serving import Desk, words
from tests.slack_server import Fault, broken, dropped

TS = "1795350000.000100"
SAID = "Error E-41: pump blocked"
PICTURE = saying(SAID)


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in for tesseract, whose own tests are elsewhere: pictures here hold their words."""
    with tesseract_on_path(tmp_path / "bin", monkeypatch):
        yield


def _share(
    desk: Desk, text: str, said: str | bytes | None = SAID, ts: str = TS, **more: Any
) -> dict[str, Any]:
    """Write a message with a screenshot of words, or another file; it is gone without `said`."""
    file = shared_file(desk, f"F{ts.partition('.')[0]}", said)
    message = {"type": "message", "user": "U1", "ts": ts, "text": text, "files": [file], **more}
    desk.slack.say("C1", **message)
    assert desk.deliver_message("C1", message).status == 200
    desk.drain()
    return message


def shared_file(desk: Desk, name: str, said: str | bytes | None) -> dict[str, Any]:
    """Keep a screenshot of words, or another file, in Slack; return what a message says of it."""
    if said is not None:
        desk.slack.shared_files[name] = saying(said) if isinstance(said, str) else said
    return {
        "id": name,
        "name": "Screenshot.png",
        "mimetype": "image/png",
        "size": 2_000,
        "url_private_download": f"{desk.slack.url}/files/{name}",
    }


def texts(desk: Desk) -> list[str]:
    """Return the texts of all tickets."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.text).where(Item.deleted_at.is_(None))))


def read(desk: Desk) -> list[str]:
    """Return what is stored of the words in pictures."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(ImageText.text)))


def changed(message: dict[str, Any]) -> dict[str, Any]:
    """Return the event of an edit."""
    return {"type": "message", "subtype": "message_changed", "message": message}


def set_channels(desk: Desk, **values: Any) -> None:
    """Set the settings of all channels."""
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(**values))


@pytest.mark.both_databases
def test_a_screenshot_adds_its_words_to_the_ticket(desk: Desk) -> None:
    """The ticket is stored at once, and again when its picture was read."""
    _share(desk, "the heating does not start")
    assert texts(desk) == [f"the heating does not start\n{SAID}"]


@pytest.mark.parametrize("text", ["", "see screenshot", "help!"])
def test_a_screenshot_says_what_its_message_does_not(desk: Desk, text: str) -> None:
    """Many people only post a picture of the error."""
    _share(desk, text)
    assert texts(desk) == [f"{text}\n{SAID}".strip()]


def test_a_picture_without_words_makes_no_ticket(desk: Desk) -> None:
    """Nor does it make one of "see screenshot"."""
    _share(desk, "see screenshot", "")
    assert texts(desk) == []


def test_what_was_read_for_no_ticket_is_not_kept(desk: Desk) -> None:
    """A greeting in a picture is as little kept as one in words; an edit reads it again."""
    message = _share(desk, "", "good morning everyone")
    assert (texts(desk), read(desk)) == ([], [])
    edited = {"user": "U1", "ts": "1795350900.000100"}
    inner = {**message, "text": "the heating does not start", "edited": edited}
    assert desk.deliver_message("C1", changed(inner)).status == 200
    desk.drain()
    assert texts(desk) == ["the heating does not start\ngood morning everyone"]


def test_an_edit_keeps_what_was_read(desk: Desk) -> None:
    """A picture is read once."""
    message = _share(desk, "the heating does not start")
    edited = {"user": "U1", "ts": "1795350900.000100"}
    inner = {**message, "text": "the heating in room 4 does not start", "edited": edited}
    assert desk.deliver_message("C1", changed(inner)).status == 200
    desk.drain()
    assert texts(desk) == [f"the heating in room 4 does not start\n{SAID}"]
    assert desk.slack.count("files") == 1


SCREEN, HEATING, EDIT = "see screenshot", "the heating does not start", "see the screenshot, please"


@pytest.mark.parametrize(
    ("way", "edit", "text"),
    variations([
        (backfill, EDIT, SCREEN), (export, None, HEATING), (backfill, EDIT, HEATING),
        (backfill, None, SCREEN), (backfill, None, HEATING), (export, EDIT, SCREEN),
        (export, EDIT, HEATING), (export, None, SCREEN),
    ], few=3),
)  # fmt: skip
def test_later_readings_of_the_channel_keep_it(
    desk: Desk, way: Way, edit: str | None, text: str
) -> None:
    """An import reads no pictures, and an edit may have been missed."""
    add_channel(desk, "C9")
    written = Said(TS, text, "U1", {"files": [shared_file(desk, "F1", SAID)]})
    live(desk, "C9", History([written]))
    assert texts(desk) == [f"{text}\n{SAID}"]
    way(desk, "C9", History([replace(written, edit=edit)]))
    assert texts(desk) == [f"{edit or text}\n{SAID}"]


def test_a_deleted_message_takes_the_words_of_its_pictures_along(desk: Desk) -> None:
    """Nothing of it stays."""
    _share(desk, "the heating does not start")
    desk.delete("C1", TS)
    desk.drain()
    assert (texts(desk), read(desk)) == ([], [])


@pytest.mark.parametrize("setting", [{"reads_images": False}, {"mode": "off"}])
def test_a_channel_may_forbid_it(desk: Desk, setting: dict[str, Any]) -> None:
    """No picture is fetched then."""
    desk.ticket("C1", "the garage gate stays shut", ts="1795340000.000100")
    desk.drain()
    set_channels(desk, **setting)
    _share(desk, "the heating does not start")
    assert desk.slack.count("files") == 0
    assert SAID not in str(texts(desk))


def test_follow_ups_and_ignored_phrases_read_no_pictures(desk: Desk) -> None:
    """What their pictures say does not make them tickets."""
    desk.ticket("C1", "vpn drops every hour", ts="1795349000.000100")
    desk.drain()
    set_channels(desk, ignored=["lunch is here"])
    _share(desk, "any news?")
    _share(desk, "lunch is here", ts="1795350300.000100")
    assert texts(desk) == ["vpn drops every hour"]
    assert desk.slack.count("files") == 0


@pytest.mark.parametrize(
    ("kind", "name"), [("item", f"C1/{TS}"), ("person", "U1"), ("channel", "C1")]
)
def test_an_erasure_takes_words_of_pictures_along(desk: Desk, kind: SubjectKind, name: str) -> None:
    """The proof looks for them as for what was written."""
    _share(desk, "it broke", "The zebra of Mrs Quill eats the violet cable")
    assert read(desk)
    erase(desk, kind, name)
    assert read(desk) == []


def test_an_erasure_before_the_words_are_stored_takes_them_along(desk: Desk) -> None:
    """They wait for their message, which is dropped."""
    desk.ticket("C1", "the garage gate stays shut", ts="1795340000.000100", user="U2")
    desk.drain()
    channel = desk.item("C1", "1795340000.000100").channel_id
    waiting = NewMessage(
        key="read:1", team="T1", channel="C1", ts=TS, thread_ts=None, user="U1", text="",
        private=False, shared=False, revision="", images_read=True,
    )  # fmt: skip
    with desk.services.database.write() as session:
        save_readings(
            session, session.get_one(Channel, channel), TS, {"F1": ImageReading(SAID)}, NOW
        )
        enqueue_jobs(session, desk.workspace_id, [waiting], NOW)
    erase(desk, "person", "U1")
    assert read(desk) == []


def test_people_get_what_was_read_in_their_pictures(desk: Desk) -> None:
    """It is stored of them."""
    _share(desk, "the heating does not start")
    with desk.services.database.read() as session:
        rows = list(rows_of_person(session, desk.workspace_id, "U1"))
    assert [row["text"] for row in rows if row["table"] == "image_texts"] == [SAID]


@pytest.mark.parametrize("what", ["permission", "deleted", "broken"])
def test_a_picture_that_cannot_be_read_leaves_the_ticket(desk: Desk, what: str) -> None:
    """It is not tried again."""
    if what == "permission":
        desk.slack.may_read_files = False
    said = {"permission": SAID, "deleted": None, "broken": b"GIF"}[what]
    message = _share(desk, "the heating does not start", said)
    assert texts(desk) == ["the heating does not start"]
    assert desk.deliver_message("C1", message).status == 200
    desk.drain()
    assert desk.slack.count("files") <= 1


@pytest.mark.parametrize(
    "fault",
    [broken(), dropped(), Fault(200, {"Content-Length": "9000"}, "the beginning")],
    ids=["broken", "dropped", "cut off"],
)
def test_an_outage_only_delays_it(desk: Desk, fault: Fault) -> None:
    """The picture is fetched when Slack is back, also if only its beginning came."""
    desk.slack.fail("files", fault)
    _share(desk, "the heating does not start")
    desk.clock.advance(60)
    desk.drain()
    assert texts(desk) == [f"the heating does not start\n{SAID}"]


def test_no_file_is_fetched_while_slack_is_out_of_order(desk: Desk) -> None:
    """Files wait for a call that succeeds, as all calls do; one of theirs may be that call."""
    slack = desk.tasks.slack
    desk.slack.shared_files["F1"] = PICTURE
    url = f"{desk.slack.url}/files/F1"
    for _ in range(MAX_FAILURES):
        desk.slack.fail("files", broken())
        with pytest.raises(UnavailableError, match="Slack answers 500"):
            fetch_file(slack, url, MAX_IMAGE_BYTES)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        fetch_file(slack, url, MAX_IMAGE_BYTES)
    assert desk.slack.count("files") == MAX_FAILURES
    desk.clock.advance(MAX_PROBE)
    with pytest.raises(GoneError):
        fetch_file(slack, f"{url}0", MAX_IMAGE_BYTES)
    assert fetch_file(slack, url, MAX_IMAGE_BYTES) == PICTURE


def test_inspect_marks_what_was_read(desk: Desk) -> None:
    """What a machine read is told apart from what somebody wrote."""
    message = _share(desk, "see screenshot", "Error *E-41* <!channel>")
    desk.shortcut("deja_inspect", "C1", message)
    desk.drain()
    reply = words(desk.slack.private_replies[-1])
    assert "I remember it as a ticket" in reply
    assert "Read in its pictures: Error" in reply
    assert "<!channel>" not in str(desk.slack.private_replies[-1])
    written = {"user": "U1", "ts": TS, "text": "the heating does not start"}
    desk.shortcut("deja_inspect", "C1", written)
    desk.drain()
    assert "Read in" not in words(desk.slack.private_replies[-1])


def test_the_token_goes_nowhere_but_to_slack(desk: Desk) -> None:
    """A file's address comes from outside."""
    for url in (
        "http://files.slack.com/a.png", "https://files.slack.com.evil.example/a.png",
        "https://slack.com@evil.example/a.png", "https://evilslack.com/a.png",
        "file:///etc/passwd", "https://drive.example/a.png",
    ):  # fmt: skip
        with pytest.raises(InputError, match="not kept by Slack"):
            fetch_file(desk.tasks.slack, url, 100)


def test_a_file_that_is_too_large_is_not_kept(desk: Desk) -> None:
    """Whatever Slack said of its size."""
    desk.slack.shared_files["F1"] = b"x" * 101
    with pytest.raises(InputError, match="too large"):
        fetch_file(desk.tasks.slack, f"{desk.slack.url}/files/F1", 100)
