"""Opening pictures that people posted."""

from __future__ import annotations

import io
import math

from PIL import Image

# Those that are read (`services.text.slack.images.MIME_TYPES`), whatever a file says that it is.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")

# In pixels. A picture of more is not opened; one of so many takes 200 MB while it is decoded, and
# a JPEG a quarter of that.
MAX_PIXELS = 50_000_000
# In pixels. Larger pictures are reduced: a page at 300 dpi has 9 million, a screen of 4K 8 million.
ENOUGH_PIXELS = 12_500_000
# Rows that are drawn at a time.
_ROWS = 256

# Small writing is read wrong. Enlarged to this side, of two dialogs at half their size all words
# were read, before that none.
READ_SIDE = 2_000
MAX_ENLARGING, MIN_ENLARGING = 3.0, 1.2


def open_picture(data: bytes) -> Image.Image | None:
    """Return a picture in grey on white, of an animation the beginning; None if it cannot be."""
    drawn = open_in_colour(data)
    return None if drawn is None else drawn.convert("L")


def open_in_colour(data: bytes) -> Image.Image | None:
    """Return a picture on white, of an animation the beginning; None if it cannot be opened.

    One of more than `ENOUGH_PIXELS` is smaller than it was.
    """
    found = _opened(data)
    return found and found[0]


def _opened(data: bytes) -> tuple[Image.Image, int] | None:
    """Return a picture, and how many times smaller than it was its sides are."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            size = image.size
            if image.width * image.height > MAX_PIXELS:
                return None
            factor = math.ceil(math.sqrt(image.width * image.height / ENOUGH_PIXELS))
            if factor > 1:
                # A JPEG is decoded at a half, a quarter or an eighth of its size.
                image.draft(image.mode, (image.width // factor, image.height // factor))
            is_reduced = image.size != size
            return _on_white(image, 1 if is_reduced else factor), factor
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None


def _on_white(image: Image.Image, factor: int) -> Image.Image:
    """Draw a picture on white, some rows at a time, and reduce it by a whole factor."""
    drawn = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, _ROWS * factor):
        bottom = min(top + _ROWS * factor, image.height)
        rows = image.crop((0, top, image.width, bottom)).convert("RGBA")
        white = Image.new("RGBA", rows.size, "white")
        flat = Image.alpha_composite(white, rows).convert("RGB")
        drawn.paste(flat.reduce(factor) if factor > 1 else flat, (0, top // factor))
    return drawn


def legible(data: bytes) -> bytes | None:
    """Return a picture whose writing can be read: a small one enlarged, a huge one reduced.

    Others are as they are. None if it cannot be opened.
    """
    found = _opened(data)
    if found is None:
        return None
    grey, reduced = found[0].convert("L"), found[1]
    factor = min(MAX_ENLARGING, READ_SIDE / max(grey.size))
    if factor >= MIN_ENLARGING:
        size = (round(grey.width * factor), round(grey.height * factor))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    elif reduced == 1:
        return data
    written = io.BytesIO()
    grey.save(written, "PNG", compress_level=1)
    return written.getvalue()
