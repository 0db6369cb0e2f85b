"""The field of a channel's settings that says which bots and forms open tickets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.form_fields import input_field, option, sent
from bot.blocks.parts import Block, plain
from bot.i18n.texts import Texts

SENDERS = "senders"

# Slack takes no more options in a list, and no more characters in one.
MAX_OPTIONS = 100
MAX_OPTION_LENGTH = 75

# Begins the value of a sender that opens tickets unless people choose otherwise, or does not.
_OPEN, _SHUT = "open:", "shut:"


@dataclass(frozen=True)
class SenderChoice:
    """A bot or a form: whether it opens tickets, and whether it would if nobody had chosen."""

    id: str
    name: str
    is_form: bool
    opens_tickets: bool
    by_default: bool

    @property
    def value(self) -> str:
        """What Slack sends if it is selected."""
        return f"{_OPEN if self.by_default else _SHUT}{self.id}"


def senders_field(senders: Sequence[SenderChoice], say: Texts) -> list[Block]:
    """Return the field; none where no bot and no form has been seen.

    Those that people chose come first, because a list may be too long for Slack.
    """
    if not senders:
        return []
    by_choice = sorted(senders, key=lambda one: one.opens_tickets == one.by_default)[:MAX_OPTIONS]
    options = {one.id: option(_name(one, say), one.value) for one in by_choice}
    chosen = [options[one.id] for one in by_choice if one.opens_tickets]
    element = {
        "type": "multi_static_select",
        "options": list(options.values()),
        "placeholder": plain(say("None of those seen here")),
        **({"initial_options": chosen} if chosen else {}),
    }
    label = say("Bots and forms that open tickets")
    hint = say("The list has those that have posted here since I joined.")
    if len(senders) > MAX_OPTIONS:
        hint = say(
            "The list has {n} of the {all} that have posted here. The others can be chosen with "
            "deja settings apply.",
            n=MAX_OPTIONS,
            all=len(senders),
        )
    return [input_field(SENDERS, label, element, hint=hint, optional=True)]


def read_senders(
    view: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who opens tickets, and who does not, against what holds for them without a choice.

    `values` are those of `form_fields.form_values`.
    """
    selected = [str(one["value"]) for one in sent(values, SENDERS).get("selected_options") or ()]
    left_out = [value for value in _offered(view) if value not in selected]
    return _ids(selected, _SHUT), _ids(left_out, _OPEN)


def _ids(values: Sequence[str], start: str) -> tuple[str, ...]:
    return tuple(value.removeprefix(start) for value in values if value.startswith(start))


def _offered(view: Mapping[str, Any]) -> Iterator[str]:
    for block in view.get("blocks") or ():
        if block.get("block_id") == SENDERS:
            yield from (str(one["value"]) for one in block["element"]["options"])


def _name(sender: SenderChoice, say: Texts) -> str:
    kind = say("form") if sender.is_form else say("bot")
    room = MAX_OPTION_LENGTH - len(f" ({kind})")
    name = sender.name if len(sender.name) <= room else f"{sender.name[: room - 1]}…"
    return f"{name} ({kind})"
