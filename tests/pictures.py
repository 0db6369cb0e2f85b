"""Pictures made for tests."""

from __future__ import annotations

import io
import random

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

# The writing of a window, and of another of the same program.
FAILED = ("The export of the invoices failed", "Server SRV-12 does not answer", "Error 0x80070035")
EXPIRED = ("The licence of this program expired", "Renew it with your reseller", "Error 0x8A010046")


def font(points: int) -> ImageFont.FreeTypeFont:
    """Return a font that comes with matplotlib."""
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), points)


def dialog(lines: tuple[str, ...]) -> Image.Image:
    """Return a window with a title, a sign, some lines and a button."""
    image = Image.new("RGB", (520, 220), "#f0f0f0")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 520, 34), fill="#2b579a")
    draw.ellipse((24, 70, 72, 118), fill="#c50f1f")
    for number, line in enumerate(lines):
        draw.text((100, 60 + 32 * number), line, "#202020", font(18))
    draw.rectangle((400, 176, 500, 208), outline="#808080", fill="#e0e0e0")
    return image


def photo(seed: int) -> Image.Image:
    """Return blurred spots with noise, as a photograph has them."""
    chance = random.Random(seed)
    rows, columns = np.mgrid[:300, :400]
    light = np.random.default_rng(seed).normal(128, 6, (300, 400))
    for _ in range(12):
        x, y, size = chance.random() * 400, chance.random() * 300, chance.uniform(15, 120)
        spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * size * size))
        light += spot * chance.uniform(-120, 120)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)).convert("RGB")


def file_of(image: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    """Return a picture as a file."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def saying(words: str) -> bytes:
    """Return a picture in which the stand-in for tesseract reads these words."""
    tall = Image.new("L", (1, 2_000), "white")  # a smaller one would be enlarged, without the words
    return file_of(tall) + f"\nwords: {words}\n".encode()


def resized(image: Image.Image, factor: float) -> Image.Image:
    """Return a picture in another size."""
    return image.resize((round(image.width * factor), round(image.height * factor)))


def cropped(image: Image.Image, share: float) -> Image.Image:
    """Return a picture less a share on each side."""
    width, height = image.size
    left, top = round(width * share), round(height * share)
    return image.crop((left, top, width - left, height - top))
