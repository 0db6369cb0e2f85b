"""A stand-in of an embedding API: a real HTTP server whose vectors come from hashed words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.hashing import HashingEmbedder

KEY = "sk-test"


@dataclass
class EmbeddingServer:
    """The API; `failures` are the next answers in place of vectors: status, headers, body.

    `change` alters the answer before it is sent. Texts of more than `max_words` are refused.
    """

    url: str = ""
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    seconds: float = 0.0
    max_words: int = 10_000
    change: Any = None
    requests: list[list[str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """All texts that were sent."""
        return [text for request in self.requests for text in request]


@contextmanager
def embedding_server() -> Iterator[EmbeddingServer]:
    """Run the API."""
    api = EmbeddingServer()

    class Handler(_Handler):
        """Handles requests to this API."""

    Handler.api = api
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}/v1/embeddings"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    api: EmbeddingServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.api.requests.append(asked["input"])
        time.sleep(self.api.seconds)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._send(401, {}, '{"error": {"message": "Incorrect API key provided"}}')
        elif self.api.failures:
            self._send(*self.api.failures.pop(0))
        elif any(len(text.split()) > self.api.max_words for text in asked["input"]):
            self._send(400, {}, '{"error": {"message": "maximum context length exceeded"}}')
        else:
            rows = HashingEmbedder().encode(asked["input"])
            data = [{"index": at, "embedding": row.tolist()} for at, row in enumerate(rows)]
            answer = {"data": data, "model": asked["model"]}
            if self.api.change is not None:
                self.api.change(answer)
            self._send(200, {}, json.dumps(answer))

    def _send(self, status: int, headers: dict[str, str], body: str) -> None:
        content = body.encode()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has given up
