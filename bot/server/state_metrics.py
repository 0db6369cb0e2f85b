"""What Prometheus is told about the database, the queue, the index and the disk at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.disk import free_bytes
from bot.wiring import Services
from models import Answer, Channel
from services.answers.status import count_current_verdicts, count_embeddings, count_items
from services.channels.settings import SPEAKING
from services.evaluation.nightly_proof import newest_proof
from services.judgement.noise_budget import noise_budget_of
from services.memory.vector_coverage import vector_coverage
from services.queue import oldest_waiting
from services.search.embedders.embedding import Embedder
from services.search.indexes.contract import FollowingIndex

# Counting a million rows takes a second, so it is not done at every scrape.
COUNT_INTERVAL = timedelta(minutes=5)


@dataclass(eq=False)  # registries keep collectors by identity
class StateMetrics(Collector):
    """Reads what the processes of one database share, and this process's index and model.

    Where the database does not answer, `deja_database_up` is 0 and what is in it is left out.
    """

    services: Services
    clock: Callable[[], datetime]
    _counts: list[Metric] = field(default_factory=list, init=False)
    _counted_at: datetime | None = field(default=None, init=False)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as they are now."""
        now = self.clock()
        try:
            found = [*self._queue(now), *self._memory(now)]
        except SQLAlchemyError:
            found = None
        yield _gauge("deja_database_up", "Whether the database answers", float(found is not None))
        yield from found or []
        yield from self._process()

    def _queue(self, now: datetime) -> list[Metric]:
        jobs = GaugeMetricFamily("deja_queue_jobs", "Jobs that are not done", labels=["state"])
        for state, number in self.services.queue.counts().items():
            jobs.add_metric([state], number)
        age = GaugeMetricFamily(
            "deja_queue_age_seconds", "How long the oldest job has waited", labels=["kind"]
        )
        with self.services.database.read() as session:
            for kind, stored_at in oldest_waiting(session).items():
                age.add_metric([kind], (now - stored_at).total_seconds())
        return [jobs, age]

    def _memory(self, now: datetime) -> list[Metric]:
        if self._counted_at is None or now - self._counted_at >= COUNT_INTERVAL:
            with self.services.database.read() as session:
                self._counts = [
                    *_memory_counts(session, self.services.live.last.embedder.fingerprint),
                    *_channel_budgets(session),
                ]
            self._counted_at = now
        return self._counts

    def _process(self) -> Iterator[Metric]:
        services = self.services.live.last
        embedder, index = services.embedder, services.index
        yield from _model_metrics(embedder)
        if isinstance(index, FollowingIndex):
            rows, dead = index.count()
            yield _gauge("deja_index_rows", "Vectors in the index of this process", rows)
            yield _gauge("deja_index_dead_rows", "Those that are deleted and not yet removed", dead)
        free = free_bytes(self.services.settings)
        if free is not None:
            yield _gauge("deja_disk_free_bytes", "Free space on the disk of the data folder", free)


def _model_metrics(embedder: Embedder) -> Iterator[Metric]:
    if hasattr(embedder, "texts_read") and hasattr(embedder, "seconds_read"):
        yield _counter("deja_model_texts", "Texts that the model read", embedder.texts_read)
        yield _counter("deja_model_seconds", "Time that took", embedder.seconds_read)


def _memory_counts(session: Session, fingerprint: str) -> Iterator[Metric]:
    items = GaugeMetricFamily("deja_items", "Stored items", labels=["kind"])
    for kind, number in count_items(session, true()).items():
        items.add_metric([kind], number)
    yield items
    vectors = count_embeddings(session, fingerprint)
    yield _gauge("deja_vectors", "Stored vectors of the model in use", vectors)
    lacking = vector_coverage(session, fingerprint).missing
    yield _gauge("deja_items_without_vectors", "Items that cannot be compared yet", lacking)
    posted = session.scalar(select(func.count(Answer.id)).where(Answer.message_ts.is_not(None)))
    yield _gauge("deja_answers_posted", "Answers that stand in threads", posted or 0)
    yield from _proof(session)
    verdicts = GaugeMetricFamily("deja_verdicts", "Decisions that stand", labels=["verdict"])
    for verdict, number in count_current_verdicts(session).items():
        verdicts.add_metric([verdict], number)
    yield verdicts


def _proof(session: Session) -> Iterator[Metric]:
    passed = GaugeMetricFamily(
        "deja_proof_passed", "Checks of the last nightly proof: 1 if passed", labels=["check"]
    )
    _, checks = newest_proof(session) or (None, [])
    for one in checks:
        if one.state != "unknown":
            passed.add_metric([one.name], float(one.state == "ok"))
    yield passed
    recall = GaugeMetricFamily(
        "deja_index_recall", "Recall of the index in the last nightly proof, from 0 to 1"
    )
    for one in checks:
        if one.name == "recall" and one.state != "unknown":
            recall.add_metric([], one.values["recall"])
    yield recall


def _channel_budgets(session: Session) -> list[Metric]:
    """Return how often the bot was right in each channel that it speaks in, by Slack's ids."""
    decided = GaugeMetricFamily(
        "deja_channel_decided_flags", "Newest decisions on flags", labels=["channel"]
    )
    right = GaugeMetricFamily(
        "deja_channel_right_flags", "Those that were right", labels=["channel"]
    )
    kept = GaugeMetricFamily(
        "deja_channel_budget_kept", "Whether the noise budget is kept", labels=["channel"]
    )
    for channel in session.scalars(select(Channel).where(Channel.mode.in_(SPEAKING))):
        budget = noise_budget_of(session, channel)
        label = [channel.slack_id or str(channel.id)]
        decided.add_metric(label, budget.decided)
        right.add_metric(label, budget.right)
        kept.add_metric(label, float(budget.is_kept))
    return [decided, right, kept]


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)
