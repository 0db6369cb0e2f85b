"""Judging the names of topics by a written rubric, blind to which version made them.

    python -m benchmarks.title_judging collect old.json      # on one version, and on the other
    python -m benchmarks.title_judging sheet old.json new.json sheet.json --seed 1
    python -m benchmarks.title_judging tally sheet.json judgements.json …

`collect` names the topics of the labelled sets and of the sample workspace. `sheet` mixes the names
of two versions in random order, each with tickets of its topic and without its version; the key is
in a file of its own beside it. `tally` counts the judgements, `{"number": "good"}`, of one or
several passes. The rubric is in benchmarks/README.md (`titles`).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpus
from benchmarks.labelled_sets import SETS, LabelledSet, labelled, sample_set, unlabelled
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from services.topics.grouping.clustering import cluster
from services.topics.grouping.numbered import join_numbered
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import name_topics

# Long posts without labels.
POSTS = ("english_se", "semeval_cqa", "gitbugs_seamonkey")
JUDGEMENTS = ("good", "cut", "misleading", "vague")
# Topics that are judged in each set, and tickets of each that are shown.
TOPICS, TICKETS = 34, 8

Json = dict[str, Any]


def collect() -> list[Json]:
    """Return the names of a random choice of each set's topics, with tickets of each."""
    embedder = SentenceTransformerEmbedder()
    names, posts = (SETS, POSTS) if corpus.has_data() else ((), ())
    sets = [sample_set(embedder), *(labelled(embedder, name) for name in names)]
    sets += [unlabelled(embedder, name) for name in posts]
    return [row for one in sets for row in _rows(one, embedder)]


def _rows(one: LabelledSet, embedder: Embedder) -> list[Json]:
    labels = join_numbered(one.texts, cluster(one.vectors).labels)
    names = name_topics(one.texts, labels, Meanings(one.vectors, embedder.encode))
    random = np.random.default_rng(0)
    chosen = random.permutation(int(labels.max()) + 1)[:TOPICS]
    rows = []
    for topic in sorted(chosen.tolist()):
        members = np.flatnonzero(labels == topic)
        shown = random.permutation(members)[:TICKETS]
        tickets = [one.texts[at][:200] for at in shown]
        rows.append(
            {
                "set": one.name,
                "topic": topic,
                "title": names[topic].title,
                "size": len(members),
                "tickets": tickets,
            }
        )
    return rows


def make_sheet(old: list[Json], new: list[Json], seed: int) -> tuple[list[Json], Json]:
    """Return the rows to judge in random order, and which version each number is of."""
    rows = [(row, version) for version, some in (("old", old), ("new", new)) for row in some]
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    sheet, key = [], {}
    for number, at in enumerate(order):
        row, version = rows[at]
        sheet.append({"number": number, "title": row["title"], "tickets": row["tickets"]})
        key[str(number)] = [version, row["set"], row["topic"]]
    return sheet, key


def tally(key: Json, judgements: list[Json]) -> dict[str, Counter[str]]:
    """Return how often each judgement was given, by version and set; passes are added up."""
    found: dict[str, Counter[str]] = {}
    for one in judgements:
        for number, judgement in one.items():
            version, name, _ = key[number]
            for group in (f"{version}, {name}", f"{version}, all"):
                found.setdefault(group, Counter())[judgement] += 1
    return found


def main() -> None:
    """Run one of the three steps."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.title_judging", description=__doc__)
    parser.add_argument("step", choices=["collect", "sheet", "tally"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    files: list[Path] = arguments.files
    if arguments.step == "collect":
        _write(files[0], collect())
    elif arguments.step == "sheet":
        old, new, out = files
        sheet, key = make_sheet(_read(old), _read(new), arguments.seed)
        _write(out, sheet)
        _write(_key_of(out), key)
    else:
        sheet_file, *judged = files
        found = tally(_read(_key_of(sheet_file)), [_read(one) for one in judged])
        for group, counts in sorted(found.items()):
            shares = " / ".join(str(counts[one]) for one in JUDGEMENTS)
            good = 100 * counts["good"] / counts.total()
            print(f"{group}: {shares} ({' / '.join(JUDGEMENTS)}), {good:.0f} % good")


def _key_of(sheet: Path) -> Path:
    return sheet.with_suffix(".key.json")


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
