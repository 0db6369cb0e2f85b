"""Tables as people keep them: without a header, with boxes to tick, in any language, turned."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from services.errors import InputError
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.documents.xml_records import other_records
from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.report_lines import HEADERS
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)


def _rows(data: str | bytes) -> list[Row]:
    return [one for one in read_file("t.csv", data, OWN) if isinstance(one, Row)]


def test_a_first_row_of_values_is_a_ticket() -> None:
    """A state in it is no name of a column, and each row has its id, title, text and date."""
    rows = _rows(
        "501,2026-03-01 08:00,kim@x.example,Gate jams again,It jams only when it rains a lot.,"
        "closed\n502,2026-03-02 09:00,bo@x.example,No light in hall,It went out during the storm.,"
        "open\n"
    )
    assert [one.item.external_id for one in rows] == ["501", "502"]
    assert [one.item.title for one in rows] == ["Gate jams again", "No light in hall"]
    assert all(one.item.is_dated for one in rows)


@pytest.mark.parametrize(("written", "id_"), [('="00042"', "00042"), ('"12,042"', "12042")])
def test_ids_as_spreadsheets_show_them(written: str, id_: str) -> None:
    """Excel keeps zeros in a formula, and puts commas between thousands."""
    assert _rows(f"Ticket No,Title\n{written},Gate jams\n")[0].item.external_id == id_


def test_a_mark_in_the_middle_of_joined_files_is_no_text() -> None:
    """Two files one after the other have a byte order mark and a header between them."""
    part = "\ufeffid,title,text\n{},Gate jams,It jams.\n"
    entries = read_file("t.csv", part.format(1) + part.format(2), OWN)
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [HEADERS]
    assert [one.item.external_id for one in entries if isinstance(one, Row)] == ["1", "2"]


def test_the_short_question_of_a_form_is_the_title() -> None:
    """Forms ask in sentences; what stands before the details and differs is what it is about."""
    row = _rows(
        "Timestamp,Tell us in one line,Please describe it in as much detail as you can,Building\n"
        "2026/03/02 9:12:11 AM,Gate won't open,It stays shut whatever card I hold to it.,North\n"
        "2026/03/03 9:12:11 AM,Light in hall flickers,Since Friday it flickers often.,North\n"
    )[0]
    assert row.item.title == "Gate won't open"


@pytest.mark.parametrize("name", ["Address", "Cause", "Steps you tried"])
def test_other_phrases_are_no_titles(name: str) -> None:
    """Some columns hold phrases, too, and are about something else."""
    data = (
        f"{name},Description\nat the north gate,It jams whenever it rains a bit.\nat the lift,x\n"
    )
    assert _rows(data)[0].item.title is None


@pytest.mark.parametrize(
    ("data", "title", "text"),
    [
        ("番号,件名,内容\n1,門が開かない,北の門がカードをかざしても開きません。\n"
         "2,廊下の照明が切れた,嵐のあと三階の廊下の照明が点きません。\n",
         "門が開かない", "北の門がカードをかざしても開きません。"),
        ("รหัส,หัวข้อ,รายละเอียด\n1,ประตูไม่เปิด,ประตูทิศเหนือไม่เปิดเมื่อแตะบัตรตั้งแต่เช้าวันนี้\n"
         "2,ไฟทางเดินดับ,ไฟทางเดินชั้นสามดับตั้งแต่พายุเมื่อคืนนี้\n",
         "ประตูไม่เปิด", "ประตูทิศเหนือไม่เปิดเมื่อแตะบัตรตั้งแต่เช้าวันนี้"),
    ],
)  # fmt: skip
def test_columns_of_languages_without_spaces(data: str, title: str, text: str) -> None:
    """A text is as long there as it is elsewhere, though it has one word."""
    item = _rows(data)[0].item
    assert (item.title, item.text) == (title, text)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和8年3月2日 9:15", 2), ("令和8年3月2日9時15分", 2), ("R8.3.2 9:15", 2),
        ("平成31年4月30日 9:15", 30), ("15/03/2569 09:15", 15),
    ],
)  # fmt: skip
def test_years_as_japan_and_thailand_count_them(written: str, day: int) -> None:
    """The years of an emperor, and those since the Buddha."""
    found = DateReader().read(written)
    month, year = {30: (4, 2019)}.get(day, (3, 2026))
    assert found == datetime(year, month, day, 9, 15, tzinfo=UTC)


def test_boxes_that_people_tick_are_states() -> None:
    """An x below "done" says so; an empty one says nothing."""
    data = (
        "Ticket;Was ist los?;Was haben wir gemacht?;erledigt\n"
        "1;Tor klemmt;Rolle geölt;x\n2;Licht flackert;;\n"
    )
    done, other = _rows(data)
    assert (done.item.status, done.item.resolution) == ("resolved", "Rolle geölt")
    assert other.item.status is None


@pytest.mark.parametrize(
    ("column", "yes", "no", "state"),
    [
        ("Closed", "Y", "N", "closed"), ("Resolved", "Y", "N", "resolved"),
        ("Closed", "1.0", "0.0", "closed"), ("Resolved", "1", "0", "resolved"),
        ("Erledigt", "J", "N", "resolved"), ("Geschlossen", "wahr", "falsch", "closed"),
        ("Resuelto", "s", "n", "resolved"),
    ],
)  # fmt: skip
def test_flags_are_states_as_boxes_are(column: str, yes: str, no: str, state: str) -> None:
    """However a program writes yes and no; neither is read as a date."""
    header = f"id,title,text,{column}\n"
    first, second = _rows(f"{header}1,Gate,It jams.,{yes}\n2,Light,It flickers.,{no}\n")
    assert (first.item.status, second.item.status) == (state, None)
    assert (*first.warnings, *second.warnings) == ()


def test_notes_are_the_text_of_a_table_without_another() -> None:
    """Otherwise they are kept with the ticket, as is a second text."""
    assert _rows("Title,Notes\nGate,It jams.\n")[0].item.text == "It jams."
    item = _rows("Title,Description,Details,Notes\nGate,It jams.,Since noon.,Call Bo\n")[0].item
    assert item.text == "It jams."
    assert (item.extra["Details"], item.extra["Notes"]) == ("Since noon.", "Call Bo")


def test_a_more_exact_date_is_taken() -> None:
    """A column with the time stands beside one with the day."""
    row = _rows(
        "Ticket ID,Ticket subject,Ticket created - Date,Ticket created - Timestamp\n"
        "1,Gate,2026-02-11,2026-02-11T10:22:00\n"
    )[0]
    assert row.item.created_at == datetime(2026, 2, 11, 10, 22, tzinfo=UTC)


def test_a_turned_table_is_refused_with_advice() -> None:
    """Its first column has what should be its header."""
    data = "Ticket,T-1,T-2\nSubject,Gate,Lift\nDescription,It jams,It stops\nStatus,open,open\n"
    assert "transpose" in plan_of("t.csv", data).hint
    assert "--map" in plan_of("t.csv", "a,b\n1,2\n").hint


def test_days_without_a_format_stand_beside_dates(tmp_path: Path) -> None:
    """In a workbook a number in a column of dates is a day."""
    book, raw = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("Tickets", 0)
    for cells in (["Opened", "Problem", "Details"], [46_083, "Gate", "It jams."],
                  [date(2026, 3, 5), "Lift", "It stops."]):  # fmt: skip
        sheet.append(cells)
    book.save(raw)
    path = tmp_path / "t.xlsx"
    path.write_bytes(raw.getvalue())
    with open_inputs(path, io.BytesIO) as (found, *_):
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
        days = [one.item.created_at.day for one in TicketReader(plan, OWN).read()]  # type: ignore[union-attr]
    assert days == [2, 5]


def test_an_empty_workbook_is_named(tmp_path: Path) -> None:
    """Among several files it is known which one has nothing."""
    path = tmp_path / "empty.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(InputError, match=r"empty\.xlsx"), open_inputs(path, io.BytesIO):
        pass


def test_other_tables_in_an_xml_file_are_named() -> None:
    """What is not read is told."""
    data = (
        "<unload>"
        + "<incident><number>I</number><short_description>Gate</short_description></incident>" * 2
        + "<journal><value>x</value><name>y</name></journal>" * 2
        + "</unload>"
    ).encode()
    assert other_records(lambda: io.BytesIO(data)) == {"journal": 2}
    assert plan_of("t.xml", data).warnings == ("not read: journal",)


def test_an_id_of_a_person_is_not_that_of_a_ticket() -> None:
    """An object inside has ids of its own."""
    data = '[{"title": "Gate", "text": "It jams.", "owner": {"user_id": 1}}]'
    assert only_row(read_file("t.json", data, OWN)).item.external_id.startswith("row-")


def test_reviews_are_known_by_their_names() -> None:
    """A word for the entry may stand before each name."""
    data = "Review Title,Review Text,Developer Reply Text\nNo sound,It is mute.,Update to 1.2.1\n"
    item = _rows(data)[0].item
    assert (item.title, item.text, item.resolution) == (
        "No sound",
        "It is mute.",
        "Update to 1.2.1",
    )


def test_names_of_tasks_are_titles_beside_notes() -> None:
    """They may be as long as texts."""
    item = _rows("Name,Status,Notes\nThe gate of hall 2 jams in the rain,Done,Oil it\n")[0].item
    assert (item.title, item.text) == ("The gate of hall 2 jams in the rain", "Oil it")


@pytest.mark.parametrize("start", ["[02.03.26, 09:15:12] ", "02/03/2026, 09:15 - "])
def test_the_text_of_a_chat_is_refused(start: str) -> None:
    """Nothing says there where one ticket ends."""
    with pytest.raises(InputError, match="chat"):
        plan_of("t.txt", f"{start}Kim: the gate jams\n{start}Bo: oil it\n")
