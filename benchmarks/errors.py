"""`errors`: tickets with the same error of a program, in other words, are found by it.

Made from public bug reports: each error is printed in two reports about different matters, in
another build the second time, so that lines and addresses differ. For each error there is another
of the same type elsewhere in the program, in two reports of its own. Names of places are random
words of the reports. What is looked for is the other report of the same error: nothing but the
error says that it belongs. Without the public reports, those of the sample company have errors.

"Without" is the same ranking where errors are words like others, in the same run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np

from benchmarks import corpus, ranking
from benchmarks.best_matches import Labels
from benchmarks.cold import judge_all
from benchmarks.measurement import Figure
from benchmarks.stored_set import stored_set
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.text.comparing import identifiers, measures
from services.text.stack_traces.traces import ReadTraces
from tests.hashing import HashingEmbedder

ERRORS, QUICK_ERRORS = 40, 4
# Longer reports are cut: reading them takes longest, and errors are at their end.
MAX_WORDS = 80

_TYPES = {
    "python": ("KeyError", "ValueError", "TimeoutError"),
    "java": ("NullPointerException", "IllegalStateException", "SQLException"),
    "javascript": ("TypeError", "RangeError", "ReferenceError"),
}


def run(quick: bool) -> list[Figure]:
    """Measure with and without errors; quick, or without public sets, on the sample alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    is_public = not quick and corpus.has_data()
    reports = (
        [corpus.text_of(row) for row in corpus.read("gitbugs_seamonkey")]
        if is_public
        else corpus.sample_texts()
    )
    labels = _labels(reports, ERRORS if is_public else QUICK_ERRORS)
    with _errors_as_words():
        before = _measured(embedder, labels)
    after = _measured(embedder, labels)
    return [
        Figure("MAP of the same error, without", before[0]),
        Figure("MAP of the same error, with", after[0], "", before[0], "at least"),
        Figure("called duplicates without verdicts, without", before[1]),
        Figure("called duplicates without verdicts, with", after[1]),
        Figure("of these right, with", after[2], "", 0.95, "at least"),
    ]


@contextmanager
def _errors_as_words() -> Iterator[None]:
    """Read no errors, as the versions before did."""

    def nothing(text: str) -> ReadTraces:
        return ReadTraces((), text)

    with ExitStack() as stack:
        for module in (measures, identifiers):
            stack.enter_context(patch.object(module, "read_traces", nothing))
        yield


def _measured(embedder: Embedder, labels: Labels) -> tuple[float, float, float]:
    """Return MAP, how many are called duplicates, and the share of these that is right."""
    relevant = ranking.group_mates(labels.groups)
    with stored_set(embedder, labels.rows, "ticket") as stored:
        found = ranking.mean_precision(ranking.listed(stored, list(relevant)), relevant)
        judged = judge_all(stored, labels)
    called = [
        is_right
        for one in judged
        for match, is_right in zip(one.matches, one.is_right, strict=True)
        if match.band == "duplicate"
    ]
    return found, len(called), float(np.mean(called)) if called else 1.0


def _labels(reports: Sequence[str], errors: int) -> Labels:
    """Return reports with errors, in random order, each in the group of its error."""
    random = np.random.default_rng(1)
    long = [text for text in dict.fromkeys(reports) if len(text.split()) > 3]
    words = sorted({w.lower() for text in long for w in re.findall(r"[A-Za-z]{5,10}", text)})
    texts = [long[n] for n in random.permutation(len(long))[: 4 * errors]]
    rows, groups = [], []
    for number in range(errors):
        kind = list(_TYPES)[number % len(_TYPES)]
        error = str(random.choice(_TYPES[kind]))
        for elsewhere in (0, 1):
            places = [tuple(map(str, random.choice(words, 2, replace=False))) for _ in range(4)]
            for build in (0, 1):
                place = 4 * number + 2 * elsewhere + build
                said = " ".join(texts[place % len(texts)].split()[:MAX_WORDS])
                printed = _printed(kind, error, places, random)
                rows.append({"id": str(place), "text": f"{said}\n{printed}"})
                groups.append(f"{number}-{elsewhere}")
    order = random.permutation(len(rows))
    return Labels([rows[n] for n in order], [groups[n] for n in order])


def _printed(
    kind: str, error: str, places: Sequence[tuple[str, ...]], random: np.random.Generator
) -> str:
    """Return an error as a program prints it, in a build of its own."""
    lines = random.integers(1, 900, len(places)).tolist()
    frames = list(zip(places, lines, strict=True))
    if kind == "python":
        printed = [f'File "/srv/app/{m}.py", line {n}, in {f}' for (m, f), n in reversed(frames)]
        return "\n".join(["Traceback (most recent call last):", *printed, f"{error}: '{lines[0]}'"])
    if kind == "java":
        own = [f"at com.acme.{m}.{m.title()}.{f}({m.title()}.java:{n})" for (m, f), n in frames]
        library = "at org.springframework.web.servlet.HttpServlet.service(HttpServlet.java"
        return "\n".join([f"java.lang.{error}: order {lines[0]}", *own, f"{library}:{lines[1]})"])
    own = [f"at {f} (https://shop.example.com/src/{m}.js:{n}:5)" for (m, f), n in frames]
    return "\n".join([f"Uncaught {error}: cannot read 'x{lines[0]}'", *own])
