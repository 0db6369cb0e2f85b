"""Files that Slack sends: how long a worker waits for one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from urllib.request import Request

import pytest

from bot.slack.files import get_file

SIZE = 1000


@pytest.fixture
def trickle() -> Iterator[str]:
    """Give the address of a server that sends a byte of a file every hundredth of a second."""
    stopped = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"
                connection.sendall(head.encode())
                for _ in range(SIZE):
                    if stopped.wait(0.01):
                        return
                    connection.sendall(b"x")

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/file"
        stopped.set()
        thread.join()


def test_a_file_that_only_trickles_is_given_up(trickle: str) -> None:
    """However often something comes, all of it has to be there in time."""
    start = time.monotonic()
    answer = get_file(Request(trickle), SIZE + 1, max_seconds=0.1)
    assert (answer.is_late, answer.content) == (True, b"")
    assert time.monotonic() - start < SIZE * 0.01 / 2


def test_no_more_is_read_than_is_wanted(trickle: str) -> None:
    """The first bytes are enough to tell that a file is too large."""
    answer = get_file(Request(trickle), 5)
    assert (answer.is_late, answer.content) == (False, b"xxxxx")
