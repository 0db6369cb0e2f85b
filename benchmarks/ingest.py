"""`ingest`: tickets through the worker, compared with one raw `encode` of the same texts.

The jobs are in the database beforehand. "Raw" is one call of the same model's `encode` with all
chunks, which it may sort by length. It runs before and after the worker, and the two are averaged,
because a shared machine is not equally fast at all times. The worker's time counts until every
ticket is stored, embedded, searched for and judged, and its answer planned. Other threads post the
answers; "while answers are posted" is a second run with all threads, until the last message job is
done. The stand-in for Slack runs in the same process then, which costs the worker time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import func, select

from benchmarks import corpus
from benchmarks.measurement import Figure, Stopwatch, fresh_deja
from bot.clock import utc_now
from bot.jobs.from_events import job_for_message
from bot.jobs.kinds import enqueue_jobs
from bot.server.serve import Bot, build_bot
from bot.server.worker import BATCH
from bot.tasks.registry import BATCHED
from models import Answer, Embedding, Job
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder, chunk
from tests.hashing import HashingEmbedder
from tests.serving import settings_values
from tests.slack_standin import SlackStandIn

TICKETS = 5_000
CHANNELS = ("CORDERS", "CAPP", "CDEVICES", "CIT")
FIRST_TS = 1_795_000_000
BATCH_SIZE = 500
POLL_SECONDS = 0.05


def run(quick: bool) -> list[Figure]:
    """Measure the worker's throughput as a share of the raw one."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    from_sample = quick or not corpus.has_data()
    texts = corpus.tickets(60 if quick else TICKETS, from_sample=from_sample)
    pieces = [piece for text in texts for piece in chunk(embedder, text)]
    embedder.encode(pieces[:BATCH_SIZE])  # the first calls of a process are slow
    raw = Stopwatch()
    with raw.lap():
        embedder.encode(pieces)
    alone, planned = _ingest(embedder, texts, posting=False)
    with raw.lap():
        embedder.encode(pieces)
    posting, posted = _ingest(embedder, texts, posting=True)
    seconds = raw.seconds / 2
    return [
        Figure(f"raw encode of {len(texts):,} texts ({len(pieces):,} chunks)", seconds, "s"),
        Figure("  texts a second", len(texts) / seconds, "a second"),
        Figure("worker", alone.seconds, "s"),
        Figure("  texts a second", len(texts) / alone.seconds, "a second"),
        Figure("worker / raw throughput", seconds / alone.seconds, "", 0.85, "at least"),
        Figure("  the same in processor time", raw.cpu / 2 / alone.cpu),
        Figure("answers planned", planned),
        Figure("worker / raw throughput while answers are posted", seconds / posting.seconds),
        Figure("  answers posted by the end of it", posted),
    ]


def _ingest(embedder: Embedder, texts: Sequence[str], *, posting: bool) -> tuple[Stopwatch, int]:
    """Return the worker's time, and how many answers it planned or, if `posting`, posted."""
    watch = Stopwatch()
    slack = SlackStandIn()
    with slack.running(), fresh_deja(embedder, _values(slack)) as services:
        bot = build_bot(services)
        _enqueue(bot, slack, texts)
        with watch.lap():
            if posting:
                _run_threads(bot)
            else:
                while bot.worker.run_once(BATCHED, BATCH):
                    pass
        answers = slack.count("chat.postMessage")
        bot.worker.stop()
        with services.database.read() as session:
            planned = session.scalar(select(func.count(Answer.id))) or 0
            stored = session.scalar(select(func.count(Embedding.item_id.distinct())))
        assert stored == len(texts)
        return watch, answers if posting else planned


def _values(slack: SlackStandIn) -> dict[str, str]:
    values = settings_values(slack.url, "", "")
    return {name: value for name, value in values.items() if value}


def _enqueue(bot: Bot, slack: SlackStandIn, texts: Sequence[str]) -> None:
    """Post the texts in Slack and enqueue the jobs of their events, as the listeners would."""
    for channel in CHANNELS:
        slack.add_channel(channel)
    [workspace_id] = bot.workspaces.installed()
    me = bot.workspaces.tasks(workspace_id).me
    jobs = []
    for number, text in enumerate(texts):
        channel = CHANNELS[number % len(CHANNELS)]
        message = slack.say(channel, text, ts=f"{FIRST_TS + number}.000100")
        event = {**message, "channel": channel, "channel_type": "channel"}
        job = job_for_message(event, me, key=f"Ev{number}")
        assert job is not None
        jobs.append(job)
    for start in range(0, len(jobs), BATCH_SIZE):
        with bot.services.database.write() as session:
            enqueue_jobs(session, workspace_id, jobs[start : start + BATCH_SIZE], utc_now())


def _run_threads(bot: Bot) -> None:
    """Start the worker's threads and wait until every message is judged."""
    bot.worker.start()
    unfinished = select(Job.id).where(
        Job.kind.in_(["message", "judge"]), Job.state.in_(["ready", "running"])
    )
    while True:
        with bot.services.database.read() as session:
            if session.scalar(unfinished.limit(1)) is None:
                return
        time.sleep(POLL_SECONDS)
