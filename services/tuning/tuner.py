"""A model learns from a team: what it learns, how long that takes, and whether it is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from services.errors import InputError, ModelError
from services.judgement.judge import Judge
from services.memory.item_vectors import ItemVectors
from services.progress import Progress, no_progress
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.embedders.model_files import checksum_of
from services.tuning.examples import Split, hard_negatives, split_decisions
from services.tuning.held_out import Comparison, compare, rank
from services.tuning.team_pairs import (
    nearest_by_meaning,
    pieces_of,
    pools_of,
    read_decisions,
    read_vectors,
)
from services.tuning.training import MAX_EPOCHS, Trainer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Pieces = Mapping[int, list[str]]


@dataclass(frozen=True)
class Lesson:
    """What is learned, and what is measured: `pools` are what the held-out items are found in.

    `negatives` are by item, `texts` what is learned from, `pieces` all of what is in the pools.
    """

    split: Split
    negatives: Mapping[int, list[int]]
    texts: Mapping[int, str]
    pools: list[list[int]]
    pieces: Pieces

    @property
    def rejected(self) -> int:
        """How many rejected items a confirmed one is told from."""
        return sum(
            one in self.negatives.get(later, ())
            for later, _ in self.split.training
            for one in self.split.rejected.get(self.split.group_of[later], ())
        )


def tunable(name: str, embedder: Embedder) -> SentenceTransformerEmbedder:
    """Return the embedder of a model that can learn. Raises `ModelError`.

    Those of other engines, which have weights of other kinds, may be of derived classes.
    """
    if type(embedder) is not SentenceTransformerEmbedder:
        raise ModelError(
            f"{name} cannot learn from the team: only a single sentence-transformers model can."
        )
    return embedder


class Tuner:
    """Lets a copy of the model `base` learn; `judge` knows what is near by the model in use."""

    def __init__(self, judge: Judge, base: SentenceTransformerEmbedder, seed: int) -> None:
        self.judge = judge
        self.base = base
        self.seed = seed

    @cached_property
    def model(self) -> SentenceTransformer:
        """The copy that learns. Raises `ModelError` if it has nothing that could."""
        from sentence_transformers.sentence_transformer.modules import Transformer

        model = self.base.load_copy()
        if not isinstance(model[0], Transformer):
            raise ModelError(
                f"{self.base.model} cannot learn from the team: it has a fixed vector for each "
                "word, and no transformer."
            )
        return model

    def prepare(self, session: Session) -> Lesson:
        """Read what there is to learn. Raises `InputError` if it is too little."""
        split = split_decisions(read_decisions(session))
        pairs = [*split.training, *split.validation]
        nearest = nearest_by_meaning(session, self.judge, [later for later, _ in pairs])
        negatives = hard_negatives(split, nearest)
        if not any(negatives.get(later) for later, _ in split.validation) or not any(
            negatives.get(later) for later, _ in split.training
        ):
            raise InputError(
                "Nothing is near what was confirmed: there is nothing to tell it from. Are there "
                "vectors of all tickets? `deja model status` says so."
            )
        pools = pools_of(session, list(split.queries))
        ids = {one for pair in pairs for one in pair}.union(*negatives.values())
        pieces = pieces_of(session, self._vectors, ids.union(*pools))
        texts = {one: next(iter(pieces.get(one, ())), "") for one in ids}
        in_pools = frozenset().union(*pools)
        return Lesson(split, negatives, texts, pools,
                      {one: own for one, own in pieces.items() if one in in_pools})  # fmt: skip

    @property
    def _vectors(self) -> ItemVectors:
        return ItemVectors(self.judge.vectors.database, self.base)

    def trainer(self, lesson: Lesson) -> Trainer:
        """Return what trains the copy."""
        return Trainer(self.model, lesson.texts, self.base.prompt, self.seed)

    def estimate(self, lesson: Lesson) -> float:
        """Return how many seconds all epochs would take; the copy is of no use afterwards."""
        trainer = self.trainer(lesson)
        epoch = trainer.epoch(lesson.split, lesson.negatives, 0)
        return MAX_EPOCHS * len(epoch) * trainer.seconds_a_step(epoch)

    def save(self, folder: Path) -> str:
        """Write the copy into a folder, and return the checksum of its weights.

        Raises `OSError`, also where the disk is full.
        """
        from safetensors import SafetensorError

        prompt = self.base.prompt
        self.model.prompts = {"ticket": prompt} if prompt else {}
        self.model.default_prompt_name = "ticket" if prompt else None
        try:
            self.model.save(str(folder), create_model_card=False)
        except (SafetensorError, RuntimeError) as error:
            raise OSError(str(error).splitlines()[0]) from error
        return checksum_of(folder, self.base.model)

    def measure(self, lesson: Lesson, folder: Path, progress: Progress = no_progress) -> Comparison:
        """Compare the saved copy with what it began as, on the held-out part."""
        tuned = ItemVectors(self.judge.vectors.database, SentenceTransformerEmbedder(str(folder)))
        ranked: list[dict[int, list[int]]] = []
        for vectors in (self._vectors, tuned):
            read = read_vectors(vectors, lesson.pieces, progress)
            found: dict[int, list[int]] = {}
            for pool in lesson.pools:
                found |= rank(read, pool, [one for one in pool if one in lesson.split.queries])
            ranked.append(found)
        return compare(ranked[0], ranked[1], lesson.split.held_out, self.seed)
