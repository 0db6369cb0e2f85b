"""The connection of Socket Mode."""

from __future__ import annotations

import logging
import time
from socket import socketpair

from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection

from bot.server.serve import stop_receiving

# Longer than a busy machine takes, and far shorter than Slack may send nothing.
MAX_SECONDS, SILENT_SECONDS = 30, 200


def test_the_connection_is_closed_while_slack_says_nothing() -> None:
    """Who stops the bot does not wait for Slack's next frame."""
    ours, slacks = socketpair()
    ours.settimeout(SILENT_SECONDS)
    client = SocketModeClient(app_token="xapp-1")
    connection = Connection("ws://127.0.0.1", logging.getLogger(__name__))
    connection.sock = ours  # type: ignore[assignment]  # declared for TLS alone
    client.current_session = connection
    receiver = client.current_session_runner.thread
    while not connection.sock_receive_lock.locked():  # until it waits for a frame
        time.sleep(0.01)
    started = time.monotonic()
    stop_receiving(client)
    client.disconnect()
    receiver.join(MAX_SECONDS)
    assert not receiver.is_alive()
    assert time.monotonic() - started < MAX_SECONDS
    assert ours.fileno() == -1
    slacks.close()
    client.close()
