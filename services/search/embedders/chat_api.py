"""A language model behind an API such as OpenAI's `/v1/chat/completions`: texts leave this machine.

Off unless an administrator sets an address.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from services.errors import ModelError
from services.search.embedders.api_answers import REFUSED
from services.search.embedders.api_client import ApiAccess, ApiClient


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
        self._client = ApiClient("language model", access, sleep=sleep)

    def ask(self, instructions: str, text: str) -> str:
        """Return what the model says to a text, following instructions; "" if it was cut off."""
        # Nothing else: newer models take neither a temperature nor `max_tokens`.
        answer = self._client.ask(
            {
                "model": self.name,
                "messages": [
                    {"role": "system", "content": instructions},
                    {"role": "user", "content": text},
                ],
            }
        )
        if answer.status in REFUSED:
            raise ModelError(f"{self.access.host} refuses DEJA_LLM_KEY ({answer.reason}).")
        if answer.status != HTTPStatus.OK:
            raise ModelError(f"{self.access.host} answered {answer.reason}.")
        try:
            choice = answer.content["choices"][0]
            said, reason = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ModelError(f"{self.access.host} answered with something else.") from error
        return said if isinstance(said, str) and reason in {None, "stop"} else ""
