"""Other programs send signed tickets over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.clock import utc_now
from bot.server.http import HttpServer, ingest_app
from bot.server.serve import ingest_endpoint, is_healthy
from models import Channel, Item, Workspace
from services.intake.importers.entries import RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.store import import_entries
from services.sources.registry import add_webhook, find_source, rotate_secret
from services.sources.signature import sign
from services.sources.ticket_messages import MAX_BODY_BYTES
from tests.serving import Desk, words
from tests.web import Web, listening

PRINTER = "printer prints blank pages after the firmware update"
TICKET = {"id": "7", "title": "Printer", "text": PRINTER, "created_at": "2026-05-04T10:00:00Z"}


@dataclass
class Sender:
    """A program that sends tickets to a bot."""

    web: Web
    secret: str
    name: str = "helpdesk"
    sent: int = 0

    def send(
        self, tickets: object, *, message_id: str = "", later: float = 0, signature: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Send a signed message and return status and answer."""
        body = tickets if isinstance(tickets, bytes) else json.dumps(tickets).encode()
        self.sent += 1
        id_ = message_id or f"msg_{self.sent}"
        time = int(self.web.desk.clock.now.timestamp() + later)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(time),
            "webhook-signature": signature or sign(self.secret, id_, time, body),
        }
        status, answer = self.web.ask("POST", f"/ingest/{self.name}", body, headers)
        return status, json.loads(answer)

    def items(self) -> dict[str, Item]:
        """Run the due jobs, and return the source's items by id."""
        self.web.desk.drain()
        with self.web.desk.services.database.read() as session:
            found = session.scalars(select(Item).where(Item.source == self.name))
            return {item.external_id: item for item in found}


def add_sender(web: Web, name: str = "helpdesk", channel: str | None = None) -> Sender:
    """Add a source, and return the program that sends its tickets."""
    desk = web.desk
    with desk.services.database.write() as session:
        workspace = session.get_one(Workspace, desk.workspace_id)
        secret = add_webhook(
            session, workspace, name,
            channel=channel, now=desk.clock.now, keyring=desk.services.keyring,
        )  # fmt: skip
    return Sender(web, secret, name)


@pytest.fixture
def sender(web: Web) -> Sender:
    """Add a source without a channel."""
    return add_sender(web)


@pytest.mark.both_databases
def test_a_ticket_is_stored_closed_with_its_answer_and_deleted(sender: Sender) -> None:
    """Changes in the other program are made here, too."""
    assert sender.send(TICKET) == (202, {"ok": True})
    item = sender.items()["7"]
    assert (item.title, item.text, item.status) == ("Printer", PRINTER, "open")
    assert item.is_dated
    closing = {"id": 7, "status": "Solved", "answer": "Roll the firmware back to 2.1."}
    assert sender.send(closing)[0] == 202
    item = sender.items()["7"]
    assert (item.status, item.resolution) == ("resolved", "Roll the firmware back to 2.1.")
    assert (item.title, item.text, item.created_at.isoformat()) == (
        "Printer", PRINTER, "2026-05-04T10:00:00+00:00",
    )  # fmt: skip
    sender.send([{"id": "7", "deleted": True}])
    item = sender.items()["7"]
    assert (item.text, item.resolution, item.status) == ("", None, "deleted")
    sender.send(TICKET)  # one that was overtaken by the deletion
    assert sender.items()["7"].deleted_at is not None


def test_a_sent_ticket_answers_the_same_question_in_slack(sender: Sender, desk: Desk) -> None:
    """A ticket from another program is found like any other."""
    sender.send([TICKET | {"status": "closed", "answer": "Roll back to 2.1."}])
    sender.items()
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    assert "Printer" in words(desk.slack.private_replies[-1])


def test_the_same_message_again_is_accepted_once(sender: Sender) -> None:
    """A sender that got no response sends again, with a new time and signature."""
    for later in (0, 60):
        assert sender.send(TICKET, message_id="msg_a", later=later)[0] == 202
    assert sender.web.stored() == 1
    sender.items()
    assert sender.send(TICKET | {"title": "X"}, message_id="msg_a")[0] == 202
    assert sender.items()["7"].title == "Printer"


def test_an_older_state_does_not_replace_a_newer_one(sender: Sender) -> None:
    """Messages that arrive out of order are recognised by `updated_at`, if they have it."""
    sender.send(TICKET | {"title": "new", "updated_at": "2026-05-05T10:00:00Z"})
    sender.items()
    sender.send(TICKET | {"title": "old", "updated_at": "2026-05-04T10:00:00Z"})
    assert sender.items()["7"].title == "new"


def test_the_reply_that_answers_is_the_answer(sender: Sender) -> None:
    """For a closed ticket without an answer, it is the team's last reply with any content."""
    replies = [
        {"body": "It is still broken, please help me.", "incoming": True},
        {"body": "Please roll the firmware back to 2.1 and restart.", "incoming": False},
    ]
    sender.send(TICKET | {"status": "closed", "replies": replies})
    assert sender.items()["7"].resolution == "Please roll the firmware back to 2.1 and restart."


def test_one_bad_ticket_does_not_affect_the_others(sender: Sender) -> None:
    """A change of an unknown ticket is logged, and the other tickets are stored."""
    sender.send([{"id": "1", "status": "closed"}, TICKET])
    assert list(sender.items()) == ["7"]
    assert sender.web.desk.jobs("failed") == []


def test_refusals_are_one_clear_line(sender: Sender) -> None:
    """A refused message stores nothing."""
    assert sender.send(b"{") == (400, {"error": "the body is not JSON in UTF-8"})
    assert sender.send(b" " * (MAX_BODY_BYTES + 1))[0] == 413
    assert sender.send(TICKET, later=-301)[0] == 401
    assert sender.send(TICKET, signature="v1,AAAA")[0] == 401
    assert sender.web.ask("POST", "/ingest/helpdesk", b"{}")[0] == 401
    assert sender.web.ask("GET", "/ingest/helpdesk")[0] == 405
    assert sender.web.stored() == 0


def test_headers_that_are_not_well_formed_are_401(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    """Not ASCII, too long, or no numbers: one clear answer, and no traceback."""
    time = str(int(sender.web.desk.clock.now.timestamp()))
    good = {"webhook-id": "m", "webhook-timestamp": time, "webhook-signature": "v1,AAAA"}
    for name, values in {
        "webhook-id": ["é", "x" * 9_000, "a b", ""],
        "webhook-timestamp": ["é", "9" * 5_000, "-1", "soon", "1e3", "", "²"],
        "webhook-signature": ["v1,é", "v1," + "A" * 9_000, "é" * 300, "v1", ",", "v2,AAAA"],
    }.items():
        for value in values:
            headers = {**good, name: value}
            status, body = sender.web.ask("POST", "/ingest/helpdesk", b"{}", headers)
            assert (status, "error" in json.loads(body)) == (401, True), (name, value[:20])
    assert "Traceback" not in caplog.text
    assert sender.web.stored() == 0


def test_an_unknown_source_is_answered_like_a_wrong_signature(sender: Sender) -> None:
    """Nobody without a secret learns which sources exist."""
    wrong = sender.send(TICKET, signature="v1,AAAA")
    for name in ("unknown", "helpdesk/", "", "../slack/events", "%00"):
        assert Sender(sender.web, sender.secret, name).send(TICKET) == wrong
    assert sender.web.stored() == 0


def test_a_source_can_change_only_its_own_tickets(web: Web, sender: Sender, desk: Desk) -> None:
    """Not those of another source or of Slack, whatever channel a ticket names."""
    other = add_sender(web, "tracker")
    assert Sender(web, other.secret, "helpdesk").send(TICKET)[0] == 401
    sender.send(TICKET)
    sender.items()
    named = {"source": "helpdesk", "channel": "G1", "channel_id": 1, "workspace_id": 2}
    other.send([TICKET | named | {"title": "other"}, {"id": "8", "deleted": True}])
    assert other.items()["7"].channel_id is None
    assert sender.items()["7"].title == "Printer"


def test_tickets_of_a_private_channel_are_shown_only_to_its_readers(web: Web, desk: Desk) -> None:
    """The audience of a source is that of its channel, whatever its tickets contain."""
    desk.slack.add_channel("G1", is_private=True)
    desk.ticket("G1", "the door of the meeting room does not close")
    desk.drain()
    sender = add_sender(web, channel="g1")
    sender.send(TICKET | {"channel": "C1"})
    sender.items()
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    assert "Printer" not in words(desk.slack.private_replies[-1])


def test_secrets_change_without_a_gap(sender: Sender, desk: Desk) -> None:
    """The old secret is valid for another day; a revoked one is invalid at once."""
    with desk.services.database.write() as session:
        source = find_source(session, "helpdesk")
        new = rotate_secret(session, source, desk.clock.now, desk.services.keyring)
    assert sender.send(TICKET)[0] == 202
    desk.clock.advance(86_401)
    assert sender.send(TICKET)[0] == 401
    with desk.services.database.write() as session:
        source = find_source(session, "helpdesk")
        sender.secret, keyring = new, desk.services.keyring
        rotate_secret(session, source, desk.clock.now, keyring, grace=timedelta())
    assert sender.send(TICKET)[0] == 401


def test_nothing_is_accepted_from_a_removed_source(sender: Sender, desk: Desk) -> None:
    """Not even what it sent earlier, if that is not stored yet."""
    sender.send(TICKET)
    with desk.services.database.write() as session:
        session.delete(find_source(session, "helpdesk"))
    assert sender.items() == {}
    assert sender.send(TICKET)[0] == 401


def test_nothing_is_accepted_for_a_workspace_without_the_app(sender: Sender, desk: Desk) -> None:
    """A workspace that uninstalled the app gets no tickets."""
    desk.bot.workspaces.uninstall("T1", None)
    assert sender.send(TICKET)[0] == 401


def test_a_file_of_the_same_tickets_changes_nothing(
    sender: Sender, desk: Desk, tmp_path: Path
) -> None:
    """An import under the source's name has the same ids and contents as the messages."""
    sender.send([TICKET | {"status": "closed", "answer": "Roll back to 2.1."}])
    sender.items()
    file = tmp_path / "tickets.json"
    file.write_text(json.dumps([TICKET | {"status": "closed", "answer": "Roll back to 2.1."}]))
    with open_inputs(file, lambda: file.open("rb")) as inputs:
        plan = make_plan(recognize(inputs[0], ReadOptions()), ReadOptions())
        rows = TicketReader(plan, RowDefaults("helpdesk", "ticket", desk.clock.now)).read()
        ingest = desk.services.ingest
        summary = import_entries(ingest, desk.workspace_id, rows, desk.clock.now)
    assert dict(summary.outcomes) == {"unchanged": 1}


@pytest.mark.both_databases
def test_a_source_is_removed_with_its_channel(web: Web, desk: Desk) -> None:
    """Otherwise its tickets would become visible to everybody."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    sender = add_sender(web, channel="c1")
    with desk.services.database.write() as session:
        session.execute(delete(Item))
        session.execute(delete(Channel))
    assert sender.send(TICKET)[0] == 401


def test_in_socket_mode_the_port_is_only_for_other_programs(desk: Desk) -> None:
    """It has their path and `/healthz`, and accepts nothing from Slack."""
    app = ingest_app(lambda: is_healthy(desk.services), ingest_endpoint(desk.bot))
    server = HttpServer(app, "127.0.0.1", 0)
    server.start()
    try:
        web = Web(desk, server.port)
        assert add_sender(web).send(TICKET)[0] == 202
        assert web.ask("GET", "/healthz")[0] == 200
        assert web.ask("POST", "/slack/events", b"{}")[0] == 404
    finally:
        server.stop()


def test_the_program_in_the_manual_works(desk: Desk) -> None:
    """The program in `docs/sources.md` signs correctly; it uses the real clock."""
    page = Path(__file__).parents[3] / "docs" / "sources.md"
    program = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102  # our own page
    desk.clock.now = utc_now()
    with listening(desk) as web:
        sender = add_sender(web)
        url = f"http://127.0.0.1:{web.port}/ingest/helpdesk"
        names["send"](url, sender.secret, json.dumps(TICKET).encode())
        assert sender.items()["7"].text == PRINTER
