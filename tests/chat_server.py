"""A stand-in of a language model's API: a real HTTP server that answers as chat completions do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "sk-test"


@dataclass
class ChatServer:
    """The API; `write` is what the model says, or makes it from the user's text.

    `finish` is why it ended. `failures` are the next answers in place of the model's: status,
    headers, body.
    """

    url: str = ""
    write: Callable[[str], str] | str | None = None
    finish: str = "stop"
    seconds: float = 0.0
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sent(self) -> str:
        """Everything that was sent."""
        return json.dumps(self.requests, ensure_ascii=False)


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Run the API."""
    api = ChatServer()

    class Handler(_Handler):
        """Handles requests to this API."""

    Handler.api = api
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    api: ChatServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.api.requests.append(asked)
        time.sleep(self.api.seconds)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, {}, '{"error": {"message": "Incorrect API key provided"}}')
        elif self.api.failures:
            self._send(*self.api.failures.pop(0))
        else:
            write = self.api.write
            said = write(asked["messages"][-1]["content"]) if callable(write) else write
            message = {"role": "assistant", "content": said, "refusal": None}
            choice = {"index": 0, "message": message, "finish_reason": self.api.finish}
            answer = {"object": "chat.completion", "model": asked["model"], "choices": [choice]}
            self._send(200, {}, json.dumps(answer))

    def _send(self, status: int, headers: dict[str, str], body: str) -> None:
        content = body.encode()
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has given up
