"""Precision and threads are chosen by what this machine takes, and change no vector noticeably."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.tryout import sample
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.numerics import PRECISIONS, Numerics, measure, precisions_here
from tests.tiny_model import make_tiny_model

CORES = 4


class Machine:
    """Takes so many seconds a text in each precision and with each number of threads."""

    def __init__(self, seconds: Mapping[Numerics, float], first: float = 0.0) -> None:
        self.seconds = seconds
        self.first = first
        self.now = 0.0
        self.seen: list[Numerics] = []

    def read(self, numerics: Numerics, texts: Sequence[str]) -> None:
        self.now += self.seconds[numerics] * len(texts) + self.first * (numerics not in self.seen)
        self.seen.append(numerics)


def _seconds(bfloat16: float, one: float = 2.0, two: float = 1.5) -> dict[Numerics, float]:
    """Return what all take: float32 and four threads 10 ms, others by their factor of that."""
    threads = {CORES: 1.0, 2: two, 1: one}
    return {
        Numerics(precision, count): 0.01 * factor * more
        for precision, factor in zip(PRECISIONS, (1.0, bfloat16), strict=True)
        for count, more in threads.items()
    }


@pytest.mark.parametrize(
    ("seconds", "fastest"),
    [
        (_seconds(bfloat16=0.3), Numerics("bfloat16", 4)),
        (_seconds(bfloat16=12), Numerics("float32", 4)),
        (_seconds(bfloat16=0.95), Numerics("float32", 4)),
        (_seconds(bfloat16=12, two=0.7), Numerics("float32", 2)),
        (_seconds(bfloat16=0.3, one=0.5, two=0.6), Numerics("bfloat16", 1)),
    ],
    ids=["computes with it", "emulates it", "hardly faster", "fewer threads", "one thread"],
)
def test_what_is_clearly_faster_is_taken(seconds: dict[Numerics, float], fastest: Numerics) -> None:
    """float32 and all cores stay, unless something else is at least a tenth faster."""
    machine = Machine(seconds, first=5.0)
    found = measure(machine.read, CORES, clock=lambda: machine.now)
    assert found.fastest == fastest
    assert found.speeds[fastest] == pytest.approx(1 / seconds[fastest], rel=0.01)


def test_what_is_far_slower_is_not_measured_for_long() -> None:
    """A processor that emulates bfloat16 reads some short texts in it, and no more."""
    machine = Machine(_seconds(bfloat16=12))
    measure(machine.read, CORES, clock=lambda: machine.now)
    assert machine.seen.count(Numerics("bfloat16", CORES)) == 2
    assert machine.now < 3


def test_a_processor_without_bfloat16_is_known_before_the_model_is_read() -> None:
    """Of one multiplication in both, what takes more than twice as long is not measured further."""
    seconds = {"float32": 1.0, "bfloat16": 1.9}
    assert precisions_here(lambda precision: seconds[precision]) == PRECISIONS
    seconds["bfloat16"] = 2.1
    assert precisions_here(lambda precision: seconds[precision]) == ("float32",)


def test_one_core_is_not_compared_with_itself() -> None:
    """There is one number of threads then."""
    machine = Machine({Numerics("float32", 1): 0.01, Numerics("bfloat16", 1): 0.1})
    assert set(measure(machine.read, 1, clock=lambda: machine.now).speeds) == set(machine.seconds)


def test_vectors_of_both_precisions_are_those_of_one_model() -> None:
    """They have unit length and the same fingerprint, and each is nearest to its own other."""
    exact, rounded = SentenceTransformerEmbedder(), SentenceTransformerEmbedder()
    rounded.compute_with(Numerics("bfloat16", 1))
    texts = [ticket.text for ticket in sample.tickets()[:3]]
    one, other = exact.encode(texts), rounded.encode(texts)
    assert exact.fingerprint == rounded.fingerprint
    assert other.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(other, axis=1), 1, atol=1e-5)
    assert (one * other).sum(axis=1).min() > 0.999
    assert (np.argmax(one @ other.T, axis=1) == np.arange(len(texts))).all()


def test_a_model_that_was_read_in_bfloat16_is_exact_again_in_float32(tmp_path: Path) -> None:
    """Its weights are read again: rounded ones would stay rounded."""
    model = SentenceTransformerEmbedder(str(make_tiny_model(tmp_path / "tiny", seed=1)))
    before = model.encode(["The hub is offline again"])
    model.compute_with(Numerics("bfloat16"))
    assert not np.array_equal(model.encode(["The hub is offline again"]), before)
    model.compute_with(Numerics("float32"))
    np.testing.assert_array_equal(model.encode(["The hub is offline again"]), before)
