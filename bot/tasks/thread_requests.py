"""The replies to mentions and direct messages: a command, or a question in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.blocks.replies import Reply, reason_reply
from bot.slack.identity import is_direct
from bot.tasks.command_replies import CHANGING, COMMANDS, answer_request
from bot.tasks.explanations import names_tickets
from bot.tasks.request import Request
from bot.tasks.small_talk import small_talk
from bot.tasks.ticket_searches import similar_to_item, similar_to_text
from bot.wiring import Services
from services.intake.slack_messages import find_ticket
from services.phrases import phrase
from services.text.slack.markup import clean_slack
from services.text.words.plain import first_word

OFF_HERE = phrase(
    "I'm turned off in this channel and remember nothing said here. /deja settings changes that."
)
NO_THREAD = phrase("I don't remember the first message of this thread.")
HOW_SETTINGS = phrase("Type /deja settings in the channel you want to set up.")

# Whom a message speaks to. A person who is named later may be part of a search.
_ADDRESSED = re.compile(r"(?:\s*<@[^<>]*>)+")


def written_words(text: str) -> str:
    """Return what a mention says to those whom it names first, in Slack's markup."""
    addressed = _ADDRESSED.match(text)
    return text[addressed.end() if addressed else 0 :].strip()


def command_in(written: str) -> str | None:
    """Return the command in a mention; None for a question in words."""
    word, rest = first_word(written)
    known = word.lower() in {*COMMANDS, *CHANGING}
    if not known or (word.lower() == "why" and not names_tickets(rest)):
        return None
    return written


def answer_in_thread(
    services: Services, request: Request, thread_ts: str | None, now: datetime
) -> Reply:
    """Return the reply to a mention, perhaps in a thread, or to a direct message.

    Without words it asks about the thread's first message.
    """
    in_channel = not is_direct(str(request.channel.slack_id))
    if request.channel.mode == "off" and in_channel:
        return reason_reply(request.say(OFF_HERE))
    command = command_in(request.text)
    if command is not None and first_word(command)[0].lower() == "settings":
        return reason_reply(request.say(HOW_SETTINGS))
    if command is not None:
        return answer_request(services, request, now)
    return _answer_words(services, request, thread_ts if in_channel else None, now)


def _answer_words(
    services: Services, request: Request, thread_ts: str | None, now: datetime
) -> Reply:
    """Return the reply to what is no command: small talk, or something to search for."""
    if (talk := small_talk(request.text, request.say)) is not None:
        return talk
    if clean_slack(request.text):
        return similar_to_text(services, request, now)
    if thread_ts:
        return _similar_to_thread(services, request, thread_ts, now)
    return answer_request(services, replace(request, text="help"), now)


def _similar_to_thread(
    services: Services, request: Request, thread_ts: str, now: datetime
) -> Reply:
    with services.database.read() as session:
        parent = find_ticket(session, request.channel, thread_ts)
    if parent is None:
        return reason_reply(request.say(NO_THREAD))
    return similar_to_item(services, parent.id, request, now)
