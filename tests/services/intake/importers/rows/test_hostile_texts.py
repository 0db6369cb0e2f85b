"""Texts that are made to take long are read as fast as others."""

from __future__ import annotations

import time

import pytest

from services.errors import InputError
from services.intake.importers.files.mojibake import is_encoded_twice
from services.intake.importers.files.other_files import refuse_other_texts
from services.intake.importers.layouts.layout import Markup
from services.intake.importers.replies.transcripts import turns_of
from services.intake.importers.rows.text_cleaning import clean_text
from services.intake.importers.tables.labelled_lines import is_labelled
from services.intake.importers.vocabulary.synonyms import spellings_of

MAX_SECONDS = 1


@pytest.mark.parametrize(
    "text",
    [
        "use;" * 27 + "\n1,2\n",
        "begin 'a;b';" * 5_000 + "x",
        "/*" * 20_000,
        "-- note\n" * 8_000 + "x",
        "set '" * 8_000,
    ],
)
def test_what_is_nearly_sql_takes_no_longer(text: str) -> None:
    """Whatever settings and comments are repeated before a line that is no command."""
    started = time.process_time()
    refuse_other_texts(text)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "SET NAMES utf8; SET sql_mode = 'A;B'; USE desk;\nINSERT INTO tickets VALUES (1);",
        "-- by hand\n/* a; b */;\nBEGIN;CREATE TABLE tickets (id int);",
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE tickets (id int);",
    ],
)
def test_settings_before_a_command_are_sql(text: str) -> None:
    """On lines of their own or on one, also with a semicolon in quotes."""
    with pytest.raises(InputError, match="SQL"):
        refuse_other_texts(text)


@pytest.mark.parametrize("markup", ["any", "markdown", "html", "wiki"])
@pytest.mark.parametrize(
    "text",
    [
        "[url=" * 9_000 + "[/",
        "[quote]" * 6_000 + "[/",
        "[quote=a" * 5_000 + "[/quote]",
        "[quote]" * 3_000 + "[/quote]" * 3_000,
        "[b:" + "a:" * 20_000 + "[/b]",
        "<!--" * 10_000,
        "".join("`" * length + "x\n\n" for length in range(1, 280)) + "<!--",
        "```\n~~~\n" * 5_000 + "<!--",
        "{code}" * 40_000,
        "{noformat:a}\n" * 20_000,
        "{code}\n" + " " * 100_000,
        "{quote}" + "[a|" * 40_000,
        "{quote}" + "[~" * 40_000,
    ],
)
def test_markup_without_its_end_takes_no_longer(text: str, markup: Markup) -> None:
    """Whatever tags, comments and marks of code are repeated."""
    started = time.process_time()
    clean_text(text, markup)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        ("10:00" + " " * 20_000 + "\n") * 20,
        "[1" * 40_000,
        "10:00 a" * 20_000,
        "a" + " " * 80_000 + "\n" + "b: c\n" * 3,
        "Subject (" * 20_000,
        "Ã" * 80_000,
    ],
)
def test_what_is_nearly_a_conversation_takes_no_longer(text: str) -> None:
    """Nor what is nearly a field's name, or a letter that was encoded twice."""
    started = time.process_time()
    turns_of(text)
    is_labelled(text)
    is_encoded_twice(text)
    spellings_of(text)
    assert time.process_time() - started < MAX_SECONDS
