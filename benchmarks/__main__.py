"""Run the named benchmarks, or all of them, and print their figures."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks import (
    bands,
    burst,
    cold,
    defaults,
    errors,
    flow,
    grain,
    imports,
    ingest,
    judgement,
    judging,
    languages,
    million,
    million_postgres,
    models,
    neighbours,
    optimised,
    peers,
    pgvector,
    purity,
    ranking,
    search,
    speed,
    startup,
    storm,
    talk,
    taught,
    themes,
    topics,
    topics_run,
    tune,
    whole_import,
    workers,
)
from benchmarks.measurement import Figure

BENCHMARKS: dict[str, Callable[[bool], Iterable[Figure]]] = {
    "imports": imports.run,
    "whole_import": whole_import.run,
    "ingest": ingest.run,
    "search": search.run,
    "speed": speed.run,
    "startup": startup.run,
    "optimised": optimised.run,
    "pgvector": pgvector.run,
    "taught": taught.run,
    "burst": burst.run,
    "flow": flow.run,
    "errors": errors.run,
    "storm": storm.run,
    "talk": talk.run,
    "bands": bands.run,
    "ranking": ranking.run,
    "cold": cold.run,
    "defaults": defaults.run,
    "judgement": judgement.run,
    "judging": judging.run,
    "languages": languages.run,
    "million": million.run,
    "million_postgres": million_postgres.run,
    "models": models.run,
    "neighbours": neighbours.run,
    "peers": peers.run,
    "topics": topics.run,
    "topics_run": topics_run.run,
    "tune": tune.run,
    "purity": purity.run,
    "grain": grain.run,
    "themes": themes.run,
    "workers": workers.run,
}


# Those that `--items` gives another size.
SIZED: dict[str, Callable[[int], Iterable[Figure]]] = {
    "imports": imports.run_with,
    "million": million.run_with,
    "million_postgres": million_postgres.run_with,
    "neighbours": neighbours.run_with,
    "pgvector": pgvector.run_with,
    "whole_import": whole_import.run_with,
    "workers": workers.run_with,
}


def main() -> int:
    """Return 0 if every target is met; with `--quick` targets do not count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, no real model: only to see that it runs"
    )
    parser.add_argument("--items", type=int, help=f"how many items, for {', '.join(SIZED)}")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: {', '.join(BENCHMARKS)}")
    if arguments.items and not set(arguments.names or BENCHMARKS) <= SIZED.keys():
        parser.error(f"--items is for {', '.join(SIZED)}")
    logging.basicConfig(level=logging.ERROR)
    missed = 0
    for name in arguments.names or BENCHMARKS:
        print(f"{name}{' (quick: figures mean nothing)' if arguments.quick else ''}", flush=True)
        started = time.perf_counter()
        sized = arguments.items and SIZED[name]
        figures = sized(arguments.items) if sized else BENCHMARKS[name](arguments.quick)
        for figure in figures:
            print(figure if not arguments.quick else replace(figure, target=None), flush=True)
            missed += not figure.is_met
        print(f"  ({time.perf_counter() - started:.0f} s)\n", flush=True)
    return 1 if missed and not arguments.quick else 0


if __name__ == "__main__":
    sys.exit(main())
