"""How Déjà is set up in a channel: the message that asks once, and how far the past is read."""

from __future__ import annotations

from bot.blocks.form_fields import modal
from bot.blocks.parts import Block, actions, button, context, notification, person, plain, section
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.channels.settings import MODES, SPEAKING, ChannelSettings, Kind, Mode
from services.phrases import Phrase, in_context, phrase

MODE_NAMES: dict[Mode, Phrase] = {
    "off": in_context("mode", "Off"),
    "request": in_context("mode", "On request"),
    "quiet": in_context("mode", "Quiet"),
    "full": in_context("mode", "Full"),
}
MODE_WORDS: dict[Mode, Phrase] = {
    "off": phrase("Remember nothing that is said here"),
    "request": phrase("Answer only commands and mentions"),
    "quiet": phrase("Speak up when a ticket has been reported before"),
    "full": phrase("Mention similar tickets too"),
}
KIND_NAMES: dict[Kind, Phrase] = {"tickets": phrase("Tickets"), "products": phrase("Products")}
KIND_WORDS: dict[Kind, Phrase] = {
    "tickets": phrase("Remember tickets and point out repeats"),
    "products": phrase("Answer questions with products from the catalog"),
}
HELLO = phrase("Hello, I'm Déjà. How should I work in this channel?")
WHAT_I_DO = phrase(
    "I remember tickets and say in the thread when one has been reported before. Until "
    "someone chooses, I'm turned off: nothing said here is kept."
)


def mark(channel: str) -> str:
    """Return the mark by which the bot finds the message that asks for a channel's mode."""
    return f"deja-setup-{channel}"


def render_setup(
    channel: str, settings: ChannelSettings, chosen_by: str | None, say: Texts
) -> Message:
    """Return the message that asks for a channel's mode, or says who chose it once somebody did."""
    if chosen_by is not None:
        return _chosen_mode(channel, settings, chosen_by, say)
    speaking = [mode for mode in reversed(MODES) if mode != "off"]
    buttons = [button(say(MODE_NAMES[mode]), f"mode_{mode}", channel) for mode in speaking]
    modes = [f"• *{say(MODE_NAMES[mode])}*  {say(MODE_WORDS[mode])}" for mode in speaking]
    may = say("Whoever created this channel or invited me can choose, and so can workspace admins.")
    blocks = [
        section(f":wave: *{say(HELLO)}*\n{say(WHAT_I_DO)}", block_id=mark(channel)),
        section("\n".join(modes)),
        actions(
            "deja-setup",
            *buttons,
            button(say("Stay off"), "mode_off", channel),
            button(say("Settings…"), "settings", channel),
        ),
        context(may),
    ]
    return Message(notification(say(HELLO)), blocks, mark(channel))


def _chosen_mode(channel: str, settings: ChannelSettings, by: str, say: Texts) -> Message:
    name, does = say(MODE_NAMES[settings.mode]), say(MODE_WORDS[settings.mode])
    if settings.kind == "products" and settings.mode in SPEAKING:
        does = say(KIND_WORDS["products"])
    heading = say("Déjà is set to “{mode}” here", mode=name)
    text = f":brain: *{heading}* · {person(by, say)}\n{does}."
    change = button(say("Change…"), "settings", channel)
    head = section(text, block_id=mark(channel), accessory=change)
    return Message(notification(heading), [head], mark(channel))


def render_backfill(
    messages: int, tickets: int, user: str, say: Texts, *, is_done: bool
) -> Message:
    """Return the message that shows the progress of a backfill."""
    so_far = say(
        "Messages read: {messages} · Tickets remembered: {tickets}",
        messages=messages,
        tickets=tickets,
    )
    head = say("Finished reading older messages in this channel")
    if not is_done:
        head = say("Reading older messages in this channel…")
    requested = say("Requested by {person}.", person=person(user, say))
    block = section(f":books: *{head}*\n{so_far}\n{requested}")
    return Message(notification(head, so_far), [block], "deja-backfill")


def loading_view() -> Block:
    """Return the form while its contents are looked up, without words: no language is known yet."""
    return modal([section(":hourglass_flowing_sand:")], close=plain("OK"))


def reason_view(reason: Phrase, say: Texts) -> Block:
    """Return a view that says why there is no form."""
    return modal([section(say(reason))], close=plain(say(in_context("button", "Close"))))
