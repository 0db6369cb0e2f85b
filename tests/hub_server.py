"""A stand-in of the Hugging Face hub: a real HTTP server with the files of one folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """The hub; the first answer with a file of more than `cut_at` bytes ends there.

    `tree` is answered in place of the list of files.
    """

    folder: Path
    cut_at: int | None = None
    tree: object = None
    address: str = ""
    ranges: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def hub_of(folder: Path) -> Iterator[Hub]:
    """Serve a folder as the only repository."""
    hub = Hub(folder)

    class Handler(_Handler):
        """Handles requests to this hub."""

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.paths.append(path)
        if "/tree/" in path:
            self._send(json.dumps(self.hub.tree or self._tree()).encode())
        elif path.startswith("/api/models/"):
            self._send(json.dumps({"id": path[12:], "sha": COMMIT, "siblings": []}).encode())
        else:
            _, _, _, commit, file = path.lstrip("/").split("/", 4)
            self._send_file(self.hub.folder / file, commit)

    def _tree(self) -> list[dict[str, object]]:
        files = [file for file in sorted(self.hub.folder.rglob("*")) if file.is_file()]
        return [
            {
                "type": "file",
                "path": str(file.relative_to(self.hub.folder)),
                "size": file.stat().st_size,
                "oid": hashlib.sha1(file.read_bytes()).hexdigest(),  # noqa: S324 - as Git does
            }
            for file in files
        ]

    def _send_file(self, file: Path, commit: str) -> None:
        if not file.is_file():
            self.send_error(404)
            return
        content, wanted = file.read_bytes(), self.headers.get("Range", "")
        if wanted:
            self.hub.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": commit,
            "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}",
        }
        self._send(content[start:], headers, 206 if wanted else 200)

    def _send(self, content: bytes, headers: dict[str, str] | None = None, code: int = 200) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut_at, is_short = self.hub.cut_at, len(content) <= (self.hub.cut_at or 0)
        if cut_at is None or is_short:
            self.wfile.write(content)
            return
        self.hub.cut_at = None
        self.wfile.write(content[:cut_at])
        self.wfile.flush()
        self.close_connection = True
