"""Makes the optimised forms of a model in a hidden folder, and keeps the one that is worth it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from services.errors import InputError
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.model_files import WEIGHTS
from services.search.embedders.model_workshop import (
    FOLDER_OWNER_ONLY,
    bytes_in,
    ensure_room,
    making_model,
)
from services.search.embedders.onnx_embedder import OnnxEmbedder
from services.search.embedders.onnx_export import check_export, check_packages, export, quantise
from services.search.embedders.optimised_names import FORMS, Form, optimised_name

# Where models are made.
PART = ".optimising"

# Times the size of the weights: the graph and the rounded one together take 1.3.
ROOM = 2

OWNER_ONLY = 0o600


@contextmanager
def optimised_forms(
    source: SentenceTransformerEmbedder, downloads: Path, on_step: Callable[[str], None]
) -> Iterator[dict[Form, OnnxEmbedder]]:
    """Make and give all forms of a model; what `keep_form` did not keep is deleted at the end.

    `on_step` gets a line before each step. Raises `ModelError` if the model cannot be optimised or
    written, and `InputError` if it was optimised before, another process is at it, or there is no
    room.
    """
    check_packages()
    for form in FORMS:
        _check_is_new(optimised_name(source.model, form), downloads)
    with making_model(downloads, PART, "deja model optimise") as part:
        ensure_room(downloads, ROOM * bytes_in(source.folder, WEIGHTS))
        yield _make(source, part, on_step)


def keep_form(form: OnnxEmbedder, downloads: Path) -> Path:
    """Move a model to where it is found by its name, in one step; return its folder."""
    for file in form.folder.iterdir():
        file.chmod(OWNER_ONLY)
    form.folder.chmod(FOLDER_OWNER_ONLY)
    return form.folder.replace(downloads / form.model)


def _make(
    source: SentenceTransformerEmbedder, part: Path, on_step: Callable[[str], None]
) -> dict[Form, OnnxEmbedder]:
    forms = {
        form: OnnxEmbedder(optimised_name(source.model, form), downloads=part) for form in FORMS
    }
    for one in forms.values():
        (part / one.model).mkdir(mode=FOLDER_OWNER_ONLY)
    on_step("Exporting the model …")
    export(source, forms["float32"].folder)
    check_export(source, forms["float32"])
    on_step("Rounding its weights to int8 …")
    quantise(forms["float32"].folder, forms["int8"].folder)
    return forms


def _check_is_new(name: str, downloads: Path) -> None:
    if (downloads / name).exists():
        raise InputError(
            f"{name} was made before: `deja model use {quote(name)}` brings it into use. To make "
            f"it again, delete {downloads / name}; vectors that it made are then of another model."
        )
