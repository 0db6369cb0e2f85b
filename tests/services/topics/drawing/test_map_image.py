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
    WIDTH,
    MapColours,
    MapTopic,
    colour_of,
    draw_map,
    drawable,
    in_lines,
)
from tests.services.topics.drawing.test_layout import grouped

SIDE = 1200


def draw(found: MapTickets, *titles: str, look: MapColours = LIGHT) -> Image.Image:
    """Return the picture of tickets in topics of these titles."""
    target = BytesIO()
    topics = [
        MapTopic(number, title, int(np.count_nonzero(found.labels == number)))
        for number, title in enumerate(titles)
    ]
    draw_map(found, topics, target, heading="What people ask about", note="30 days", colours=look)
    return Image.open(target).convert("RGB")


def colours(picture: Image.Image) -> set[str]:
    """Return the colours of a picture."""
    found = picture.getcolors(SIDE * SIDE) or []
    return {"#{:02X}{:02X}{:02X}".format(*colour) for _, colour in found}  # type: ignore[misc]


def test_a_picture_has_the_colours_of_its_topics() -> None:
    """It is square, and each topic is drawn in its colour, what fits nowhere in grey."""
    picture = draw(grouped(60, 3), "Printers", "Access", "Invoices")
    assert picture.size == (SIDE, SIDE)
    assert {colour_of(number) for number in range(3)} | {LIGHT.outside} <= colours(picture)


def test_light_and_dark() -> None:
    """The same map is drawn on either ground."""
    for look in (LIGHT, DARK):
        picture = draw(grouped(60, 3), "Printers", "Access", "Invoices", look=look)
        assert "#{:02X}{:02X}{:02X}".format(*picture.getpixel((2, 2))) == look.ground  # type: ignore[misc]


def test_the_same_tickets_make_the_same_bytes() -> None:
    """Nothing in a picture depends on when or how often it is drawn."""
    pictures = [draw(grouped(60, 3), "Printers", "Access", "Invoices") for _ in range(2)]
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
    """Titles without letters, with markup and with what no font has draw no warning."""
    draw(grouped(20, 2), title, "Printers")


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
def test_a_title_takes_three_short_lines(title: str, lines: list[str]) -> None:
    """One long word, or a script without spaces, does not push all topics out of the map."""
    assert in_lines(title).split("\n") == lines


@pytest.mark.parametrize("topics", [1, 2, 5])
def test_no_dot_is_cut_at_the_edge(topics: int) -> None:
    """All around the map there is a margin of the picture's ground."""
    picture = draw(grouped(60 * topics, topics), *(["印刷"] * topics))
    left, right = int(LEFT * SIDE), int((LEFT + WIDTH) * SIDE)
    top, bottom = int((1 - BOTTOM - HEIGHT) * SIDE), int((1 - BOTTOM) * SIDE)
    for box in ((left, top, right, top + 1), (left, bottom, right, bottom + 1)):
        assert colours(picture.crop(box)) == {LIGHT.ground}


@pytest.mark.parametrize(("tickets", "topics"), [(0, 0), (1, 0), (5, 0), (1, 1), (500, 90)])
def test_any_number_of_topics_is_drawn(tickets: int, topics: int) -> None:
    """Nothing, one ticket, no topic and more topics than are shown."""
    draw(grouped(tickets, topics), *(f"Topic {number}" for number in range(topics)))


def test_letters_that_no_font_has_are_left_out() -> None:
    """What cannot be drawn is dropped, and the rest stays in order."""
    assert drawable("printer \U000e0001  jam") == "printer jam"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A picture that cannot be written is an error that says so."""
    with pytest.raises(OSError, match="no-such"):
        draw_map(
            grouped(5, 1), [MapTopic(1, "A", 5)], tmp_path / "no-such" / "map.png",
            heading="", note="",
        )  # fmt: skip
