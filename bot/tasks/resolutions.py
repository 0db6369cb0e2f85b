"""Solutions of tickets: marked with a ✅, by a shortcut or a command, and reused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.resolution import full_answer_reply, render_used_answer
from bot.i18n.texts import texts_in
from bot.jobs.event_kinds import EditedReply, LateTicket, SolvedMark
from bot.jobs.follow_ups import jobs_about_hidden
from bot.jobs.kinds import BotJob, Lease, PersonJob, SlackJson, enqueue_jobs
from bot.jobs.private_replies import reason_job, reply_job
from bot.jobs.request_kinds import AnswerClick, SolvedForm
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.follow_ups import edit_of_follow_up
from bot.tasks.overrides import edit_of_override
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.solved_notices import notice_jobs
from bot.wiring import Services
from models import Channel, Item
from models.queries import live_items
from services.channels.audience import readable_in
from services.channels.settings import ensure_decider
from services.errors import NotAllowedError
from services.intake.answer_marks import answer_mark, save_marks, solution_in
from services.intake.slack_messages import find_ticket
from services.issues.answer_conflicts import with_distinct_answers
from services.issues.groups import PairIds, groups_of
from services.issues.outcomes import is_outperformed, record_outcome
from services.issues.resolutions import Solution, edit_solution, resolve, solution_of, unresolve
from services.memory.workspaces import find_workspace
from services.phrases import Phrase, phrase
from services.text.slack.markup import clean_slack
from services.text.words.plain import plain_text

UNKNOWN = phrase(
    "I don't remember a ticket at the start of this thread. To see why, choose Inspect this "
    "message from the menu of its first message."
)
STORED = phrase("Saved: the ticket is solved. Anyone with the same problem will see this answer.")
STORED_WITHOUT = phrase(
    "Saved: the ticket is solved. To keep the solution as well, mark the reply that solved it."
)
UNDONE = phrase("Undone.")
NO_ANSWER = phrase("That answer no longer exists.")


@dataclass(frozen=True)
class ThreadHead:
    """The first message of a thread in a channel, and the key of the job about it."""

    channel: Channel
    thread_ts: str
    cause: str


@dataclass(frozen=True)
class Resolutions:
    """Stores what solved tickets, and shows it to people with the same problem."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def mark(self, job: SolvedMark, lease: Lease, now: datetime) -> list[BotJob]:
        """Store that a message solved its thread's ticket, or undo that."""
        message = job.message or self._message(job.channel, job.ts)
        if message is None:
            return []
        thread_ts, solution = solution_in({**message, "ts": job.ts})
        channel = self.channels.ensure_channel(job.channel, now)
        ticket = ThreadHead(channel, thread_ts, job.key)
        outcome, follow_ups = self.store(ticket, solution, job.user, now, undo=job.undo)
        return [*follow_ups, *_replies(job, outcome)]

    def read_thread(self, job: LateTicket, lease: Lease, now: datetime) -> list[BotJob]:
        """Store the answers that people marked before their message became a ticket."""
        try:
            messages = list(self.slack.replies(job.channel, job.ts))
        except GoneError:
            return []
        marks = [answer_mark(one, self.channels.me.bots.own) for one in messages]
        channel = self.channels.ensure_channel(job.channel, now)
        with self.services.database.write() as session:
            found = save_marks(session, channel, [one for one in marks if one is not None], now)
            item = find_ticket(session, channel, job.ts) if found else None
            follow_ups = [] if item is None else jobs_about_hidden(session, [item.id], job.key)
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def take_form(self, job: SolvedForm, lease: Lease, now: datetime) -> list[BotJob]:
        """Store what somebody typed as the solution of a ticket of the same channel."""
        user = job.user
        channel = self.channels.ensure_channel(job.channel, now)
        with self.services.database.read() as session:
            item = session.get(Item, job.item_id)
        if item is None or item.channel_id != channel.id or item.ts is None:
            return []
        if self.access.audience_in_form(channel, user) is None:
            return _replies(job, UNKNOWN)
        ticket = ThreadHead(channel, item.ts, job.key)
        outcome, follow_ups = self.store(ticket, solution_by(user, job.text), user, now)
        return [*follow_ups, *_replies(job, outcome)]

    def edit(self, job: EditedReply, lease: Lease, now: datetime) -> list[BotJob]:
        """Apply the edit of a message to the tickets that it solved, or to the one that it is."""
        solution = Solution(clean_slack(job.text), None, job.ts, job.revision)
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            workspace_id = find_workspace(session, job.team).id
            changed = edit_solution(session, workspace_id, solution)
            follow_ups: list[BotJob] = [
                *jobs_about_hidden(session, changed, job.key),
                *edit_of_override(session, workspace_id, job),
                *edit_of_follow_up(session, workspace_id, job),
            ]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def use(self, job: AnswerClick, channel: Channel, pair: PairIds, now: datetime) -> list[BotJob]:
        """Post the answer of an earlier ticket into the thread, and say who gave it."""
        item_id, other_id = pair
        with self.services.database.read() as session:
            item = session.get_one(Item, item_id)
            answers = _answers(session, channel, other_id)
        if not answers or item.head_ts is None:
            return [reason_job(NO_ANSWER, job)]
        user, (solved, solution) = job.user, answers[0]
        message = render_used_answer(pair, solved, solution, texts_in(channel), by=user)
        try:
            self.slack.post_once(str(channel.slack_id), item.head_ts, message)
        except GoneError:
            return []
        with self.services.database.write() as session:
            solved = session.get_one(Item, solved.id)
            record_outcome(session, solved, item_id, None, by=user, now=now)
        return []

    def more(self, job: AnswerClick, channel: Channel, pair: PairIds) -> list[BotJob]:
        """Show the whole answer of an earlier ticket, and the different ones of its issue."""
        with self.services.database.read() as session:
            answers = _answers(session, channel, pair[1])
        if not answers:
            return [reason_job(NO_ANSWER, job)]
        say = self.slack.texts(job.user, texts_in(channel).language)
        return [reply_job(full_answer_reply(answers, say), job)]

    def store(
        self,
        ticket: ThreadHead,
        solution: Solution,
        user: str,
        now: datetime,
        *,
        undo: bool = False,
    ) -> tuple[Phrase, list[BotJob]]:
        """Store what solved a ticket, or undo that; return what to reply and what follows.

        What follows is enqueued with it: should the reply fail, nothing is new at the next try.
        """
        with self.services.database.write() as session:
            item = find_ticket(session, ticket.channel, ticket.thread_ts)
            if item is None:
                return UNKNOWN, []
            try:
                ensure_decider(session.get_one(Channel, ticket.channel.id), user)
            except NotAllowedError as error:
                return error.phrase, []
            if undo:
                changed = unresolve(session, item, solution.ts, by=user, now=now)
                outcome = UNDONE
            else:
                changed = resolve(session, item, solution, by=user, now=now)
                outcome = STORED if solution.text else STORED_WITHOUT
            if not changed:
                return outcome, []
            notices = [] if undo else notice_jobs(session, item, ticket.cause)
            follow_ups = [*jobs_about_hidden(session, [item.id], ticket.cause), *notices]
            enqueue_jobs(session, ticket.channel.workspace_id, follow_ups, now)
            return outcome, follow_ups

    def _message(self, channel: str, ts: str) -> SlackJson | None:
        try:
            return self.slack.message(channel, ts)
        except GoneError:
            return None


def solution_by(user: str, text: str) -> Solution:
    """Return the solution that somebody typed; without text it has no author."""
    text = plain_text(text)
    return Solution(text, user if text else None)


def _replies(job: PersonJob, outcome: Phrase) -> list[BotJob]:
    """Return the job that replies to a shortcut or a form; a reaction gets no reply."""
    return [reason_job(outcome, job)] if job.response_url else []


def _answers(session: Session, channel: Channel, item_id: int) -> list[tuple[Item, Solution]]:
    """Return a ticket with its answer, then the reports of its issue with different answers.

    All of them every reader of the channel may read. The first report's answer comes first if it
    does better than the ticket's own.
    """
    readable = readable_in(channel)
    group = groups_of(session, [item_id]).get(item_id)
    members = group.members if group else (item_id,)
    items = live_items(session, members, readable)
    order = [one for one in members if one in items]
    answers = {one: items[one].resolution or "" for one in order}
    if item_id in items and not is_outperformed(session, (item_id, order[0]), answers, readable):
        order = [item_id, *(one for one in order if one != item_id)]
    answered = [
        (items[one], solution_of(session, items[one]))
        for one in with_distinct_answers(order, answers)
    ]
    return [(item, solution) for item, solution in answered if solution is not None]
