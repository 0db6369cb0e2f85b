"""Reading the words in pictures, with the real program."""

from __future__ import annotations

import io

import pytest
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from services.errors import InputError
from services.intake.image_reading import ImageReader, find_reader
from services.text.folding import fold

FOUND = find_reader()
needs_tesseract = pytest.mark.skipif(FOUND is None, reason="tesseract is not installed")


def picture(text: str, *, size: tuple[int, int] = (900, 260), points: int = 28) -> bytes:
    """Return a PNG of a window that shows a text."""
    image = Image.new("RGB", size, "#f4f4f4")
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), points)
    ImageDraw.Draw(image).multiline_text((24, 24), text, "#202020", font)
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _reader() -> ImageReader:
    assert FOUND is not None
    return FOUND


@needs_tesseract
@pytest.mark.parametrize(
    "text",
    ["Error E-41: pump blocked", "Gerät nicht erreichbar", "No se puede abrir la sesión"],
)
def test_the_words_of_a_screenshot_are_read(text: str) -> None:
    """In each of the product's languages; an accent may be lost, as in what is compared."""
    assert fold(_reader().read(picture(text))) == fold(text)


@needs_tesseract
def test_lines_stay_lines() -> None:
    """Of a dialog with several."""
    assert _reader().read(picture("Connection lost\nRetry in 30 seconds")).splitlines() == [
        "Connection lost",
        "Retry in 30 seconds",
    ]


@needs_tesseract
def test_a_picture_without_words_says_nothing() -> None:
    """Not even guesses."""
    assert _reader().read(picture("")) == ""


@needs_tesseract
@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"no picture at all", picture("cut off")[:200]], ids=repr
)
def test_what_is_no_picture_is_one_error(data: bytes) -> None:
    """Files lie about their type, and downloads are cut off."""
    with pytest.raises(InputError, match="cannot be read"):
        _reader().read(data)


def test_a_program_that_is_gone_is_one_error() -> None:
    """Somebody may uninstall it while the bot runs."""
    with pytest.raises(InputError, match="cannot be read"):
        ImageReader("/nowhere/tesseract", ("eng",)).read(b"")
