"""Zendesk's tickets are read whole by its incremental export."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.errors import SourceBusyError, SourceError
from services.sources.api import Api
from services.sources.api_records import items_of
from services.sources.zendesk import AccessTokens, Zendesk
from tests.conftest import NOW
from tests.trackers.reader import Reader
from tests.trackers.server import Reply, serving
from tests.trackers.zendesk import CLIENT, SECRET, ZendeskStandIn

ANSWER = "Roll the firmware back to 2.1."


@pytest.fixture
def zendesk() -> Iterator[ZendeskStandIn]:
    """Run the stand-in."""
    tracker = ZendeskStandIn()
    with serving(tracker):
        yield tracker


@pytest.fixture
def reader(zendesk: ZendeskStandIn) -> Iterator[Reader]:
    """Connect to the stand-in."""
    api = Api("Zendesk", zendesk.address, {}, "DEJA_ZENDESK_CLIENT_SECRET")
    connector = Zendesk(api, AccessTokens(CLIENT, SECRET))
    yield Reader(connector, "id")
    connector.close()


def test_all_tickets_are_read_and_then_only_changes(
    zendesk: ZendeskStandIn, reader: Reader
) -> None:
    """Over several pages; one that changes between them comes again; one sign-in does."""
    zendesk.page = 2
    for id_ in range(1, 6):
        zendesk.change(id_)
    reader.take(reader.connector.read(reader.cursor, reader))
    zendesk.change(1, subject="edited")
    reader.round()
    assert sorted(reader.stored) == ["1", "2", "3", "4", "5"]
    assert reader.stored["1"]["subject"] == "edited"
    zendesk.change(6, status="deleted")
    zendesk.change(2, status="deleted")
    zendesk.calls.clear()
    assert reader.round() == 1
    assert sorted(reader.stored) == ["1", "3", "4", "5"]
    assert zendesk.tokens == ["zendesk-token-0"]
    assert reader.walk().gone == ()
    assert reader.connector.check() == f"6 tickets of {zendesk.address}"


def test_the_last_public_reply_of_an_agent_answers(zendesk: ZendeskStandIn, reader: Reader) -> None:
    """Over pages of comments; a note among agents and the requester's thanks do not."""
    zendesk.change(1, subject="Printer", status="solved")
    zendesk.say(1, "since the firmware update all pages are blank", author=7)
    zendesk.say(1, ANSWER)
    zendesk.say(1, "customer is annoying, use the spare printer", public=False)
    zendesk.say(1, "that worked, thanks!", author=7)
    reader.round()
    layout = reader.connector.layout
    found = items_of(layout, "zendesk/acme", list(reader.stored.values()), NOW)
    assert found.refused == []
    [item] = found.items
    assert (item.external_id, item.status, item.resolution) == ("1", "resolved", ANSWER)
    assert (item.author, item.url) == ("Ana", "https://acme.zendesk.com/agent/tickets/1")


def test_a_ticket_that_only_agents_see_is_withheld(zendesk: ZendeskStandIn, reader: Reader) -> None:
    """All its comments are notes, of which its description is the first."""
    zendesk.change(1, is_public=False)
    zendesk.change(2, is_public=True)
    reader.round()
    found = items_of(reader.connector.layout, "zendesk/acme", list(reader.stored.values()), NOW)
    assert [one.external_id for one in found.items] == ["2"]
    assert [one.external_id for one in found.withheld] == ["1"]


def test_a_token_that_has_expired_is_replaced(zendesk: ZendeskStandIn, reader: Reader) -> None:
    """Once; a client that is refused is an error."""
    zendesk.change(1)
    reader.round()
    zendesk.tokens.append("revoked")
    zendesk.change(2)
    reader.round()
    assert sorted(reader.stored) == ["1", "2"]
    zendesk.tokens.append("revoked")
    zendesk.fail(Reply(401, {"error": "invalid_client"}), "/oauth/tokens")
    with pytest.raises(SourceError, match="rejects DEJA_ZENDESK_CLIENT_SECRET") as caught:
        reader.round()
    assert SECRET not in str(caught.value)


def test_a_cursor_that_is_no_good_any_more(zendesk: ZendeskStandIn, reader: Reader) -> None:
    """The export goes on from the time of the last change."""
    zendesk.change(1)
    reader.round()
    reader.cursor = {**reader.cursor, "cursor": "old"}
    zendesk.change(2)
    reader.round()
    assert sorted(reader.stored) == ["1", "2"]


def test_a_limit_in_the_middle_of_a_page_loses_nothing(
    zendesk: ZendeskStandIn, reader: Reader
) -> None:
    """What was read is kept; then as long is waited as Zendesk asks."""
    for id_ in (1, 2, 3):
        zendesk.change(id_, status="closed")
        zendesk.say(id_, ANSWER)
    zendesk.fail(Reply(429, headers={"Retry-After": "30"}), "/tickets/2/comments")
    page = reader.take(reader.connector.read(reader.cursor, reader))
    assert (list(reader.stored), page.wait, page.is_last) == (["1"], 30.0, False)
    reader.round()
    assert sorted(reader.stored) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(403), SourceError),
        (Reply(404), SourceError),
        (Reply(200, {"tickets": {}}), SourceError),
        (Reply(200, {"tickets": [{"subject": "x"}]}), SourceError),
        (Reply(302, headers={"Location": "https://example.com/"}), SourceError),
        (Reply(429, headers={"Retry-After": "5"}), SourceBusyError),
        (Reply(500), SourceBusyError),
        (None, SourceBusyError),
    ],
)
def test_errors(
    zendesk: ZendeskStandIn, reader: Reader, reply: Reply | None, error: type[Exception]
) -> None:
    """What passes is waited for; the rest is one line."""
    zendesk.fail(reply, "/incremental/")
    with pytest.raises(error):
        reader.round()


@pytest.mark.parametrize("reply", [Reply(200, {}), Reply(200, {"access_token": None})])
def test_a_sign_in_without_a_token(zendesk: ZendeskStandIn, reader: Reader, reply: Reply) -> None:
    """Is an error of the other program."""
    zendesk.fail(reply, "/oauth/")
    with pytest.raises(SourceError, match="gives no token"):
        reader.round()


def test_a_duplicate_is_noted_for_agents_and_that_is_taken_back(
    zendesk: ZendeskStandIn, reader: Reader
) -> None:
    """Notes cannot be removed there; they are no answers."""
    zendesk.change(1, status="solved")
    connector = reader.connector
    assert connector.find_note("1", "deja-7") is None
    assert connector.note("1", "Déjà: the same as https://x.example (deja-7).") is None
    assert connector.find_note("1", "deja-7") == ""
    connector.remove_note("1", None, "Déjà: not the same as https://x.example (deja-7).")
    assert [one["public"] for one in zendesk.comments[1]] == [False, False]
    reader.round()
    assert reader.stored["1"]["comments"] == []
