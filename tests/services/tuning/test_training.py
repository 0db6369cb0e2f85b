"""Training a real model, of random weights, on what can be learned by its words."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.tuning.examples import Split
from services.tuning.training import MAX_EPOCHS, Trainer, Training
from tests.tiny_model import make_tiny_model

# Two words of each matter say the same: nothing but learning can tell.
MATTERS = (
    ("printer", "toner"), ("holiday", "vacation"), ("router", "wifi"), ("salary", "payslip"),
    ("badge", "door"), ("laptop", "notebook"), ("mail", "outlook"), ("password", "login"),
)  # fmt: skip
SENTENCES = ("my {} does not work", "question about the {}", "who knows about my {} today")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of 32 dimensions with random weights."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


def _train(folder: Path, seconds: float, seed: int = 7) -> tuple[Training, list[float]]:
    """Train on a pair of each matter in each sentence; return that, and sums of weights."""
    texts = [sentence.format(word) for sentence in SENTENCES for own in MATTERS for word in own]
    pairs = [(item + 1, item) for item in range(0, len(texts), 2)]
    group_of = {item: item // 2 for item in range(len(texts))}
    negatives = {later: [(later + 2) % len(texts)] for later, _ in pairs}
    split = Split(pairs[:-8], pairs[-8:], [], group_of, {}, {}, 0)
    model = SentenceTransformerEmbedder(str(folder)).load_copy()
    # A clock that ticks a second each time that it is looked at.
    trainer = Trainer(model, dict(enumerate(texts)), "", seed, count().__next__)
    done = trainer.train(split, negatives, seconds)
    return done, [one.sum().item() for one in model.state_dict().values()]


def test_the_loss_of_pairs_that_were_not_learned_from_falls(tiny: Path) -> None:
    """The weights of the best look are kept."""
    done, _ = _train(tiny, 1_000)
    assert done.losses[0] > min(done.losses)
    assert 0 < done.kept <= done.steps
    assert done.epochs <= MAX_EPOCHS


def test_training_ends_with_its_time_and_is_the_same_each_time(tiny: Path) -> None:
    """Also in the middle of an epoch; by the same seed, to the last digit."""
    import torch  # takes seconds, also for workers that run none of this

    done, weights = _train(tiny, 4)
    assert done.steps == 3
    assert (done.steps, weights) == (3, _train(tiny, 4)[1])
    assert weights != _train(tiny, 4, seed=8)[1]
    assert torch.is_grad_enabled()
