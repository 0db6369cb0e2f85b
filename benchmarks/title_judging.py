"""Judging the names of topics by a written rubric, blind to which version made them.

    python -m benchmarks.title_judging collect old.json      # on one version, and on the other
    python -m benchmarks.title_judging sheet old.json new.json sheet.json --seed 1
    python -m benchmarks.title_judging tally sheet.json judgements.json …

`collect` names the topics of the labelled sets and of the sample workspace; what a run would
dissolve has no name. `sheet` mixes the names of two versions in random order, each with tickets of
its topic and without its version; the key is in a file of its own beside it. `tally` counts the
judgements, `{"number": "good"}`, of one or several passes. The rubric is in benchmarks/README.md
(`titles`).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpus
from benchmarks.kept_embedder import KeptEmbedder
from benchmarks.labelled_sets import SETS, LabelledSet, labelled, sample_set, unlabelled
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.text.words.folding import fold
from services.text.words.plain import with_capital
from services.topics.grouping.clustering import cluster
from services.topics.grouping.numbered import join_numbered
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import name_topics

# Long posts without labels.
POSTS = ("english_se", "semeval_cqa", "gitbugs_seamonkey")
JUDGEMENTS = ("good", "cut", "misleading", "vague")
# Topics that are judged in each public set and in the sample workspace, and tickets of each that
# are shown, with so many characters.
TOPICS, SAMPLE_TOPICS = 14, 34
TICKETS, TICKET_LENGTH = 8, 200

Json = dict[str, Any]


def collect(embedder: Embedder, labels: Sequence[str], posts: Sequence[str]) -> list[Json]:
    """Return the names of a random choice of topics, with tickets of each.

    Of the sample workspace, of public sets with `labels`, and of ones of `posts` without.
    """
    public = [
        *(labelled(embedder, name) for name in labels),
        *(unlabelled(embedder, name) for name in posts),
    ]
    rows = _rows(sample_set(embedder), embedder, SAMPLE_TOPICS)
    return rows + [row for one in public for row in _rows(one, embedder, TOPICS)]


def _rows(one: LabelledSet, embedder: Embedder, topics: int) -> list[Json]:
    labels = join_numbered(one.texts, cluster(one.vectors).labels)
    names = name_topics(one.texts, labels, Meanings(one.vectors, embedder.encode))
    random = np.random.default_rng(0)
    rows = []
    for topic in sorted(random.permutation(len(names))[:topics].tolist()):
        # Its own generator, so that both versions show the same tickets.
        members = np.random.default_rng(topic).permutation(np.flatnonzero(labels == topic))
        tickets = [" ".join(one.texts[at].split())[:TICKET_LENGTH] for at in members[:TICKETS]]
        if names[topic].is_telling:
            rows.append({
                "set": one.name, "topic": topic, "title": names[topic].title,
                "size": len(members), "tickets": tickets,
            })  # fmt: skip
    return rows


def make_sheet(old: list[Json], new: list[Json], seed: int) -> tuple[list[Json], Json]:
    """Return the names to judge in random order, and of which versions each number is.

    All have a capital, which would give the version away, and are judged once if they differ by
    nothing but capitals and a question mark.
    """
    found: dict[tuple[str, int, str], tuple[Json, list[str]]] = {}
    for version, rows in (("old", old), ("new", new)):
        for row in rows:
            same = (row["set"], row["topic"], fold(row["title"]).rstrip("?"))
            found.setdefault(same, (row, []))[1].append(version)
    names = list(found.values())
    sheet, key = [], {}
    for number, at in enumerate(np.random.default_rng(seed).permutation(len(names)).tolist()):
        row, versions = names[at]
        shown = {one: row[one] for one in ("size", "tickets")}
        sheet.append({"number": number, "title": with_capital(row["title"]), **shown})
        key[str(number)] = [versions, row["set"], row["topic"]]
    return sheet, key


def tally(key: Json, judgements: list[Json]) -> dict[str, Counter[str]]:
    """Return how often each judgement was given, by version and set; passes are added up."""
    found: dict[str, Counter[str]] = {}
    for one in judgements:
        for number, judgement in one.items():
            versions, name, _ = key[number]
            for group in (f"{version}, {of}" for version in versions for of in (name, "all")):
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
        embedder = KeptEmbedder(SentenceTransformerEmbedder())
        sets = (SETS, POSTS) if corpus.has_data() else ((), ())
        _write(files[0], collect(embedder, *sets))
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
