"""Every benchmark runs at a tiny size; real figures are measured by hand."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.corpus import ROOT
from benchmarks.defaults import chosen_sets, sampled
from benchmarks.judgement import Pairs
from benchmarks.peers import transferred_threshold

# They are run as people run them, in `make test-all` in a process. The second starts and stops
# servers.
SHORT, WITH_SERVERS = "talk", "burst"
# Even the smallest run of these takes seconds.
LONG = {
    "cold", "defaults", "errors", "flow", "imports", "ingest", "judgement", "languages",
    "million", "million_postgres", "neighbours", "peers", "pgvector", "ranking", "search", "storm",
    "taught", "topics", "topics_run", "tune", "workers",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name in LONG else [])
        for name in sorted(BENCHMARKS.keys() - {WITH_SERVERS})
    ],
)
def test_a_benchmark_gives_figures(name: str) -> None:
    """A quick run of a benchmark measures figures that can be printed."""
    figures = list(BENCHMARKS[name](True))
    assert figures
    assert all(str(figure) for figure in figures)


def test_a_benchmark_is_run_by_its_name_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its figures are printed below its name, and a quick run does not fail at a target."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", SHORT, "--quick"])
    assert main() == 0
    output = capsys.readouterr().out
    assert output.startswith(f"{SHORT} (quick")
    assert len(output.splitlines()) > 3


@pytest.mark.thorough
@pytest.mark.parametrize("name", [SHORT, WITH_SERVERS])
def test_a_benchmark_is_run_by_its_name(name: str) -> None:
    """The same in a process of its own, as people run it."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--quick"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"{name} (quick")
    assert len(run.stdout.splitlines()) > 3


def test_a_benchmark_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error of an unknown name lists the known ones."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", "nothing"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "there is no benchmark nothing" in error
    assert all(name in error for name in BENCHMARKS)


def test_a_part_of_a_set_has_whole_groups_and_tickets_that_are_alone() -> None:
    """Half of it are groups, as far as they fit, and it is in order."""
    groups = [*"aabbbccddddd", *(f"alone {number}" for number in range(30))]
    kept = sampled(groups, 16)
    sizes = Counter(groups[one] for one in kept)
    together = {group: size for group, size in sizes.items() if size > 1}
    assert len(kept) == 16
    assert kept == sorted(kept)
    assert all(size == groups.count(group) for group, size in together.items())
    assert 4 <= sum(together.values()) <= 8
    assert list(sampled(groups, 0)) == list(range(42))


def test_a_set_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is wrong measures nothing in silence."""
    monkeypatch.setenv("DEJA_BENCH_SETS", "covidq nothing")
    with pytest.raises(SystemExit, match="no set nothing"):
        chosen_sets()


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
def test_a_transferred_threshold_is_the_lowest_that_is_precise_enough(
    labels: list[int], threshold: float
) -> None:
    """If none has enough precision, it is the most precise one."""
    cosine = np.linspace(0.95, 0.4, 12).round(2).astype(np.float32)
    pairs = Pairs([], "product", [], [], [], 0.0, cosine, np.array(labels))
    assert transferred_threshold([pairs]) == pytest.approx(threshold)
