"""Requests to the bot by command, mention or direct message, and where the replies go."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.help import full_help_reply
from bot.blocks.replies import Reply, reason_reply, with_share_button
from bot.i18n.texts import Texts, texts_in
from bot.jobs.event_kinds import Mention, PaneOpened
from bot.jobs.kinds import BotJob, Lease, PersonJob
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import HelpClick, PrivateReply, SlashCommand
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import is_direct
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.command_replies import CLUSTER, RESOLVE, answer_request
from bot.tasks.explanations import linked_message
from bot.tasks.posted_replies import PostedReplies, request_in
from bot.tasks.request import Request
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.resolutions import Resolutions, ThreadHead, solution_by
from bot.tasks.thread_requests import (
    OFF_HERE,
    answer_in_thread,
    command_in,
    written_words,
)
from bot.tasks.topic_runs import WORKING, group_job
from bot.wiring import Services
from models import Channel
from models.queries import SLACK_SOURCE
from services.errors import InputError
from services.intake.slack_messages import external_id
from services.phrases import Phrase, phrase, read_phrase
from services.text.slack.markup import clean_slack
from services.text.words.plain import first_word

HOW_TO_RESOLVE = phrase(
    "Tell me which ticket in this channel is solved and, if you like, how: “/deja resolve LINK "
    "restart the spooler”. In the ticket's thread: “@deja resolve restart the spooler”."
)
HOW_TO_RESOLVE_ELSEWHERE = phrase(
    "A ticket is solved where it was written: type “/deja resolve LINK restart the spooler” in "
    "its channel, or put a ✅ on the reply that solved it."
)

# In the assistant's pane: titles, each with the request that it sends. Slack takes four.
GREETING = phrase("What should I look for?")
PROMPTS = (
    (phrase("Find similar tickets"), phrase("similar printer prints blank pages")),
    (phrase("Newest open tickets"), "search is:open"),
    (phrase("What is waiting for a decision?"), "duplicates"),
    (phrase("What can Déjà do?"), "help"),
)


@dataclass(frozen=True)
class Conversation:
    """Answers what people ask."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess
    resolutions: Resolutions
    posted_replies: PostedReplies

    def answer_command(self, job: SlashCommand, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer `/deja …` to whoever typed it, and to nobody else."""
        channel = self.channels.ensure_channel(job.channel, now)
        word, rest = first_word(job.text)
        if word.lower() == RESOLVE:
            outcome, follow_ups = self._resolve(job, channel, None, rest, now)
            return [*follow_ups, reason_job(outcome, job)]
        if word.lower() == CLUSTER:
            outcome, follow_ups = _group(job, channel, rest)
            return [reason_job(outcome, job), *follow_ups]
        request = self.access.request(job.text, channel, job.user)
        reply = answer_request(self.services, request, now)
        self._respond(job.response_url, with_share_button(reply, request.text, request.say))
        return []

    def answer_mention(self, job: Mention, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer a mention or a direct message in its thread."""
        channel = self.channels.ensure_channel(job.channel, now)
        thread = self.posted_replies.find_thread(job)
        if not thread.exists:
            return []
        request = self._request(job, channel)
        word, rest = first_word(command_in(request.text) or "")
        if word.lower() == RESOLVE:
            outcome, follow_ups = self._resolve(job, channel, job.thread_ts, rest, now)
        elif word.lower() == CLUSTER:
            outcome, follow_ups = _group(job, channel, rest)
        else:
            reply = answer_in_thread(self.services, request, job.thread_ts, now)
            return self.posted_replies.post_in_thread(job, thread.our_ts, request, reply, now)
        done = reason_reply(request.say(outcome))
        self.posted_replies.confirm_in_thread(job, thread.our_ts, done)
        return follow_ups

    def _resolve(
        self, job: PersonJob, channel: Channel, ts: str | None, text: str, now: datetime
    ) -> tuple[Phrase, list[BotJob]]:
        """Store that a ticket of this channel is solved; return what to reply and what follows.

        It is the thread's, or the one that the text names.
        """
        if ts is None:
            ts, text = _named_here(text, job.channel)
        is_elsewhere = ts is None and linked_message(first_word(text)[0]) is not None
        if is_direct(job.channel) or is_elsewhere:
            return HOW_TO_RESOLVE_ELSEWHERE, []
        if ts is None:
            return HOW_TO_RESOLVE, []
        solution = solution_by(job.user, clean_slack(text))
        return self.resolutions.store(ThreadHead(channel, ts, job.key), solution, job.user, now)

    def show_all_help(self, job: HelpClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Show everything that Déjà can do in place of the examples, or beside them."""
        if job.response_url is not None:
            language = texts_in(self.channels.ensure_channel(job.channel, now)).language
            reply = full_help_reply(self.slack.texts(job.user, language))
            self._respond(job.response_url, reply, in_place=job.in_place)
        return []

    def greet(self, job: PaneOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Suggest questions to whoever opened the assistant's pane."""
        say = self.slack.texts(job.user)
        prompts = [(say(title), say(typed)) for title, typed in PROMPTS]
        self.slack.suggest_prompts(job.channel, job.thread_ts, say(GREETING), prompts)
        return []

    def _request(self, job: Mention, channel: Channel) -> Request:
        """Return the request of a mention: the channel reads the reply, or one person alone."""
        text = written_words(job.text)
        if is_direct(job.channel):
            return self.access.request(text, channel, job.user)
        return request_in(channel, text)

    def reply_privately(self, job: PrivateReply, lease: Lease, now: datetime) -> list[BotJob]:
        """Show a reply to the person who asked, and to nobody else."""
        if job.response_url is not None:
            self._respond(job.response_url, self._private_reply(job, job.user, now))
        elif job.is_late and job.user is not None:
            reply = self._private_reply(job, job.user, now)
            with suppress(GoneError):  # they or the bot have left
                self.slack.post_ephemeral(job.channel, job.user, reply.text, reply.blocks)
        return []

    def _private_reply(self, job: PrivateReply, user: str | None, now: datetime) -> Reply:
        if job.reason is None:
            return Reply(job.text, list(job.blocks))
        language = texts_in(self.channels.ensure_channel(job.channel, now)).language
        say = Texts(language) if user is None else self.slack.texts(user, language)
        return reason_reply(say(read_phrase(job.reason)))

    def _respond(self, response_url: str, reply: Reply, *, in_place: bool = False) -> None:
        with suppress(GoneError):  # the address has expired, or was used too often
            self.slack.respond(response_url, reply.text, reply.blocks, in_place=in_place)


def _group(job: PersonJob, channel: Channel, text: str) -> tuple[Phrase, list[BotJob]]:
    """Return what to reply to `cluster` at once, and the job that groups the tickets."""
    if channel.mode == "off" and not is_direct(str(channel.slack_id)):
        return OFF_HERE, []
    try:
        return WORKING, [group_job(text, job)]
    except InputError as error:
        return error.phrase, []


def _named_here(text: str, channel: str) -> tuple[str | None, str]:
    """Return the `ts` of the message of this channel that a text begins with, and the rest.

    None and the whole text if it begins with none.
    """
    first, rest = first_word(text)
    prefix = f"{SLACK_SOURCE}:{external_id(channel, '')}"
    named = linked_message(first)
    if named is None or not named.startswith(prefix):
        return None, text
    return named.removeprefix(prefix), rest
