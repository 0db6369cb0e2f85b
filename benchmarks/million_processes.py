"""Time and memory of opening `million`'s index and of its commands, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpus
from benchmarks.measurement import Figure
from benchmarks.startup import DEJA
from bot.wiring import Services

# Those that read everything: an overview, a check, and a measurement of the index.
COMMANDS = ("status", "doctor", "index verify --queries 100")


def opened(services: Services, raw: float) -> Iterator[Figure]:
    """Yield what opening the index takes, in processes of their own: built, and read."""
    saved = list(services.settings.index_dir.glob("index-*.json"))
    if not saved:
        built = _open(services)
        yield Figure("index built in", built["seconds"], "s")
        yield Figure("  processor time", built["cpu"], "s")
        yield Figure("memory, built / raw", built["growth"] / raw, "times", 1.3)
        yield Figure("memory at most, built / raw", built["peak"] / raw, "times")
    read = _open(services)
    yield Figure("start from the snapshot", read["seconds"], "s", 10.0)
    yield Figure("  processor time", read["cpu"], "s")
    yield Figure("memory, from the snapshot / raw", read["growth"] / raw, "times", 1.3)
    yield Figure("memory at most, from the snapshot / raw", read["peak"] / raw, "times")


def _open(services: Services) -> dict[str, float]:
    url = services.settings.database_url.get_secret_value()
    fingerprint, dim = services.embedder.fingerprint, str(services.embedder.dim)
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", url, fingerprint, dim,
         str(services.settings.index_dir)],
        cwd=corpus.ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(process.stdout)
    return found


def files(services: Services, raw: float) -> Iterator[Figure]:
    """Yield the sizes of the database and of the snapshot."""
    database = Path(str(services.database.engine.url.database))
    yield Figure("database", database.stat().st_size / 1e6, "MB")
    [snapshot] = services.settings.index_dir.glob("index-*.bin")
    yield Figure("snapshot / raw", snapshot.stat().st_size / raw, "times")


def commands(services: Services) -> Iterator[Figure]:
    """Yield the seconds and the memory of commands that read everything."""
    environment = {**os.environ, "DEJA_DATA_DIR": str(services.settings.data_dir)}
    for command in COMMANDS:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", DEJA, *command.split()], cwd=corpus.ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        yield Figure(f"deja {command}", time.perf_counter() - started, "s")
        yield Figure("  processor time", usage.ru_utime + usage.ru_stime, "s")
        yield Figure("  memory at most", usage.ru_maxrss / 1024, "MB")
