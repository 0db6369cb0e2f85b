"""Messages that are in Slack already: a channel's history, a thread, and our own messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.slack.errors import GoneError
from bot.slack.messages import FoundThread, Page, has_mark
from bot.slack.web_api import PAGE_SIZE, WebApi

# Messages of ours are searched from so long before they were written: Slack's clock is not ours.
LOOK_BACK = timedelta(days=2)

REPLIES_PAGE_SIZE = 100

Json = dict[str, Any]


class History(WebApi):
    """The calls that read messages."""

    def history(self, channel: str, oldest: str) -> Iterator[Json]:
        """Return a channel's messages after `oldest`, the newest first."""
        for page in self.pages(
            self.client.conversations_history, channel=channel, oldest=oldest, limit=PAGE_SIZE
        ):
            yield from page.get("messages") or []

    def history_page(self, channel: str, oldest: str, latest: str | None, limit: int) -> Page:
        """Return the newest messages of a channel between two times, both exclusive."""
        page = self.call(
            self.client.conversations_history,
            channel=channel,
            oldest=oldest,
            latest=latest,
            limit=limit,
        )
        return Page(page.get("messages") or [], bool(page.get("has_more")))

    def replies(self, channel: str, thread_ts: str) -> Iterator[Json]:
        """Return a thread's messages, starting with its parent."""
        for page in self.pages(
            self.client.conversations_replies, channel=channel, ts=thread_ts, limit=PAGE_SIZE
        ):
            yield from page.get("messages") or []

    def message(self, channel: str, ts: str) -> Json | None:
        """Return one message of a channel or thread, or None if there is none."""
        page = self.call(self.client.conversations_replies, channel=channel, ts=ts, limit=1)
        found: list[Json] = page.get("messages") or []
        return next((one for one in found if one.get("ts") == ts), None)

    def find_in_thread(self, channel: str, thread_ts: str, mark: str) -> FoundThread:
        """Find out whether a thread still exists and whether our message with `mark` is in it."""
        exists = False
        try:
            for page in self.pages(
                self.client.conversations_replies,
                channel=channel,
                ts=thread_ts,
                limit=REPLIES_PAGE_SIZE,
                include_all_metadata=True,
            ):
                for message in page.get("messages") or []:
                    if message.get("ts") == thread_ts:
                        exists = message.get("subtype") != "tombstone"
                    elif has_mark(message, mark):
                        return FoundThread(exists, our_ts=message["ts"])
        except GoneError:
            return FoundThread(exists=False, our_ts=None)
        return FoundThread(exists, our_ts=None)

    def find_own(self, channel: str, mark: str, written: datetime) -> str | None:
        """Return the `ts` of our message with `mark` in a channel, or None if there is none.

        `written` is when it was posted, if it was.
        """
        for message in self.history(channel, f"{(written - LOOK_BACK).timestamp():.6f}"):
            if has_mark(message, mark):
                return str(message["ts"])
        return None
