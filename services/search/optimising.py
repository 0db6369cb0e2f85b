"""Makes the optimised forms of a model in a hidden folder, and keeps the one that is worth it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import InputError, ModelError
from services.search.embedding import SentenceTransformerEmbedder
from services.search.onnx_embedder import OnnxEmbedder
from services.search.onnx_export import check_export, check_packages, export, quantise
from services.search.optimised_names import FORMS, Form, optimised_name

# Where models are made; whatever a run that was killed has left there is deleted by the next.
PART, LOCK = ".optimising", ".optimising.lock"

# The graph, one prepared for rounding and the rounded one take 2.3 times the weights.
ROOM = 3

OWNER_ONLY, FOLDER_OWNER_ONLY = 0o600, 0o700


@contextmanager
def optimised_forms(
    source: SentenceTransformerEmbedder, downloads: Path, tell: Callable[[str], None]
) -> Iterator[dict[Form, OnnxEmbedder]]:
    """Make and give all forms of a model; what `keep_form` did not keep is deleted at the end.

    `tell` gets a line before each step. Raises `ModelError` if the model cannot be optimised or
    the disk is full, and `InputError` if it was optimised before, or another process is at it.
    """
    check_packages()
    for form in FORMS:
        _check_is_new(optimised_name(source.model, form), downloads)
    downloads.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    with _alone(downloads):
        part = downloads / PART
        shutil.rmtree(part, ignore_errors=True)
        try:
            part.mkdir(mode=FOLDER_OWNER_ONLY)
            _check_room(source, downloads)
            yield _make(source, part, tell)
        except OSError as error:
            raise ModelError(
                f"{source.model} could not be optimised: {error.strerror or error}. Nothing was "
                "changed."
            ) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)


def keep_form(form: OnnxEmbedder, downloads: Path) -> Path:
    """Move a model to where it is found by its name, in one step; return its folder."""
    for file in form.folder.iterdir():
        file.chmod(OWNER_ONLY)
    form.folder.chmod(FOLDER_OWNER_ONLY)
    return form.folder.replace(downloads / form.model)


def _make(
    source: SentenceTransformerEmbedder, part: Path, tell: Callable[[str], None]
) -> dict[Form, OnnxEmbedder]:
    forms = {
        form: OnnxEmbedder(optimised_name(source.model, form), downloads=part) for form in FORMS
    }
    for one in forms.values():
        (part / one.model).mkdir(mode=FOLDER_OWNER_ONLY)
    tell("Exporting the model …")
    export(source, forms["float32"].folder)
    check_export(source, forms["float32"])
    tell("Rounding its weights to int8 …")
    quantise(forms["float32"].folder, forms["int8"].folder)
    return forms


def _check_is_new(name: str, downloads: Path) -> None:
    if (downloads / name).exists():
        raise InputError(
            f'{name} was made before: `deja model use "{name}"` brings it into use. To make it '
            f"again, delete {downloads / name}; vectors that it made are then of another model."
        )


def _check_room(source: SentenceTransformerEmbedder, downloads: Path) -> None:
    weights = sum(file.stat().st_size for file in source.folder.rglob("*.safetensors"))
    free = shutil.disk_usage(downloads).free
    if free < ROOM * weights:
        raise ModelError(
            f"To optimise {source.model} takes {ROOM * weights / 1e6:,.0f} MB in {downloads}, and "
            f"{free / 1e6:,.0f} are free."
        )


@contextmanager
def _alone(downloads: Path) -> Iterator[None]:
    descriptor = os.open(downloads / LOCK, os.O_CREAT | os.O_WRONLY, OWNER_ONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError("Another `deja model optimise` is running: wait for it.") from None
    else:
        yield
    finally:
        os.close(descriptor)
