"""Journals of ServiceNow: entries beside the tickets in their XML, or in a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.importers.layouts.service_desks import NO_TICKETS
from tests.bot.cli.history.import_files import Import, counts, import_command, items, output

ADVICE, NOTE = "Remove the account and add it again.", "Reset the badge reader by its menu."
KEYS = ("9a" * 16, "7b" * 16)
ENTRIES = [("comments", KEYS[0], ADVICE), ("work_notes", KEYS[0], NOTE)]


@pytest.fixture
def deja(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


def _element(tag: str, **fields: str) -> str:
    inner = "".join(f"<{one}>{value}</{one}>" for one, value in fields.items())
    return f'<{tag} action="INSERT_OR_UPDATE">{inner}</{tag}>'


def _incidents(number: int) -> str:
    return "".join(
        _element(
            "incident", number=f"INC000{index}", short_description=f"Gate {index} jams",
            description=f"The gate {index} jams since noon.", state="7", sys_id=key,
            opened_at="2026-05-04 08:00:00",
        )
        for index, key in enumerate(KEYS[:number])
    )  # fmt: skip


def _journal(*entries: tuple[str, str, str]) -> str:
    return "".join(
        _element(
            "sys_journal_field", element=kind, element_id=key, name="incident", value=text,
            sys_created_by="bo", sys_created_on="2026-05-04 10:00:00", sys_id=f"{index:032}",
        )
        for index, (kind, key, text) in enumerate(entries)
    )  # fmt: skip


@pytest.mark.parametrize("incidents", [1, 2])
@pytest.mark.parametrize("entries", [ENTRIES[:1], ENTRIES])
def test_entries_in_the_xml_of_tickets_are_replies(
    deja: Import, sqlite_url: str, incidents: int, entries: list[tuple[str, str, str]]
) -> None:
    """However many there are; work notes are no answer."""
    xml = f"<unload>{_incidents(incidents)}{_journal(*entries)}</unload>"
    Path("unload.xml").write_text(xml)
    result = deja("unload.xml", "--json")
    assert counts(result) == {
        "read": incidents + len(entries), "added": incidents, "joined": len(entries)
    }  # fmt: skip
    assert items(sqlite_url)[0].resolution == ADVICE
    assert "not read" not in result.stdout


def test_work_notes_alone_are_no_answer(deja: Import, sqlite_url: str) -> None:
    """Nobody told the customer."""
    Path("unload.xml").write_text(f"<unload>{_incidents(2)}{_journal(ENTRIES[1])}</unload>")
    assert deja("unload.xml").exit_code == 0
    assert [one.resolution for one in items(sqlite_url)] == [None, None]


def test_entries_far_behind_the_tickets_are_read(deja: Import, sqlite_url: str) -> None:
    """More tickets are before them than are read to learn what the file has."""
    more = "".join(
        _element("incident", number=f"INC1{number}", short_description=f"Lift {number}", **extra)
        for number in range(400)
        for extra in [{f"field_{index}": "x" for index in range(15)}]
    )
    Path("unload.xml").write_text(f"<unload>{_incidents(1)}{more}{_journal(ENTRIES[0])}</unload>")
    assert counts(deja("unload.xml", "--json"))["joined"] == 1
    assert items(sqlite_url)[0].resolution == ADVICE


def test_a_file_of_entries_joins_the_tickets_by_their_keys(deja: Import, sqlite_url: str) -> None:
    """Most entries of a whole journal may be of tickets that are not in the other file."""
    Path("incident.csv").write_text(
        "number,short_description,description,state,sys_id\n"
        f"INC0001,Gate jams,The gate of hall 2 jams.,Closed,{KEYS[0]}\n"
    )
    others = "".join(f"comments,{number:032},incident,Some text.,bo\n" for number in range(9))
    rows = "".join(f"{kind},{key},incident,{text},bo\n" for kind, key, text in ENTRIES)
    Path("sys_journal_field.csv").write_text(
        f"element,element_id,name,value,sys_created_by\n{rows}{others}"
    )
    found = output(deja("incident.csv", "sys_journal_field.csv", "--json"))
    assert (found["joined"], found["skipped"]) == (2, 9)
    assert [one.resolution for one in items(sqlite_url)] == [ADVICE]


def test_entries_without_tickets_are_none(deja: Import, sqlite_url: str) -> None:
    """A work note must not become a ticket that everybody can read."""
    Path("journal.csv").write_text(f"element,element_id,value\nwork_notes,{KEYS[0]},{NOTE}\n")
    result = deja("journal.csv", "--json")
    assert (output(result)["skipped"], items(sqlite_url)) == (1, [])
    assert NO_TICKETS in result.stdout
