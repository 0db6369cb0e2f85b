"""The manual is short, has no broken link, and agrees with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.i18n.catalogues import read_catalogue
from docs import architecture, commands

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"]
MAX_README_WORDS = 900

_CODE = re.compile(r"```.*?```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FIRST_CELL = re.compile(r"^\| \*([^*|]+)\* \|", re.MULTILINE)
_TABLE_PATHS = re.compile(r"^\|[^|]+\|([^|]*`[^|]*)\|$", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^\w\- ]")


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return _CODE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor of each link of a page within the repository."""
    for markdown, html in _LINK.findall(prose(page)):
        address, _, anchor = (markdown or html).partition("#")
        if not address.startswith(("https://", "http://")):
            yield (page.parent / address).resolve() if address else page, anchor


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found = _HEADING.findall(prose(page))
    return {_NO_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in found}


def test_the_readme_is_short() -> None:
    """The README is an introduction, not the manual."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= MAX_README_WORDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_broken(page: Path) -> None:
    """The file of each link within the repository exists, and has the heading."""
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target.name}#{anchor}"


def test_every_page_and_picture_is_linked() -> None:
    """Every page and picture in docs/ is linked from a page."""
    linked = {target for page in PAGES for target, _ in links(page)}
    docs = ROOT / "docs"
    there = {*docs.glob("*.md"), *docs.glob("*.png"), *docs.glob("*.svg")}
    assert there <= linked


def test_the_page_of_commands_is_current() -> None:
    """`docs/commands.md` agrees with `--help`; `make manual` writes it."""
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()


@pytest.mark.parametrize("name", ["packages.svg", "message.svg"])
def test_the_pictures_of_the_code_are_current(name: str) -> None:
    """They show the packages, layers and captions of the code; `make manual` draws them."""
    drawn = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert drawn == architecture.pictures()[name]


@pytest.mark.parametrize("name", ["using.md", "setup.md", "deciding.md"])
def test_labels_in_the_manual_are_those_in_slack(name: str) -> None:
    """Labels in the first column of a table are texts that Déjà shows in Slack."""
    labels = set(_FIRST_CELL.findall((ROOT / "docs" / name).read_text(encoding="utf-8")))
    assert labels
    assert labels <= {message.id for message in read_catalogue("de") if isinstance(message.id, str)}


def test_every_path_in_the_architecture_table_exists() -> None:
    """Paths in "to change X, start at Y" exist; a bare name is beside the path before it."""
    table = _TABLE_PATHS.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    folder, found = ROOT, 0
    for path in (path for cell in table for path in re.findall(r"`([\w./]+)`", cell)):
        place = ROOT / path if "/" in path else folder / path
        assert place.exists(), path
        folder, found = place.parent, found + 1
    assert found
