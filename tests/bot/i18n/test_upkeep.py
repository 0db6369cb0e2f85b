"""The catalogues are complete, and the command in `make check` keeps them so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages import Catalog

from bot.i18n.catalogues import LOCALE_DIR, catalogue_path, read_catalogue
from bot.i18n.extraction import extract
from bot.i18n.upkeep import TRANSLATED, problems, update, write

SOURCE = """
say("Seen before", ticket=say("nested"))
print(f"{say('inside an f-string')}")
say.counted(2, "{n} day", "{n} days")
MODE = in_context("mode", "Off")
WORDS = translatable("the same "
    "words")
say(a_variable)
elsewhere("never")
"""


@pytest.fixture
def template(tmp_path: Path) -> Catalog:
    """Extract the texts of a small program."""
    for package in ("bot", "services"):
        (tmp_path / package).mkdir()
    (tmp_path / "bot" / "source.py").write_text(SOURCE)
    return extract(tmp_path)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogues_are_complete(language: str) -> None:
    """Every text in the code is translated, and there are no others."""
    assert list(problems(read_catalogue(language), extract())) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_an_update_without_changes_leaves_a_catalogue_unchanged(
    language: str, tmp_path: Path
) -> None:
    """A catalogue that is read and written again is the same file."""
    catalogue_path(language, tmp_path).parent.mkdir(parents=True)
    write(read_catalogue(language), language, tmp_path)
    written = catalogue_path(language, tmp_path).read_text()
    assert written == catalogue_path(language, LOCALE_DIR).read_text()


def test_the_check_passes() -> None:
    """`make check` runs `python -m bot.i18n check`."""
    command = [sys.executable, "-m", "bot.i18n", "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_all_texts_are_extracted(template: Catalog) -> None:
    """Texts in other texts and f-strings, with plural or context, and marked ones are found."""
    found = {(message.id, message.context) for message in template if message.id}
    assert found == {
        ("Seen before", None),
        ("nested", None),
        ("inside an f-string", None),
        (("{n} day", "{n} days"), None),
        ("Off", "mode"),
        ("the same words", None),
    }


def test_an_f_string_is_refused(tmp_path: Path) -> None:
    """The text of an f-string cannot be translated."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "services").mkdir()
    (tmp_path / "bot" / "source.py").write_text('say(f"{n} days")')
    with pytest.raises(ValueError, match="line 1: say"):
        extract(tmp_path)


@pytest.mark.parametrize(
    ("text", "translated", "expected"),
    [
        ("new", None, ["not in the catalogue: 'new'"]),
        ("new", "", ["not translated: 'new'"]),
        ("new", "neu", []),
        (("{n} day", "{n} days"), ("{n} Tag", ""), ["not translated: '{n} day'"]),
        (("{n} day", "{n} days"), ("{n} Tag", "{n} Tage"), []),
        ("{n} more", "weitere", ["other names, markup or spaces at the ends: '{n} more'"]),
        ("*bold*", "fett", ["other names, markup or spaces at the ends: '*bold*'"]),
        ("see /deja why", "/deja warum", ["other names, markup or spaces at the ends: "]),
        ("new", " neu", ["other names, markup or spaces at the ends: 'new'"]),
    ],
)
def test_a_missing_or_wrong_translation_is_reported(
    text: str | tuple[str, str], translated: str | tuple[str, str] | None, expected: list[str]
) -> None:
    """An empty plural form, a missing placeholder and other markup are reported."""
    template, catalogue = Catalog(), Catalog(locale="de")
    template.add(text)
    if translated is not None:
        catalogue.add(text, translated)
    found = list(problems(catalogue, template))
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def test_fuzzy_unused_and_obsolete_translations_are_reported() -> None:
    """Fuzzy ones were not checked, the others are not used."""
    template, catalogue = Catalog(), Catalog(locale="de", fuzzy=False)
    template.add("near")
    catalogue.add("near", "nah", flags=["fuzzy"])
    catalogue.add("gone", "weg")
    catalogue.obsolete["old"] = Catalog().add("old", "alt")
    assert list(problems(catalogue, template)) == [
        "fuzzy: 'near'", "not used: 'gone'", "obsolete: 'old'",
    ]  # fmt: skip


def test_an_update_adds_new_texts_and_removes_unused_ones(
    template: Catalog, tmp_path: Path
) -> None:
    """Translations stay, and new texts are left to a person."""
    catalogue_path("de", tmp_path).parent.mkdir(parents=True)
    before = Catalog(locale="de", fuzzy=False)
    before.add("Seen before", "Schon gemeldet")
    before.add("not used any more", "vorbei")
    write(before, "de", tmp_path)
    update("de", template, tmp_path)
    after = read_catalogue("de", tmp_path)
    kept = after.get("Seen before")
    assert kept is not None
    assert kept.string == "Schon gemeldet"
    assert "not used any more" not in catalogue_path("de", tmp_path).read_text()
    assert "not translated: 'nested'" in list(problems(after, template))
