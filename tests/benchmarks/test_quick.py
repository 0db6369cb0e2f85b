"""The benchmarks are run by hand; here only that each still runs, at a tiny size."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.corpus import ROOT
from benchmarks.judgement import Pairs
from benchmarks.peers import transferred_threshold

# It starts and stops servers, and is run as people do.
AS_A_PROGRAM = "burst"


@pytest.mark.parametrize("name", sorted(BENCHMARKS.keys() - {AS_A_PROGRAM}))
def test_runs_to_its_end(name: str) -> None:
    """A quick run of a benchmark measures figures that can be printed."""
    figures = BENCHMARKS[name](True)
    assert figures
    assert all(str(figure) for figure in figures)


def test_a_benchmark_is_run_by_its_name() -> None:
    """Its figures are printed below its name, and a quick run misses no target."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", AS_A_PROGRAM, "--quick"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{AS_A_PROGRAM} (quick")
    assert len(run.stdout.splitlines()) > 3


def test_a_benchmark_that_does_not_exist_is_named() -> None:
    """An unknown name is refused in one line that lists the known ones."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "there is no benchmark nothing" in run.stderr
    assert all(name in run.stderr for name in BENCHMARKS)


@pytest.mark.parametrize(
    ("labels", "threshold"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], 0.5),
        ([0] + [1] * 9 + [0, 0], 0.5),
        ([1, 1] + [0] * 10, 0.9),
        ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.9),
        ([0] * 12, 0.95),
    ],
)
def test_a_threshold_is_the_lowest_that_is_right_elsewhere(
    labels: list[int], threshold: float
) -> None:
    """A transferred threshold is the lowest with enough precision, else the most precise one."""
    cosine = np.linspace(0.95, 0.4, 12).round(2).astype(np.float32)
    pairs = Pairs([], [], [], cosine, np.array(labels))
    assert transferred_threshold([pairs]) == pytest.approx(threshold)
