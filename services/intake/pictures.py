"""Opening pictures that people posted."""

from __future__ import annotations

import io

from PIL import Image

# Those that are read (`services.text.slack_images.MIME_TYPES`), whatever a file says that it is.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")

# In pixels. A picture of more is not opened: it would take hundreds of megabytes.
MAX_PIXELS = 50_000_000

# Small writing is read wrong. Enlarged to this side, of two dialogs at half their size all words
# were read, before that none.
READ_SIDE = 2_000
MAX_ENLARGING, MIN_ENLARGING = 3.0, 1.2


def open_picture(data: bytes) -> Image.Image | None:
    """Return a picture in grey on white, of an animation the beginning; None if it cannot be."""
    drawn = open_in_colour(data)
    return None if drawn is None else drawn.convert("L")


def open_in_colour(data: bytes) -> Image.Image | None:
    """Return a picture on white, of an animation the beginning; None if it cannot be opened."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            drawn = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    white = Image.new("RGBA", drawn.size, "white")
    return Image.alpha_composite(white, drawn).convert("RGB")


def legible(data: bytes) -> bytes | None:
    """Return a picture whose writing can be read: a small one enlarged, others as they are.

    None if it cannot be opened.
    """
    grey = open_picture(data)
    if grey is None:
        return None
    factor = min(MAX_ENLARGING, READ_SIDE / max(grey.size))
    if factor < MIN_ENLARGING:
        return data
    size = (round(grey.width * factor), round(grey.height * factor))
    written = io.BytesIO()
    grey.resize(size, Image.Resampling.LANCZOS).save(written, "PNG", compress_level=1)
    return written.getvalue()
