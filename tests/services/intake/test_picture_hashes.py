"""The same picture again, and pictures that only look alike."""

from __future__ import annotations

from itertools import combinations

import pytest
from PIL import Image, ImageDraw

from services.intake.image_reader import find_reader
from services.intake.picture_hashes import distances, is_same_picture, picture_hash
from tests.pictures import EXPIRED, FAILED, cropped, dialog, file_of, photo, resized

WORDS = "\n".join(FAILED)

CHANGES = {
    "JPEG": lambda image: file_of(image, "JPEG", quality=40),
    "WebP": lambda image: file_of(image, "WEBP", quality=60),
    "GIF": lambda image: file_of(image.convert("P"), "GIF"),
    "half the size": lambda image: file_of(resized(image, 0.5)),
    "larger": lambda image: file_of(resized(image, 1.5), "JPEG", quality=70),
    "cropped": lambda image: file_of(cropped(image, 0.03)),
    "cropped and smaller": lambda image: file_of(resized(cropped(image, 0.02), 0.7), "JPEG"),
}


def same(one: bytes, other: bytes, read: str = "", other_read: str | None = None) -> bool:
    """Say whether two pictures are the same; by default the same was read in both."""
    other_read = read if other_read is None else other_read
    first, second = picture_hash(one, read), picture_hash(other, other_read)
    if first is None or second is None:
        return False
    return is_same_picture(int(distances(first, [second])[0]), read, other_read)


@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_is_known_again(change: str) -> None:
    """In another format or size, and without a narrow margin."""
    window, taken = dialog(FAILED), photo(1)
    assert same(file_of(window), CHANGES[change](window), WORDS)
    assert same(file_of(taken), CHANGES[change](taken))


def test_windows_of_one_program_differ_by_their_words() -> None:
    """They look alike in everything else."""
    one, other = file_of(dialog(FAILED)), file_of(dialog(EXPIRED))
    assert not same(one, other, WORDS, "\n".join(EXPIRED))
    assert not same(one, other, WORDS, "")
    assert not same(one, other, "", "")


def test_the_same_words_elsewhere_are_another_picture() -> None:
    """A page that quotes an error is not its window."""
    page = Image.new("RGB", (800, 600), "white")
    for number, line in enumerate(FAILED):
        ImageDraw.Draw(page).text((20, 400 + 40 * number), line, "black")
    assert not same(file_of(dialog(FAILED)), file_of(page), WORDS)


def test_photographs_are_told_apart() -> None:
    """Any two of a dozen."""
    hashes = [picture_hash(file_of(photo(seed)), "") for seed in range(12)]
    pairs = list(combinations([one for one in hashes if one], 2))
    assert len(pairs) >= 36
    assert not any(is_same_picture(int(distances(a, [b])[0]), "", "") for a, b in pairs)


def _logo() -> Image.Image:
    logo = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(logo).ellipse((60, 60, 240, 240), fill="#d00000")
    return logo


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (400, 300), "white"),
        Image.linear_gradient("L").point(lambda grey: 120 + grey // 16).convert("RGB"),
        Image.new("RGBA", (400, 300), (0, 0, 0, 0)),
        _logo(),
        dialog(()),
        photo(1).resize((48, 48)),
    ],
    ids=["white", "nearly uniform", "transparent", "logo", "window without words", "icon"],
)
def test_what_many_pictures_look_like_is_no_evidence(picture: Image.Image) -> None:
    """It has no hash."""
    assert picture_hash(file_of(picture), "OK") is None


@pytest.mark.parametrize("data", [b"", b"GIF89a", file_of(photo(1))[:500], b"%PDF-1.7"], ids=len)
def test_what_is_no_picture_has_no_hash(data: bytes) -> None:
    """Files lie about their type, and downloads are cut off."""
    assert picture_hash(data, WORDS) is None


def test_a_picture_of_too_many_points_is_not_opened() -> None:
    """A small file may unpack to gigabytes."""
    assert picture_hash(file_of(Image.new("1", (9_000, 9_000))), WORDS) is None


@pytest.mark.skipif(find_reader() is None, reason="tesseract is not installed")
def test_screenshots_as_they_are_read_are_told_apart() -> None:
    """With the words that the real program reads."""
    reader = find_reader()
    assert reader is not None
    window = dialog(FAILED)
    files = [file_of(window), CHANGES["cropped and smaller"](window), file_of(dialog(EXPIRED))]
    first, again, other = [(file, reader.read(file)) for file in files]
    assert same(first[0], again[0], first[1], again[1])
    assert not same(first[0], other[0], first[1], other[1])
