"""How fast models are on this machine, as it was measured last: a file beside the models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from services.search.embedders.embedding import Embedder

FILE = "speeds.json"


def measure_speed(embedder: Embedder, texts: Sequence[str]) -> float:
    """Return how many texts a model reads in a second, once it is loaded."""
    embedder.encode(texts[:1])
    start = perf_counter()
    embedder.encode(texts)
    return len(texts) / (perf_counter() - start)


def read_speeds(folder: Path) -> dict[str, float]:
    """Return the texts per second of the models that were measured, by name."""
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {str(name): float(speed) for name, speed in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def write_speed(folder: Path, name: str, speed: float) -> None:
    """Store what was measured of one model."""
    speeds = {**read_speeds(folder), name: round(speed, 1)}
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{FILE}.new"
    new.write_text(json.dumps(speeds, indent=2, ensure_ascii=False), encoding="utf-8")
    new.replace(folder / FILE)
