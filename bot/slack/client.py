"""The Slack Web API as Déjà uses it: a few calls, each with the errors that matter told apart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from bot.i18n.texts import Texts, texts_for
from bot.settings import Settings
from bot.slack.errors import _BAD_TOKEN, GONE, TOKEN_SECONDS, GoneError, _retry_after, token_error
from bot.slack.messages import METADATA_TYPE, FoundThread, Message, Page, _has_mark
from bot.slack.pacing import Pacer
from bot.slack.people import Guests, Person
from services.channels.settings import Language
from services.errors import RetryLaterError, SettingsError
from services.memory.workspaces import ChannelFacts, Team

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10
HISTORY_PAGE = 200

# How long before it should have been written a message of ours is looked for.
LOOK_BACK = timedelta(days=2)

# How often in a row one call of a backfill waits as long as Slack says.
MAX_WAITS = 20


REPLIES_PAGE = 100


@dataclass(frozen=True)
class Slack:
    """One workspace's Web API."""

    client: WebClient
    pacer: Pacer = field(default_factory=lambda: Pacer(0.0))
    guests: Guests = field(default_factory=Guests)
    # Set as soon as the app is removed, so that a job in work says nothing more.
    ended: Event = field(default_factory=Event)

    @classmethod
    def connect(cls, settings: Settings, token: str | None = None) -> Slack:
        """Return the API of a token's workspace, or the settings'; nothing is called yet."""
        token = token or settings.require_bot_token()
        return cls(_client(token, settings.slack_api_url), Pacer(settings.post_interval))

    def identify(self) -> Team:
        """Return the workspace that the token belongs to. Raises `SettingsError` if it is none."""
        try:
            found = self._call(self.client.auth_test)
        except SlackApiError as error:
            raise token_error("SLACK_BOT_TOKEN", error) from error
        except OSError as error:
            raise SettingsError(
                f"Slack cannot be reached at {self.client.base_url}: {error}"
            ) from error
        return Team(
            team_id=str(found["team_id"]),
            name=found.get("team"),
            url=found.get("url"),
            bot_user_id=found.get("user_id"),
            bot_id=found.get("bot_id"),
        )

    def scopes(self) -> set[str]:
        """Return the permissions of the token; empty where Slack does not tell."""
        headers = self._call(self.client.auth_test).headers
        lowered = {str(name).lower(): value for name, value in dict(headers).items()}
        told = lowered.get("x-oauth-scopes", "")
        return set((told[0] if isinstance(told, list) else told).replace(",", " ").split())

    def look_at_thread(self, channel: str, thread_ts: str, mark: str) -> FoundThread:
        """Look whether a thread is still there and whether a message with our mark is in it."""
        cursor = None
        exists = False
        while True:
            try:
                page = self._call(
                    self.client.conversations_replies,
                    channel=channel,
                    ts=thread_ts,
                    limit=REPLIES_PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
            except GoneError:
                return FoundThread(exists=False, our_ts=None)
            messages: list[dict[str, Any]] = page.get("messages") or []
            for message in messages:
                if message.get("ts") == thread_ts:
                    exists = message.get("subtype") != "tombstone"
                elif _has_mark(message, mark):
                    return FoundThread(exists, our_ts=message["ts"])
            cursor = _next_cursor(page)
            if not cursor:
                return FoundThread(exists, our_ts=None)

    def post(self, channel: str, thread_ts: str | None, message: Message) -> str:
        """Post into a thread, or None: into the channel; return the message's `ts`."""
        response = self._call(
            self.client.chat_postMessage,
            channel=channel,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
            metadata={"event_type": METADATA_TYPE, "event_payload": {"mark": message.mark}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(response["ts"])

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace what a message of ours says."""
        self._call(
            self.client.chat_update,
            channel=channel,
            ts=ts,
            text=message.text,
            blocks=message.blocks,
            metadata={"event_type": METADATA_TYPE, "event_payload": {"mark": message.mark}},
        )

    def delete(self, channel: str, ts: str) -> None:
        """Delete a message of ours; one that is gone already is no error."""
        try:
            self._call(self.client.chat_delete, channel=channel, ts=ts)
        except GoneError:
            return

    def respond(self, response_url: str, text: str, blocks: Sequence[dict[str, Any]]) -> None:
        """Answer a command to the one person who gave it."""
        self._ensure_installed()
        webhook = WebhookClient(response_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        response = webhook.send(
            text=text, blocks=list(blocks), response_type="ephemeral", replace_original=False
        )
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise RetryLaterError("Slack is rate-limiting", _retry_after(response.headers))
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise OSError(f"Slack answered {response.status_code} to a response")
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise GoneError(f"the response address is used up ({response.status_code})")

    def channel(self, channel: str) -> ChannelFacts:
        """Return what Slack says of a channel. One the app may not look up counts as gone."""
        try:
            found = self._call(self.client.conversations_info, channel=channel)
        except SlackApiError as error:
            if error.response.get("error") == "missing_scope":
                raise GoneError("missing_scope") from error
            raise
        return _facts(found["channel"])

    def channels(self, user: str | None = None) -> Iterator[ChannelFacts]:
        """Return the channels the bot is a member of, or somebody: of private ones both must be."""
        return self._channels(user, "public_channel,private_channel")

    def private_channels(self, user: str) -> Iterator[ChannelFacts]:
        """Return the private channels in which both the bot and somebody are: they are few."""
        return self._channels(user, "private_channel")

    def _channels(self, user: str | None, types: str) -> Iterator[ChannelFacts]:
        for page in self._pages(
            self.client.users_conversations,
            types=types,
            exclude_archived=user is None,
            limit=HISTORY_PAGE,
            user=user,
        ):
            for channel in page.get("channels") or []:
                yield _facts(channel)

    def members(self, channel: str) -> Iterator[str]:
        """Return the ids of those who are in a channel."""
        arguments = {"channel": channel, "limit": HISTORY_PAGE}
        for page in self._pages(self.client.conversations_members, **arguments):
            yield from page.get("members") or []

    def list_guests(self) -> Iterator[str]:
        """Return the ids of the workspace's guests; who was removed is none."""
        for page in self._pages(self.client.users_list, limit=HISTORY_PAGE):
            for user in page.get("members") or []:
                is_guest = user.get("is_restricted") or user.get("is_ultra_restricted")
                if is_guest and not user.get("deleted"):
                    yield str(user["id"])

    def history(self, channel: str, oldest: str) -> Iterator[dict[str, Any]]:
        """Return a channel's messages after `oldest`, newest first."""
        for page in self._pages(
            self.client.conversations_history, channel=channel, oldest=oldest, limit=HISTORY_PAGE
        ):
            yield from page.get("messages") or []

    def person(self, user: str) -> Person | None:
        """Return what Slack says of somebody; None where the app may not know or they are gone."""
        try:
            found = self._call(self.client.users_info, user=user, include_locale=True)["user"]
        except GoneError:
            return None
        except SlackApiError as error:
            if error.response.get("error") in {
                "missing_scope",
                "user_not_found",
                "user_not_visible",
            }:
                return None
            raise
        return Person(
            is_admin=bool(found.get("is_admin") or found.get("is_owner")),
            is_guest=bool(
                found.get("is_restricted")
                or found.get("is_ultra_restricted")
                or found.get("is_stranger")
                or found.get("deleted")
            ),
            team_id=found.get("team_id"),
            locale=str(found.get("locale") or ""),
        )

    def texts(self, user: str, otherwise: Language = "en") -> Texts:
        """Return the texts in somebody's language, where Slack tells one that is spoken here.

        Nothing is worth failing for it: what goes wrong shows in the next call.
        """
        try:
            person = self.person(user)
        except (SlackApiError, RetryLaterError, OSError):
            return Texts(otherwise)
        return texts_for(person.locale if person else None, otherwise)

    def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        """Return one message, of a channel or a thread; None where it is not there."""
        page = self._call(self.client.conversations_replies, channel=channel, ts=ts, limit=1)
        found: list[dict[str, Any]] = page.get("messages") or []
        return next((one for one in found if one.get("ts") == ts), None)

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> str | None:
        """Open a form for whoever clicked, within three seconds; return its id.

        None where Slack did not: nobody waits for a second try.
        """
        try:
            opened = self._call(self.client.views_open, trigger_id=trigger_id, view=view)
        except (SlackApiError, GoneError, RetryLaterError, OSError) as error:
            logger.warning("a form could not be opened: %s", type(error).__name__)
            return None
        return str(opened["view"]["id"])

    def publish_home(self, user: str, view: dict[str, Any]) -> None:
        """Show somebody their Home tab."""
        self._call(self.client.views_publish, user_id=user, view=view)

    def suggest(
        self, channel: str, thread_ts: str, title: str, prompts: Sequence[tuple[str, str]]
    ) -> None:
        """Suggest prompts (a title, and what is asked by it) in a thread of the assistant's pane.

        Nobody misses them where Slack does not take them.
        """
        try:
            self._call(
                self.client.assistant_threads_setSuggestedPrompts,
                channel_id=channel,
                thread_ts=thread_ts,
                title=title,
                prompts=[{"title": name, "message": typed} for name, typed in prompts],
            )
        except (GoneError, SlackApiError) as error:
            logger.warning("nothing could be suggested: %s", type(error).__name__)

    def update_view(self, view_id: str, view: dict[str, Any]) -> None:
        """Replace what an open form shows."""
        self._call(self.client.views_update, view_id=view_id, view=view)

    def post_ephemeral(
        self, channel: str, user: str, text: str, blocks: Sequence[dict[str, Any]]
    ) -> None:
        """Say something to one person alone, in a channel."""
        self._call(
            self.client.chat_postEphemeral,
            channel=channel,
            user=user,
            text=text,
            blocks=list(blocks),
        )

    def upload(
        self, channel: str, thread_ts: str, content: bytes, *, title: str, alt_text: str
    ) -> str:
        """Put a picture into a thread and return its file's id."""
        response = self._call(
            self.client.files_upload_v2,
            channel=channel,
            thread_ts=thread_ts,
            content=content,
            filename="topics.png",
            title=title,
            alt_txt=alt_text,
        )
        return str(response["files"][0]["id"])

    def delete_file(self, file_id: str) -> None:
        """Delete a file of ours; one that is gone already is no error."""
        try:
            self._call(self.client.files_delete, file=file_id)
        except GoneError:
            return

    def post_once(self, channel: str, thread_ts: str, message: Message) -> None:
        """Post into a thread in our turn, unless it stands there or the thread is gone."""
        self.pacer.reserve_slot(channel, message.mark)
        thread = self.look_at_thread(channel, thread_ts, message.mark)
        if thread.exists and thread.our_ts is None:
            self.post(channel, thread_ts, message)

    def find_own(self, channel: str, mark: str, written: datetime) -> str | None:
        """Return the `ts` of our message with that mark in a channel, None where there is none.

        It was `written` then if at all; Slack's clock is not ours.
        """
        for message in self.history(channel, f"{(written - LOOK_BACK).timestamp():.6f}"):
            if _has_mark(message, mark):
                return str(message["ts"])
        return None

    def history_page(self, channel: str, oldest: str, latest: str | None, limit: int) -> Page:
        """Return the newest messages of a channel between two times, `latest` not among them."""
        page = self._call(
            self.client.conversations_history,
            channel=channel,
            oldest=oldest,
            latest=latest,
            limit=limit,
        )
        return Page(page.get("messages") or [], bool(page.get("has_more")))

    def replies(self, channel: str, thread_ts: str) -> Iterator[dict[str, Any]]:
        """Return a thread's messages, its first one too."""
        for page in self._pages(
            self.client.conversations_replies, channel=channel, ts=thread_ts, limit=HISTORY_PAGE
        ):
            yield from page.get("messages") or []

    def retrying_rate_limits(self) -> Slack:
        """Return the same workspace's API that waits by itself where Slack limits the rate."""
        waiting = RateLimitErrorRetryHandler(max_retry_count=MAX_WAITS)
        return replace(self, client=_client(self.client.token, self.client.base_url, waiting))

    def _pages(self, method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[Any]:
        cursor = None
        while True:
            page = self._call(method, cursor=cursor, **arguments)
            yield page
            cursor = _next_cursor(page)
            if not cursor:
                return

    def _ensure_installed(self) -> None:
        if self.ended.is_set():
            raise RetryLaterError("the app was removed", TOKEN_SECONDS)

    def _call(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        self._ensure_installed()
        try:
            return method(**arguments)
        except SlackApiError as error:
            response = error.response
            if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                raise RetryLaterError(
                    "Slack is rate-limiting", _retry_after(response.headers)
                ) from error
            if response.get("error") in _BAD_TOKEN:
                # The app was removed, or will get another token: nothing is lost by waiting.
                raise RetryLaterError(
                    f"Slack does not take the token ({response.get('error')})", TOKEN_SECONDS
                ) from error
            if response.get("error") in GONE:
                raise GoneError(str(response.get("error"))) from error
            raise


def anonymous_client(settings: Settings) -> WebClient:
    """Return a client without a token, for what an app asks before it has one."""
    return _client(None, settings.slack_api_url)


def _client(token: str | None, base_url: str, *handlers: RetryHandler) -> WebClient:
    # By itself the SDK would post again when a connection breaks; the queue looks first.
    return WebClient(
        token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=list(handlers)
    )


def _facts(channel: dict[str, Any]) -> ChannelFacts:
    return ChannelFacts(
        slack_id=channel["id"],
        name=channel.get("name"),
        is_private=bool(
            channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim")
        ),
        is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        creator=channel.get("creator") or None,
    )


def _next_cursor(page: Any) -> str | None:
    return (page.get("response_metadata") or {}).get("next_cursor") or None
