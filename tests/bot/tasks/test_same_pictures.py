"""Two tickets that show the same picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import ImageText
from services.channels.audience import whole_workspace
from services.judgement.same_pictures import MAX_TICKETS, find_same_pictures
from tests.bot.tasks.ticket_texts import PRINTER
from tests.fake_tesseract import tesseract_on_path
from tests.pictures import cropped, file_of, photo
from tests.serving import Desk, buttons, words
from tests.slack_server import Json

MORNING, NOON = "1795340000.000100", "1795354000.000100"
BOILER, ROOM = "the boiler leaks again", "what is this puddle doing in room seven"
PICTURE, AGAIN = file_of(photo(1)), file_of(cropped(photo(1), 0.02), "JPEG", quality=60)


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand in for tesseract, which finds no words in these pictures."""
    with tesseract_on_path(tmp_path / "bin", monkeypatch):
        yield


def share(desk: Desk, text: str, picture: bytes, ts: str, *, channel: str = "C1") -> None:
    """Write a message with a picture."""
    name = f"F{channel}{ts.partition('.')[0]}"
    desk.slack.shared_files[name] = picture
    file = {"id": name, "mimetype": "image/png", "size": len(picture)}
    file["url_private"] = f"{desk.slack.url}/files/{name}"
    user = "U1" if ts < NOON else "U2"
    message: Json = {"type": "message", "user": user, "ts": ts, "text": text, "files": [file]}
    desk.slack.say(channel, **message)
    assert desk.deliver_message(channel, message).status == 200
    desk.drain()


@pytest.mark.both_databases
def test_tickets_in_other_words_with_one_picture_are_related(desk: Desk) -> None:
    """The second names the first; without the picture it would not."""
    share(desk, BOILER, PICTURE, MORNING)
    share(desk, ROOM, AGAIN, NOON)
    [answer] = desk.answers("C1", NOON)
    assert "Related to an earlier ticket?" in words(answer)
    assert BOILER in words(answer)


def test_with_another_picture_they_are_not(desk: Desk) -> None:
    """Nor with none."""
    share(desk, BOILER, PICTURE, MORNING)
    share(desk, ROOM, file_of(photo(2)), NOON)
    desk.ticket("C1", "a puddle lies in room seven", ts="1795356000.000100")
    desk.drain()
    assert desk.answers("C1", NOON) == desk.answers("C1", "1795356000.000100") == []


def test_why_and_inspect_name_the_picture(desk: Desk) -> None:
    """As a reason, and as a ticket."""
    share(desk, BOILER, PICTURE, MORNING)
    share(desk, ROOM, AGAIN, NOON)
    [answer] = desk.answers("C1", NOON)
    desk.click("C1", "why", buttons(answer)["why"], hook=desk.slack.hook())
    desk.drain()
    assert "Both show the same picture" in words(desk.slack.private_replies[-1])
    desk.shortcut("deja_inspect", "C1", {"user": "U1", "ts": NOON, "text": ROOM})
    desk.drain()
    assert "The same picture:* <" in str(desk.slack.private_replies[-1])


def test_a_picture_that_many_tickets_show_is_no_evidence(desk: Desk) -> None:
    """Such as a banner below every mail."""
    texts = (
        "vpn drops",
        "door stuck",
        "mouse broken",
        "wrong invoice",
        PRINTER,
        "no badge",
        "dark",
    )
    for number, text in enumerate(texts):
        share(desk, f"{text} today", PICTURE, f"17953{40 + number}000.000100")
    last = f"17953{40 + len(texts)}000.000100"
    share(desk, ROOM, PICTURE, last)
    assert len(texts) > MAX_TICKETS
    assert desk.answers("C1", last) == []


def test_a_picture_in_a_private_channel_tells_nothing(desk: Desk) -> None:
    """Neither that it was shown there, nor how often."""
    desk.slack.add_channel("G1", is_private=True)
    share(desk, BOILER, PICTURE, MORNING, channel="G1")
    share(desk, ROOM, AGAIN, NOON)
    assert desk.answers("C1", NOON) == []


def test_a_message_in_a_row_gives_its_picture_to_the_ticket(burst_desk: Desk) -> None:
    """A ticket may consist of several messages."""
    burst_desk.ticket("C1", BOILER, ts=MORNING)
    share(burst_desk, "and it wets the shelf of the archive", PICTURE, "1795340030.000100")
    share(burst_desk, ROOM, AGAIN, NOON)
    [answer] = burst_desk.answers("C1", NOON)
    assert BOILER in words(answer)


def test_erased_pictures_are_known_no_more(desk: Desk) -> None:
    """A hash goes with its words."""
    share(desk, BOILER, PICTURE, MORNING)
    desk.delete("C1", MORNING)
    desk.drain()
    share(desk, ROOM, AGAIN, NOON)
    item = desk.item("C1", NOON)
    with desk.services.database.read() as session:
        assert session.query(ImageText).count() == 1
        assert find_same_pictures(session, [item.id], whole_workspace(desk.workspace_id)) == {}
    assert desk.answers("C1", NOON) == []
