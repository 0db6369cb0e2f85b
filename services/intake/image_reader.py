"""Reading the words in pictures with the program tesseract, where it is installed."""

from __future__ import annotations

import csv
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from services.errors import InputError
from services.intake.pictures import MAX_PIXELS, legible

logger = logging.getLogger(__name__)

PROGRAM = "tesseract"

# Its names of the product's languages; those that are installed are used. The first has the say
# where it is unsure, and English words have no accents to lose.
LANGUAGES = ("deu", "spa", "eng")

# A dense page takes it about five seconds on one core.
MAX_SECONDS = 30

# In percent. Below this it guesses at icons and textures.
MIN_CONFIDENCE = 60

# In characters: more than a window full of text.
MAX_IMAGE_TEXT = 4_000


@dataclass(frozen=True)
class ImageReader:
    """The program, and the languages it reads."""

    path: str
    languages: tuple[str, ...]

    def read(self, image: bytes) -> str:
        """Return the words in a picture, line by line; "" where it has none.

        Raises `InputError` if it is no picture that the program can read, or takes too long.
        """
        # What is no picture the program takes for a list of files, and reads these.
        picture = legible(image)
        if picture is None:
            pixels = f"{MAX_PIXELS // 1_000_000} million pixels"
            raise InputError(f"the picture cannot be read: it is none, or has over {pixels}")
        command = [self.path, "stdin", "stdout", "-l", "+".join(self.languages), "tsv"]
        # Jobs run side by side, so each of them gets one core.
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments, the picture is its input
                command, input=picture, capture_output=True, env=environment,
                timeout=MAX_SECONDS, check=True,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise InputError(f"the picture takes longer than {MAX_SECONDS} s to read") from error
        except (subprocess.CalledProcessError, OSError) as error:
            raise InputError("the picture cannot be read") from error
        return "\n".join(_lines(done.stdout.decode("utf-8", "replace")))[:MAX_IMAGE_TEXT].strip()


@cache
def find_reader() -> ImageReader | None:
    """Return the reader; None where the program or all of the languages are missing."""
    path = shutil.which(PROGRAM)
    if path is None:
        return None
    try:
        listed = subprocess.run(  # noqa: S603 - fixed arguments
            [path, "--list-langs"], capture_output=True, timeout=MAX_SECONDS, check=True, text=True
        )
    except (subprocess.SubprocessError, OSError):
        logger.warning("%s is installed, but does not run", PROGRAM)
        return None
    languages = tuple(one for one in LANGUAGES if one in listed.stdout.split())
    return ImageReader(path, languages) if languages else None


def _lines(table: str) -> Iterator[str]:
    """Yield the lines of the program's table of words, without those that it is unsure of."""
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for _, words in groupby(rows, lambda row: [row[key] for key in _LINE]):
        line = " ".join(str(row["text"]).strip() for row in words if _is_sure(row))
        if line.strip():
            yield line


_LINE = ("block_num", "par_num", "line_num")


def _is_sure(row: dict[str, str]) -> bool:
    return bool((row["text"] or "").strip()) and float(row["conf"]) >= MIN_CONFIDENCE
