"""The answer in a ticket's thread: posted, updated or deleted to match the stored answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from bot import metrics
from bot.blocks.thread_answer import mark, message_hash, render_answer
from bot.i18n.texts import Texts
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.update_kinds import AnswerUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import FoundThread
from bot.wiring import Services
from services.answers.thread_answers import (
    AnswerView,
    clear_shown,
    lease_answer,
    release_answer,
    save_shown,
    save_unposted,
)
from services.errors import NotNeededError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ThreadAnswers:
    """Brings Slack up to date with the stored answers."""

    services: Services
    slack: Slack

    def update(self, job: AnswerUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Show the stored answer to an item in its thread, as it is now."""
        self.slack.breaker.check_early()  # in an outage the same jobs come again and again
        view = lease_answer(self.services.database, job.item_id, now)
        if view is None:
            return []
        try:
            self._show(view, lease, now)
        except BaseException:
            release_answer(self.services.database, view.answer_id)
            raise
        return []

    def _show(self, view: AnswerView, lease: Lease, now: datetime) -> None:
        message_ts = view.message_ts
        if message_ts is None:
            self.slack.pacer.reserve_slot(view.channel, mark(view.item_id))
            thread = self.slack.find_in_thread(view.channel, view.thread_ts, mark(view.item_id))
            message_ts = thread.our_ts
            useless = self._why_useless(view, thread, lease, now) if message_ts is None else None
            if useless is not None:
                save_unposted(self.services.database, view)
                raise NotNeededError(useless)
        if not view.shown:
            if message_ts is not None:
                clear_shown(self.services.database, view.answer_id)
                self.slack.delete(view.channel, message_ts)
            save_unposted(self.services.database, view)
            return
        message = render_answer(view, Texts(view.language))
        shown_hash = message_hash(message)
        try:
            if message_ts is None:
                message_ts = self.slack.post(view.channel, view.thread_ts, message)
                logger.info("posted the answer to item %d", view.item_id)
                metrics.ANSWERS.observe(max(0.0, now.timestamp() - float(view.thread_ts)))
            elif shown_hash != view.shown_hash:
                self.slack.update(view.channel, message_ts, message)
        except GoneError:
            save_unposted(self.services.database, view)
            return
        save_shown(
            self.services.database, view.answer_id, message_ts=message_ts, shown_hash=shown_hash
        )

    def _why_useless(
        self, view: AnswerView, thread: FoundThread, lease: Lease, now: datetime
    ) -> str | None:
        """Return why an answer that is not posted yet is not needed any more; None if it is."""
        waits = self.services.queue.waits
        if not thread.exists:
            return "the message was deleted"
        if view.muted_by is not None:
            return "the channel is muted"
        if view.is_off:
            return "answers are off in the channel"
        if any(one.verdict is not None for one in view.shown):
            return None  # people are shown what they did, however late
        if view.is_solved:
            return "the ticket is solved"
        return waits.too_old if waits.is_too_old(lease.created_at, now) else None
