"""The guided tour: a message with five steps, which are ticked as somebody takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.parts import Block, button, context, section
from bot.tryout.local_slack import LocalSlack

# A problem of the sample in other words, and a question.
TICKET_CHANNEL = "help-devices"
TICKET = (
    "Customer says her Latchet Pro eats a set of AA batteries in ten days. The box promises a year."
)
QUESTION = "lamp flickers when dimmed low"

# Commands are answered there, and nothing else.
CHANNEL = {"id": "C01START", "name": "start-here", "topic": "The tour of five steps"}

ACTION = "deja_tour"
DECISIONS = {"deja_duplicate", "deja_related", "deja_distinct"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A step of the tour; `do` is what its button posts or types for whoever presses it."""

    name: str
    text: str
    do: str | None
    is_taken_by: Callable[[Mapping[str, Any]], bool]


def _is_ticket(body: Mapping[str, Any]) -> bool:
    event = body.get("event") or {}
    is_said = event.get("type") == "message" and not (event.get("subtype") or event.get("bot_id"))
    return is_said and "thread_ts" not in event and event.get("channel") != CHANNEL["id"]


def _is_decision(body: Mapping[str, Any]) -> bool:
    return any(one.get("action_id") in DECISIONS for one in body.get("actions") or ())


def _is_command(word: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda body: "command" in body and str(body.get("text")).split(" ")[0] == word


def _is_home(body: Mapping[str, Any]) -> bool:
    return (body.get("event") or {}).get("type") == "app_home_opened"


def steps(ticket_channel: str) -> list[Step]:
    """Return the steps of the tour, which writes a ticket in the channel with this id."""
    return [
        Step(
            "Ask what was asked before",
            f"In <#{ticket_channel}|{TICKET_CHANNEL}> write\n_{TICKET}_\n"
            "Open the reply below your message: an earlier ticket, and what solved it.",
            TICKET,
            _is_ticket,
        ),
        Step(
            "Decide",
            "Press *Same issue* in that thread. The card folds to one line; *Undo* takes it back. "
            "Such clicks are what Déjà learns from.",
            None,
            _is_decision,
        ),
        Step(
            "Look for yourself",
            f"Type `/deja similar {QUESTION}`. Only you see the answer.",
            f"/deja similar {QUESTION}",
            _is_command("similar"),
        ),
        Step(
            "See what people ask about",
            "Type `/deja cluster`. After a few seconds the topics appear, with a map in the thread "
            "below them. Open one.",
            "/deja cluster",
            _is_command("cluster"),
        ),
        Step(
            "Open Home",
            "Choose *deja* under _Apps_ on the left: what changed this week, and what is reported "
            "most. *For administrators* shows how Déjà is doing.",
            None,
            _is_home,
        ),
    ]


@dataclass
class Tour:
    """The tour's message in its channel, and the steps that were taken."""

    local: LocalSlack
    client: WebClient
    ticket_channel: str
    tickets: int
    _taken: set[int] = field(default_factory=set)
    _ts: str | None = None
    _lock: Lock = field(default_factory=Lock)

    def start(self, app: App) -> None:
        """Post the tour, and tick its steps from now on."""
        posted = self.client.chat_postMessage(channel=CHANNEL["id"], **self._message())
        self._ts = str(posted["ts"])

        @app.middleware
        def watch(body: Json, next_: Callable[[], Any]) -> None:
            next_()
            self.note(body)

        @app.action(ACTION)
        def on_button(ack: Ack, body: Json, action: Json) -> None:
            ack()
            self._do(steps(self.ticket_channel)[int(action["value"])], body["user"]["id"])

    def note(self, body: Mapping[str, Any]) -> None:
        """Tick the steps that a request from Slack takes."""
        found = enumerate(steps(self.ticket_channel))
        with self._lock:
            new = {number for number, step in found if step.is_taken_by(body)} - self._taken
            self._taken |= new
            if new and self._ts:
                self.client.chat_update(channel=CHANNEL["id"], ts=self._ts, **self._message())

    def _do(self, step: Step, user: str) -> None:
        """Post or type what a step asks for, as the person who pressed its button."""
        if step.do is None:
            return
        command, _, text = step.do.partition(" ")
        if command == "/deja":
            self.local.command(str(CHANNEL["id"]), user, text)
        else:
            self.local.post(self.ticket_channel, user, step.do)

    def _message(self) -> Json:
        found = steps(self.ticket_channel)
        blocks = [
            section(
                ":wave: *Welcome to Tarnwick*\nA made-up company that sells things for the home. "
                f"Déjà remembers {self.tickets} tickets of its support team. You are Mei, an "
                "administrator; nothing that you do here is kept."
            ),
            *(self._step(number, step) for number, step in enumerate(found)),
            context(
                ":tada: That was the tour. Try whatever you like."
                if len(self._taken) == len(found)
                else f"{len(self._taken)} of {len(found)} steps taken"
            ),
            context(
                "Also: `/deja help`, `/deja settings`, the menu ⋮ of each message, and a message "
                "to _deja_. Write _anyone up for lunch?_ anywhere: Déjà stays silent, as it should."
            ),
        ]
        return {"text": "Welcome to Tarnwick", "blocks": blocks}

    def _step(self, number: int, step: Step) -> Block:
        mark = ":white_check_mark:" if number in self._taken else ":white_large_square:"
        text = f"{mark} *{number + 1}. {step.name}*\n{step.text}"
        if step.do is None:
            return section(text)
        return section(
            text, accessory=button("Do it for me", ACTION.removeprefix("deja_"), str(number))
        )
