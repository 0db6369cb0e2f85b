"""HTTP to the APIs of trackers and help desks: one host, bounded answers, and when to wait."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote

import httpx2

from services.errors import InputError, SourceBusyError, SourceError
from services.text.words.plain import plain_text

# A page of a hundred long tickets has a few megabytes.
MAX_ANSWER_BYTES = 30_000_000
MAX_REDIRECTS = 3

# Seconds for one step of a request, and for a whole answer.
TIMEOUT = 30.0
MAX_SECONDS = 120.0

# Seconds to wait where an answer asks to wait and does not say how long, and at most.
DEFAULT_WAIT = 60.0
MAX_WAIT = 6 * 3600.0

# Names of hosts are encoded, which may fail, too.
_NO_ADDRESS = (httpx2.InvalidURL, UnicodeError)

# Not `Response.links`, which loses an address with a semicolon: a page would seem to be the last.
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next\b', re.IGNORECASE)


class TokenRejectedError(SourceError):
    """The program does not know the token, or not any more."""


@dataclass(frozen=True)
class TrackerAnswer:
    """What an API answers: `data` is None where there is no JSON, `next` the next page's address.

    `etag` proves later that nothing has changed.
    """

    status: int
    data: Any = None
    next: str | None = None
    etag: str | None = None

    def objects(self, *path: str) -> list[dict[str, Any]]:
        """Return the objects of a list in the answer. Raises `SourceError` if it has none."""
        found = inner(self.data, *path)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise SourceError("The answer has another form than the API's documentation says.")
        return found

    def object(self) -> dict[str, Any]:
        """Return the answer, an object. Raises `SourceError` if it is none."""
        if not isinstance(self.data, dict):
            raise SourceError("The answer has another form than the API's documentation says.")
        return self.data


@dataclass(frozen=True)
class Api:
    """The API of a program, called `name` in messages, at an address that `check_address` passes.

    `headers` sign in; they are sent to this host alone, and are never shown. `credentials` says in
    messages where they come from.
    """

    name: str
    address: str
    headers: Mapping[str, str] = field(repr=False)
    credentials: str
    client: httpx2.Client = field(
        default_factory=lambda: httpx2.Client(timeout=TIMEOUT, follow_redirects=False), repr=False
    )

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        etag: str | None = None,
        allowed: Collection[int] = (),
    ) -> TrackerAnswer:
        """Fetch a path, or an address that an answer has named.

        The status is 200, 304 where `etag` still holds, or one of `allowed`. Raises `SourceError`
        and `SourceBusyError`.
        """
        headers = {"If-None-Match": etag} if etag else {}
        request = self.client.build_request(
            "GET", self._url(path), params=params, headers={**self.headers, **headers}
        )
        return self._send(request, allowed)

    def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        allowed: Collection[int] = (),
    ) -> TrackerAnswer:
        """Send JSON, or nothing, as `get` fetches."""
        request = self.client.build_request(
            method, self._url(path), json=body, headers=self.headers
        )
        return self._send(request, allowed)

    def _url(self, path: str) -> httpx2.URL:
        """Return the address of a path. Raises `SourceError` if it is on another host."""
        if path.startswith("/"):
            return httpx2.URL(self.address + path)
        try:
            url = httpx2.URL(path)
            self._ensure_own(url)
        except _NO_ADDRESS:
            raise SourceError(f"{self.name} leads to what is no address.") from None
        return url

    def _ensure_own(self, url: httpx2.URL) -> None:
        own = httpx2.URL(self.address)
        if (url.scheme, url.host, url.port) != (own.scheme, own.host, own.port):
            raise SourceError(f"{self.name} leads to another host, which is not followed.")

    def _send(self, request: httpx2.Request, allowed: Collection[int]) -> TrackerAnswer:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer, target = self._once(request, allowed)
            except httpx2.TransportError as error:
                # Not its text, which may name addresses with what they hold.
                reason = f"{self.name} cannot be reached ({type(error).__name__})"
                raise SourceBusyError(reason, DEFAULT_WAIT, is_outage=True) from None
            except (httpx2.InvalidURL, httpx2.HTTPError, UnicodeError):
                raise SourceError(f"{self.name} answers what is no HTTP.") from None
            if target is None:
                return answer
            if request.method != "GET":
                raise SourceError(f"{self.name} has moved: is {self.address} its API's address?")
            request = self.client.build_request("GET", self._url(str(target)), headers=self.headers)
        raise SourceError(f"{self.name} leads in a circle.")

    def _once(
        self, request: httpx2.Request, allowed: Collection[int]
    ) -> tuple[TrackerAnswer, httpx2.URL | None]:
        """Send a request once; return its answer, and where a redirect leads to."""
        response = self.client.send(request, stream=True)
        try:
            if response.has_redirect_location and response.status_code not in allowed:
                return TrackerAnswer(response.status_code), response.url.join(
                    response.headers["location"]
                )
            status = response.status_code
            is_read = status < HTTPStatus.MULTIPLE_CHOICES
            if not is_read and status not in {*allowed, HTTPStatus.NOT_MODIFIED}:
                self._refuse(response)
            data = self._json(response) if is_read else None
        finally:
            response.close()
        found = _NEXT.search(response.headers.get("link", ""))
        return TrackerAnswer(status, data, found and found[1], response.headers.get("etag")), None

    def _json(self, response: httpx2.Response) -> Any:
        body, end = bytearray(), time.monotonic() + MAX_SECONDS
        for some in response.iter_bytes():
            body += some
            if len(body) > MAX_ANSWER_BYTES:
                raise SourceError(f"{self.name} answers with more than {MAX_ANSWER_BYTES} bytes.")
            if time.monotonic() > end:
                reason = f"{self.name} answers too slowly"
                raise SourceBusyError(reason, DEFAULT_WAIT, is_outage=True)
        if not body:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise SourceError(
                f"{self.name} answers what is no JSON: is {self.address} its API's address?"
            ) from None

    def _refuse(self, response: httpx2.Response) -> None:
        """Raise the error that an answer stands for."""
        status = response.status_code
        asked = asked_wait(response.headers, time.time())
        wait = DEFAULT_WAIT if asked is None else asked
        is_limit = status == HTTPStatus.FORBIDDEN and asked is not None  # of GitHub
        if status == HTTPStatus.TOO_MANY_REQUESTS or is_limit:
            raise SourceBusyError(f"{self.name} asks to wait", wait, is_outage=False)
        if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SourceBusyError(f"{self.name} answers {status}", wait, is_outage=True)
        if status == HTTPStatus.UNAUTHORIZED:
            raise TokenRejectedError(
                f"{self.name} rejects {self.credentials}: it is wrong or has expired."
            )
        reasons: dict[int, str] = {
            HTTPStatus.FORBIDDEN: f"does not allow this with {self.credentials}: see the rights"
            " that docs/sources.md lists.",
            HTTPStatus.NOT_FOUND: "knows no such address, or shows it only with other rights:"
            f" check the name and {self.credentials}.",
        }
        default = f"answers {status}: is {self.address} its API's address?"
        raise SourceError(f"{self.name} {reasons.get(status, default)}")


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that an answer asks to wait, from 1 to `MAX_WAIT`; None if it does not.

    It says so by `Retry-After` in seconds or as a date, or as GitHub does, by a limit that is used
    up and when it is reset, in Unix time as `now` is. Both are times of the program, whose clock
    may be minutes off: what it says of its own `Date` counts.
    """
    now = _sent_at(headers, now)
    after = headers.get("retry-after", "").strip()
    wait: float | None = None
    if after.isascii() and after.isdigit():
        wait = float(after)
    elif after:
        wait = _until(after, now)
    elif headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        wait = float(reset) - now if reset.isascii() and reset.isdigit() else DEFAULT_WAIT
    return None if wait is None else min(max(wait, 1.0), MAX_WAIT)


def _sent_at(headers: Mapping[str, str], now: float) -> float:
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return now


def _until(date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return DEFAULT_WAIT


def check_address(address: str) -> str:
    """Return the address of an API without a final slash.

    Raises `InputError` unless it is https, or on this machine: a token would be sent in the open.
    """
    shown = " ".join(plain_text(address).split())
    try:
        url = httpx2.URL(address.strip())
        host = url.host
    except _NO_ADDRESS:
        raise InputError(f"{shown} is no address.") from None
    is_plain = url.scheme == "http" and is_loopback(host)
    if not host or url.userinfo or url.query or url.fragment:
        raise InputError(f"{shown} is no address of an API, such as https://api.github.com.")
    if url.scheme != "https" and not is_plain:
        raise InputError(f"{shown} must begin with https://: a token is sent there.")
    return str(url).rstrip("/")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def inner(fields: object, *path: str) -> Any:
    """Return a value in objects of objects; None if it is not there."""
    found: Any = fields
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def segment(id_: str) -> str:
    """Return an id as one part of a path, whatever is in it: an import may have brought it."""
    return id_.replace(".", "%2E") if set(id_) <= {"."} else quote(id_, safe="")


def iso(moment: datetime) -> str:
    """Return a time in UTC as APIs write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
