"""Tables that programs have damaged: encodings, rows in quotes, separators, signs, empty cells."""

from __future__ import annotations

import io
import json

import pytest

from services.intake.importers.entries import Row, Skipped
from services.intake.importers.files.encoding import detect_encoding
from services.intake.importers.files.mojibake import is_encoded_twice
from services.intake.importers.rows.report_lines import TOTALS
from services.intake.importers.vocabulary.states import state_of
from services.text.markup.html_text import without_html
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of, read_file

TABLE = "Id;Betreff;Beschreibung\n1;Tür klemmt;Die Tür von Halle 2 lässt sich nicht öffnen.\n"
TITLE, TEXT = "Tür klemmt", "Die Tür von Halle 2 lässt sich nicht öffnen."
TWICE = TABLE.encode().decode("latin-1").encode()


def said(data: bytes) -> tuple[str | None, str]:
    """Return the title and the text of the only ticket of a table."""
    item = only_row(read_file("t.csv", data)).item
    return item.title, item.text


def test_a_text_that_was_encoded_twice_is_read_as_it_was_meant() -> None:
    """And its encoding is named."""
    assert said(TWICE) == (TITLE, TEXT)
    assert "encoded twice" in plan_of("t.csv", TWICE).table.format
    quoted = TABLE.replace("Halle 2", "Halle „2“ für 5 €").encode()
    assert said(quoted.decode("cp1252").encode())[1] == TEXT.replace("Halle 2", "Halle „2“ für 5 €")


def test_letters_that_were_encoded_twice_may_be_in_two_blocks() -> None:
    """A file of any length is read block by block."""
    text = "äöü" * 20_000
    encoding = detect_encoding(io.BytesIO(text.encode().decode("latin-1").encode()))
    with encoding.text(io.BytesIO(text.encode().decode("latin-1").encode())) as stream:
        pieces = iter(lambda: stream.read(7), "")
        assert "".join(pieces) == text


def test_values_that_were_encoded_twice_are_repaired_in_any_format() -> None:
    """Their letters may be escaped, as PHP writes JSON, or the format has its own encoding."""

    def twice(text: str) -> str:
        return text.encode().decode("cp1252")

    answer = {twice("Lösung"): twice("Öl für die Tür")}
    ticket = {"id": 1, "title": twice(TITLE), "body": twice(TEXT), "details": [answer]}
    item = only_row(read_file("t.json", json.dumps([ticket]))).item
    assert (item.title, item.text) == (TITLE, TEXT)
    assert item.extra["details"] == [{"Lösung": "Öl für die Tür"}]
    fields = f"<title>{twice(TITLE)}</title><body>{twice(TEXT)}</body>"
    rows = "".join(f"<ticket><id>{n}</id>{fields}</ticket>" for n in (1, 2))
    found = [one for one in read_file("t.xml", f"<all>{rows}</all>") if isinstance(one, Row)]
    assert [(one.item.title, one.item.text) for one in found] == [(TITLE, TEXT)] * 2


@pytest.mark.parametrize(
    "text",
    ["Umlaute werden als Ã¼ angezeigt", "Überall steht Ã¼, Ã¤ und Ã¶ statt ü", "Tür", "plain"],
)
def test_texts_about_such_signs_stay(text: str) -> None:
    """They have few of them, or letters that are right."""
    assert not is_encoded_twice(text)


def test_rows_in_two_encodings_are_both_read() -> None:
    """One row in UTF-8 among those of another program is enough."""
    rows = "2;Gerät läuft heiß;Das Gerät wird heiß.\n".encode("cp1252")
    found = [
        one.item.title for one in read_file("t.csv", TABLE.encode() + rows) if isinstance(one, Row)
    ]
    assert found == [TITLE, "Gerät läuft heiß"]


def test_a_table_of_an_old_mac_is_read() -> None:
    """Its lines end with CR alone."""
    assert said(TABLE.replace("\n", "\r").encode("mac-roman")) == (TITLE, TEXT)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_rows_that_are_one_cell_in_quotes_are_taken_apart(delimiter: str) -> None:
    """As a spreadsheet saves what it did not take apart; a line break in a cell stays."""
    rows = [["id", "title", "text"], ["1", "Lamp", "It flickers,\nsince Monday; badly."]]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    table = "\n".join('"' + line.replace('"', '""') + '"' for line in lines)
    item = only_row(csv_rows(table + "\n")).item
    assert (item.title, item.text) == ("Lamp", "It flickers,\nsince Monday; badly.")


def test_a_row_with_another_separator_is_read() -> None:
    """If that gives as many cells as the header has; else it is what it says."""
    rows = [
        one.item.text
        for one in csv_rows("id;title;text\n1;Lamp;It flickers.\n2,Lift,It stands.\n")
        if isinstance(one, Row)
    ]
    assert rows == ["It flickers.", "It stands."]
    texts = [
        one.item.text
        for one in csv_rows("text\nIt flickers, badly\nIt stands\n")
        if isinstance(one, Row)
    ]
    assert texts == ["It flickers, badly", "It stands"]


def test_a_total_below_a_column_that_is_there_twice_is_no_ticket() -> None:
    """Two empty cells of one name are empty."""
    entries = csv_rows(
        "Ticket,Subject,Details,Opened,Opened\nT-1,Lamp,It flickers.,2026-05-04,2026-05-04\n"
        "Total,1,,,\n"
    )
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [TOTALS]


@pytest.mark.parametrize(
    "total", ["Totaal", "Totaal aantal meldingen", "Totale generale", "Somma", "Total geral"]
)
def test_totals_are_known_in_all_languages_of_headers(total: str) -> None:
    """Dutch, Italian and Portuguese ones, too; a ticket may be called so."""
    table = f"Nr,Titel,Text,Uren\n1,{total},It flickers.,2\n2,Lamp,It flickers.,3\n{total},,,5\n"
    rows, totals = csv_rows(table)[:-1], csv_rows(table)[-1]
    assert [type(one) for one in rows] == [Row, Row]
    assert isinstance(totals, Skipped)
    assert totals.reason == TOTALS


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("✅ Done", "resolved"), ("🔴 Open", "open"), ("3 - In progress", "open"),
        ("(6) Resolved", "resolved"), ("4. Closed", "closed"), ("In behandeling", "open"),
        ("Afgesloten", "closed"), ("In lavorazione", "open"), ("Em atendimento", "open"),
        ("3 pieces", None), ("✅", None), ("42", None),
    ],
)  # fmt: skip
def test_states_with_signs_or_numbers_before_them_are_known(
    written: str, state: str | None
) -> None:
    """In the languages of headers, too."""
    assert state_of(written) == state


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("1 024", "1024"), ("1\u202f234", "1234"), ("1'234", "1234"), ("1.234.567", "1234567"),
        ("1.234", "1.234"), ("10.0.0.1", "10.0.0.1"), ("1 02", "1 02"), ("INC 102", "INC 102"),
    ],
)  # fmt: skip
def test_separators_of_thousands_are_no_part_of_an_id(written: str, id_: str) -> None:
    """Where they are unmistakable."""
    assert (
        only_row(csv_rows(f"Ticket ID;Title;Text\n{written};Lamp;It flickers.\n")).item.external_id
        == id_
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Meldingnummer;Onderwerp;Omschrijving;Aangemaakt op;Gesloten op;Status;Aanmelder;"
         "Oplossing",
         "M1;Lamp;Hij knippert.;13-05-2026 08:10;14-05-2026 09:00;Gesloten;Ira;Nieuwe starter."),
        ("Numero ticket;Oggetto;Testo;Aperto il;Chiuso il;Stato;Richiedente;Risposta",
         "M1;Lampada;Lampeggia.;13/05/26 08:10;14/05/26 09:00;Chiuso;Ira;Nuovo starter."),
        ("Protocolo;Assunto;Mensagem;Aberto em;Fechado em;Situação;Requerente;Resposta",
         "M1;Lâmpada;A lâmpada pisca.;13/05/2026 08:10;14/05/2026 09:00;Fechado;Ira;Novo starter."),
        ("ID;Titre;Description;Date ouverture;Date clôture;Statut;Demandeur - Demandeur;"
         "Solution - Solution",
         "M1;Lampe;La lampe clignote.;13/05/2026 08:10;14/05/2026 09:00;Clos;Ira;Nouveau starter."),
    ],
)  # fmt: skip
def test_headers_in_other_languages_are_known(header: str, row: str) -> None:
    """Dutch, Italian, Portuguese, and French as GLPI writes it."""
    item = only_row(csv_rows(f"{header}\n{row}\n")).item
    assert (item.external_id, item.status, item.author) == ("M1", "closed", "Ira")
    assert item.title is not None
    assert item.text.endswith(".")
    assert item.resolution is not None
    assert item.resolved_at is not None
    assert (item.created_at.day, item.resolved_at.day) == (13, 14)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("&lt;p&gt;It stands &amp;amp; beeps.&lt;/p&gt;", "It stands & beeps."),
        ("Use &lt;br&gt; for a break", "Use <br> for a break"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
    ],
)
def test_html_that_was_escaped_once_more_is_text(written: str, text: str) -> None:
    """Where a text begins with a tag; elsewhere a tag is what it is about."""
    assert without_html(written) == text
