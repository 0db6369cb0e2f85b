"""Answers to what people say to the bot that is nothing to search for: "hello", "danke"."""

from __future__ import annotations

import re
from typing import cast

from bot.blocks.help import help_reply
from bot.blocks.parts import section
from bot.blocks.replies import Reply
from bot.i18n.texts import Texts
from services.channels.settings import Language
from services.phrases import Phrase, phrase
from services.text.slack.markup import clean_slack
from services.text.small_talk.matter import may_state_matter
from services.text.small_talk.talk import is_call_for_help, is_courtesy, languages_of, uses_of
from services.text.small_talk.talk_words import Use
from services.text.words.patterns import EMOJI_CODES

_WAVE = re.compile(r":wave:|👋")
_OWN_NAME = re.compile(r"\bd[eé]j[aà]\b", re.IGNORECASE)

# "Einen schönen guten Morgen"; a longer text is hardly a greeting alone.
MAX_GREETING_WORDS = 4

WELCOME = phrase("You're welcome! When something else comes up, describe it, and I'll look.")
HELLO = phrase(
    "Hello! Describe a problem in a few words, and I'll look for tickets like it. For what else I "
    "can do, say help."
)
ALL_RIGHT = phrase("All right. When something else comes up, describe it, and I'll look.")


def small_talk(text: str, say: Texts, *, is_command: bool = False) -> Reply | None:
    """Return the answer to small talk, in its language if that is clear; None to anything else.

    `text` is in Slack's markup, `say` has the texts of whoever wrote it. After `/deja` there was no
    talk that "ok" or "nope" could reply to, so there it is a command that does not exist.
    """
    said = _OWN_NAME.sub(" ", clean_slack(text))
    # What is no question may be a matter: "it counts backwards?"
    if may_state_matter(said) or may_state_matter(said.strip("¿? ")):
        return None
    spoken = languages_of(said)
    if len(spoken) == 1:
        say = Texts(cast(Language, spoken[0]))
    if is_call_for_help(said):
        return help_reply(say)
    answer = _answer(said)
    if answer is None or (is_command and answer is ALL_RIGHT):
        return None
    return Reply(say(answer), [section(say(answer))])


def _answer(said: str) -> Phrase | None:
    # A thumb, a dot.
    if said.strip() and not any(map(str.isalnum, EMOJI_CODES.sub(" ", said))):
        return HELLO if _WAVE.search(said) or "?" in said else ALL_RIGHT
    uses = uses_of(said)
    if not is_courtesy(said):
        # "Guten Morgen"; "can you help me?", "who are you?": about nothing but the two of us.
        is_greeting = uses & Use.GREETINGS and len(said.split()) <= MAX_GREETING_WORDS
        is_about_us = "?" in said or is_greeting
        return HELLO if is_about_us and not uses & (Use.REFERENCES | Use.REMINDERS) else None
    if uses & Use.THANKS:
        return WELCOME
    return HELLO if uses & Use.GREETINGS else ALL_RIGHT
