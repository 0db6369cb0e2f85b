"""HTTP mode: signatures, health, and the responses to errors."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

import pytest

from bot.cli.servers.serve import serve
from bot.server.http import MAX_BYTES, HttpServer
from bot.server.serve import listen
from services.errors import SettingsError
from tests.serving import Desk
from tests.slack_people import json_headers, sign
from tests.web import Web, new_event


@pytest.mark.both_databases
def test_a_signed_event_is_stored_and_acknowledged(web: Web) -> None:
    """The response is 200 once the job is in the database, and the event leads to an answer."""
    for number in range(2):
        body = new_event(web, f"Ev{number}")
        assert web.post(body, json_headers(body.decode())) == 200
        assert web.stored() == number + 1
    web.desk.drain()
    assert len(web.desk.slack.posted()) == 1


def test_an_unsigned_request_is_refused(web: Web) -> None:
    """Without a valid signature the response is 401, and nothing is stored."""
    body = new_event(web)
    for headers in (
        {},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": str(int(time.time()))},
        {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Signature": "v0=é", "X-Slack-Request-Timestamp": str(int(time.time()))},
        {"X-Slack-Signature": "0" * 9_000, "X-Slack-Request-Timestamp": str(int(time.time()))},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "9" * 5_000},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "é"},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "-1"},
    ):
        posted = web.post(body, {"Content-Type": "application/json", **headers})
        assert posted == 401, headers
    assert web.stored() == 0


def test_a_stale_request_is_refused(web: Web) -> None:
    """A valid signature with another time is a replay: 401, and nothing is stored."""
    body = new_event(web)
    for seconds in (-301, 301, -1e9):
        headers = sign(body.decode(), timestamp=time.time() + seconds)
        posted = web.post(body, {"Content-Type": "application/json", **headers})
        assert posted == 401, seconds
    assert web.stored() == 0


def test_another_apps_signature_and_a_changed_body_are_refused(web: Web) -> None:
    """The signature depends on our secret and every byte of the body."""
    body = new_event(web)
    assert web.post(body, sign(body.decode(), secret="another")) == 401
    assert web.post(body.replace(b"printer", b"plotter"), json_headers(body.decode())) == 401
    assert web.stored() == 0


def test_a_malformed_body_is_a_bad_request(web: Web) -> None:
    """A body that is no JSON object gets 400 even when signed, and the server goes on."""
    for body in (
        b"{",
        b"not json",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[]",
        b'"x"',
        b"1",
        b"null",
    ):
        headers = json_headers(body.decode("latin-1"))
        assert web.post(body, headers) in {400, 401}, body[:20]
        assert web.stored() == 0
        assert web.ask("GET", "/healthz")[0] == 200


def test_a_signed_event_without_content_is_no_error(web: Web) -> None:
    """Events that Déjà does not handle never get a 5xx, which would make Slack retry them."""
    for body in (
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {"type": "message"}},
        {"type": "event_callback", "event_id": "E", "event": {"type": "message", "channel": "C1"}},
        {"type": "event_callback", "event_id": "E", "event": {"type": "reaction_added"}},
        {"type": "block_actions"},
    ):
        sent = json.dumps(body)
        assert web.post(sent.encode(), json_headers(sent)) < 500, sent
        assert web.stored() == 0, sent


def test_a_body_that_is_too_large_is_not_read(web: Web) -> None:
    """Above the limit the response is 413, before anything is parsed."""
    # The body is never sent: the server closes the connection of a client that goes on sending.
    assert web.post(b"", {"Content-Length": str(MAX_BYTES + 1)}) == 413


def test_half_open_connections_block_nobody(web: Web) -> None:
    """200 connections that send nothing, or half a request, do not hold up a real one."""
    with ExitStack() as stack:
        for number in range(200):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            half.sendall(b"POST /slack/events HTTP/1.1\r\nContent-Length: 99\r\n" * (number % 2))
        body = new_event(web)
        start = time.monotonic()
        assert web.post(body, json_headers(body.decode())) == 200
        assert time.monotonic() - start < 5


def test_a_connection_that_sends_no_request_is_closed() -> None:
    """The server closes it after some seconds."""
    server = HttpServer(lambda _environ, _start: [], "127.0.0.1", 0, idle_seconds=1)
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as half:
            half.sendall(b"POST / HTTP/1.1\r\n")
            assert half.recv(1) == b""
    finally:
        server.stop()


def _drip(connection: socket.socket, seconds: float) -> None:
    """Send a byte every 50 milliseconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(b"x")
        time.sleep(0.05)


def test_a_slow_request_is_cut_off() -> None:
    """A slow trickle of bytes does not keep a connection open beyond the limit for a request."""
    server = HttpServer(lambda _environ, _start: [], "127.0.0.1", 0, request_seconds=0.3)
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nX: ")
            with pytest.raises(OSError, match=r"(?i)reset|broken pipe"):
                _drip(slow, seconds=5)
    finally:
        server.stop()


def test_slack_can_verify_the_address(web: Web) -> None:
    """The `url_verification` request is answered with its challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    status, answer = web.ask("POST", "/slack/events", body.encode(), json_headers(body))
    assert (status, json.loads(answer)) == (200, {"challenge": "abc"})


def test_other_paths_are_not_found(web: Web) -> None:
    """Only Slack's path and the health check exist."""
    assert web.ask("GET", "/")[0] == 404
    assert web.ask("POST", "/slack/else")[0] == 404


def test_only_this_machine_is_served_unless_asked_otherwise() -> None:
    """`deja serve` listens on the loopback address by default."""
    assert {option.name: option.default for option in serve.params}["host"] == "127.0.0.1"


def test_a_port_that_is_taken_is_one_clear_line(web: Web) -> None:
    """If another program listens there, the error says so."""
    with pytest.raises(SettingsError, match=f"Port {web.port} on 127.0.0.1 cannot be used"):
        listen(web.desk.bot, "127.0.0.1", web.port)


def test_listening_ends_cleanly(desk: Desk) -> None:
    """The function that `listen` returns frees the port."""
    end = listen(desk.bot, "127.0.0.1", 0)
    end()
