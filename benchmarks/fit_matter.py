"""Fit the model that tells tickets from talk, and store it: `python -m benchmarks.fit_matter`.

It learns from `benchmarks/messages/learned/`, talk and tickets in English, German and Spanish, and
from messages in other languages (`other.txt`), which are kept, as nothing is known of them. Where
the public sets are beside the checkout, those of `LEARNED` count as tickets too, so that questions
are not taken for chatter. `benchmarks/messages/looked_at/` is what was chosen on, and `unseen/`,
`named/`, `short/`, `support/` and `everyday/` beside it are what `python -m benchmarks talk`
measures on, too.
"""

from __future__ import annotations

import argparse
import math
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from benchmarks import corpus
from services.text.slack.markup import clean_slack
from services.text.small_talk.matter import BUCKETS, Weights, features, readings
from services.text.small_talk.talk import MAX_TALK_WORDS, has_matter

MESSAGES = Path(__file__).with_name("messages")
STORED = corpus.ROOT / "services" / "text" / "small_talk" / "matter.weights.gz"
LEARNED = ("banking77", "covidq", "english_se", "semeval_cqa", "hwu64")

# Inverse strength of the L2 penalty, which weighs less on rare features: of 25, 50 and 200 the best
# on "looked at".
C = 50.0
# Steps of the fit, and when it ends: with scikit-learn's own tolerance two fits to nearly the same
# messages differ by some hundredths of what is dropped.
MAX_STEPS, TOLERANCE = 20_000, 1e-6
# Weights beyond this quantile are cut off: else the largest would leave few steps for all others.
CUT_OFF = 0.9995
# Of messages whose words the lists know to say nothing, the model alone decides.
WEIGHT_OF_LISTED = 4.0
# Weights are stored in eight bits with a sign.
LARGEST = 127

Labelled = list[tuple[str, bool]]


def read_messages(folder: Path, language: str = "*") -> Labelled:
    """Return each message of a folder, in one language or in all, and whether it states a matter.

    A file holds a message a line, and its name says what they are: `en.talk.txt`. What is written
    in `other.txt` counts as a matter.
    """
    return [
        (line, not path.name.endswith(".talk.txt"))
        for path in sorted(folder.glob(f"{language}.*"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def talk_and_tickets(folder: Path, language: str) -> tuple[list[str], list[str]]:
    """Return the messages of a folder in one language that are talk, and those that are tickets."""
    read = read_messages(folder, language)
    talk = [text for text, is_matter in read if not is_matter]
    return talk, [text for text, is_matter in read if is_matter]


def fit(labelled: Labelled) -> Weights:
    """Return a logistic regression on messages, and on what the lists leave of each."""
    read = [readings(text) for text, _ in labelled]
    texts = [whole for whole, _ in read] + [said or whole for whole, said in read]
    classes = [is_matter for _, is_matter in labelled] * 2
    counts = [1.0 if said else WEIGHT_OF_LISTED for _, said in read] * 2
    matrix = _matrix(texts)
    rarity = _rarity(matrix)
    model = LogisticRegression(C=C, max_iter=MAX_STEPS, tol=TOLERANCE).fit(
        matrix @ diags(rarity), classes, counts
    )
    weights = model.coef_[0] * rarity
    largest = float(np.quantile(np.abs(weights[weights != 0]), CUT_OFF))
    # Rounded, as the last digits differ from run to run.
    scale = round(largest / LARGEST, 6)
    stepped = np.clip(np.rint(weights / scale), -LARGEST, LARGEST)
    return Weights(
        bias=round(float(model.intercept_[0]), 4),
        scale=scale,
        of=array("b", stepped.astype(np.int8).tobytes()),
    )


def _rarity(matrix: csr_matrix) -> np.ndarray:
    """Return how much each feature counts in the fit, `(BUCKETS,)`: from 1 if one text has it to 0.

    The penalty weighs less on what counts more.
    """
    having = np.bincount(matrix.indices, minlength=BUCKETS)
    rarity: np.ndarray = np.log(matrix.shape[0] / np.maximum(having, 1))
    return rarity / math.log(matrix.shape[0])


def _matrix(texts: Sequence[str]) -> csr_matrix:
    """Return the features of texts as they count: `(texts, BUCKETS)`."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        for buckets in features(text):
            columns += buckets
            values += [1 / math.sqrt(len(buckets) or 1)] * len(buckets)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))


def _real(names: Iterable[str]) -> Labelled:
    """Return the short questions and reports of public sets; none where they are not there."""
    if not corpus.has_data():
        return []
    texts = (
        clean_slack(f"{row.get('title') or ''}\n{row['text']}")
        for name in names
        for row in corpus.read(name)
        if corpus.text_of(row)
    )
    # Some of hwu64 are talk: "thanks, that's enough".
    return [
        (text, True) for text in texts if len(text.split()) <= MAX_TALK_WORDS and has_matter(text)
    ]


def main() -> None:
    """Fit the model and store it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=STORED, help="where to write the weights")
    to = parser.parse_args().to
    labelled = read_messages(MESSAGES / "learned") + _real(LEARNED)
    stored = fit(labelled).to_bytes()
    to.write_bytes(stored)
    print(f"{len(labelled):,} messages; {to.name}: {len(stored) / 1_000:,.0f} kB.")


if __name__ == "__main__":
    main()
