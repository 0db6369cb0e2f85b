"""Loading a sentence-transformers model from its folder: offline, safetensors only."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import ModelError
from services.garbage import collecting_no_garbage, import_large
from services.search.embedders.model_files import check_architecture
from services.search.embedders.tokens import Tokeniser, tokens_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load_model(name: str, folder: Path) -> tuple[SentenceTransformer, Tokeniser]:
    """Return a model, in float32, with its tokenizer.

    Raises `ModelError` if it cannot be loaded, or is not what its folder says.
    """
    import_large("sentence_transformers")
    from sentence_transformers import SentenceTransformer

    silence_transformers()
    try:
        with collecting_no_garbage():  # it imports the classes of its architecture
            model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            ).float()  # weights may be stored in half precision
        tokens = tokens_of(model)
    except Exception as error:  # each library has exceptions of its own for a bad file, or none
        raise ModelError(f"The model {name} cannot be loaded: {reason_of(error)}") from error
    check_architecture(model, folder, name)
    return model, tokens


def silence_transformers() -> None:
    """Let no report of transformers surround the one line that says why a model is not loaded."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("transformers").setLevel(logging.ERROR)


def reason_of(error: Exception) -> str:
    """Return the line that says why a model is not loaded.

    Where weights have other sizes, transformers names a parameter of its own and the report.
    """
    from safetensors import SafetensorError

    if isinstance(error, SafetensorError):
        return "its weights are damaged or not complete. Copy or download the model again."
    if "ignore_mismatched_sizes" in str(error):
        return "its weights are of other sizes than its config.json says."
    if isinstance(error, KeyError):
        return f"its configuration lacks {error}."
    return (str(error) or type(error).__name__).splitlines()[0]
