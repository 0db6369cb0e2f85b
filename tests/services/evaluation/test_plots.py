"""Plots are readable pictures for any figures."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray

from services.evaluation.plots import reliability_diagram, short_number
from services.judgement.metrics import Bin, reliability, wilson_interval

VERMILION = (0xD5, 0x5E, 0x00)


def draw(bins: list[Bin]) -> bytes:
    """Return the PNG of a diagram."""
    target = io.BytesIO()
    reliability_diagram(bins, 0.034, 0.112, target)
    return target.getvalue()


def pixels(png: bytes) -> NDArray[np.uint8]:
    """Return a picture's colours, shape `(height, width, 3)`, from 0 to 255."""
    return np.asarray(np.rint(imread(io.BytesIO(png))[:, :, :3] * 255), dtype=np.uint8)


def bins_of(shift: float) -> list[Bin]:
    """Return bins of 2,000 pairs that are duplicates as often as shown, less `shift`."""
    probabilities = np.linspace(0, 1, 2_000)
    chance = np.random.default_rng(0).random(2_000)
    return reliability(probabilities, (chance < probabilities - shift).astype(np.int64))


def has(png: bytes, colour: tuple[int, int, int]) -> bool:
    """Say whether a picture has more of a colour than a single point."""
    # A mark in the legend has some 200 pixels, a bin's point at least twice as many.
    return int((pixels(png) == colour).all(axis=2).sum()) > 600


@pytest.mark.parametrize("bins", [bins_of(0), bins_of(0.3), reliability(*2 * [np.array([], int)])])
def test_a_picture_is_900_pixels_square_and_not_blank(bins: list[Bin]) -> None:
    """With all bins filled or none, there is a drawing with a margin."""
    picture = pixels(draw(bins))
    assert picture.shape == (900, 900, 3)
    assert (picture < 128).any(axis=2).sum() > 3_000
    edges = (picture[:8], picture[-8:], picture[:, :8], picture[:, -8:])
    assert all((edge == 255).all() for edge in edges)


def test_deviations_beyond_chance_are_vermilion() -> None:
    """Bins whose probability is right within chance have another colour."""
    assert not has(draw(bins_of(0)), VERMILION)
    assert has(draw(bins_of(0.3)), VERMILION)


def test_the_same_bins_give_the_same_file(tmp_path: Path) -> None:
    """The file's name and other threads make no difference."""
    bins = bins_of(0.1)
    reliability_diagram(bins, 0.034, 0.112, tmp_path / "diagram")
    with ThreadPoolExecutor(4) as pool:
        pictures = set(pool.map(draw, [bins] * 4))
    assert pictures == {(tmp_path / "diagram").read_bytes()}


def test_matplotlib_is_imported_only_for_drawing() -> None:
    """Importing the module does not import it, and pyplot is never imported."""
    code = (
        "import io, sys; from services.evaluation.plots import reliability_diagram; "
        "assert 'matplotlib' not in sys.modules; reliability_diagram([], 0, 0, io.BytesIO()); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_interval_agrees_with_one_calculated_by_hand() -> None:
    """Five of ten give 0.237 to 0.763, and none of one gives 0 to 0.793."""
    assert wilson_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson_interval(0, 1) == pytest.approx((0.0, 0.7935), abs=1e-4)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "1"),
        (9_999, "9,999"),
        (10_000, "10k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (1_234_567, "1.23M"),
        (5_000_000_000, "5G"),
    ],
)
def test_counts_fit_above_their_bars(count: int, shown: str) -> None:
    """A short number has at most five characters."""
    assert short_number(count) == shown
