"""Whether an optimised model is worth it: what it finds and how fast it reads by its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import get_args

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Workspace
from models.items import ItemKind
from models.queries import COMPARED, LIVE
from services.evaluation.model_comparison import MAX_QUERIES, duplicates_of
from services.judgement.calibration_store import newest_labels
from services.judgement.metrics import ranking_report
from services.memory.comparable_text import comparable_text
from services.search.embedders.embedding import Embedder, chunk

# Fewer tickets with duplicates say nothing about a difference of .005.
MIN_QUERIES = 30

# Of the newest tickets and products, which duplicates have to be found among.
OTHERS = 400

# An optimised model may find so much less, in MAP. It must be faster by this factor either for many
# texts or for one, and slower for neither.
MAX_LOSS = 0.005
MIN_GAIN = 1.1

# Texts that speed is measured on, each lap by all models in turns; the fastest lap counts.
TIMED_TEXTS, SINGLE_TEXTS, LAPS = 48, 16, 3


@dataclass(frozen=True)
class LabelledTexts:
    """Texts, and for the index of each that has duplicates theirs; `origin` says whose they are."""

    origin: str
    texts: Sequence[str]
    relevant: Mapping[int, set[int]]


@dataclass(frozen=True)
class FormFigures:
    """MAP by cosine, texts a second, and the milliseconds of a single text (median)."""

    name: str
    map: float
    texts_per_second: float
    milliseconds: float


def team_texts(session: Session, embedder: Embedder) -> LabelledTexts | None:
    """Return what people found duplicates of, among the newest; None if they are too few.

    Of a long text the first piece counts.
    """
    relevant: dict[int, set[int]] = {}
    for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id)):
        for kind in get_args(ItemKind):
            own = duplicates_of(newest_labels(session, workspace_id, kind))
            relevant |= dict(list(own.items())[:MAX_QUERIES])
    if len(relevant) < MIN_QUERIES:
        return None
    newest = select(Item.id).where(LIVE, COMPARED).order_by(Item.id.desc()).limit(OTHERS)
    ids = sorted({*session.scalars(newest), *relevant, *set().union(*relevant.values())})
    items = session.scalars(select(Item).where(Item.id.in_(ids)).order_by(Item.id)).all()
    pieces = {item.id: chunk(embedder, comparable_text(item)) for item in items}
    index = {item_id: at for at, item_id in enumerate(key for key, own in pieces.items() if own)}
    return LabelledTexts(
        f"{len(relevant)} of the team's tickets with duplicates",
        [own[0] for own in pieces.values() if own],
        {
            index[query]: {index[one] for one in duplicates if one in index}
            for query, duplicates in relevant.items()
            if query in index
        },
    )


def grouped_texts(origin: str, texts: Sequence[str], groups: Sequence[str]) -> LabelledTexts:
    """Return texts of which those of one group are duplicates."""
    relevant = {
        at: {one for one, other in enumerate(groups) if other == group and one != at}
        for at, group in enumerate(groups)
    }
    return LabelledTexts(origin, texts, {at: own for at, own in relevant.items() if own})


def measure_forms(models: Mapping[str, Embedder], labelled: LabelledTexts) -> list[FormFigures]:
    """Measure models on the same texts, in turns: a busy machine is slow for all of them."""
    texts = labelled.texts
    maps = {name: map_by_cosine(model, labelled) for name, model in models.items()}
    many = {name: [_seconds(model, texts[:TIMED_TEXTS])] for name, model in models.items()}
    single: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(LAPS - 1):
        for name, model in models.items():
            many[name].append(_seconds(model, texts[:TIMED_TEXTS]))
    for text in texts[:SINGLE_TEXTS]:
        for name, model in models.items():
            single[name].append(_seconds(model, [text]))
    read = len(texts[:TIMED_TEXTS])
    return [
        FormFigures(name, maps[name], read / min(many[name]), float(np.median(single[name])) * 1000)
        for name in models
    ]


def find_best(source: FormFigures, forms: Sequence[FormFigures]) -> FormFigures | None:
    """Return the first form that loses hardly anything and is faster; None if none is."""
    for one in forms:
        gains = (
            one.texts_per_second / source.texts_per_second,
            source.milliseconds / one.milliseconds,
        )
        if one.map >= source.map - MAX_LOSS and min(gains) >= 1 and max(gains) >= MIN_GAIN:
            return one
    return None


def map_by_cosine(model: Embedder, labelled: LabelledTexts) -> float:
    """Return the mean average precision of the duplicates among all texts."""
    rows = model.encode(list(labelled.texts))
    found, wanted = {}, {}
    for query, duplicates in labelled.relevant.items():
        order = np.argsort(-(rows @ rows[query]), kind="stable")
        found[str(query)] = list(map(str, order.tolist()))
        wanted[str(query)] = set(map(str, duplicates))
    return ranking_report(found, wanted).map or 0.0


def _seconds(model: Embedder, texts: Sequence[str]) -> float:
    start = perf_counter()
    model.encode(texts)
    return perf_counter() - start
