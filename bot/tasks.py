"""What each kind of job does: call a service, make Slack follow. A task may run twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.answer import mark, message_hash, render_answer
from bot.blocks.replies import Reply, reason_reply
from bot.commands import Request, answer_request, similar_to_item, similar_to_text
from bot.events import Self
from bot.places import Places
from bot.slack import GoneError, Message, Slack
from bot.wiring import Deja
from models import Answer, Channel, Item, ShownMatch, Workspace
from services import neighbourhoods
from services.answers import (
    AnswerView,
    answers_about,
    clear_shown,
    lease_answer,
    plan_answers,
    release_answer,
    save_shown,
    save_silent,
)
from services.duplicates import Judged
from services.errors import DejaError
from services.items import NewItem
from services.queue import ClaimedJob, NewJob, enqueue, finish
from services.slack_messages import SLACK_SOURCE, Ticket, external_id
from services.slack_text import clean_slack
from services.verdicts import Decision, decide, undo
from services.workspaces import find_workspace

Handler = Callable[[Sequence[ClaimedJob], datetime], list[NewJob]]


@dataclass(frozen=True)
class Tasks:
    """The work of one workspace. A task returns the jobs that follow from it."""

    deja: Deja
    slack: Slack
    me: Self

    @property
    def places(self) -> Places:
        """The workspace's channels."""
        return Places(self.deja.database, self.slack, self.me)

    @property
    def batched(self) -> dict[str, Handler]:
        """The kinds whose jobs are run together: what is embedded and searched as one."""
        return {"message": self.remember, "judge": self.judge}

    @property
    def single(self) -> dict[str, Handler]:
        """The kinds that wait for Slack, each job by itself."""
        return {
            "deletion": _each(self.forget),
            "answer": _each(self.show_answer),
            "click": _each(self.take_click),
            "command": _each(self.answer_command),
            "mention": _each(self.answer_mention),
            "sweep": _each(self.sweep),
        }

    def remember(self, jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        """Store new and changed messages, then judge them."""
        workspace, channels = self.places.look_up([job.payload for job in jobs])
        items = [_new_item(job.payload, workspace, channels) for job in jobs]
        prepared = self.deja.items.prepare(workspace.id, items)
        with self.deja.database.write() as session:
            saved = self.deja.items.save(session, workspace.id, prepared, now)
        stored = [
            (one.item_id, job)
            for one, job in zip(saved, jobs, strict=True)
            if one.outcome != "outdated"
        ]
        causes = {item_id: job.key for item_id, job in stored}
        judged, follow_ups = self._judge(causes, now)
        follow_ups += [
            _judge_job(later, causes[one.item_id])
            for one in judged
            for later in one.overtaken
            if later not in causes
        ]
        with self.deja.database.read() as session:
            follow_ups += [
                _judge_job(about, job.key)
                for item_id, job in stored
                if job.payload["revision"]  # an edit: what names the item may be right no more
                for about in answers_about(session, item_id)
                if about not in causes
            ]
        return follow_ups

    def judge(self, jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        """Judge items again, because an earlier one was edited or came after them.

        They have not changed themselves, so nothing else is to be judged on their account.
        """
        _, follow_ups = self._judge({job.payload["item_id"]: job.key for job in jobs}, now)
        return follow_ups

    def _judge(self, causes: dict[int, str], now: datetime) -> tuple[list[Judged], list[NewJob]]:
        judged = self.deja.duplicates.judge_items(list(causes))
        fingerprint = self.deja.embedder.fingerprint
        with self.deja.database.write() as session:
            neighbourhoods.note(session, fingerprint, {one.item_id: one.nearest for one in judged})
            answered = plan_answers(session, judged, now)
        return judged, [_answer_job(item_id, causes[item_id]) for item_id in answered]

    def forget(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Forget a deleted message; answers that name it are shown anew without it."""
        payload = job.payload
        with self.deja.database.write() as session:
            workspace = find_workspace(session, payload["team"])
            key = (SLACK_SOURCE, external_id(payload["channel"], payload["ts"]))
            item_id = self.deja.items.remove(session, workspace.id, key, now)
            return [_answer_job(about, job.key) for about in answers_about(session, item_id)]

    def show_answer(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Make the thread in Slack show what the answer on an item says now."""
        item_id = job.payload["item_id"]
        view = lease_answer(self.deja.database, item_id, now)
        if view is None:
            return []
        try:
            self._show(view)
        except BaseException:
            release_answer(self.deja.database, view.answer_id)
            raise
        return []

    def _show(self, view: AnswerView) -> None:
        with self.deja.database.read() as session:
            seen_at = session.get_one(Item, view.item_id).created_at
        message_ts = view.message_ts
        if message_ts is None:
            thread = self.slack.look_at_thread(view.channel, view.thread_ts, mark(view.item_id))
            message_ts = thread.our_ts
            if message_ts is None and (view.muted_by is not None or not thread.exists):
                save_silent(self.deja.database, view)
                return
        if not view.shown:
            if message_ts is not None:
                clear_shown(self.deja.database, view.answer_id)
                self.slack.delete(view.channel, message_ts)
            save_silent(self.deja.database, view)
            return
        message = render_answer(view, seen_at)
        shown_hash = message_hash(message)
        try:
            if message_ts is None:
                message_ts = self.slack.post(view.channel, view.thread_ts, message)
            elif shown_hash != view.shown_hash:
                self.slack.update(view.channel, message_ts, message)
        except GoneError:
            save_silent(self.deja.database, view)
            return
        save_shown(self.deja.database, view.answer_id, message_ts=message_ts, shown_hash=shown_hash)

    def take_click(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Store what somebody decided with a button.

        Unlike the other tasks this one must not run twice: what was undone since would come back.
        So the click is done in the transaction that stores the decision.
        """
        payload = job.payload
        action, user = payload["action"], payload["user"]
        with self.deja.database.write() as session:
            clicked = _clicked(session, payload)
            if clicked is None or not finish(session, [job.id], job.owner, now):
                return []
            answer, other_id = clicked
            if action in {"mute", "unmute"}:
                channel = session.get_one(Channel, answer.channel_id)
                muted = action == "mute"
                channel.muted_at = now if muted else None
                channel.muted_by = user if muted else None
            elif other_id is not None:
                pair = (answer.item_id, other_id)
                if action == "undo":
                    undo(session, pair, by=user, now=now)
                else:
                    workspace_id = session.get_one(Item, answer.item_id).workspace_id
                    decision = cast(Decision, action)
                    decide(session, workspace_id, pair, decision, by=user, now=now)
            follow_ups = [_answer_job(answer.item_id, job.key)]
            enqueue(session, follow_ups, now)
        return follow_ups

    def answer_command(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Answer `/deja …` to the one who gave it."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"])
        try:
            reply = answer_request(self.deja, Request(payload["text"], channel.id), now)
        except DejaError as error:
            reply = reason_reply(str(error))
        try:
            self.slack.whisper(payload["response_url"], reply.text, reply.blocks)
        except GoneError:
            return []  # the address is used up: whoever asked has left the conversation
        return []

    def answer_mention(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Answer a mention in its thread: a command, a question, or a look at the thread."""
        payload = job.payload
        channel = self.places.look_up_one(payload["channel"])
        thread_ts = payload["thread_ts"] or payload["ts"]
        message_mark = f"deja-reply-{payload['ts']}"
        thread = self.slack.look_at_thread(payload["channel"], thread_ts, message_mark)
        if thread.our_ts is not None or not thread.exists:
            return []
        text = clean_slack(payload["text"])
        word = text.partition(" ")[0].lower()
        if word in {"help", "status", "similar"}:
            reply = answer_request(self.deja, Request(text, channel.id), now)
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

    def sweep(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Fetch what was said in the bot's channels while nobody listened."""
        self.places.sweep(now)
        return []


def _each(task: Callable[[ClaimedJob, datetime], list[NewJob]]) -> Handler:
    def run(jobs: Sequence[ClaimedJob], now: datetime) -> list[NewJob]:
        return [follow_up for job in jobs for follow_up in task(job, now)]

    return run


def _answer_job(item_id: int, cause: str) -> NewJob:
    return NewJob("answer", f"answer:{item_id}:{cause}", {"item_id": item_id})


def _judge_job(item_id: int, cause: str) -> NewJob:
    return NewJob("judge", f"judge:{item_id}:{cause}", {"item_id": item_id})


def _new_item(
    payload: dict[str, Any], workspace: Workspace, channels: dict[str, Channel]
) -> NewItem:
    channel = payload["channel"]
    ticket = Ticket(
        ts=payload["ts"],
        thread_ts=payload["thread_ts"],
        user=payload["user"],
        text=payload["text"],
        revision=payload["revision"],
    )
    return ticket.item(channel, channel_id=channels[channel].id, team_url=workspace.url)


def _clicked(session: Session, payload: dict[str, Any]) -> tuple[Answer, int | None] | None:
    """Return the answer a click is about, and the other item, if they belong to its place."""
    item_id, other_id = payload["item_id"], payload["other_id"]
    answer = session.scalar(
        select(Answer)
        .join(Channel, Channel.id == Answer.channel_id)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .where(
            Answer.item_id == item_id,
            Channel.slack_id == payload["channel"],
            Workspace.team_id == payload["team"],
        )
    )
    if answer is None:
        return None
    if other_id is not None and not session.scalar(
        select(ShownMatch.id).where(
            ShownMatch.answer_id == answer.id, ShownMatch.item_id == other_id
        )
    ):
        return None
    return answer, other_id
