"""`tune`: what the default model learns from a team, on what was held out.

Each set goes through the product: its items are imported in order of arrival, its labels as
verdicts, `deja tune` learns from the older groups, and both models are measured on the newest: by
their vectors among the newest thousand (what decides whether the tuned one is kept), and, if it is
kept and in use, by the whole ranking. DEJA_BENCH_SETS names the sets, DEJA_BENCH_MINUTES how long
each may be learned.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpus
from benchmarks.measurement import Figure
from bot.clock import utc_now
from bot.settings import Settings
from bot.wiring import build
from services.evaluation.model_comparison import ModelFigures, measure_model
from services.search.embedders.tuned_models import tuned_models
from tests.remembering import START
from tests.tiny_model import make_tiny_model

# Neither has times. The ids of english_se are in order of time. The file of covidq begins with the
# largest groups, so its newest fifth would be pairs alone: its groups come in a random order, one
# after the other.
SETS = ("english_se", "covidq")
ORDER_SEED = 1
MINUTES = "15"

Rows = Sequence[corpus.Json]


def run(quick: bool) -> list[Figure]:
    """Tune on each set; quick, or without the public sets, a tiny model on made-up tickets."""
    if quick or not corpus.has_data():
        return [*_tuned("made up", *_made_up(), "0.1", quick=True)]
    names = os.environ.get("DEJA_BENCH_SETS", " ".join(SETS)).split()
    minutes = os.environ.get("DEJA_BENCH_MINUTES", MINUTES)
    return [figure for name in names for figure in _tuned(name, *_labelled(name), minutes)]


def _made_up() -> tuple[Rows, Rows]:
    rows = [{"id": str(n), "text": f"report {n // 3} of machine {n % 7}"} for n in range(180)]
    return rows, [{"a": str(n - n % 3), "b": str(n), "label": 1} for n in range(180) if n % 3]


def _labelled(name: str) -> tuple[Rows, Rows]:
    """Return the items of a set in order of arrival, and what is said of pairs of them."""
    rows: Rows = [row for row in corpus.read(name) if corpus.text_of(row)]
    if name == "english_se":
        return sorted(rows, key=lambda row: int(row["id"])), corpus.read(name, "pairs")
    rows = _by_group(rows)
    first: dict[str, str] = {}
    pairs = []
    for row in rows:
        root = first.setdefault(row["group"], row["id"])
        if root != row["id"]:
            pairs.append({"a": root, "b": row["id"], "label": 1})
    return rows, pairs


def _by_group(rows: Rows) -> Rows:
    """Return rows with those of one group side by side, the groups in a random order."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    place = np.random.default_rng(ORDER_SEED).permutation(len(groups))
    rank = dict(zip(groups, place.tolist(), strict=True))
    return sorted(rows, key=lambda row: rank[row["group"]])


def _tuned(
    name: str, rows: Rows, pairs: Rows, minutes: str, quick: bool = False
) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="deja-bench-") as folder:
        values = {"DEJA_DATA_DIR": folder, "DEJA_PRECISION": "float32"}
        if quick:
            values["DEJA_MODEL"] = str(make_tiny_model(Path(folder, "tiny"), seed=1))
        items = [{**row, "created": (START + timedelta(minutes=at)).isoformat()}
                 for at, row in enumerate(rows)]  # fmt: skip
        _deja(values, "db", "upgrade")
        _deja(values, "import", _lines(folder, "items.jsonl", items))
        _deja(values, "verdicts", "import", _lines(folder, "verdicts.jsonl", pairs), checked=False)
        found = json.loads(_deja(values, "tune", "--minutes", minutes, "--json"))
        yield from _figures(name, found)
        if found["kept"] is None:
            return
        before = _whole_ranking(values)
        _deja(values, "model", "use", found["kept"], "--now", "--yes")
        after = _whole_ranking(values)
        yield Figure(f"{name}: MAP, whole ranking, {before.queries} queries, before",
                     before.map or 0)  # fmt: skip
        yield Figure(f"{name}: MAP, whole ranking, after", after.map or 0)


def _figures(name: str, found: Mapping[str, Any]) -> Iterator[Figure]:
    yield Figure(f"{name}: held-out queries", found["queries"])
    for figure in ("map", "p_at_1"):
        yield Figure(f"{name}: {figure} before", found[f"{figure}_before"])
        yield Figure(f"{name}: {figure} after", found[f"{figure}_after"])
    yield Figure(f"{name}: MAP gained", found["gain"])
    yield Figure(f"{name}: 95 % interval, from", found["low"])
    yield Figure(f"{name}: 95 % interval, to", found["high"])
    yield Figure(f"{name}: epochs", found["epochs"])
    yield Figure(f"{name}: learning took", found["seconds"], "s")


def _lines(folder: str, name: str, lines: Rows) -> str:
    file = Path(folder, name)
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return str(file)


def _deja(values: Mapping[str, str], *arguments: str, checked: bool = True) -> str:
    """Run a command; labels that contradict each other are refused, which is no failure."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("deja")), *arguments],
        env={**os.environ, **values},
        stdout=subprocess.PIPE,
        text=True,
        check=checked,
    )
    return done.stdout


def _whole_ranking(values: Mapping[str, str]) -> ModelFigures:
    """Measure the model in use by the whole ranking, on items that were not learned from."""
    settings = Settings.from_mapping(dict(values))
    learned_from = tuned_models(settings.model_dir)[0].learned_from
    services = build(settings)
    try:
        return measure_model(services.calibrator, utc_now(), learned_from)
    finally:
        services.close()
