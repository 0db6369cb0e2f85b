"""The model that reads pictures, CLIP: loaded when first needed, offline, safetensors only.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021). Its
vectors of pictures and of short English texts are of one space.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.errors import ModelError
from services.garbage import collecting_no_garbage
from services.search.embedders.model_files import (
    check_weights,
    checksum_of,
    expected_checksum,
    find_folder,
    is_for_images,
)
from services.search.embedders.model_loading import reason_of, silence_transformers

if TYPE_CHECKING:
    from PIL.Image import Image
    from transformers import CLIPModel

Floats = NDArray[np.float32]

# Where sentence-transformers keeps the model within its folder.
INNER_FOLDER = "0_CLIPModel"

# What OpenAI's models were trained with, where the folder does not say.
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


class ImageEmbedder:
    """A CLIP model on this machine, by name or path.

    All that reads raises `ModelError` where there is no such model, or its weights are others.
    """

    def __init__(self, model: str, downloads: Path | None = None) -> None:
        self.model = model
        self._downloads = downloads
        self._lock = Lock()

    @cached_property
    def fingerprint(self) -> str:
        """What identifies the model; vectors with different fingerprints are never compared."""
        return f"{Path(self.model).name[:64]}@{self._checksum[:16]}/{self.dim}/images1"

    @property
    def dim(self) -> int:
        """The number of dimensions."""
        return int(self._config.projection_dim)

    def read_pictures(self, pictures: Sequence[Image]) -> Floats:
        """Return one unit-length row for each picture in RGB, shape `(len(pictures), dim)`."""
        import torch

        model, _ = self._loaded
        points = np.stack([self._points(one) for one in pictures])
        with self._lock, torch.inference_mode():
            return _unit(model.get_image_features(pixel_values=torch.from_numpy(points)))

    def read_text(self, text: str) -> Floats:
        """Return the vector of a text, shape `(1, dim)`; of a longer one the beginning is read."""
        import torch

        model, tokenizer = self._loaded
        window = int(self._config.text_config.max_position_embeddings)
        tokens = tokenizer([text], truncation=True, max_length=window, return_tensors="pt")
        with self._lock, torch.inference_mode():
            return _unit(model.get_text_features(**tokens))

    def _points(self, picture: Image) -> Floats:
        """Return a picture as the model sees it, shape `(3, side, side)`: its middle square."""
        from PIL import Image as Images
        from PIL import ImageOps

        side = int(self._config.vision_config.image_size)
        square = ImageOps.fit(picture, (side, side), Images.Resampling.BICUBIC)
        mean, deviation = self._scale
        points = (np.asarray(square, dtype=np.float32) / 255 - mean) / deviation
        return np.ascontiguousarray(points.transpose(2, 0, 1), dtype=np.float32)

    @property
    def _config(self) -> Any:
        """What the folder's config.json says."""
        return self._loaded[0].config

    @cached_property
    def _scale(self) -> tuple[Floats, Floats]:
        try:
            said = json.loads((self._folder / "preprocessor_config.json").read_text("utf-8"))
        except (OSError, ValueError):
            said = {}
        values = said.get("image_mean", MEAN), said.get("image_std", DEVIATION)
        return np.array(values[0], np.float32), np.array(values[1], np.float32)

    @cached_property
    def _folder(self) -> Path:
        folder = find_folder(self.model, self._downloads)
        inner = folder / INNER_FOLDER
        own = inner if inner.is_dir() else folder
        if not is_for_images(folder) and not is_for_images(own):
            raise ModelError(f"{self.model} is no CLIP model: it cannot read pictures.")
        return own

    @cached_property
    def _checksum(self) -> str:
        return checksum_of(self._folder, self.model)

    @cached_property
    def _loaded(self) -> tuple[CLIPModel, Any]:
        with self._lock:
            if "_loaded" in self.__dict__:
                pair: tuple[CLIPModel, Any] = self.__dict__["_loaded"]
                return pair
            self.__dict__["_loaded"] = loaded = self._load()
            return loaded

    def _load(self) -> tuple[CLIPModel, Any]:
        folder = self._folder
        check_weights(self.model, self._checksum, expected_checksum(self.model, folder))
        with collecting_no_garbage():
            from transformers import AutoTokenizer, CLIPModel

        silence_transformers()
        try:
            loaded: Any = CLIPModel.from_pretrained(
                str(folder), local_files_only=True, use_safetensors=True, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except Exception as error:  # each library has exceptions of its own for a bad file
            raise ModelError(
                f"The model {self.model} cannot be loaded: {reason_of(error)}"
            ) from error
        model, found = loaded
        missing = sorted(found["missing_keys"])
        if missing:
            raise ModelError(
                f"The weights of the model {self.model} are of another architecture than its "
                f"config.json: {missing[0]} is missing."
            )
        return model.float().eval(), tokenizer


def _unit(found: Any) -> Floats:
    """Return rows of unit length; what the model gives is named or plain, by its version."""
    rows = getattr(found, "pooler_output", found).numpy().astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
