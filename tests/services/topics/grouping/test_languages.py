"""What the tickets of a language have in common is left out before they are grouped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import unit
from services.topics.grouping.languages import MIN_COMPARED, without_languages

DIM, STEP = 48, 1.0


def _tickets(
    matters: Sequence[int], languages: Sequence[str], seed: int = 0
) -> NDArray[np.float32]:
    """Return vectors of tickets: a matter's direction, its language's step and some noise."""
    random = np.random.default_rng(seed)
    of_matter, step = random.normal(size=(13, DIM)), STEP * random.normal(size=(2, DIM))
    rows = [
        of_matter[matter] + step[["English", "German"].index(language)]
        for matter, language in zip(matters, languages, strict=True)
    ]
    return unit(np.array(rows) + 0.2 * random.normal(size=(len(rows), DIM)))


def _share_together(labels: NDArray[np.int64], matters: list[int], languages: list[str]) -> float:
    """Return the share of pairs of one matter in two languages that are in one topic."""
    pairs = [
        labels[one] == labels[other]
        for one in range(len(matters))
        for other in range(one)
        if matters[one] == matters[other] and languages[one] != languages[other]
    ]
    return float(np.mean(pairs))


def test_the_same_matter_in_two_languages_is_one_topic() -> None:
    """The step between the languages is larger than that between matters."""
    matters = [at % 12 for at in range(216)]
    languages = ["English"] * 108 + ["German"] * 108
    vectors = _tickets(matters, languages)
    before = cluster(vectors).nearest
    after = cluster(without_languages(vectors, languages)).nearest
    assert _share_together(before, matters, languages) < 0.1
    assert _share_together(after, matters, languages) > 0.8


def test_the_order_of_the_tickets_does_not_matter() -> None:
    """Not even in the last digit, by which topics may differ."""
    matters = [at % 12 for at in range(216)]
    languages = ["English"] * 108 + ["German"] * 108
    vectors, order = _tickets(matters, languages), np.random.default_rng(1).permutation(216)
    found = without_languages(vectors[order], [languages[at] for at in order])
    assert np.array_equal(found, without_languages(vectors, languages)[order])


def test_a_matter_that_only_one_language_has_stays_one() -> None:
    """All German tickets are about one thing: their mean is that thing, which must not go."""
    matters = [at % 6 for at in range(60)] + [12] * 20
    languages = ["English"] * 60 + ["German"] * 20
    vectors = _tickets(matters, languages)
    labels = cluster(without_languages(vectors, languages)).nearest
    assert len(set(labels[60:].tolist())) == 1
    assert set(labels[60:].tolist()).isdisjoint(labels[:60].tolist())


@pytest.mark.parametrize(
    "languages",
    [
        ["English"] * 40,
        [None] * 40,
        ["English"] * (41 - MIN_COMPARED) + ["German"] * (MIN_COMPARED - 1),
    ],
)
def test_tickets_of_one_language_are_left_as_they_are(languages: list[str | None]) -> None:
    """Not even rounded; so are those of which a few look like another language."""
    vectors = _tickets([at % 6 for at in range(40)], ["English"] * 40)
    assert without_languages(vectors, languages) is vectors
