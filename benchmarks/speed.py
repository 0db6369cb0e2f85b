"""`speed`: how fast the default model reads here, and whether its precision changes what it finds.

"As before" is float32 with PyTorch's own number of threads; "as measured" is what
`services.search.embedders.numerics` finds fastest. Both read the same texts in turns, and the
fastest lap of each counts, as a shared machine is not equally fast at all times. MAP is of the
sample's tickets, ranked by cosine alone; where bfloat16 is emulated, it is that of the first 60,
which take minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from joblib import cpu_count
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measurement import Figure, Stopwatch, percentile
from services.judgement.metrics import ranking_report
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.embedders.numerics import Measurement, Numerics, measure, precisions_here
from tests.hashing import HashingEmbedder

LAPS = 4
TEXTS = 64
SINGLE_TEXTS = 24
EMULATED_TEXTS = 60


def run(quick: bool) -> list[Figure]:
    """Measure the default model; quick, only that it runs."""
    texts = corpus.sample_texts()
    if quick:
        hashing = HashingEmbedder()
        return [*_speeds(hashing, hashing, texts[:8]), *_quality(hashing, hashing, texts[:8])]
    measured, has_bfloat16 = measured_numerics()
    before, after, rounded = (SentenceTransformerEmbedder() for _ in range(3))
    after.compute_with(measured.fastest)
    rounded.compute_with(Numerics("bfloat16", 1))
    read = texts if has_bfloat16 else texts[:EMULATED_TEXTS]
    return [
        Figure(f"measured as fastest: {measured.fastest}", measured.speeds[measured.fastest]),
        *_speeds(before, after, texts[:TEXTS]),
        *_quality(before, rounded, read),
    ]


def measured_numerics() -> tuple[Measurement, bool]:
    """Return what is fastest here, and whether the processor has bfloat16."""
    precisions = precisions_here()
    models = {precision: SentenceTransformerEmbedder() for precision in precisions}

    def read(numerics: Numerics, texts: Sequence[str]) -> None:
        models[numerics.precision].compute_with(numerics)
        models[numerics.precision].encode(texts)

    return measure(read, cpu_count(), precisions), len(precisions) > 1


def _speeds(before: Embedder, after: Embedder, texts: list[str]) -> list[Figure]:
    many, single = (Stopwatch(), Stopwatch()), (Stopwatch(), Stopwatch())
    both = (before, after)
    for embedder in both:
        embedder.encode(texts[:4])  # the first calls of a process are slow
    for _ in range(LAPS):
        for embedder, watch in zip(both, many, strict=True):
            with watch.lap():
                embedder.encode(texts)
    for text in texts[:SINGLE_TEXTS]:
        for embedder, watch in zip(both, single, strict=True):
            with watch.lap():
                embedder.encode([text])
    old, new = (len(texts) / min(watch.laps) for watch in many)
    slow, fast = (percentile(watch.laps, 50) * 1000 for watch in single)
    return [
        Figure("texts a second, as before", old),
        Figure("  as measured", new),
        Figure("  as measured / as before", new / old, "", 0.9, "at least"),
        Figure("one text, p50, as before", slow, "ms"),
        Figure("  as measured", fast, "ms"),
        Figure("  as measured / as before", fast / slow, "", 1.1, "at most"),
    ]


def _quality(exact: Embedder, rounded: Embedder, texts: list[str]) -> list[Figure]:
    one, other = exact.encode(texts), rounded.encode(texts)
    cosines = (one * other).sum(axis=1)
    maps = [_map(rows, columns) for rows, columns in ((one, one), (other, other), (other, one))]
    return [
        Figure(
            "lowest cosine of a text in float32 and bfloat16", cosines.min(), "", 0.999, "at least"
        ),
        Figure(f"MAP of {len(texts)} tickets, float32", maps[0]),
        Figure("  bfloat16", maps[1], "", maps[0] - 0.005, "at least"),
        Figure("  bfloat16 among vectors in float32", maps[2], "", maps[0] - 0.005, "at least"),
    ]


def _map(queries: NDArray[np.float32], rows: NDArray[np.float32]) -> float:
    """Return the mean average precision of the sample's groups, by cosine."""
    groups: dict[str, set[str]] = defaultdict(set)
    names = corpus.sample_groups()[: len(rows)]
    for index, group in enumerate(names):
        groups[group].add(str(index))
    order = np.argsort(-(queries @ rows.T), axis=1)
    found = {str(query): list(map(str, ranked)) for query, ranked in enumerate(order.tolist())}
    wanted = {str(index): groups[group] for index, group in enumerate(names)}
    return ranking_report(found, wanted).map or 0.0
