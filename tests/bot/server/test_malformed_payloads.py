"""Signed payloads with anything missing or of another type are ignored or refused, never a 5xx."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest

from bot.server.http import wsgi_app
from tests.serving import Desk
from tests.slack_people import sign

# In place of each value; the last one stands for a value that is not there.
JUNK: tuple[Any, ...] = ("x", [], ...)

ABOUT = json.dumps({"channel": "C1", "ts": "1.1", "response_url": None})
ACTION = {"type": "button", "action_id": "deja_duplicate", "block_id": "b", "value": "1:2"}
WHO: dict[str, Any] = {"team": {"id": "T1"}, "user": {"id": "U2"}, "trigger_id": "t"}


def click(action: str, value: str) -> dict[str, Any]:
    """Return the payload of a button."""
    actions = [{**ACTION, "action_id": f"deja_{action}", "value": value}]
    return {"type": "block_actions", **WHO, "channel": {"id": "C1"}, "actions": actions}


def choice(value: str) -> dict[str, Any]:
    """Return the payload of a choice in a menu."""
    chosen = {"action_id": "deja_menu", "type": "overflow", "selected_option": {"value": value}}
    actions = [{"block_id": "b", **chosen}]
    return {"type": "block_actions", **WHO, "channel": {"id": "C1"}, "actions": actions}


def in_form(action: str, value: str) -> dict[str, Any]:
    """Return the payload of a choice in a menu of a form."""
    chosen = {"action_id": f"deja_{action}", "type": "overflow"}
    actions = [{"block_id": "b", **chosen, "selected_option": {"value": value}}]
    return {"type": "block_actions", **WHO, "view": {"id": "V1"}, "actions": actions}


def form(callback: str, about: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a form."""
    view = {
        "id": "V1", "hash": "1", "type": "modal", "callback_id": callback,
        "private_metadata": about, "state": {"values": values}, "blocks": [],
    }  # fmt: skip
    return {"type": "view_submission", **WHO, "view": view}


SELECTED = {"selected_option": {"value": "1:"}}
PAYLOADS: dict[str, dict[str, Any]] = {
    **{
        name: click(name, value)
        for name, value in {
            "duplicate": "1:2", "solved": "1", "digest_off": "1", "told_works": "1:2",
            "split": "1", "uncount": "1.1", "share": "similar x", "settings": "C1", "topic": "1",
            "topic_hide": "C1:1", "mode_full": "C1",
        }.items()
    },
    **{f"choice {value}": choice(value) for value in ("solved:1", "issue:1", "mute:1", "use:1:2")},
    "form to mute": form("deja_mute", "C1:1:", {}),
    "menu of a topic": in_form("topic_change", "merge:C1:1"),
    "form of a topic": form("deja_topic_rename_form", "C1:1", {"title": {"title": {"value": "x"}}}),
    "form to move tickets": form(
        "deja_topic_move_form", "C1:1",
        {
            "tickets-0": {"tickets-0": {"selected_options": [{"value": "7"}]}},
            "other": {"other": {"selected_option": {"value": "2"}}},
        },
    ),
    "form of an issue": form(
        "deja_issue_form", "C1:1",
        {"place": {"place": SELECTED}, "title": {"title": {"value": "x"}}},
    ),
    "form of a solution": form("deja_solved", "C1:1:", {"answer": {"answer": {"value": "x"}}}),
    "form of a duplicate": form(
        "deja_mark", ABOUT,
        {"other": {"deja_mark_search": {"selected_option": {"value": "7"}}}},
    ),
    "form of settings": form(
        "deja_settings", "C1:en",
        {
            "mode": {"mode": {"selected_option": {"value": "full"}}},
            "noise_budget": {"noise_budget": {"selected_option": {"value": "3"}}},
            "backfill": {"backfill": {"selected_option": {"value": "30"}}},
        },
    ),
    "shortcut": {
        "type": "message_action", **WHO, "callback_id": "deja_inspect", "channel": {"id": "C1"},
        "response_url": "", "message": {"ts": "1.1", "text": "x"},
    },
    "search": {
        "type": "block_suggestion", **WHO, "action_id": "deja_mark_search", "block_id": "other",
        "value": "printer", "view": {"private_metadata": ABOUT},
    },
}  # fmt: skip


def variants(payload: Any) -> Iterator[Any]:
    """Yield copies of a payload with junk at one place each."""
    for path in _paths(payload):
        for junk in JUNK:
            copy = deepcopy(payload)
            *outer, last = path
            parent = copy
            for key in outer:
                parent = parent[key]
            if junk is ...:
                del parent[last]
            else:
                parent[last] = junk
            yield copy


def _paths(value: Any) -> Iterator[list[Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in parts:
        yield [key]
        if isinstance(inner, dict | list):
            yield from ([key, *rest] for rest in _paths(inner))


def status_of(desk: Desk, body: str) -> int:
    """Send a signed body, as the HTTP server hands it over; return the status."""
    sent = body.encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/slack/events", "wsgi.input": io.BytesIO(sent),
        "CONTENT_LENGTH": str(len(sent)), "CONTENT_TYPE": "application/x-www-form-urlencoded",
    }  # fmt: skip
    for name, value in sign(body).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    setup_testing_defaults(environ)
    found: list[str] = []
    app = wsgi_app(desk.bot.app, lambda: True)
    b"".join(app(environ, lambda status, _headers, _error=None: found.append(status)))  # type: ignore[arg-type]
    return int(found[0].split()[0])


# Of the others `make test-all` sends all variants.
SHORT = {"duplicate", "form of a duplicate", "form of settings", "shortcut"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in SHORT else pytest.mark.thorough) for name in PAYLOADS],
)
def test_junk_in_a_payload_is_no_error_of_the_server(desk: Desk, name: str) -> None:
    """Whatever is missing or of another type, at each place of each kind of payload."""
    payload = PAYLOADS[name]
    wrong = [
        one
        for one in variants(payload)
        if status_of(desk, urlencode({"payload": json.dumps(one)})) >= 500
    ]
    assert wrong == []


def test_junk_in_a_command_is_no_error_of_the_server(desk: Desk) -> None:
    """Fields of a slash command that are missing."""
    command = {
        "command": "/deja", "team_id": "T1", "channel_id": "C1", "user_id": "U2", "text": "help",
        "trigger_id": "t", "response_url": desk.slack.hook(),
    }  # fmt: skip
    for left_out in command:
        rest = {name: value for name, value in command.items() if name != left_out}
        assert status_of(desk, urlencode(rest)) < 500, left_out
    for body in ("", "payload=", "payload=%7B", "payload=%5B%5D", "payload=null", "%FF=%FF"):
        assert status_of(desk, body) < 500, body


def test_forged_settings_are_refused_beside_their_field(desk: Desk) -> None:
    """A number, a mode or a person that the form does not offer is not stored."""
    desk.ticket("C1", "printer prints blank pages")
    desk.drain()
    for name, value in (
        ("noise_budget", "99"), ("noise_budget", "-1"), ("noise_budget", "٣"), ("mode", "loud"),
        ("kind", "x"), ("language", "xx"),
    ):  # fmt: skip
        values = {
            field: {field: {"selected_option": {"value": good}}}
            for field, good in {
                "mode": "full", "kind": "tickets", "language": "en", "noise_budget": "3",
            }.items()
        }  # fmt: skip
        values[name] = {name: {"selected_option": {"value": value}}}
        payload = form("deja_settings", "C1:en", values)
        response = desk.form({"payload": json.dumps(payload)})
        assert "Choose an option." in str(response.body), (name, value)
    desk.drain()
    assert [job for job in desk.jobs("done") if job.kind == "setup_save"] == []
    assert desk.jobs("failed") == []


# No row has it: databases take numbers of up to 64 bits.
HUGE = "9" * 30


def test_ids_that_cannot_be_are_not_stored(desk: Desk) -> None:
    """A job about them would fail again and again."""
    for payload in (
        click("duplicate", f"1:{HUGE}"), click("split", HUGE),
        click("topic_hide", f"C1:{HUGE}"), choice(f"hide:{HUGE}"),
        form("deja_mute", f"C1:{HUGE}:", {}), form("deja_mute", "nowhere:1:", {}),
        form("deja_solved", f"C1:{HUGE}:", {"answer": {"answer": {"value": "x"}}}),
        form("deja_topic_rename_form", f"C1:{HUGE}", {"title": {"title": {"value": "x"}}}),
        form(
            "deja_topic_merge_form", "C1:1",
            {"other": {"other": {"selected_option": {"value": HUGE}}}},
        ),
        in_form("topic_change", f"merge:C1:{HUGE}"), in_form("topic_change", "burn:C1:1"),
        click("topic_undo", f"1,{HUGE}"), click("topic_undo", ",".join(["1"] * 31)),
    ):  # fmt: skip
        assert status_of(desk, urlencode({"payload": json.dumps(payload)})) < 500, payload
    assert [desk.jobs(state) for state in ("ready", "running", "done", "failed")] == [[]] * 4
