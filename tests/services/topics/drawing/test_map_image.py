"""The picture of the map of topics."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.topics.drawing.layout import MapTickets
from services.topics.drawing.map_image import (
    BOTTOM,
    DARK,
    HEIGHT,
    LEFT,
    LIGHT,
    RISING,
    USUAL,
    WIDTH,
    MapColours,
    MapTopic,
    draw_map,
    drawable,
    in_lines,
)
from tests.services.topics.drawing.random_maps import random_tickets

SIDE = 1200


def draw(
    found: MapTickets, *titles: str, scheme: MapColours = LIGHT, rising: int | None = None
) -> Image.Image:
    """Draw tickets in topics with these titles, one of which may be asked more than usual."""
    target = BytesIO()
    topics = [
        MapTopic(number, title, int(np.count_nonzero(found.labels == number)), number == rising)
        for number, title in enumerate(titles)
    ]
    draw_map(found, topics, target, heading="What people ask about", note="30 days", colours=scheme)
    return Image.open(target).convert("RGB")


def colours(picture: Image.Image) -> set[str]:
    """Return the colours of a picture."""
    found = picture.getcolors(SIDE * SIDE) or []
    return {"#{:02X}{:02X}{:02X}".format(*colour) for _, colour in found}  # type: ignore[misc]


def test_a_colour_says_what_is_asked_more_than_usual() -> None:
    """A rising topic has a colour of its own, and unclustered tickets are grey."""
    picture = draw(random_tickets(60, 3), "Printers", "Access", "Invoices", rising=1)
    assert picture.size == (SIDE, SIDE)
    assert {RISING, USUAL, LIGHT.outside} <= colours(picture)
    calm = draw(random_tickets(60, 3), "Printers", "Access", "Invoices")
    assert RISING not in colours(calm)
    assert {USUAL, LIGHT.outside} <= colours(calm)


def test_light_and_dark() -> None:
    """The same map is drawn on a light or a dark ground."""
    for scheme in (LIGHT, DARK):
        picture = draw(random_tickets(60, 3), "Printers", "Access", "Invoices", scheme=scheme)
        assert "#{:02X}{:02X}{:02X}".format(*picture.getpixel((2, 2))) == scheme.ground  # type: ignore[misc]


def test_the_same_tickets_make_the_same_bytes() -> None:
    """A picture does not depend on when or how often it is drawn."""
    pictures = [draw(random_tickets(60, 3), "Printers", "Access", "Invoices") for _ in range(2)]
    assert pictures[0].tobytes() == pictures[1].tobytes()


@pytest.mark.parametrize(
    "title",
    [
        "",
        "😀😀",
        "$x_1$ \\frac",
        "印刷できません",
        "<b>&amp;",
        "Donaudampfschifffahrtsgesellschaft" * 3,
    ],
)
def test_any_title_is_drawn(title: str) -> None:
    """Titles without letters, with markup or with unknown characters cause no warning."""
    draw(random_tickets(20, 2), title, "Printers")


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("reset password 2FA", ["reset", "password 2FA"]),
        ("Varmo thermostat shows error", ["Varmo", "thermostat", "shows error"]),
        ("printer prints blank pages after firmware", ["printer", "prints blank", "pages after …"]),
        ("https://desk.example/a/very/long/address fails", ["https://desk.exam…", "fails"]),
        (
            "メールが届かない問題について困っています",
            ["メールが届かない", "問題について困っ", "ています"],
        ),
        ("メ" * 30, ["メ" * 8, "メ" * 8, "メ" * 7 + "…"]),
        ("印刷できません", ["印刷できません"]),
        ("😀 emoji trouble", ["😀 emoji", "trouble"]),
    ],
)
def test_a_title_has_at_most_three_short_lines(title: str, lines: list[str]) -> None:
    """Long words and scripts without spaces are broken, too."""
    assert in_lines(title).split("\n") == lines


@pytest.mark.parametrize("topics", [1, 2, 5])
def test_no_dot_is_cut_at_the_edge(topics: int) -> None:
    """The map has a margin in the colour of the ground."""
    picture = draw(random_tickets(60 * topics, topics), *(["印刷"] * topics))
    left, right = int(LEFT * SIDE), int((LEFT + WIDTH) * SIDE)
    top, bottom = int((1 - BOTTOM - HEIGHT) * SIDE), int((1 - BOTTOM) * SIDE)
    for box in ((left, top, right, top + 1), (left, bottom, right, bottom + 1)):
        assert colours(picture.crop(box)) == {LIGHT.ground}


@pytest.mark.parametrize(("tickets", "topics"), [(0, 0), (1, 0), (5, 0), (1, 1), (500, 90)])
def test_any_number_of_topics_is_drawn(tickets: int, topics: int) -> None:
    """No tickets, one ticket, no topics and more topics than are shown can be drawn."""
    draw(random_tickets(tickets, topics), *(f"Topic {number}" for number in range(topics)))


def test_characters_that_no_font_has_are_left_out() -> None:
    """Characters that cannot be drawn are left out, and the others stay in order."""
    assert drawable("printer \U000e0001  jam") == "printer jam"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """The error of a picture that cannot be written names the folder."""
    with pytest.raises(OSError, match="no-such"):
        draw_map(
            random_tickets(5, 1), [MapTopic(1, "A", 5)], tmp_path / "no-such" / "map.png",
            heading="", note="",
        )  # fmt: skip
