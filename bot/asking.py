"""Questions by command or mention, and where their answers go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.blocks.replies import Reply, reason_reply
from bot.commands import COMMANDS, Request, answer_request, similar_to_item, similar_to_text
from bot.explaining import names_tickets
from bot.places import Places
from bot.slack import GoneError, Message, Slack
from bot.wiring import Deja
from models import Channel, Item
from services.errors import DejaError
from services.queue import ClaimedJob, NewJob
from services.slack_text import clean_slack

_USER = re.compile(r"<@[^<>]*>")


@dataclass(frozen=True)
class Asking:
    """Answers what people ask in words."""

    deja: Deja
    slack: Slack
    places: Places

    def answer_command(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Answer `/deja …` to the one who gave it."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"])
        try:
            reply = answer_request(self.deja, Request(payload["text"], channel.id), now)
        except DejaError as error:
            reply = reason_reply(str(error))
        return self._whisper(payload["response_url"], reply)

    def answer_mention(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Answer a mention in its thread: a command, a question, or a look at the thread."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"])
        thread_ts = payload["thread_ts"] or payload["ts"]
        message_mark = f"deja-reply-{payload['ts']}"
        thread = self.slack.look_at_thread(payload["channel"], thread_ts, message_mark)
        if thread.our_ts is not None or not thread.exists:
            return []
        text, command = clean_slack(payload["text"]), _command(payload["text"])
        if command is not None:
            reply = answer_request(self.deja, Request(command, channel.id), now)
        elif text:
            reply = similar_to_text(self.deja, text, channel.id, now)
        elif payload["thread_ts"]:
            reply = self._similar_to_thread(channel, thread_ts, now)
        else:
            reply = answer_request(self.deja, Request("help", channel.id), now)
        blocks = [{**reply.blocks[0], "block_id": message_mark}, *reply.blocks[1:]]
        self.slack.post(payload["channel"], thread_ts, Message(reply.text, blocks, message_mark))
        return []

    def _similar_to_thread(self, channel: Channel, thread_ts: str, now: datetime) -> Reply:
        with self.deja.database.read() as session:
            parent = session.scalar(
                select(Item.id).where(
                    Item.channel_id == channel.id,
                    Item.ts == thread_ts,
                    Item.deleted_at.is_(None),
                )
            )
        if parent is None:
            return reason_reply("I do not remember this thread's first message.")
        return similar_to_item(self.deja, parent, channel.id, now)

    def whisper(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Tell whoever clicked what became of it."""
        payload = job.payload
        if payload["response_url"] is None:
            return []
        return self._whisper(payload["response_url"], Reply(payload["text"], payload["blocks"]))

    def _whisper(self, response_url: str, reply: Reply) -> list[NewJob]:
        try:
            self.slack.whisper(response_url, reply.text, reply.blocks)
        except GoneError:
            return []  # the address is used up: whoever asked has left the conversation
        return []


def _command(text: str) -> str | None:
    """Return the command that a mention gives, None where it asks something in words."""
    plain = clean_slack(text)
    word = plain.partition(" ")[0].lower()
    if word != "why":
        return plain if word in COMMANDS else None
    # A link's label is not its address, so this one is read as Slack wrote it.
    written = _USER.sub(" ", text).strip()
    return written if names_tickets(written[len(word) :]) else None
