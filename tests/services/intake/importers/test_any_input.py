"""Any input is read or refused clearly, and every record that is read is accounted for."""

# ruff: noqa: E501 - lists of words and values

from __future__ import annotations

import csv
import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.records import Record
from services.intake.importers.replies.answer_choice import choose_answer
from services.intake.importers.replies.reply_lists import TicketReply
from services.intake.importers.rows.tickets import TicketReader
from services.text.cleaning.mail_parts import without_mail_parts
from services.text.markup.html_text import without_html
from services.text.markup.wiki_text import wiki_to_text
from tests.conftest import NOW
from tests.services.intake.importers.written_files import plan_of

OWN = RowDefaults(None, "ticket", NOW)
IN_A_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

# Columns of many tools, so that layouts are met that no tool writes like that.
NAMES = st.sampled_from(
    [
        "id",
        "text",
        "title",
        "created",
        "status",
        "Resolution",
        "comments",
        "Comment",
        "url",
        "channel",
        "number",
        "html_url",
        "key",
        "fields.summary",
        "subject",
        "description",
        "requester_id",
        "tweet_id",
        "author_id",
        "inbound",
        "in_response_to_tweet_id",
        "Id",
        "PostTypeId",
        "ParentId",
        "AcceptedAnswerId",
        "Body",
        "pull_request",
        "conversation_id",
        "Transcript",
        "Date",
        "Time",
        "customFields",
        "message_parts",
        "roomType",
        "S",
    ]
)
CELLS = st.sampled_from(
    ["", "1", "2", "a", "4/5/2026", "13/5/2026", "2026-05-04", "closed", "Erledigt", "<p>a<br>b</p>",
     "{code}x{code}", '"', "a,b;c\td", "x\ny", "\x00", "Restart it", "True", "1777880000", "=1+1",
     "10:15", '{"text": "x"}', "(10:00) A: x\n(10:01) B: y", '"id;""text"""', "Ã¼", "direct",
     "On Mon, A wrote:\n> x", "\u2028", "é", "https://x.example/issues/1"]
) | st.text(max_size=12)  # fmt: skip
VALUES = st.recursive(
    CELLS | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=6), min_size=1, max_size=8)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=8)


def check(name: str, data: bytes | str) -> list[ImportEntry]:
    """Read a file, which may be refused; check that no record of it is lost."""
    try:
        plan = plan_of(name, data)
        entries = list(TicketReader(plan, OWN).read())
    except InputError:
        return []
    records = sum(1 for _ in plan.table.read())
    joined = sum(one.joined for one in entries if isinstance(one, Row))
    assert len(entries) + joined == records
    assert plan.rows == sum(isinstance(one, Record) for one in plan.table.read())
    return entries


@given(st.binary(max_size=400))
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl", "a"])
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    """Whatever the name says, nothing but a clear error is raised."""
    check(name, data)


@given(st.lists(st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"id"', b'"text"', b'"tickets"', b"1", b"\n", b"<", b">",
     b"<row", b'Id="1"', b"/>", b"From a@b\n", b"Subject: x\n", b"\n\n", b"id,text", b'"', b"\xff",
     b"\xfe\xff", b"\x00", b"sep=;\n", b";", b'"data":[', b'"included":[', b'"attributes":{',
     b'{"type":"version","version":1}\n', b'{"type":"post","post":{', b"id: 1\n", b"subject: x\n",
     b"status: open\n", b"\xc3\x83\xc2\xbc", b"\r"]), max_size=40).map(b"".join))  # fmt: skip
def test_pieces_of_formats_are_read_or_refused(data: bytes) -> None:
    """The beginnings of every format, torn and mixed."""
    check("a", data)


VERSION = {"type": "version", "version": 1}


def _resource(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a resource of JSON:API with these attributes, which names itself."""
    own = {"type": "a", "id": "1"}
    return {
        **own,
        "attributes": fields,
        "relationships": {"b": {"data": own}, "c": {"data": [own]}},
    }


@given(st.lists(st.lists(st.tuples(NAMES, CELLS), min_size=3, max_size=5), min_size=1, max_size=4))
def test_every_ticket_in_lines_is_accounted_for(tickets: list[list[tuple[str, str]]]) -> None:
    """Whatever the fields hold, and whichever are missing."""
    blocks = ("\n".join(f"{name}: {cell}" for name, cell in fields) for fields in tickets)
    check("a.txt", "\n\n".join(blocks).encode("utf-8", "replace"))


@given(ROWS)
@pytest.mark.parametrize("form", ["list", "lines", "page", "pretty", "included", "posts"])
def test_every_json_record_is_accounted_for(form: str, rows: list[dict[str, Any]]) -> None:
    """Objects with the names of many tools and any values are tickets, joined, or told."""
    written = {
        "list": json.dumps(rows),
        "lines": "\n".join(map(json.dumps, rows)),
        "page": json.dumps({"tickets": rows, "count": len(rows)}),
        "pretty": json.dumps(rows, indent=2),
        "included": json.dumps(
            {"data": list(map(_resource, rows)), "included": [_resource(rows[0])]}
        ),
        "posts": "\n".join(
            map(json.dumps, [VERSION, *({"type": "post", "post": one} for one in rows)])
        ),
    }[form]
    check("a.json", written)


@given(st.lists(NAMES, min_size=1, max_size=5), TABLES, st.sampled_from(",;\t|"))
def test_every_csv_record_is_accounted_for(
    header: list[str], table: list[list[str]], delimiter: str
) -> None:
    """Every row that the csv module writes is one row; blank ones are none."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *table])
    check("a.csv", text.getvalue().encode("utf-8", "replace"))


@given(ROWS)
def test_every_xml_record_is_accounted_for(rows: list[dict[str, Any]]) -> None:
    """Elements and attributes with any text."""

    def element(name: str, value: object) -> str:
        text = "".join(one for one in str(value) if one.isprintable())
        return f"<{name} a={quoteattr(text)}>{escape(text)}</{name}>"

    items = "".join(
        f"<item>{''.join(element(name.replace('.', '_'), one) for name, one in row.items())}</item>"
        for row in rows
    )
    check("a.xml", f"<list><info><a>1</a></info>{items}</list>".encode("utf-8", "replace"))


@given(table=TABLES)
@IN_A_FOLDER
def test_any_workbook_is_read(tmp_path: Path, table: list[list[str]]) -> None:
    """Cells with anything that Excel takes."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in [["id", "text", "created"], *table]:
        sheet.append(["".join(one for one in cell if one.isprintable()) for cell in cells])
    book.save(tmp_path / "a.xlsx")
    with open_inputs(tmp_path / "a.xlsx", io.BytesIO) as (found,):
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
        entries = list(TicketReader(plan, OWN).read())
    assert len(entries) + sum(one.joined for one in entries if isinstance(one, Row)) == plan.rows


@given(data=st.binary(max_size=200), name=st.sampled_from(["a.zip", "a.gz", "a.xlsx", "a.tar"]))
@IN_A_FOLDER
def test_any_archive_is_opened_or_refused(tmp_path: Path, data: bytes, name: str) -> None:
    """Damaged archives of every kind end in a clear error."""
    for start in (b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"):
        (tmp_path / name).write_bytes(start + data)
        with suppress(InputError), open_inputs(tmp_path / name, io.BytesIO):
            pass
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("inner.csv", data)
    with open_inputs(tmp_path / "b.zip", io.BytesIO) as inputs:
        assert len(inputs) == 1


@given(st.text(max_size=80) | st.lists(CELLS).map("\n".join))
def test_any_text_is_cleaned(text: str) -> None:
    """Cleaning raises nothing, and never takes the last word of a text."""
    for clean in (without_html, wiki_to_text, without_mail_parts):
        assert isinstance(clean(text), str)
    if any(character.isalnum() for character in text):
        assert any(character.isalnum() for character in without_mail_parts(text))


@given(
    st.lists(
        st.builds(TicketReply, CELLS, is_agent=st.none() | st.booleans(), is_public=st.booleans())
    )
)
def test_an_answer_is_a_reply(replies: list[TicketReply]) -> None:
    """An answer is one of the replies, and an open ticket has none."""
    for state in (None, "closed"):
        answer = choose_answer(replies, state)
        assert answer is None or any(answer in one.text for one in replies)
    assert choose_answer(replies, "open") is None
