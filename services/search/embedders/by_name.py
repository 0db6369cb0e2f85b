"""The embedder of a model's name: a folder or a name, a package, an API, or several together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.errors import ModelError
from services.search.embedders import use_multilingual
from services.search.embedders.api_client import ApiAccess
from services.search.embedders.embedding import LocalEmbedder, SentenceTransformerEmbedder
from services.search.embedders.embedding_api import PREFIX, EmbeddingApi
from services.search.embedders.joined import PLUS, JoinedEmbedder
from services.search.embedders.model_files import find_folder
from services.search.embedders.model_table import find_known
from services.search.embedders.onnx_embedder import OnnxEmbedder, optimised_folder
from services.search.embedders.optimised_names import is_optimised, source_name
from services.search.embedders.reduced import ReducedEmbedder, reduced_name, split_name
from services.search.embedders.use_multilingual import UseMultilingual


@dataclass(frozen=True)
class ModelPlaces:
    """Where models are found.

    `downloads` is the folder of those that Déjà downloaded, `api` what texts may be sent to.
    """

    downloads: Path | None = None
    api: ApiAccess | None = None


ANYWHERE = ModelPlaces()


def open_embedder(
    name: str,
    sha256: str | None = None,
    known: tuple[str, int] | None = None,
    places: ModelPlaces = ANYWHERE,
    directions: bytes | None = None,
) -> LocalEmbedder:
    """Return the embedder of a model; nothing is loaded before it reads a text.

    `sha256` is the checksum that the weights must have, and `known` the fingerprint and the
    dimensions of vectors that it made. `directions` are those of a model with fewer dimensions.
    """
    base, dim = split_name(name)
    if dim is not None:
        return ReducedEmbedder(open_embedder(base, sha256, places=places), dim, directions, known)
    names = names_of(name)
    if len(names) > 1:
        parts = [open_embedder(one, places=places) for one in names]
        return JoinedEmbedder(parts, sha256, known)
    if name == use_multilingual.NAME:
        return UseMultilingual(sha256, known)
    if name.startswith(PREFIX):
        return EmbeddingApi(name, places.api, sha256, known)
    if is_optimised(name):
        return OnnxEmbedder(name, sha256, known, places.downloads)
    return SentenceTransformerEmbedder(name, sha256, known, places.downloads)


def names_of(name: str) -> list[str]:
    """Return the names of the models that are used side by side, without dimensions.

    Raises `ModelError`.
    """
    names = [one.strip() for one in split_name(name)[0].split(PLUS)]
    if not all(names) or len(set(names)) < len(names):
        raise ModelError(
            f"Models side by side are named as in `A{PLUS}B`, each once: not {name!r}."
        )
    return names


def absolute_name(name: str, places: ModelPlaces) -> str:
    """Return a model's name with folders in full, as the database notes it."""
    full = PLUS.join(_absolute(one, places) for one in names_of(name))
    dim = split_name(name)[1]
    return full if dim is None else reduced_name(full, dim)


def _absolute(name: str, places: ModelPlaces) -> str:
    if name == use_multilingual.NAME or name.startswith(PREFIX) or is_optimised(name):
        return name
    path = Path(name).expanduser()
    is_folder = find_folder(name, places.downloads) == path
    return str(path.absolute()) if is_folder else name


def is_on_this_machine(name: str, places: ModelPlaces = ANYWHERE) -> bool:
    """Say whether all models of a name are here; nothing is loaded."""
    return all(_is_here(one, places) for one in names_of(name))


def reads_english_only(name: str) -> bool:
    """Say whether all models of a name are known, and none reads another language."""
    known = [find_known(source_name(one)) for one in names_of(name)]
    return all(one is not None and one.languages == "English" for one in known)


def sends_texts(name: str) -> bool:
    """Say whether the texts of tickets leave this machine to be read by a model."""
    return any(one.startswith(PREFIX) for one in names_of(name))


def has_optimised(name: str) -> bool:
    """Say whether an optimised model is among those of a name."""
    return any(map(is_optimised, names_of(name)))


def _is_here(name: str, places: ModelPlaces) -> bool:
    if name.startswith(PREFIX):
        return places.api is not None
    try:
        if name == use_multilingual.NAME:
            return UseMultilingual().weights.exists()
        if is_optimised(name):
            return optimised_folder(name, places.downloads).is_dir()
        return find_folder(name, places.downloads).is_dir()
    except ModelError:
        return False
