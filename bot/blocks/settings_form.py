"""The form of a channel's settings: how it looks, and what is read of it when it is sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from bot.blocks.channel_setup import KIND_NAMES, KIND_WORDS, MODE_NAMES, MODE_WORDS
from bot.blocks.form_fields import (
    checkboxes,
    choice,
    chosen,
    form,
    form_values,
    input_field,
    option,
    sent,
    text_input,
    ticked,
)
from bot.blocks.parts import Block, context, plain, section
from bot.blocks.sender_choice import SenderChoice, read_senders, senders_field
from bot.i18n.texts import Texts
from models.workspaces import IGNORE_EMOJI, MAX_EMOJI_LENGTH, TICKET_EMOJI
from services.channels.emoji import SOLVED_MARKS, emoji_name
from services.channels.quiet_hours import QuietHours
from services.channels.settings import (
    KINDS,
    LANGUAGES,
    MAX_PHRASES,
    MODES,
    PHRASE_LENGTH,
    ChannelSettings,
    Kind,
    Language,
    Mode,
)
from services.judgement.caution import Caution
from services.judgement.cut import MAX_BUDGET
from services.phrases import Phrase, in_context, phrase

FORM = "deja_settings"
NOT_CAUTIOUS = Caution()

BACKFILL_DAYS = (30, 90, 365)

# Of `ChannelSettings`.
TOPICS = {
    "weekly_topics": phrase("On Mondays, post what people ask about"),
    "topic_alerts": phrase("Post when something is asked more than usual"),
}
# The label and the hint of each.
EMOJI = {
    "ticket_emoji": (
        phrase("Emoji for “this is a ticket”"),
        phrase("Anyone can react with it to a message that I left out."),
    ),
    "ignore_emoji": (
        phrase("Emoji for “this is not a ticket”"),
        phrase("Anyone can react with it to a message that I took for a ticket."),
    ),
}
# Each in its own language.
LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "de": "Deutsch", "es": "Español"}


def settings_view(
    channel: str,
    name: str,
    settings: ChannelSettings,
    hours: QuietHours,
    say: Texts,
    *,
    caution: Caution = NOT_CAUTIOUS,
    senders: Sequence[SenderChoice] = (),
) -> Block:
    """Return the form with a channel's current settings, and the bots and forms seen there."""
    blocks = [
        section(say("How Déjà works in *{channel}*.", channel=name)),
        *_caution(caution, say),
        *_behaviour(settings, hours, say),
        *_people(settings, say),
        *senders_field(senders, say),
        _backfill(say),
    ]
    return form(FORM, f"{channel}:{say.language}", blocks, say, submit=say("Save"))


# What a form may choose; what it sends may be forged.
_CHOICES: Mapping[str, Collection[str]] = {
    "mode": MODES,
    "kind": KINDS,
    "language": LANGUAGES,
    "noise_budget": [str(number) for number in range(MAX_BUDGET + 1)],
}
_USER = re.compile(r"[UW][A-Z0-9]{0,31}", re.ASCII)


def read_form(view: Mapping[str, Any]) -> tuple[str, Texts]:
    """Return the channel that a submitted form is about, and the texts in the form's language."""
    channel, _, language = view["private_metadata"].partition(":")
    return channel, Texts(cast(Language, language) if language in LANGUAGES else "en")


def read_settings(view: Mapping[str, Any]) -> ChannelSettings | dict[str, Phrase]:
    """Return the settings in a submitted form, or what is wrong with it, by field."""
    values = form_values(view)
    options = {name: chosen(values, name) for name in _CHOICES}
    wrong_fields = [name for name, value in options.items() if value not in _CHOICES[name]]
    deciders = [str(one) for one in sent(values, "deciders").get("selected_users") or ()]
    if not all(map(_USER.fullmatch, deciders)):
        wrong_fields.append("deciders")
    if wrong_fields:
        return dict.fromkeys(wrong_fields, phrase("Choose an option."))
    ignored = _read_phrases(values)
    if isinstance(ignored, Phrase):
        return {"ignored": ignored}
    emoji = _read_emoji(values)
    if wrong_emoji := {name: said for name, said in emoji.items() if isinstance(said, Phrase)}:
        return wrong_emoji
    ticket_senders, ignored_senders = read_senders(view, values)
    return ChannelSettings(
        mode=cast(Mode, options["mode"]),
        noise_budget=int(str(options["noise_budget"])),
        digest="on" in ticked(values, "digest"),
        deciders=tuple(deciders),
        ignored=ignored,
        language=cast(Language, options["language"]),
        kind=cast(Kind, options["kind"]),
        weekly_topics="weekly_topics" in ticked(values, "topics"),
        topic_alerts="topic_alerts" in ticked(values, "topics"),
        ticket_emoji=str(emoji["ticket_emoji"]),
        ignore_emoji=str(emoji["ignore_emoji"]),
        reads_images="images" not in values or "on" in ticked(values, "images"),
        ticket_senders=ticket_senders,
        ignored_senders=ignored_senders,
    )


def _read_phrases(values: Mapping[str, Any]) -> tuple[str, ...] | Phrase:
    """Return the phrases to ignore, each once, or what is wrong with them."""
    lines = (sent(values, "ignored").get("value") or "").splitlines()
    ignored = tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if len(ignored) > MAX_PHRASES:
        return phrase("At most {most} phrases; you entered {n}.", most=MAX_PHRASES, n=len(ignored))
    if long := [one for one in ignored if len(one) > PHRASE_LENGTH]:
        return phrase(
            "At most {most} characters per phrase: {phrase}…",
            most=PHRASE_LENGTH,
            phrase=long[0][:PHRASE_LENGTH],
        )
    return ignored


def _read_emoji(values: Mapping[str, Any]) -> dict[str, str | Phrase]:
    """Return the emoji that were sent, by setting: a name, "" for none, or what is wrong.

    A form that was opened before there were emoji leaves the usual ones.
    """
    found: dict[str, str | Phrase] = {"ticket_emoji": TICKET_EMOJI, "ignore_emoji": IGNORE_EMOJI}
    for name in (name for name in EMOJI if name in values):
        typed = (sent(values, name).get("value") or "").strip()
        emoji = emoji_name(typed) if typed else ""
        if emoji is None:
            found[name] = phrase("Enter one emoji, such as :pushpin:.")
        elif emoji in SOLVED_MARKS:
            found[name] = phrase("This emoji already marks solutions. Choose another one.")
        else:
            found[name] = emoji
    if found["ticket_emoji"] and found["ticket_emoji"] == found["ignore_emoji"]:
        found["ignore_emoji"] = phrase("Choose two different emoji.")
    return found


def read_backfill(state: Mapping[str, Any]) -> int:
    """Return how many days of older messages a submitted form asks for, 0 for none."""
    sent_days = chosen(state["values"], "backfill")
    return next((days for days in BACKFILL_DAYS if str(days) == sent_days), 0)


def resets_caution(state: Mapping[str, Any]) -> bool:
    """Say whether a submitted form asks to mention similar tickets as at the start."""
    return "reset" in ticked(state["values"], "similar")


def _caution(caution: Caution, say: Texts) -> list[Block]:
    """Return how cautious the bot is with similar tickets, and a box to start over."""
    if caution.description is None:
        return []
    box = {"reset": (say("Mention similar tickets as at the start"), False)}
    return [
        context(say(caution.description)),
        input_field("similar", say("Similar tickets"), checkboxes(box), optional=True),
    ]


def _behaviour(settings: ChannelSettings, hours: QuietHours, say: Texts) -> list[Block]:
    """Return the fields for what Déjà does, and in which language."""
    modes = [option(say(MODE_NAMES[mode]), mode, say(MODE_WORDS[mode])) for mode in MODES]
    kinds = [option(say(KIND_NAMES[kind]), kind, say(KIND_WORDS[kind])) for kind in KINDS]
    languages = [option(LANGUAGE_NAMES[one], one) for one in LANGUAGES]
    budgets = [option(_budget(number, say), str(number)) for number in range(MAX_BUDGET + 1)]
    radio, select = "radio_buttons", "static_select"
    hint = say("Déjà stays quiet here when it can't keep to this.")
    digest = {"on": (say("On Mondays, ask about a few pairs of tickets"), settings.digest)}
    topics = {name: (say(text), getattr(settings, name)) for name, text in TOPICS.items()}
    return [
        input_field("mode", say("Mode"), choice(radio, modes, settings.mode)),
        input_field("kind", say("What people ask for here"), choice(radio, kinds, settings.kind)),
        input_field("language", say("Language"), choice(select, languages, settings.language)),
        input_field(
            "noise_budget",
            say("Allowed mistakes"),
            choice(select, budgets, str(settings.noise_budget)),
            hint=hint,
        ),
        input_field("digest", say("Weekly questions"), checkboxes(digest), optional=True),
        input_field(
            "topics",
            say("Topics"),
            checkboxes(topics),
            hint=say(hours.description),
            optional=True,
        ),
    ]


def _people(settings: ChannelSettings, say: Texts) -> list[Block]:
    """Return the fields for who decides, and for what makes a message a ticket or none."""
    deciders = {
        "type": "multi_users_select",
        "placeholder": plain(say("Everyone in the channel")),
        **({"initial_users": list(settings.deciders)} if settings.deciders else {}),
    }
    ignored = text_input(
        MAX_PHRASES * (PHRASE_LENGTH + 1),
        "\n".join(settings.ignored),
        multiline=True,
        placeholder=plain(say("lunch is here")),
    )
    pictures = {"on": (say("Read the words in screenshots"), settings.reads_images)}
    hint = say("One phrase per line. Thanks and greetings are ignored anyway.")
    return [
        input_field("deciders", say("Who can decide"), deciders, optional=True),
        input_field(
            "ignored", say("Ignore messages containing"), ignored, hint=hint, optional=True
        ),
        input_field("images", say("Pictures"), checkboxes(pictures), optional=True),
        *(_emoji_input(name, getattr(settings, name), say) for name in EMOJI),
    ]


def _emoji_input(name: str, emoji: str, say: Texts) -> Block:
    label, hint = EMOJI[name]
    element = text_input(MAX_EMOJI_LENGTH + len("::"), f":{emoji}:" if emoji else "")
    return input_field(name, say(label), element, hint=say(hint), optional=True)


def _backfill(say: Texts) -> Block:
    """Return the field that asks for older messages to be read."""
    days = [option(say("Last {n} days", n=days), str(days)) for days in BACKFILL_DAYS]
    placeholder = plain(say("Not now"))
    element = {"type": "static_select", "options": days, "placeholder": placeholder}
    hint = say("I don't answer these messages. Reading them once is enough.")
    label = say("Read older messages")
    return input_field("backfill", label, element, hint=hint, optional=True)


def _budget(number: int, say: Texts) -> str:
    return say(in_context("mistakes", "None")) if number == 0 else say("{n} in 10", n=number)
