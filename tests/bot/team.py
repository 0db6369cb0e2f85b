"""A made-up team: tickets in groups, and files of verdicts and labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

WORDS = [
    "printer", "invoice", "vpn", "laptop", "badge", "holiday", "travel", "parking", "screen",
    "phone", "router", "mailbox", "backup", "licence", "server", "password", "keyboard", "meeting",
    "budget", "contract", "coffee", "desk", "lamp", "heater", "window",
]  # fmt: skip
VERBS = [
    "breaks", "stops", "flickers", "vanishes", "loops", "freezes", "leaks", "jams", "resets",
    "overheats",
]  # fmt: skip
GROUPS, TICKETS_PER_GROUP = 36, 3
TICKETS = GROUPS * TICKETS_PER_GROUP
VERDICTS = 100


@dataclass(frozen=True)
class Team:
    """Files of a made-up team: tickets, verdicts, and labels of other pairs."""

    tickets: Path
    verdicts: Path
    pairs: Path
    groups: Path


def write_team(folder: Path, verdicts: int = VERDICTS) -> Team:
    """Write a team whose tickets of a group share most words, in random order."""
    rng = Random(7)
    tickets, group_of = [], {}
    for group in range(GROUPS):
        core = [rng.choice(WORDS), rng.choice(VERBS), f"room{group}", rng.choice(WORDS)]
        for number in range(TICKETS_PER_GROUP):
            name = f"T-{group}-{number}"
            group_of[name] = str(group)
            extra = rng.sample(WORDS, 1)
            tickets.append({"id": name, "text": " ".join(core + extra)})
    rng.shuffle(tickets)
    for minute, ticket in enumerate(tickets):
        ticket["created"] = f"2026-11-{1 + minute // 60:02}T09:{minute % 60:02}:00Z"
        ticket["channel"] = "helpdesk"
    names = sorted(group_of)
    same = [(a, b) for a in names for b in names if a < b and group_of[a] == group_of[b]]
    other = [(a, b) for a in names for b in names if a < b and group_of[a] != group_of[b]]
    rng.shuffle(same)
    rng.shuffle(other)
    half = verdicts // 2
    return Team(
        _lines(folder / "tickets.jsonl", tickets),
        _lines(folder / "verdicts.jsonl", [
            *({"a": a, "b": b, "verdict": "duplicate"} for a, b in same[:half]),
            *({"a": a, "b": b, "verdict": "distinct"} for a, b in other[:half]),
        ]),
        _lines(folder / "pairs.jsonl", [
            *({"a": a, "b": b, "label": 1} for a, b in same[half:]),
            *({"a": a, "b": b, "label": 0} for a, b in other[half : half + 100]),
        ]),
        _lines(folder / "groups.jsonl", [
            {"id": name, "group": group} for name, group in group_of.items()
        ]),
    )  # fmt: skip


def _lines(file: Path, rows: list[dict[str, str]] | list[dict[str, object]]) -> Path:
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file
