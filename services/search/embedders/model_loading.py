"""Loading a sentence-transformers model from its folder: offline, safetensors only."""

from __future__ import annotations

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
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with collecting_no_garbage():  # it imports the classes of its architecture
            model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            ).float()  # weights may be stored in half precision
        tokens = tokens_of(model)
    except (OSError, ValueError, AttributeError, KeyError, RuntimeError) as error:
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(f"The model {name} cannot be loaded: {why}") from error
    check_architecture(model, folder, name)
    return model, tokens
