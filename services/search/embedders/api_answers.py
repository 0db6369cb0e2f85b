"""What an embedding API or a language model answers, and the vectors in it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

from services.errors import ModelError

if TYPE_CHECKING:
    import httpx2

TOO_MANY, OUT_OF_ORDER = 429, 500
REFUSED = frozenset({401, 403})

# Vectors of one request are a few megabytes; what is larger is no answer.
MAX_BYTES = 64_000_000

# In seconds: an API that sends its answer bit by bit takes no longer.
MAX_SECONDS = 120.0

# What of an API's own words is shown.
MAX_SAID = 200

# How APIs say that texts are too long or too many.
_LENGTH = ("token", "length", "too long", "too large", "too many", "batch", "maximum")


@dataclass(frozen=True)
class ApiAnswer:
    """An answer: its status (0: there was none), its body, and what it says of itself."""

    status: int
    body: bytes
    reason: str
    retry_after: float | None = None

    @property
    def is_passing(self) -> bool:
        """Say whether the same request may well succeed later."""
        return self.status in {0, TOO_MANY} or self.status >= OUT_OF_ORDER

    @property
    def content(self) -> Any:
        """What it says. Raises `ValueError` if that is no JSON, or is nested too deeply to read."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @property
    def said(self) -> str:
        """The API's own words about an error, on one line."""
        try:
            error = self.content["error"]
            text = error["message"] if isinstance(error, dict) else str(error)
        except (ValueError, KeyError, TypeError):
            text = self.body[:MAX_SAID].decode("utf-8", "replace")
        return " ".join(str(text).split())[:MAX_SAID]

    @property
    def is_about_length(self) -> bool:
        """Say whether an error is about texts that are too long or too many."""
        return any(word in self.said.lower() for word in _LENGTH)


def post(client: httpx2.Client, url: str, asked: dict[str, Any]) -> ApiAnswer:
    """Ask an API. Raises `ModelError` if the address is none."""
    import httpx2

    end = perf_counter() + MAX_SECONDS
    try:
        with client.stream("POST", url, json=asked) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise ModelError("The API's answer is larger than any answer is.")
                if perf_counter() > end:
                    return ApiAnswer(0, b"", "it took too long")
        wait = _seconds(response.headers.get("Retry-After"))
        return ApiAnswer(response.status_code, bytes(body), f"HTTP {response.status_code}", wait)
    except httpx2.TimeoutException:
        return ApiAnswer(0, b"", "it took too long")
    except httpx2.TransportError as error:
        return ApiAnswer(0, b"", (str(error) or type(error).__name__).splitlines()[0])
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise ModelError(f"The API cannot be asked: {type(error).__name__}.") from error


def _seconds(value: str | None) -> float | None:
    """Return what `Retry-After` says: seconds, or a date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(1.0, seconds) if math.isfinite(seconds) else None


def vectors_in(answer: ApiAnswer, host: str, count: int) -> list[list[float]]:
    """Return the vectors of an answer, in the order of the texts. Raises `ModelError`."""
    if answer.status in REFUSED:
        raise ModelError(f"{host} refuses DEJA_EMBEDDING_KEY: {answer.said}")
    if answer.status != 200:  # noqa: PLR2004 - OK
        said = f": {answer.said}" if answer.said else "."
        raise ModelError(f"{host} answered {answer.reason}{said}")
    rows: list[list[float] | None] = [None] * count
    try:
        for one in answer.content["data"]:
            rows[_place_of(one, rows)] = [float(number) for number in one["embedding"]]
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ModelError(f"{host} answered with something else than vectors.") from error
    found = [row for row in rows if row]
    if len(found) != count:
        raise ModelError(f"{host} answered with {len(found)} vectors for {count} texts.")
    if len({len(row) for row in found}) != 1:
        raise ModelError(f"{host} answered with vectors of several dimensions.")
    return found


def _place_of(one: dict[str, Any], rows: list[list[float] | None]) -> int:
    """Return the place of a vector, which no other has. Raises `ValueError`, `IndexError`."""
    at = one["index"]
    if type(at) is not int or at < 0 or rows[at] is not None:
        raise ValueError("no place of its own")
    return at
