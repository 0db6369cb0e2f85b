"""A language model behind an API such as OpenAI's `/v1/chat/completions`: texts leave this machine.

Off unless an administrator sets an address.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from services.errors import ModelError, ModelUnreachableError
from services.search.api_answers import REFUSED, ApiAnswer, post
from services.search.embedding_api import PATIENCE, TRIES, ApiAccess

if TYPE_CHECKING:
    import httpx2


class ChatModel:
    """The model `name` behind an API.

    Raises `ModelError` for an answer that has another form than the API's documentation says and
    when the API refuses, and `ModelUnreachableError` when it does not answer now.
    """

    def __init__(
        self, name: str, access: ApiAccess, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self.access = access
        self._sleep = sleep

    def ask(self, instructions: str, text: str) -> str:
        """Return what the model says to a text, following instructions; "" if it was cut off."""
        answer = self._answer(instructions, text)
        if answer.status in REFUSED:
            raise ModelError(f"{self.access.host} refuses DEJA_LLM_KEY ({answer.reason}).")
        if answer.status != HTTPStatus.OK:
            raise ModelError(f"{self.access.host} answered {answer.reason}.")
        try:
            choice = json.loads(answer.body)["choices"][0]
            said, reason = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ModelError(f"{self.access.host} answered with something else.") from error
        return said if isinstance(said, str) and reason in {None, "stop"} else ""

    def _answer(self, instructions: str, text: str) -> ApiAnswer:
        """Ask the API; repeat what it refuses for a time, as long as it says."""
        # Nothing else: newer models take neither a temperature nor `max_tokens`.
        asked = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": text},
            ],
        }
        for attempt in range(1, TRIES + 1):
            answer = post(self._client, self.access.url, asked)
            if not answer.is_passing:
                return answer
            delay = answer.retry_after or float(2**attempt)
            if attempt == TRIES or delay > PATIENCE:
                break
            self._sleep(delay)
        raise ModelUnreachableError(
            f"The language model at {self.access.host} does not answer now ({answer.reason}).",
            delay,
        )

    @cached_property
    def _client(self) -> httpx2.Client:
        import httpx2

        key = self.access.key
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx2.Client(timeout=self.access.seconds, headers=headers, follow_redirects=False)
