"""`million_postgres`: the same tickets as in `million`, on PostgreSQL with pgvector.

With DEJA_BENCHMARK_FOLDER the server's data are kept there, in `postgres`. The processor time of
judging is that of this process and of the server's processes that work for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from benchmarks.measurement import Figure, Stopwatch, fresh_deja
from benchmarks.million import judging, recall, teach
from benchmarks.million_items import ITEMS, Material, fill, full_material, quick_material
from benchmarks.pgvector import latency, make_index, postgres
from bot.wiring import Services
from services.search.embedders.embedding import Embedder
from services.search.indexes.pgvector import PREFIX, PgVectorIndex

# What the index of a million is built in, and what `docs/scaling.md` says that a server needs.
BUILD_MEMORY, SHARED_MEMORY = "2500MB", "2500MB"

# Of a file, at once.
READ_BYTES = 2**24

_SERVED_BY = text(
    "SELECT pid FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND datname = current_database()"
)
_SIZES = text(
    "SELECT pg_total_relation_size('embeddings'), pg_database_size(current_database()), "
    "COALESCE(sum(pg_relation_size(indexrelid)), 0) FROM pg_index "
    "JOIN pg_class ON pg_class.oid = indexrelid WHERE starts_with(relname, :prefix)"
)


def run(quick: bool) -> Iterator[Figure]:
    """Yield the figures of a million tickets."""
    yield from _measure(*(quick_material() if quick else full_material(ITEMS)))


def run_with(items: int) -> Iterator[Figure]:
    """Yield the same figures of so many tickets."""
    yield from _measure(*full_material(items))


def _measure(embedder: Embedder, tickets: Material) -> Iterator[Figure]:
    with _deja(embedder) as services:
        index = services.index
        assert isinstance(index, PgVectorIndex)
        filling, building = Stopwatch(), Stopwatch()
        with filling.lap():
            audience = fill(services, tickets)
            teach(services, audience)
        with building.lap():
            make_index(services.database, index, BUILD_MEMORY)
        yield Figure("filling what was missing", filling.seconds, "s")
        yield Figure("making the index, if it was missing", building.seconds, "s")
        yield from _sizes(services, 4.0 * embedder.dim * tickets.items)
        _read_into_memory()
        yield from latency(services, index, tickets.asked, audience.items)
        found = recall(index, tickets, audience)
        yield Figure("recall@10 against exact", found, "", 0.99, "at least")
        watch = Stopwatch(cpu_clock=_clock_of_both(services))
        yield from judging(services, tickets, audience, watch)
        yield Figure("load of the machine", os.getloadavg()[0])


@contextmanager
def _deja(embedder: Embedder) -> Iterator[Services]:
    """Give the services of a Déjà on PostgreSQL, whose server holds the index in memory."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres(_folder(), SHARED_MEMORY))
        yield stack.enter_context(fresh_deja(embedder, {"DEJA_DATABASE_URL": url}))


def _folder() -> Path | None:
    kept = os.environ.get("DEJA_BENCHMARK_FOLDER")
    return Path(kept, "postgres") if kept else None


def _read_into_memory() -> None:
    """Read what a server that was just started has only on disk, as `million` does."""
    folder = _folder()
    for path in folder.glob("base/*/*") if folder else ():
        with path.open("rb") as file:
            while file.read(READ_BYTES):
                pass


def _clock_of_both(services: Services) -> Callable[[], float]:
    """Return a clock of the processor time of this process and of the server's, in seconds."""
    # Judging takes two connections, which stay open.
    with services.database.read() as one, services.database.read() as other:
        other.execute(text("SELECT 1"))
        files = [Path(f"/proc/{pid}/schedstat") for pid in one.scalars(_SERVED_BY)]

    def clock() -> float:
        nanoseconds = [int(file.read_text(encoding="ascii").split()[0]) for file in files]
        return time.process_time() + sum(nanoseconds) / 1e9

    return clock


def _sizes(services: Services, raw: float) -> Iterator[Figure]:
    with services.database.read() as session:
        table, database, index = session.execute(_SIZES, {"prefix": PREFIX}).one()
    yield Figure("database", database / 1e6, "MB")
    yield Figure("vectors with their indexes / raw", table / raw, "times")
    yield Figure("index / raw", float(index) / raw, "times")
