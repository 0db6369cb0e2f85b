"""How Déjà is set up in a channel: the message that asks once, and the form of all settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.blocks.parts import Block, actions, button, context, notification, person, plain, section
from bot.slack import Message
from services.channels import MODES, ChannelSettings, Mode
from services.promises import MOST_BUDGET

FORM = "deja_settings"

# Of the phrases that make a message no ticket: more is a list that nobody looks through.
MOST_PHRASES = 30
PHRASE_LENGTH = 80

BACKFILL_DAYS = (30, 90, 365)

MODE_NAMES: dict[Mode, str] = {
    "off": "Off",
    "request": "On request",
    "quiet": "Quiet",
    "full": "Full",
}
MODE_WORDS: dict[Mode, str] = {
    "off": "Nothing said here is remembered",
    "request": "Answer only commands and mentions",
    "quiet": "Speak when a ticket was seen before",
    "full": "Name tickets that are alike, too",
}
HELLO = (
    ":wave: *Hello, I am Déjà. What shall I do here?*\n"
    "I remember tickets, and say in the thread when one was seen before. Until somebody chooses I "
    "am off: nothing that is said here is kept."
)


def mark(channel: str) -> str:
    """Return what marks the message that asks in a channel as ours."""
    return f"deja-setup-{channel}"


def render_setup(channel: str, settings: ChannelSettings, chosen_by: str | None) -> Message:
    """Return the message that asks what to do in a channel, and later says what was chosen."""
    if chosen_by is not None:
        name, does = MODE_NAMES[settings.mode], MODE_WORDS[settings.mode]
        text = f":brain: *Déjà is set to “{name}”* here, by {person(chosen_by)}.\n{does}."
        change = button("Change…", "settings", channel)
        return Message(
            notification(f"Déjà is set to “{name}” here"),
            [section(text, block_id=mark(channel), accessory=change)],
            mark(channel),
        )
    speaking = [mode for mode in reversed(MODES) if mode != "off"]
    buttons = [button(MODE_NAMES[mode], f"mode_{mode}", channel) for mode in speaking]
    said = "\n".join(f"• *{MODE_NAMES[mode]}*  {MODE_WORDS[mode]}" for mode in speaking)
    blocks = [
        section(HELLO, block_id=mark(channel)),
        section(said),
        actions(
            "deja-setup",
            *buttons,
            button("Stay off", "mode_off", channel),
            button("Settings…", "settings", channel),
        ),
        context("Whoever made this channel or invited me, and workspace admins, may choose."),
    ]
    return Message(notification("Hello, I am Déjà. What shall I do here?"), blocks, mark(channel))


def render_backfill(messages: int, tickets: int, user: str, is_done: bool) -> Message:
    """Return how far the reading of a channel's past has come."""
    so_far = f"{messages:,} messages read, {tickets:,} tickets remembered"
    head = "Read the past of this channel" if is_done else "Reading the past of this channel …"
    block = section(f":books: *{head}*\n{so_far}. Asked for by {person(user)}.")
    return Message(notification(head, so_far), [block], "deja-backfill")


def loading_view() -> Block:
    """Return the form while it is looked up who asks and what is set."""
    return _view([section("One moment …")])


def reason_view(reason: str) -> Block:
    """Return why there is no form."""
    return _view([section(reason)])


def settings_view(channel: str, name: str, settings: ChannelSettings) -> Block:
    """Return the form of a channel's settings, as they are now."""
    modes = [_option(MODE_NAMES[mode], mode, MODE_WORDS[mode]) for mode in MODES]
    budgets = [_option(_budget(number), str(number)) for number in range(MOST_BUDGET + 1)]
    weekly = _option("Ask about a few pairs on Mondays", "on")
    blocks = [
        section(f"How Déjà behaves in *{name}*."),
        _input(
            "mode",
            "Mode",
            {
                "type": "radio_buttons",
                "options": modes,
                "initial_option": modes[MODES.index(settings.mode)],
            },
        ),
        _input(
            "noise_budget",
            "Wrong flags you accept",
            {
                "type": "static_select",
                "options": budgets,
                "initial_option": budgets[settings.noise_budget],
            },
            hint="Déjà is quiet here when it cannot keep to it.",
        ),
        _input(
            "digest",
            "Weekly digest",
            {
                "type": "checkboxes",
                "options": [weekly],
                **({"initial_options": [weekly]} if settings.digest else {}),
            },
            optional=True,
        ),
        _input(
            "deciders",
            "Who may decide",
            {
                "type": "multi_users_select",
                "placeholder": plain("Everybody in the channel"),
                **({"initial_users": list(settings.deciders)} if settings.deciders else {}),
            },
            optional=True,
        ),
        _input(
            "ignored",
            "Messages that are no tickets",
            {
                "type": "plain_text_input",
                "multiline": True,
                "max_length": MOST_PHRASES * (PHRASE_LENGTH + 1),
                "placeholder": plain("lunch is here"),
                **({"initial_value": "\n".join(settings.ignored)} if settings.ignored else {}),
            },
            hint="One phrase a line. Thanks and greetings are left out anyway.",
            optional=True,
        ),
    ]
    past = [_option(f"The last {days} days", str(days)) for days in BACKFILL_DAYS]
    blocks.append(
        _input(
            "backfill",
            "Remember what was said before",
            {
                "type": "static_select",
                "options": past,
                "placeholder": plain("Nothing for now"),
            },
            hint="Nothing is answered that is read so. Once is enough.",
            optional=True,
        )
    )
    return _view(
        blocks, submit=plain("Save"), callback_id=FORM, private_metadata=channel
    )  # fmt: skip


def read_settings(state: Mapping[str, Any]) -> ChannelSettings | dict[str, str]:
    """Return the settings that a sent form says, or what is wrong with it, by field."""
    values = state["values"]
    mode, budget = _chosen(values, "mode"), _chosen(values, "noise_budget")
    if mode is None or budget is None:
        return {"mode" if mode is None else "noise_budget": "Choose one."}
    lines = (_sent(values, "ignored").get("value") or "").splitlines()
    phrases = tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if len(phrases) > MOST_PHRASES:
        return {"ignored": f"At most {MOST_PHRASES} phrases; these are {len(phrases)}."}
    if long := [phrase for phrase in phrases if len(phrase) > PHRASE_LENGTH]:
        return {"ignored": f"At most {PHRASE_LENGTH} letters a phrase: {long[0][:PHRASE_LENGTH]}…"}
    return ChannelSettings(
        mode=cast(Mode, mode),
        noise_budget=int(budget),
        digest=bool(_sent(values, "digest").get("selected_options")),
        deciders=tuple(_sent(values, "deciders").get("selected_users") or ()),
        ignored=phrases,
    )


def read_backfill(state: Mapping[str, Any]) -> int:
    """Return how many days of the past a sent form asks for, 0 for none."""
    return int(_chosen(state["values"], "backfill") or 0)


def _sent(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return what was sent of a field; a client that cannot show it sends nothing."""
    return next(iter((values.get(name) or {}).values()), None) or {}


def _chosen(values: Mapping[str, Any], name: str) -> str | None:
    option = _sent(values, name).get("selected_option")
    return str(option["value"]) if option else None


def _budget(number: int) -> str:
    return "None" if number == 0 else f"{number} in ten"


def _view(blocks: list[Block], **more: Any) -> Block:
    return {
        "type": "modal",
        "title": plain("Déjà"),
        "close": plain("Close"),
        "blocks": blocks,
        **more,
    }


def _input(
    name: str, label: str, element: Block, *, hint: str | None = None, optional: bool = False
) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {**element, "action_id": name},
        "optional": optional,
        **({"hint": plain(hint)} if hint else {}),
    }


def _option(text: str, value: str, description: str | None = None) -> Block:
    more = {"description": plain(description)} if description else {}
    return {"text": plain(text), "value": value, **more}
