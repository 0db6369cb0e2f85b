"""Notes of the team within a cell, between what everybody may read."""

from __future__ import annotations

import json

import pytest

from services.intake.importers.entries import RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Bill the landlord for it twice."
NOTED = [
    f"2026-03-01 08:00 Uma: {ASKED}\n2026-03-01 09:00 Ira (internal): {SECRET}\n"
    f"2026-03-01 10:00 Ira: {ADVICE}",
    f"Reply by Uma on 2026-03-01 08:00:\n{ASKED}\n\nInternal note by Ira on 2026-03-01 09:00:\n"
    f"{SECRET}\n\nReply by Ira on 2026-03-01 10:00:\n{ADVICE}",
]


@pytest.mark.parametrize("cell", NOTED)
@pytest.mark.parametrize("column", ["Description", "Conversation"])
def test_a_conversation_with_notes_shows_what_is_public(column: str, cell: str) -> None:
    """Also where its column is called a text: the first message is the ticket."""
    table = f'id,title,author,status,{column}\n31,Heating,Uma,closed,"{cell}"\n'
    item = only_row(read_file("t.csv", table, OWN)).item
    assert (item.text, item.resolution) == (ASKED, ADVICE)


def test_a_conversation_of_two_lines_has_no_answer() -> None:
    """The second one is a note."""
    cell = "\n".join(NOTED[0].splitlines()[:2])
    table = f'id,title,author,status,description\n31,Heating,Uma,closed,"{cell}"\n'
    item = only_row(read_file("t.csv", table, OWN)).item
    assert (item.text, item.resolution) == (ASKED, None)


def test_a_text_with_a_remark_is_no_conversation() -> None:
    """What is said in one piece stays in one piece."""
    said = f"{ASKED} The display says [internal]."
    table = f'id,title,status,description\n31,Heating,closed,"{said}"\n'
    assert only_row(read_file("t.csv", table, OWN)).item.text == said


def test_what_stands_before_a_note_is_a_reply() -> None:
    """Only the note has a heading."""
    cell = f"{ADVICE}\n\nInternal note by Ira on 2026-03-01 09:00:\n{SECRET}"
    table = f'id,title,description,status,comments\n31,Heating,{ASKED},closed,"{cell}"\n'
    item = only_row(read_file("t.csv", table, OWN)).item
    assert (item.text, item.resolution) == (ASKED, ADVICE)


@pytest.mark.parametrize(
    "answer",
    [
        "INTERNAL: He has not paid.", "**Intern**: Er zahlt nicht.", "Internal only - he lies.",
        "**Internal:** He has not paid.", "_Interno:_ No paga.", "> **Privat:** Er zahlt nicht.",
        "For internal use only: he lies.", "Nur intern: Er zahlt nicht.",
        "Solo interno: no paga.", "Internal note by Ira. He has not paid.",
        "Interne Notiz von Ira, 4. Mai: Er zahlt nicht.",
        f"{ADVICE}\nInternal note from Ira\nHe has not paid.",
    ],
)  # fmt: skip
def test_an_answer_that_begins_as_a_note_is_none(answer: str) -> None:
    """With a word alone before a colon, or a heading of its own."""
    assert _answer(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        "Private messages from guests are blocked. Allow them in the settings.",
        "Private Nachrichten von Gästen sind gesperrt, bis jemand sie erlaubt.",
        "Los mensajes privados están bloqueados: permítalos en los ajustes.",
        "Write `[internal]` before the name of the printer.",
        "Build it again:\n => [internal] load build definition from Dockerfile",
        "Internal links on the page are repaired.",
        "Only private windows: open one.",
    ],
)
def test_an_answer_about_what_is_private_stays(answer: str) -> None:
    """It is a sentence, or quotes what is to be typed."""
    assert _answer(answer) == answer


def _answer(text: str) -> str | None:
    row = [31, "Heating", ASKED, "closed", text]
    names = ("id", "title", "description", "status", "answer")
    return only_row(
        read_file("t.json", json.dumps([dict(zip(names, row, strict=True))]), OWN)
    ).item.resolution
