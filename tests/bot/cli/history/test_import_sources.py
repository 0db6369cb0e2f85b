"""`deja import`: tickets of different programs that have the same ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.history.import_files import (
    Import,
    counts,
    files_of,
    import_command,
    items,
    output,
    write,
)


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty SQLite database, in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


def test_unrelated_tickets_with_the_same_ids_are_not_overwritten(
    run: Import, sqlite_url: str
) -> None:
    """A file of a known source is refused until somebody says which one is meant."""
    printers = [{"id": number, "text": f"printer {number} is jammed"} for number in range(4)]
    assert run(write("a.jsonl", *printers), "--source", "desk").exit_code == 0
    invoices = [{"id": number, "text": "invoice shows wrong total"} for number in range(4)]
    refused = run(write("b.jsonl", *invoices), "--source", "desk")
    assert refused.exit_code == 1
    assert "4 of 4 rows would replace tickets of desk" in refused.stderr
    assert counts(run("b.jsonl", "--source", "billing", "--json"))["added"] == 4
    assert counts(run("b.jsonl", "--source", "desk", "--yes", "--json"))["updated"] == 4
    assert len(items(sqlite_url)) == 8
    one = run(write("c.jsonl", {"id": 1, "text": "door is locked"}), "--source", "desk", "--json")
    assert "1 row replaces a ticket of desk by unrelated text" in str(output(one)["warnings"])


def test_a_table_whose_ids_are_taken_has_a_source_of_its_own(run: Import, sqlite_url: str) -> None:
    """It is found again under any name, and the next export of that name comes to it."""
    printer, scanner = "the printer on floor 3 jams", "the scanner prints blank pages"
    invoice, refund = "the invoice shows a wrong total", "my refund never came"
    desk = write("tickets-2026-05.csv", "id,text", f"1,{printer}", f"2,{scanner}")
    shop = write("Shop export (1).csv", "id,text", f"1,{invoice}")
    for file in (desk, shop):
        assert counts(run(file, "--json"))["added"] > 0
    for again in (desk, shop, write("renamed.csv", "id,text", f"1,{invoice}")):
        assert "unchanged" in counts(run(again, "--json"))
    later = write("Shop export (2).csv", "id,text", f"2,{refund}")
    [found] = files_of(run(later, "--json"))
    assert str(found["recognized"]).endswith("source import/shop-export")
    assert {(row.source, row.external_id, row.text) for row in items(sqlite_url)} == {
        ("import", "1", printer), ("import", "2", scanner),
        ("import/shop-export", "1", invoice), ("import/shop-export", "2", refund),
    }  # fmt: skip
