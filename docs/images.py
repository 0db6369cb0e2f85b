"""Pictures in this folder, as small as they can be."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent

# A page of text and a few plain colours needs no more, and the file is a third as large.
COLOURS = 128


def save(name: str, png: bytes) -> None:
    """Write a picture with as many colours as a person sees in it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
