"""The models that Déjà knows, from `models.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.search.embedders.optimised_names import source_name
from services.text.words.word_lists import read_lists


@dataclass(frozen=True)
class KnownModel:
    """A model, and what is known of it without loading it; None and `""` where nothing is.

    `source` is its repository on the Hugging Face hub, unless it comes with `package`. `extra` is
    that of Déjà which installs the package. `matryoshka` has the dimensions, fewer than all, that
    its vectors may be cut to.
    """

    name: str
    task: str
    languages: str
    dimensions: int
    source: str
    window: int | None = None
    prompt: str = ""
    license: str = ""
    revision: str | None = None
    sha256: str | None = None
    megabytes: int | None = None
    package: str | None = None
    extra: str | None = None
    map: float | None = None
    matryoshka: tuple[int, ...] = ()
    note: str = ""

    @property
    def is_on_hub(self) -> bool:
        """Say whether it is downloaded from the hub."""
        return self.package is None and not self.name.startswith("api:")


@cache
def known_models() -> tuple[KnownModel, ...]:
    """Return all models of the table."""
    rows = read_lists("models.toml", "services.search.embedders")["model"]
    return tuple(
        KnownModel(**{**row, "matryoshka": tuple(row.get("matryoshka", ()))}) for row in rows
    )


def find_known(name: str) -> KnownModel | None:
    """Return what is known of a model, by its name, its repository, or its folder's name."""
    last = Path(name).name
    return next((one for one in known_models() if one.name == last), None)


def can_be_cut(name: str, dim: int) -> bool:
    """Say whether a model was trained to have so many dimensions."""
    known = find_known(source_name(name))
    return known is not None and dim in known.matryoshka
