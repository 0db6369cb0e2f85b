"""In which numbers a model reads fastest on this machine, and with how many threads.

A processor that computes with bfloat16 reads up to three times as many texts in it as in float32,
one that emulates it a small part. So it is measured, not guessed. Vectors of both are those of one
model: their cosine is above .999.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

# What takes the place of PyTorch's own choice must be faster by this factor: two runs of the same
# differ by a few percent.
MIN_GAIN = 1.1

# What is slower than the fastest by this factor in a first short run is not measured further.
MAX_LAG = 2.0

# Seconds that each of the two comparisons takes, but for the slowest models.
SECONDS = 0.4
LAPS = 2

# The size of a matrix that is multiplied to see whether a precision is emulated, and how often.
PROBED = 256
PROBES = 5

# A batch as the worker has it, of tickets of usual length; the first few for the short run.
_SENTENCES = (
    "Since the update this morning the app closes as soon as I open my order history.",
    "My parcel shows as delivered on Tuesday, but nothing has arrived and nobody saw a driver.",
    "The hub is offline again: the light blinks red, and a restart did not help this time.",
    "I was charged twice for the same subscription and need one of the payments refunded.",
)
SAMPLE = tuple(f"{one} {other}" for one in _SENTENCES for other in _SENTENCES)
SHORT = 4


@dataclass(frozen=True)
class Numerics:
    """The precision a model computes in, and with how many threads (None: as PyTorch does)."""

    precision: Precision = "float32"
    threads: int | None = None

    def __str__(self) -> str:
        if self.threads is None:
            return self.precision
        return f"{self.precision}, {self.threads} thread{'s' * (self.threads != 1)}"


@dataclass(frozen=True)
class Measurement:
    """What was found fastest, and the texts a second of all that were compared."""

    fastest: Numerics
    speeds: Mapping[Numerics, float] = field(default_factory=dict)


Read = Callable[[Numerics, Sequence[str]], object]


def measure(
    read: Read,
    cores: int,
    precisions: Sequence[Precision] = PRECISIONS,
    clock: Callable[[], float] = perf_counter,
) -> Measurement:
    """Compare precisions, then numbers of threads, by what `read` takes; the first is preferred."""
    candidates = [Numerics(one, cores) for one in precisions]
    speeds = _race(read, candidates, clock) if len(candidates) > 1 else {}
    precision = _fastest(speeds).precision if speeds else precisions[0]
    counts = sorted({cores, max(cores // 2, 1), 1}, reverse=True)
    raced = _race(read, [Numerics(precision, count) for count in counts], clock)
    return Measurement(_fastest(raced), speeds | raced)


def _race(
    read: Read, candidates: Sequence[Numerics], clock: Callable[[], float]
) -> dict[Numerics, float]:
    """Return the texts a second of each, read in turns: a busy machine is slow for all of them."""

    def lap(numerics: Numerics, texts: Sequence[str]) -> float:
        start = clock()
        read(numerics, texts)
        return (clock() - start) / len(texts)

    best: dict[Numerics, float] = {}
    for one in candidates:
        lap(one, SAMPLE[:SHORT])  # loads the model, and its kernels
        best[one] = lap(one, SAMPLE[:SHORT])
    running = [one for one in candidates if best[one] <= MAX_LAG * min(best.values())]
    start, laps = clock(), 0
    while len(running) > 1 and (laps < LAPS or clock() - start < SECONDS):
        times = {one: lap(one, SAMPLE) for one in running}
        best |= {one: min(time, best[one]) if laps else time for one, time in times.items()}
        laps += 1
    return {one: 1 / max(time, 1e-9) for one, time in best.items()}


def _fastest(speeds: Mapping[Numerics, float]) -> Numerics:
    first, best = next(iter(speeds)), max(speeds, key=lambda one: speeds[one])
    return best if speeds[best] >= MIN_GAIN * speeds[first] else first


def precisions_here(seconds: Callable[[Precision], float] | None = None) -> Sequence[Precision]:
    """Return the precisions that are worth measuring on this processor, float32 first.

    The `seconds` of one multiplication say it: a whole model takes minutes in numbers that have to
    be emulated.
    """
    take = seconds or _multiply
    laps = [(take("float32"), take("bfloat16")) for _ in range(PROBES)]
    exact, rounded = map(min, zip(*laps, strict=True))
    return PRECISIONS if rounded <= MAX_LAG * exact else PRECISIONS[:1]


def _multiply(precision: Precision) -> float:
    import torch

    matrix = torch.ones((PROBED, PROBED), dtype=getattr(torch, precision))
    start = perf_counter()
    torch.mm(matrix, matrix)
    return perf_counter() - start


def use_precision(model: SentenceTransformer, precision: Precision) -> None:
    """Let the transformer of a loaded model compute in a precision; what follows stays float32.

    So pooled vectors keep their unit length. A model without a transformer stays as it is.
    """
    from sentence_transformers.sentence_transformer.modules import Transformer

    if precision == "float32" or not isinstance(model[0], Transformer):
        return
    model[0].bfloat16()
    model[0].register_forward_hook(lambda _module, _arguments, features: _as_float32(features))


def _as_float32(features: Mapping[str, object]) -> dict[str, object]:
    import torch

    return {
        name: value.float()
        if isinstance(value, torch.Tensor) and value.dtype == torch.bfloat16
        else value
        for name, value in features.items()
    }


def use_threads(threads: int | None) -> None:
    """Let this thread compute with so many threads from now on; each thread has its own number."""
    import torch

    if threads is not None and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
