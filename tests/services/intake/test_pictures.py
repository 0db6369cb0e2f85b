"""Opening pictures: huge ones are reduced, and nothing is drawn on what shines through."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageDraw

from services.intake.pictures import (
    ENOUGH_PIXELS,
    MAX_PIXELS,
    legible,
    open_in_colour,
    open_picture,
)


def _encoded(image: Image.Image, form: str) -> bytes:
    written = io.BytesIO()
    image.save(written, form)
    return written.getvalue()


@pytest.mark.parametrize(("mode", "form"), [("1", "PNG"), ("P", "PNG"), ("L", "JPEG")])
def test_a_huge_picture_is_reduced(mode: str, form: str) -> None:
    """Its shape stays, and what it shows; only so many pixels are ever drawn."""
    size = (5000, 2 * ENOUGH_PIXELS // 5000)
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1]), fill=0)
    data = _encoded(image.convert(mode), form)
    opened = open_picture(data)
    assert opened is not None
    assert opened.size == (size[0] // 2, size[1] // 2)
    row = opened.crop((0, 1000, opened.width, 1001)).tobytes()
    assert row[100] < 4
    assert row[2400] > 251
    read = legible(data)
    assert read is not None
    assert Image.open(io.BytesIO(read)).size == opened.size


def test_a_picture_of_a_usual_size_stays_as_it_is() -> None:
    """What shines through is white, in all rows."""
    image = Image.new("RGBA", (700, 2500), (0, 0, 0, 0))
    ImageDraw.Draw(image).line((0, 0, 700, 2500), fill=(200, 0, 0, 128), width=9)
    data = _encoded(image, "PNG")
    white = Image.new("RGBA", image.size, "white")
    expected = Image.alpha_composite(white, image).convert("RGB")
    opened = open_in_colour(data)
    assert opened is not None
    assert ImageChops.difference(opened, expected).getbbox() is None
    assert legible(data) == data


def test_a_picture_beyond_the_bound_is_not_opened() -> None:
    """Its header says so: it is not decoded."""
    side = int(MAX_PIXELS**0.5) + 1
    assert open_in_colour(_encoded(Image.new("1", (side, side)), "PNG")) is None
