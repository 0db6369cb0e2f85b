"""`optimised`: how fast the forms of `deja model optimise` read here, and what they find.

All read the same texts in turns: PyTorch in float32 as before, PyTorch as is fastest here
(`services.search.embedders.numerics`), and ONNX Runtime with weights in float32 and in int8. MAP is
by cosine of first pieces, on the first groups of each public set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs
from benchmarks.measurement import Figure
from benchmarks.ranking import TICKETS
from benchmarks.speed import measured_numerics
from services.evaluation.optimisation import (
    MAX_LOSS,
    FormFigures,
    LabelledTexts,
    grouped_texts,
    map_by_cosine,
    measure_forms,
)
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder, chunk
from services.search.embedders.optimiser import optimised_forms
from tests.hashing import HashingEmbedder

# Texts of each set, all with duplicates: three models read them within minutes.
TEXTS = 120

TORCH, MEASURED = "PyTorch, float32", "PyTorch, as measured"


def run(quick: bool) -> list[Figure]:
    """Measure the default model; quick, only that it runs."""
    sample = grouped_texts("sample workspace", corpus.sample_texts(), corpus.sample_groups())
    if quick:
        hashing = HashingEmbedder()
        return [*_speeds(measure_forms({TORCH: hashing, MEASURED: hashing}, sample))]
    source, measured = SentenceTransformerEmbedder(), SentenceTransformerEmbedder()
    measured.compute_with(measured_numerics()[0].fastest)
    with TemporaryDirectory() as folder, optimised_forms(source, Path(folder), print) as forms:
        made = {f"ONNX Runtime, {form}": model for form, model in forms.items()}
        models: dict[str, Embedder] = {TORCH: source, MEASURED: measured, **made}
        figures = [*_speeds(measure_forms(models, sample))]
        for name in TICKETS if corpus.has_data() else ():
            figures += _maps({TORCH: source, **made}, _labelled(source, name))
    return figures


def _speeds(found: Sequence[FormFigures]) -> Iterator[Figure]:
    before = found[0]
    for one in found:
        yield Figure(f"{one.name}: texts a second", one.texts_per_second)
        yield Figure("  / PyTorch, float32", one.texts_per_second / before.texts_per_second)
        yield Figure("  one text, p50", one.milliseconds, "ms")
        yield Figure("  / PyTorch, float32", one.milliseconds / before.milliseconds)
        yield Figure("  MAP of the sample", one.map, "", before.map - MAX_LOSS, "at least")


def _maps(models: dict[str, Embedder], labelled: LabelledTexts) -> Iterator[Figure]:
    before: float | None = None
    for name, model in models.items():
        precision = map_by_cosine(model, labelled)
        before = precision if before is None else before
        yield Figure(
            f"{labelled.origin}, {name}: MAP", precision, "", before - MAX_LOSS, "at least"
        )


def _labelled(embedder: Embedder, name: str) -> LabelledTexts:
    """Return the first texts of a public set that have duplicates, with all of these."""
    rows = corpus.read(name)
    groups = groups_by_pairs(name, rows) if name == "english_se" else [r["group"] for r in rows]
    members: dict[str, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    several = (at for own in members.values() if len(own) > 1 for at in own)
    chosen = list(islice(several, TEXTS))
    texts = [chunk(embedder, corpus.text_of(rows[at]))[0] for at in chosen]
    return grouped_texts(name, texts, [groups[at] for at in chosen])
