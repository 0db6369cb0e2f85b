"""`POST /ingest/SOURCE`: signed messages of other programs, stored as jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.kinds import enqueue_jobs
from bot.jobs.source_kinds import SentTickets
from bot.server.job_signal import JobSignal
from bot.server.json_answers import answer
from models import Database, Source
from services.errors import InputError, SettingsError
from services.secrets.keyring import Keyring
from services.sources.registry import is_name, signing_keys
from services.sources.signature import check_signature, new_secret
from services.sources.ticket_messages import MAX_BODY_BYTES, read_tickets

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

PREFIX = "/ingest/"

logger = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A request that is not taken: `status` and one clear line."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class IngestEndpoint:
    """Takes messages of the sources whose workspaces are `installed`.

    A message is on disk before it is accepted; one with a known id is accepted and changes nothing.
    """

    database: Database
    installed: Callable[[], list[int]]
    signal: JobSignal
    keyring: Keyring
    clock: Callable[[], datetime]

    def serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        try:
            self._take(environ)
        except _RefusedError as refusal:
            return answer(start_response, refusal.status, error=str(refusal))
        except SQLAlchemyError as error:
            logger.error("a message could not be stored: %s", type(error).__name__)
            return answer(start_response, 503, error="try again later")
        except SettingsError as error:
            logger.error("a message could not be checked: %s", error)
            return answer(start_response, 503, error="try again later")
        return answer(start_response, 202, ok=True)

    def _take(self, environ: WSGIEnvironment) -> None:
        if environ.get("REQUEST_METHOD") != "POST":
            raise _RefusedError(405, "only POST is taken")
        body = _body(environ)
        name = environ.get("PATH_INFO", "").removeprefix(PREFIX)
        message_id = environ.get("HTTP_WEBHOOK_ID", "")
        source = self._signer(name, message_id, environ, body)
        try:
            tickets = read_tickets(body)
        except InputError as error:
            raise _RefusedError(400, str(error)) from error
        key = f"sent:{source.id}:{message_id}"
        job = SentTickets(key=key, source_id=source.id, tickets=tuple(tickets))
        now = self.clock()
        with self.database.write() as session:
            enqueue_jobs(session, source.workspace_id, [job], now)
            seen = session.get(Source, source.id)
            if seen is not None:
                seen.last_seen_at = now
        self.signal.notify(job.kind)

    def _signer(self, name: str, message_id: str, environ: WSGIEnvironment, body: bytes) -> Source:
        """Return the source that signed a message.

        A name that is not known is refused like a wrong signature, so that nobody learns which
        names there are.
        """
        now = self.clock()
        source = None
        if is_name(name):  # a database refuses some others, such as a zero byte
            with self.database.read() as session:
                source = session.scalar(select(Source).where(Source.name == name))
        is_known = source is not None and source.workspace_id in self.installed()
        keys = signing_keys(source, now, self.keyring) if source is not None and is_known else []
        try:
            check_signature(
                keys or [new_secret()],
                message_id=message_id,
                timestamp=environ.get("HTTP_WEBHOOK_TIMESTAMP", ""),
                signatures=environ.get("HTTP_WEBHOOK_SIGNATURE", ""),
                body=body,
                now=now,
            )
        except InputError as error:
            raise _RefusedError(401, str(error)) from error
        if source is None or not keys:  # its key is random and unknown to anybody
            raise _RefusedError(401, "the signature is wrong")
        return source


def _body(environ: WSGIEnvironment) -> bytes:
    body: bytes = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise _RefusedError(413, f"the body has more than {MAX_BODY_BYTES} bytes")
    return body
