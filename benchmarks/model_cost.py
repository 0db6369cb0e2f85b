"""A program that loads a model, reads texts of the sample workspace, and prints what that takes.

A process of its own, so that nothing else is in its memory. Speed is of processor time on one
thread: so a busy machine can be measured, too, if less exactly.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks import corpus
from benchmarks.kept_embedder import places_here
from benchmarks.measurement import peak_memory
from services.search.embedders import use_multilingual
from services.search.embedders.by_name import names_of, open_embedder
from services.search.embedders.model_files import find_folder
from services.search.embedders.numerics import use_threads
from services.search.embedders.use_multilingual import UseMultilingual

TEXTS, SINGLE_TEXTS = 64, 16


@dataclass(frozen=True)
class ModelCost:
    """What a model takes: MB of `weights` on disk and of `memory`, seconds until a `first` text.

    That is elapsed time; `texts_a_second` and `one_ms`, the median, are of processor time.
    """

    weights: float
    first: float
    memory: float
    texts_a_second: float
    one_ms: float


def measure_cost(name: str) -> ModelCost:
    """Return what a model takes in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.model_cost", name],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return ModelCost(**json.loads(done.stdout))


def _weights(name: str) -> float:
    """Return the size of the weights of all models of a name, in MB."""
    files: list[Path] = []
    for one in names_of(name):
        if one == use_multilingual.NAME:
            files.append(UseMultilingual().weights)
        else:
            files += find_folder(one, places_here().downloads).rglob("*.safetensors")
    return sum(file.stat().st_size for file in files) / 1e6


def main(name: str) -> None:
    """Load a model and read with it."""
    texts = corpus.sample_texts()
    before = psutil.Process().memory_info().rss / 2**20
    started = time.perf_counter()
    embedder = open_embedder(name, places=places_here())
    use_threads(1)
    embedder.encode(texts[:1])
    first = time.perf_counter() - started
    cpu = time.process_time()
    embedder.encode(texts[:TEXTS])
    many = time.process_time() - cpu
    laps = []
    for text in texts[:SINGLE_TEXTS]:
        cpu = time.process_time()
        embedder.encode([text])
        laps.append(time.process_time() - cpu)
    memory = peak_memory() - before
    cost = ModelCost(_weights(name), first, memory, TEXTS / many, 1000 * float(np.median(laps)))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main(sys.argv[1])
