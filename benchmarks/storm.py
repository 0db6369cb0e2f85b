"""`storm`: does every answer that is due come once, whatever goes wrong meanwhile?

A bot in a process of its own takes events at 60 a second: in copies, late, in another order,
dropped and sent again, or never, because its socket was broken. Messages are edited and deleted
meanwhile. Slack's calls fail, also after the work was done. Every so often the process is killed
(SIGKILL) and started again, and once Slack is away for an hour, in jumps of the bot's clock.

`python -m benchmarks.storm --events N --kills K [--seed S] [--postgresql]` runs another size.
"""

from __future__ import annotations

import argparse
import logging
import sys

from benchmarks.measurement import Figure, Stopwatch
from benchmarks.storm_process import open_process
from tests.bot.server.long_storm import Figures, LongStorm

EVENTS, KILLS, SEED = 10_000, 100, 1
QUICK_EVENTS, QUICK_KILLS = 120, 1


def measure(events: int, kills: int, seed: int = SEED, *, postgresql: bool = False) -> list[Figure]:
    """Return what came of a storm of about `events` events."""
    watch = Stopwatch()
    with open_process(postgresql) as process, watch.lap():
        storm = LongStorm(process, events, kills, seed)
        found = storm.run()
        held_back = set()
        for problem in found.missing:
            channel, _, last = storm.where(problem)
            if process.held_back(channel, last):
                held_back.add(problem)
        _print_wrong(storm, found, held_back)
        failed = process.failed()
        if found.lost or found.twice or found.missing or found.unasked or failed:
            print(f"  database and log: {process.keep()}", file=sys.stderr)
    return [
        Figure("events", found.events),
        Figure("kills", found.kills),
        Figure("answers due", found.due),
        Figure("tickets lost, or kept though deleted", found.lost, "", 0.0),
        Figure("answered twice", found.twice, "", 0.0),
        Figure("answers held back by the limit of a channel", len(held_back)),
        Figure("answers missing", len(set(found.missing) - held_back), "", 0.0),
        Figure("answered though not due", len(found.unasked), "", 0.0),
        Figure("jobs given up", failed, "", 0.0),
        Figure("time", watch.seconds, "s"),
    ]


def _print_wrong(storm: LongStorm, found: Figures, held_back: set[int]) -> None:
    """Print the stories that went wrong, so that they can be looked for in the log."""
    for problem in (*found.missing, *found.unasked):
        channel, *reports = storm.where(problem)
        answers = [len(storm.slack.replies(channel, ts)) for ts in reports]
        why = "held back by the limit" if problem in held_back else ""
        line = f"  {storm.fates[problem]}: {channel} {reports}, answers {answers} {why}"
        print(line, file=sys.stderr)


def run(quick: bool) -> list[Figure]:
    """Measure a storm of 10,000 events and 100 kills."""
    return measure(QUICK_EVENTS, QUICK_KILLS) if quick else measure(EVENTS, KILLS)


def main() -> int:
    """Measure a storm of another size; return 0 if every target is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--postgresql", action="store_true")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    figures = measure(chosen.events, chosen.kills, chosen.seed, postgresql=chosen.postgresql)
    for figure in figures:
        print(figure)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
