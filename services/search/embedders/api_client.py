"""A client of an API of models: it asks again what is refused for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.errors import ModelUnreachableError
from services.search.embedders.api_answers import ApiAnswer, post

if TYPE_CHECKING:
    import httpx2

# In seconds: a request that was refused for a time is repeated in place, unless it would then have
# taken longer than this.
TRIES = 3
PATIENCE = 10.0


@dataclass(frozen=True)
class ApiAccess:
    """Where the API is, and the key that it wants."""

    url: str
    key: str | None = None
    seconds: float = 30.0

    @property
    def host(self) -> str:
        """The machine that texts are sent to."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class ApiClient:
    """A client of one API, which errors call `name`."""

    def __init__(
        self, name: str, access: ApiAccess, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self.access = access
        self._sleep = sleep

    def ask(self, asked: dict[str, Any]) -> ApiAnswer:
        """Return the answer; what is refused for a time is asked again, as late as the API says.

        Raises `ModelUnreachableError` if it does not answer now, and `ModelError` if the address is
        none.
        """
        start = perf_counter()
        for attempt in range(1, TRIES + 1):
            answer = post(self._client, self.access.url, asked)
            if not answer.is_passing:
                return answer
            delay = answer.retry_after or float(2**attempt)
            if attempt == TRIES or perf_counter() - start + delay > PATIENCE:
                break
            self._sleep(delay)
        raise ModelUnreachableError(
            f"The {self.name} at {self.access.host} does not answer now ({answer.reason}).", delay
        )

    @cached_property
    def _client(self) -> httpx2.Client:
        import httpx2

        key = self.access.key
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx2.Client(timeout=self.access.seconds, headers=headers, follow_redirects=False)
