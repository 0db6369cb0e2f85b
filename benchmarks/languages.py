"""`languages`: whether a ticket finds the same matter in another language, and what that costs.

49 tickets of the sample workspace are translated to its two other languages, in other words
(`translated_tickets.jsonl`); each of the 147 looks for the same matter in the sample and the
translations, without what is of its own matter and language. First by cosine among the tickets of
other languages, then as `deja similar --each` ranks all of them. All of them are grouped, too, with
and without what the tickets of a language have in common. Beside it, MAP of English tickets'
duplicates in two public sets.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs, similarities
from benchmarks.labelled_sets import mean_vectors
from benchmarks.measurement import Figure
from benchmarks.ranking import listed, ranked_tickets
from benchmarks.stored_set import stored_set
from bot.tryout import sample
from services.search.embedders.by_name import open_embedder
from services.search.embedders.embedding import Embedder
from services.text.comparing.written_language import decided_name
from services.topics.grouping.clustering import cluster
from services.topics.grouping.languages import without_languages
from tests.hashing import HashingEmbedder

DEFAULT = "all-MiniLM-L6-v2"
BOTH = "all-MiniLM-L6-v2 + use-multilingual"
TRANSLATED = Path(__file__).with_name("translated_tickets.jsonl")

ENGLISH = ("covidq", "english_se")
MIN_FIRST = 0.8
MAX_LOSS = 0.01


@dataclass(frozen=True)
class Pool:
    """Tickets, the language and the matter of each, and which of them look for their matter."""

    rows: list[corpus.Json]
    languages: list[str]
    matters: list[str]
    queries: list[int]

    def is_own(self, query: int, other: int) -> bool:
        """Say whether a ticket is of the query's matter and language."""
        same = self.matters[query] == self.matters[other]
        return same and self.languages[query] == self.languages[other]


def run(quick: bool) -> list[Figure]:
    """Measure the default model and the one for several languages beside it."""
    pool = load_pool()
    if quick:
        return _translations("hashing", HashingEmbedder(), pool)
    figures: list[Figure] = []
    maps: dict[str, list[float]] = {}
    for name in (DEFAULT, BOTH):
        embedder = open_embedder(name)
        figures += _translations(name, embedder, pool)
        maps[name] = _english(embedder) if corpus.has_data() else []
    for number, name in enumerate(ENGLISH if corpus.has_data() else ()):
        before, after = maps[DEFAULT][number], maps[BOTH][number]
        figures += [
            Figure(f"{name}: MAP, {DEFAULT}", before),
            Figure(f"{name}: MAP, {BOTH}", after, "", before - MAX_LOSS, "at least"),
        ]
    return figures


def load_pool() -> Pool:
    """Return the sample's tickets and the translations."""
    tickets = sample.tickets()
    rows: list[corpus.Json] = [{"text": one.text} for one in tickets]
    languages = [one.language for one in tickets]
    matters = [one.group or one.id for one in tickets]
    index = {one.id: number for number, one in enumerate(tickets)}
    queries = []
    for line in TRANSLATED.read_text(encoding="utf-8").splitlines():
        translated = json.loads(line)
        original = index[translated.pop("id")]
        queries.append(original)
        for language, text in translated.items():
            queries.append(len(rows))
            rows.append({"text": text})
            languages.append(language)
            matters.append(matters[original])
    return Pool(rows, languages, matters, queries)


def _translations(name: str, embedder: Embedder, pool: Pool) -> list[Figure]:
    dense = similarities(corpus.encoded_rows(embedder, pool.rows), len(pool.rows))
    languages = np.array(pool.languages)
    among_others = []
    for query in pool.queries:
        cosines = np.where(languages == languages[query], -1, dense[query])
        among_others.append(pool.matters[int(cosines.argmax())] == pool.matters[query])
    figures = [Figure(f"{name}: first among other languages", float(np.mean(among_others)),
                      "", MIN_FIRST if name == BOTH else None, "at least")]  # fmt: skip
    hits: dict[str, list[bool]] = defaultdict(list)
    with stored_set(embedder, pool.rows, "ticket") as stored:
        for query, order in listed(stored, pool.queries).items():
            first = next((one for one in order if not pool.is_own(query, int(one))), None)
            is_right = first is not None and pool.matters[int(first)] == pool.matters[query]
            hits[pool.languages[query]].append(is_right)
    figures += [
        Figure(f"{name}: first of all, from {language}", float(np.mean(right)))
        for language, right in sorted(hits.items())
    ]
    return figures + _grouped(name, embedder, pool)


def _grouped(name: str, embedder: Embedder, pool: Pool) -> list[Figure]:
    """Measure whether the same matter in two languages is one topic, as a run groups tickets."""
    texts = [str(row["text"]) for row in pool.rows]
    vectors = mean_vectors(embedder, texts)
    written = without_languages(vectors, [decided_name(text) for text in texts])
    figures = []
    for way, rows in (("as they are", vectors), ("without their languages'", written)):
        labels = cluster(rows).nearest
        pairs = [
            labels[one] == labels[other]
            for one, other in combinations(range(len(texts)), 2)
            if pool.matters[one] == pool.matters[other]
            and pool.languages[one] != pool.languages[other]
        ]
        shared = [at for at, matter in enumerate(pool.matters) if pool.matters.count(matter) > 1]
        ari = adjusted_rand_score([pool.matters[at] for at in shared], labels[shared])
        figures += [
            Figure(f"{name}, vectors {way}: a matter's pairs in one topic", float(np.mean(pairs))),
            Figure(f"{name}, vectors {way}: ARI of tickets with a matter", float(ari)),
        ]
    return figures


def _english(embedder: Embedder) -> list[float]:
    """Return MAP through the whole ranking, of each set."""
    found = []
    for name in ENGLISH:
        rows = corpus.read(name)
        is_pairs = name == "english_se"
        group = groups_by_pairs(name, rows) if is_pairs else [row["group"] for row in rows]
        found.append(ranked_tickets(embedder, name, rows, group)[2])
    return found
