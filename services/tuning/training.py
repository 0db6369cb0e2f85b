"""Learning: a model's weights are moved until the same is near, and what differs is not.

sentence-transformers' loss (multiple negatives ranking, with hard negatives) in a loop of our own:
its trainer needs six more packages, of which the largest has 50 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from services.issues.groups import PairIds
from services.progress import Progress, no_progress
from services.tuning.examples import Split, Triplet, make_batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

# Tokens of a text that are learned from: its beginning says what it is about, and a step takes as
# long as its longest text.
MAX_TOKENS = 128

BATCH_SIZE = 16

# As sentence-transformers' trainer has it, with a tenth of an epoch to begin with.
RATE, WARM_UP, WEIGHT_DECAY, MAX_NORM = 2e-5, 0.1, 0.01, 1.0

MAX_EPOCHS = 4

# Looks at the validation pairs in an epoch, and how many of them in a row may find no progress.
CHECKS, PATIENCE = 2, 2

# Steps that a time is told from.
TIMED_STEPS = 2


@dataclass(frozen=True)
class Training:
    """What was done: `kept` is the step whose weights were the best, 0 where none was better.

    `losses` are those of the validation pairs, before the first step and at each look.
    """

    steps: int
    kept: int
    epochs: float
    seconds: float
    losses: tuple[float, ...]


class Trainer:
    """Trains one model; `texts` has that of each item, `prompt` is read before each of them.

    `learned_from` collects the items whose texts were read.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        texts: Mapping[int, str],
        prompt: str,
        seed: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        import torch
        from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

        torch.manual_seed(seed)
        self._model, self._texts, self._prompt = model, texts, prompt
        self._seed, self._clock = seed, clock
        self._window = model.max_seq_length
        model.max_seq_length = min(self._window or MAX_TOKENS, MAX_TOKENS)
        self.learned_from: set[int] = set()
        self._loss = MultipleNegativesRankingLoss(model)
        self._optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)

    def train(
        self,
        split: Split,
        negatives: Mapping[int, Sequence[int]],
        seconds: float,
        progress: Progress = no_progress,
    ) -> Training:
        """Train for at most so many seconds; the model has the best weights afterwards."""
        start = self._clock()
        epoch = len(self.epoch(split, negatives, 0))
        total, every = MAX_EPOCHS * epoch, math.ceil(epoch / CHECKS)
        best = _Best(self, self._batches(split.validation, split, negatives, 0))
        step = 0
        for batch in self._stream(split, negatives):
            # The rate falls to nothing, by steps or by time, whichever ends first.
            done = max(step / total, (self._clock() - start) / seconds)
            if done >= 1 or (step % every == 0 and best.look(step) >= PATIENCE * every):
                break
            warm = min((step + 1) / (WARM_UP * epoch), 1.0)
            self.step(batch, RATE * warm * (1 - done))
            step += 1
            progress(step, total)
        best.look(step)
        self._model.load_state_dict(best.weights)
        self._model.max_seq_length = self._window
        taken = self._clock() - start
        return Training(step, best.step, step / epoch, taken, tuple(best.losses))

    def epoch(
        self, split: Split, negatives: Mapping[int, Sequence[int]], number: int
    ) -> list[list[Triplet]]:
        """Return the batches of an epoch."""
        return self._batches(split.training, split, negatives, number)

    def step(self, batch: Sequence[Triplet], rate: float) -> None:
        """Learn from a batch."""
        import torch

        self._model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        self._loss_of(batch).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), MAX_NORM)
        self._optimizer.step()

    def validate(self, batches: Sequence[Sequence[Triplet]]) -> float:
        """Return the mean loss of pairs; nothing is learned."""
        import torch

        self._model.eval()
        with torch.no_grad():
            losses = [float(self._loss_of(batch)) * len(batch) for batch in batches]
        return sum(losses) / sum(map(len, batches))

    def seconds_a_step(self, batches: Sequence[Sequence[Triplet]]) -> float:
        """Return what a step takes, by a few of them. The model is not the same afterwards."""
        some = batches[: TIMED_STEPS + 1]
        self.step(some[0], RATE)  # makes the optimizer's state
        start = self._clock()
        for batch in some[1:] or some:
            self.step(batch, RATE)
        return (self._clock() - start) / len(some[1:] or some)

    def weights(self) -> dict[str, Any]:
        """Return a copy of the weights."""
        return {name: value.clone() for name, value in self._model.state_dict().items()}

    def _batches(
        self,
        pairs: Sequence[PairIds],
        split: Split,
        negatives: Mapping[int, Sequence[int]],
        number: int,
    ) -> list[list[Triplet]]:
        return make_batches(pairs, negatives, split.group_of, BATCH_SIZE, self._seed + number)

    def _stream(
        self, split: Split, negatives: Mapping[int, Sequence[int]]
    ) -> Iterator[list[Triplet]]:
        for number in range(MAX_EPOCHS):
            yield from self.epoch(split, negatives, number)

    def _loss_of(self, batch: Sequence[Triplet]) -> Tensor:
        import torch

        columns = list(zip(*(triplet.items for triplet in batch), strict=True))
        self.learned_from.update(*columns)
        features = [self._features([self._texts[one] for one in column]) for column in columns]
        loss: Tensor = self._loss(features, torch.empty(0))
        return loss

    def _features(self, texts: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = self._model.preprocess(texts, prompt=self._prompt or None)
        return found


class _Best:
    """The weights with the lowest loss of the validation pairs so far, and the step they are of."""

    def __init__(self, trainer: Trainer, batches: Sequence[Sequence[Triplet]]) -> None:
        self._trainer, self._batches = trainer, batches
        self._looked_at = 0
        self.losses = [trainer.validate(batches)]
        self.weights = trainer.weights()
        self.step = 0

    def look(self, step: int) -> int:
        """Look at the weights after a step, once; return how many steps brought no progress."""
        if step > self._looked_at:
            self._looked_at = step
            loss = self._trainer.validate(self._batches)
            if loss < min(self.losses):
                self.weights, self.step = self._trainer.weights(), step
            self.losses.append(loss)
        return step - self.step
