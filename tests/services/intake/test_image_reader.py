"""Reading the words in pictures, with the real program."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from services.errors import InputError
from services.intake.image_reader import ImageReader, find_reader
from services.text.words.folding import fold
from tests.pictures import file_of, font

FOUND = find_reader()
needs_tesseract = pytest.mark.skipif(FOUND is None, reason="tesseract is not installed")


def picture(text: str, *, size: tuple[int, int] = (900, 260), points: int = 28) -> bytes:
    """Return a PNG of a window that shows a text."""
    image = Image.new("RGB", size, "#f4f4f4")
    ImageDraw.Draw(image).multiline_text((24, 24), text, "#202020", font(points))
    return file_of(image)


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


@needs_tesseract
def test_names_of_pictures_are_not_followed(tmp_path: Path) -> None:
    """Whoever posts them would be told what is in pictures on the bot's machine."""
    path = tmp_path / "plan.png"
    path.write_bytes(picture("Secret plan of the cellar"))
    with pytest.raises(InputError, match="cannot be read"):
        _reader().read(f"{path}\n".encode())


@needs_tesseract
@pytest.mark.parametrize(
    ("image", "kind"),
    [(Image.new("1", (9_000, 9_000)), "PNG"), (Image.new("L", (60, 60)), "TIFF")],
    ids=["too many points", "another format"],
)
def test_what_is_not_opened_is_not_read(image: Image.Image, kind: str) -> None:
    """The program would need gigabytes for a small file, and knows formats that nobody posts."""
    with pytest.raises(InputError, match="cannot be read"):
        _reader().read(file_of(image, kind))


def test_a_program_that_is_gone_is_one_error() -> None:
    """Somebody may uninstall it while the bot runs."""
    with pytest.raises(InputError, match="cannot be read"):
        ImageReader("/nowhere/tesseract", ("eng",)).read(picture("Retry"))
