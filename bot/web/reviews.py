"""The review of pairs in the browser: one queue for each viewer, kept in memory for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.orm import Session

from bot.jobs.decisions import PairDecision, decide_outside_slack
from bot.web.viewers import Viewer
from bot.wiring import LiveServices
from models import Channel, Item
from models.queries import live_items
from services.answers.review_queue import ReviewRequest, is_open, load_queue
from services.answers.review_rounds import ReviewQueue, Suggestion
from services.channels.settings import ensure_decider
from services.errors import NotFoundError
from services.issues.groups import PairIds
from services.issues.verdict_rules import Decision
from services.phrases import phrase

# After that the newest tickets are compared again, and pairs that were skipped come back.
KEPT = timedelta(minutes=15)
# Somebody waits for the page while these are compared.
NEWEST = 100
# Of more viewers the oldest queue goes.
MAX_QUEUES = 200

GONE = phrase("Not saved: one of the two tickets is gone, or you may not read it.")


@dataclass
class _Queue:
    """The queue of a viewer since some time, and the pair that they are asked about."""

    queue: ReviewQueue
    since: datetime
    asked: Suggestion | None = None


@dataclass(frozen=True)
class Reviews:
    """Asks viewers about pairs of tickets that they may read, and stores what they decide."""

    live: LiveServices
    clock: Callable[[], datetime]
    _queues: dict[tuple[int, str], _Queue] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def question(self, session: Session, viewer: Viewer) -> tuple[Suggestion, list[Item]] | None:
        """Return the pair that a viewer is asked about, with its tickets; None: there is none."""
        kept = self._queue(session, viewer)
        while True:
            if kept.asked is None:
                kept.asked = next(iter(kept.queue.take(1)), None)
            if kept.asked is None:
                return None
            items = readable_pair(session, viewer, kept.asked.pair)
            if items and is_open(session, kept.asked.pair):
                return kept.asked, items
            kept.asked = None  # decided, deleted or hidden in the meantime

    def skip(self, viewer: Viewer, pair: PairIds) -> None:
        """Ask about another pair; this one comes back another time."""
        kept = self._queues.get((viewer.workspace_id, viewer.user))
        if kept is not None and kept.asked is not None and set(kept.asked.pair) == set(pair):
            kept.asked = None

    def decide(self, viewer: Viewer, pair: PairIds, decision: Decision) -> None:
        """Store a verdict, and have what Slack shows of these tickets follow.

        Raises `NotFoundError` for tickets that the viewer may not read, `NotAllowedError` where
        others decide, and `ConflictError` if it contradicts a current verdict.
        """
        self._store(viewer, pair, decision)
        kept = self._queues.get((viewer.workspace_id, viewer.user))
        if kept is not None and kept.asked is not None and set(kept.asked.pair) == set(pair):
            kept.queue.record(kept.asked, is_duplicate=decision == "duplicate")
            kept.asked = None

    def undo(self, viewer: Viewer, pair: PairIds) -> None:
        """Undo the verdict on a pair. Raises what `decide` raises."""
        self._store(viewer, pair, "undo")

    def _store(self, viewer: Viewer, pair: PairIds, action: str) -> None:
        now = self.clock()
        with self.live.get().database.write() as session:
            items = readable_pair(session, viewer, pair)
            if not items:
                raise NotFoundError(GONE)
            for item in items:
                if item.channel_id is not None:
                    ensure_decider(session.get_one(Channel, item.channel_id), viewer.user)
            decision = PairDecision(viewer.workspace_id, pair, action, viewer.user, now)
            decide_outside_slack(session, decision, place="dashboard")

    def _queue(self, session: Session, viewer: Viewer) -> _Queue:
        key, now = (viewer.workspace_id, viewer.user), self.clock()
        with self._lock:
            kept = self._queues.get(key)
        if kept is not None and now - kept.since < KEPT:
            return kept
        request = ReviewRequest("ticket", limit=1, newest=NEWEST)
        kept = _Queue(load_queue(session, self.live.get().judge, viewer.audience, request), now)
        with self._lock:
            self._queues.pop(key, None)
            self._queues[key] = kept
            while len(self._queues) > MAX_QUEUES:
                del self._queues[next(iter(self._queues))]
        return kept


def readable_pair(session: Session, viewer: Viewer, pair: PairIds) -> list[Item]:
    """Return both tickets of a pair, the older one first; none unless both may be read."""
    readable = live_items(session, pair, viewer.audience.items)
    items = sorted(readable.values(), key=lambda one: (one.created_at, one.id))
    return items if len(items) == len(pair) else []
