"""What verdicts taught, as it is stored; it loads NumPy, which takes long, only to judge pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.judgement.cut import DEFAULT_BUDGET, Cut, find_cut

if TYPE_CHECKING:
    from services.judgement.features import PairFeatures
    from services.judgement.metrics import Matrix


@dataclass(frozen=True)
class Model:
    """What verdicts taught about the items of a kind; its fields are stored as JSON.

    `mean`, `scale` and `weights` are those of the closeness and of `features`, in this order;
    without `weights` the strength is the closeness. `strengths` and `labels` are those of the
    reviewed pairs, the strongest first, and `backlog_shares` which share of the backlog each stands
    for; no pair that is less close than `min_closeness` is called.
    `verbosity` is that of the corpus, `slope` and `offset` make a probability of a strength.
    """

    features: tuple[str, ...]
    verbosity: float
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    strengths: tuple[float, ...]
    labels: tuple[bool, ...]
    backlog_shares: tuple[float, ...]
    min_closeness: float
    slope: float
    offset: float

    @classmethod
    def is_stored(cls, stored: Mapping[str, Any]) -> bool:
        """Say whether JSON is a model of this version."""
        return stored.keys() == {one.name for one in fields(cls)}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Model:
        """Return the model that was stored as JSON from `dataclasses.asdict`."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        return cls(**values)

    def strength(self, features: Sequence[PairFeatures]) -> Matrix:
        """Return how strong the evidence on each pair is, shape `(n,)`; higher is stronger."""
        from services.judgement.strength import strengths_of

        return strengths_of(self, features)

    def probabilities(self, strengths: Matrix) -> Matrix:
        """Return the probability that pairs of these strengths are duplicates, shape `(n,)`."""
        from services.judgement.strength import probabilities_of

        return probabilities_of(self, strengths)

    def cut(self, wrong_in_ten: int = DEFAULT_BUDGET) -> Cut | None:
        """Return the cut for a noise budget; None where no run of reviewed pairs allows one."""
        if wrong_in_ten not in self._cuts:
            self._cuts[wrong_in_ten] = find_cut(
                self.strengths, self.labels, self.backlog_shares, wrong_in_ten
            )
        return self._cuts[wrong_in_ten]

    @cached_property
    def _cuts(self) -> dict[int, Cut | None]:
        return {}
