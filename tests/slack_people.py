"""What people do in Slack, delivered to the bot as Slack's signed requests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.server.serve import Bot
from tests.slack_methods import TEAM
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

SECRET = "stand-in-signing-secret"


def sign(body: str, secret: str = SECRET, timestamp: float | None = None) -> dict[str, str]:
    """Return the headers with which Slack signs `body`; Bolt compares with the real time."""
    stamp = str(int(time.time() if timestamp is None else timestamp))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}


def event_body(event: Json, event_id: str, **more: Any) -> str:
    """Return an Events API request's body."""
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": event_id}
    return json.dumps({**body, "event": event, **more})


def json_headers(body: str) -> dict[str, str]:
    """Return the headers of a signed JSON request."""
    return {"Content-Type": "application/json", **sign(body)}


@dataclass(frozen=True)
class SlackPeople:
    """People in a Slack with the bot in it; the bot receives what they do at once."""

    slack: SlackStandIn
    bot: Bot
    _ids: Iterator[int]

    def ticket(self, channel: str, text: str, **more: Any) -> str:
        """Post a message in Slack, deliver it to the bot, and return its `ts`."""
        message = self.slack.say(channel, text, **more)
        assert self.deliver_message(channel, message).status == 200
        return str(message["ts"])

    def deliver_message(
        self, channel: str, message: Json, event_id: str | None = None
    ) -> BoltResponse:
        """Deliver a message to the bot as an event."""
        facts = self.slack.channels[channel]
        kind = "group" if facts.get("is_private") else "channel"
        event = {"channel": channel, "channel_type": kind, **message}
        shared = bool(facts.get("is_ext_shared"))
        return self.deliver(event, event_id, is_ext_shared_channel=shared)

    def deliver(self, event: Json, event_id: str | None = None, **more: Any) -> BoltResponse:
        """Deliver a signed event to the bot."""
        more = {"team_id": self.slack.team, **more}
        body = event_body(event, event_id or f"Ev{next(self._ids)}", **more)
        return self.request(body, json_headers(body))

    def edit(self, channel: str, ts: str, text: str, revision: str) -> BoltResponse:
        """Deliver an edit of a message; `revision` is the time of the edit, as a `ts`."""
        edited = {"user": "U1", "ts": revision}
        message = {"type": "message", "ts": ts, "user": "U1", "text": text, "edited": edited}
        return self.deliver_message(
            channel, {"type": "message", "subtype": "message_changed", "message": message}
        )

    def delete(self, channel: str, ts: str) -> BoltResponse:
        """Deliver the deletion of a message, as Slack does for one without replies."""
        return self.deliver_message(
            channel, {"type": "message", "subtype": "message_deleted", "deleted_ts": ts}
        )

    def click(
        self,
        channel: str,
        action: str,
        value: str,
        user: str = "U2",
        hook: str | None = None,
        *,
        ts: str = "",
        is_ephemeral: bool = False,
    ) -> BoltResponse:
        """Press a button as a person, below the message `ts`."""
        element = {"type": "button", "action_id": f"deja_{action}", "value": value}
        return self._act(channel, element, user, hook, ts, is_ephemeral=is_ephemeral)

    def choose(
        self, channel: str, action: str, value: str, user: str = "U2", hook: str | None = None
    ) -> BoltResponse:
        """Choose from the menu of an answer as a person."""
        option = {"text": {"type": "plain_text", "text": action}, "value": f"{action}:{value}"}
        element = {"type": "overflow", "action_id": "deja_menu", "selected_option": option}
        return self._act(channel, element, user, hook)

    def _act(
        self,
        channel: str,
        element: Json,
        user: str,
        hook: str | None,
        ts: str = "",
        *,
        is_ephemeral: bool = False,
    ) -> BoltResponse:
        number = next(self._ids)
        payload = {
            "type": "block_actions",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "channel": {"id": channel},
            "message": {"ts": ts},
            "container": {"type": "message", "is_ephemeral": is_ephemeral},
            "trigger_id": f"trigger-{number}",
            "response_url": hook,
            "actions": [element],
        }
        return self.form({"payload": json.dumps(payload)})

    def press(self, view_id: str, action: str, value: str, user: str = "U2") -> BoltResponse:
        """Press a button of a form as a person."""
        element = {"type": "button", "action_id": f"deja_{action}", "value": value}
        return self._act_in_form(view_id, element, user)

    def press_menu(self, view_id: str, action: str, value: str, user: str = "U2") -> BoltResponse:
        """Choose from a menu in a form as a person."""
        option = {"text": {"type": "plain_text", "text": value}, "value": value}
        element = {"type": "overflow", "action_id": f"deja_{action}", "selected_option": option}
        return self._act_in_form(view_id, element, user)

    def _act_in_form(self, view_id: str, element: Json, user: str) -> BoltResponse:
        payload = {
            "type": "block_actions",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "trigger_id": f"trigger-{next(self._ids)}",
            "view": {**self.slack.views[view_id], "id": view_id},
            "actions": [element],
        }
        return self.form({"payload": json.dumps(payload)})

    def react(
        self, channel: str, ts: str, user: str = "U2", mark: str = "white_check_mark", **more: Any
    ) -> BoltResponse:
        """Add a reaction to a message, or remove one with `type="reaction_removed"`."""
        item = {"type": "message", "channel": channel, "ts": ts}
        event = {"type": "reaction_added", "user": user, "reaction": mark, "item": item}
        return self.deliver({**event, **more})

    def shortcut(
        self, callback: str, channel: str, message: Json, user: str = "U2", hook: str | None = None
    ) -> BoltResponse:
        """Use a shortcut on a message."""
        payload = {
            "type": "message_action",
            "callback_id": callback,
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "channel": {"id": channel},
            "trigger_id": f"trigger-{next(self._ids)}",
            "response_url": hook or self.slack.hook(),
            "message": message,
        }
        return self.form({"payload": json.dumps(payload)})

    def join(self, channel: str, user: str, inviter: str | None = None) -> BoltResponse:
        """Deliver the event that somebody has joined a channel."""
        event = {"type": "member_joined_channel", "user": user, "channel": channel}
        return self.deliver({**event, "inviter": inviter} if inviter else event)

    def suggest(self, view_id: str, action: str, typed: str, user: str = "U2") -> list[Json]:
        """Type into a search field of a form, and return the options."""
        payload = {
            "type": "block_suggestion",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "action_id": action,
            "block_id": "other",
            "value": typed,
            "view": self.slack.views[view_id],
        }
        response = self.form({"payload": json.dumps(payload)})
        return list(json.loads(response.body)["options"])

    def submit(self, view_id: str, state: Json, user: str = "U2") -> BoltResponse:
        """Submit a form; `state` has each field's value by block id."""
        return self.submit_values(view_id, {b: {b: v} for b, v in state.items()}, user)

    def submit_values(
        self, view_id: str, values: Json, user: str = "U2", **forged: Any
    ) -> BoltResponse:
        """Submit a form with values by block and action; `forged` are other fields of it."""
        view = {**self.slack.views[view_id], **forged, "state": {"values": values}}
        payload = {
            "type": "view_submission",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "view": view,
        }
        return self.form({"payload": json.dumps(payload)})

    def command(
        self, channel: str, text: str, hook: str | None = None, user: str = "U2"
    ) -> BoltResponse:
        """Type `/deja text` as a person."""
        return self.form(
            {
                "command": "/deja",
                "text": text,
                "team_id": self.slack.team,
                "channel_id": channel,
                "user_id": user,
                "trigger_id": f"trigger-{next(self._ids)}",
                "response_url": hook or self.slack.hook(),
            }
        )

    def form(self, fields: dict[str, str]) -> BoltResponse:
        """Deliver a signed request with form fields."""
        body = urlencode(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request(body, {**kind, **sign(body)})

    def request(self, body: str, headers: dict[str, str]) -> BoltResponse:
        """Have Bolt handle a request."""
        return self.bot.app.dispatch(BoltRequest(body=body, headers=dict(headers)))
