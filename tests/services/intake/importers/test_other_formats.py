"""XML, mail, Excel, archives, and rows that belong together."""

# ruff: noqa: E501 - rows as the tools write them

from __future__ import annotations

import gzip
import io
import mailbox
import re
import tarfile
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError, Skipped
from services.intake.importers.inputs import open_inputs
from services.intake.importers.layouts.corpora import NOT_A_POST
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.row_threads import TEAM_STARTED
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)

POSTS = """<?xml version="1.0" encoding="utf-8"?>
<posts>
  <row Id="4" PostTypeId="1" AcceptedAnswerId="7" CreationDate="2012-03-04T05:06:07.890" Title="Mount fails" Body="&lt;p&gt;It says &lt;code&gt;EPERM&lt;/code&gt;&lt;/p&gt;" Tags="&lt;nfs&gt;" />
  <row Id="5" PostTypeId="2" ParentId="4" CreationDate="2012-03-04T06:00:00.000" Body="&lt;p&gt;Same here&lt;/p&gt;" />
  <row Id="7" PostTypeId="2" ParentId="4" CreationDate="2012-03-04T07:00:00.000" Body="&lt;p&gt;Export it with no_root_squash.&lt;/p&gt;" />
  <row Id="8" PostTypeId="5" CreationDate="2012-03-04T07:00:00.000" Body="wiki" />
  <row Id="9" PostTypeId="1" CreationDate="2012-03-05T07:00:00.000" Title="Slow" Body="&lt;p&gt;why&lt;/p&gt;" />
</posts>
"""
JIRA = """<rss version="0.92"><channel><title>Search</title><description>All</description>
<item><title>[WEB-7] Hangs</title><link>https://globex.example/browse/WEB-7</link>
<project id="1" key="WEB">Web</project><description>&lt;p&gt;It hangs&lt;/p&gt;</description>
<key id="7">WEB-7</key><summary>Hangs</summary><status id="6">Closed</status>
<resolution id="1">Fixed</resolution><reporter username="ann">Ann</reporter>
<created>Mon, 4 May 2026 10:11:02 +0200</created>
<comments><comment id="1" author="bo" created="Mon, 4 May 2026 12:00:00 +0200">&lt;p&gt;Fixed by raising the timeout.&lt;/p&gt;</comment></comments>
</item></channel></rss>"""
INCIDENTS = """<unload unload_date="2026-05-04 10:00:00"><incident action="INSERT_OR_UPDATE">
<number>INC1</number><short_description>Slow</short_description><description>two seconds</description>
<opened_at>2026-05-04 08:11:02</opened_at><state>7</state><close_notes>Added an index.</close_notes>
<caller_id display_value="Ann Lee">62826bf</caller_id></incident></unload>"""


def rows_of(entries: list[ImportEntry]) -> list[Row]:
    """Return the rows among entries."""
    return [one for one in entries if isinstance(one, Row)]


def read_path(path: Path) -> list[ImportEntry]:
    """Read everything at a path."""
    found: list[ImportEntry] = []
    with open_inputs(path, io.BytesIO) as inputs:
        for one in inputs:
            plan = make_plan(recognize(one, ReadOptions()), ReadOptions())
            found += TicketReader(plan, OWN).read()
    return found


def test_stack_exchange_posts_are_questions_with_answers() -> None:
    """The accepted answer is the answer; other posts are skipped."""
    entries = read_file("Posts.xml", POSTS, OWN)
    first, second = rows_of(entries)
    assert (first.item.external_id, first.item.title, first.item.text) == (
        "4", "Mount fails", "It says EPERM",
    )  # fmt: skip
    assert (first.item.resolution, first.joined) == ("Export it with no_root_squash.", 2)
    assert first.item.created_at.year == 2012
    assert (second.item.external_id, second.item.resolution) == ("9", None)
    assert (first.item.status, second.item.status) == ("resolved", None)
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [NOT_A_POST]


def test_jira_and_servicenow_as_xml() -> None:
    """A search's items, and an unload's incidents with shown values."""
    (row,) = rows_of(read_file("jira.xml", JIRA, OWN))
    assert row.item.source == "jira/globex.example"
    assert (row.item.external_id, row.item.text) == ("WEB-7", "It hangs")
    assert (row.item.status, row.item.resolution) == ("closed", "Fixed by raising the timeout.")
    assert row.item.created_at == datetime(2026, 5, 4, 8, 11, 2, tzinfo=UTC)
    assert row.item.url == "https://globex.example/browse/WEB-7"
    (row,) = rows_of(read_file("incident.xml", INCIDENTS, OWN))
    assert (row.item.external_id, row.item.status, row.item.author) == ("INC1", "closed", "Ann Lee")
    assert row.item.resolution == "Added an index."


def test_a_torn_xml_file_gives_what_comes_before() -> None:
    """What is whole is read, and an error says where it ends; an attack is refused."""
    entries = read_file("Posts.xml", POSTS[: POSTS.index('<row Id="9"') + 20], OWN)
    assert [type(one) for one in entries].count(Row) == 1
    assert [type(one) for one in entries].count(RowError) == 1
    attack = '<!DOCTYPE a [<!ENTITY b "bbb">]><a><row id="1" text="&b;"/><row id="2" text="x"/></a>'
    with pytest.raises(InputError, match="entities"):
        read_file("a.xml", attack, OWN)


def message(number: int, subject: str, text: str, **headers: str) -> EmailMessage:
    """Return a mail."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<{number}@globex.example>"
    mail["Subject"] = subject
    mail["From"] = headers.pop("sender", "Ann Ünal <Ann@globex.example>")
    mail["Date"] = f"Mon, 04 May 2026 {8 + number:02}:00:00 +0200"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


MAILS = (
    message(1, "Drucker läuft nicht", "From today on it is offline.\n\n-- \nAnn\n"),
    message(2, "Re: Drucker läuft nicht", "Restart the spooler.\n\nOn Mon, Ann wrote:\n> From today\n",
            sender="help@globex.example", In_Reply_To="<1@globex.example>"),
    message(3, "Re: Drucker läuft nicht", "That helped, thanks!",
            References="<1@globex.example> <2@globex.example>"),
    message(4, "Out of office", "I am away", In_Reply_To="<0@x>", Auto_Submitted="auto-replied"),
)  # fmt: skip


@pytest.mark.parametrize("form", ["mbox", "Maildir", "eml"])
def test_mail_is_joined_by_its_references(tmp_path: Path, form: str) -> None:
    """A mail with its answers is one ticket; automatic replies are none."""
    path = tmp_path / form
    if form == "eml":
        path.write_bytes(MAILS[0].as_bytes())
    else:
        kind = mailbox.mbox if form == "mbox" else mailbox.Maildir
        with_box = kind(str(path))
        for mail in MAILS:
            with_box.add(mail)
        with_box.close()
    entries = read_path(path)
    (row,) = rows_of(entries)
    assert (row.item.title, row.item.author) == ("Drucker läuft nicht", "ann@globex.example")
    assert row.item.text == "From today on it is offline.\n\n-- \nAnn"
    if form != "eml":
        assert (row.joined, row.item.resolution) == (2, "Restart the spooler.")
        assert row.item.status == "resolved"
        assert [type(one) for one in entries].count(Skipped) == 1
        assert row.item.created_at == datetime(2026, 5, 4, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "subject", [b"=?\xe9utf-8?b?VMO8cg==?=", b"=?x-none?q?D=F6or?=", b"=?utf-8?b?V?="]
)
def test_a_subject_in_no_known_encoding_is_kept_as_it_is(tmp_path: Path, subject: bytes) -> None:
    """The mail is read all the same."""
    path = tmp_path / "odd.eml"
    path.write_bytes(b"From: kim@x.example\nSubject: " + subject + b"\n\nThe door jams\n")
    (entry,) = read_path(path)
    assert isinstance(entry, Row)
    assert "The door jams" in entry.item.text


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    """Dates and numbers are cells' own; a title above the header and hidden sheets are no tickets."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (
        ["Incidents of May"], [], ["Number", "Short description", "Opened", "State", "Floor"],
        ["INC1", "Slow", datetime.fromisoformat("2026-05-04 08:11"), "Closed", 3.0],
        ["INC2", "Slower", datetime.fromisoformat("2026-05-04 09:00"), "New", None],
    ):  # fmt: skip
        sheet.append(cells)
    hidden = book.create_sheet("notes")
    hidden.append(["number", "short description"])
    hidden.append(["X", "Y"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "book.xlsx")
    first, second = rows_of(read_path(tmp_path / "book.xlsx"))
    assert (first.item.external_id, first.step, first.item.status) == ("INC1", 4, "closed")
    assert first.item.created_at == datetime(2026, 5, 4, 8, 11, tzinfo=UTC)
    assert (first.item.extra["Floor"], second.item.title) == (3, "Slower")


def test_support_tweets_are_linked_by_their_ids() -> None:
    """A question with the team's answer is one ticket, whatever the order of the rows."""
    data = (
        "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
        "2,shop,False,Tue Oct 31 22:10:47 +0000 2017,Reset the router and try again.,,1\n"
        "1,7,True,Tue Oct 31 21:10:47 +0000 2017,My line drops every hour,2,\n"
        "3,7,True,Tue Oct 31 23:10:47 +0000 2017,That worked thanks,,2\n"
        "9,shop,False,Tue Oct 31 22:10:47 +0000 2017,New phones are here!,,\n"
    )
    entries = read_file("tweets.csv", data, OWN)
    (row,) = rows_of(entries)
    assert (row.item.source, row.item.external_id, row.joined) == ("twitter", "1", 2)
    assert (row.item.text, row.item.resolution, row.item.status) == (
        "My line drops every hour", "Reset the router and try again.", "resolved",
    )  # fmt: skip
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [TEAM_STARTED]


def test_rows_of_one_ticket_are_one_ticket() -> None:
    """The oldest row is the ticket, whatever the order; another title is another ticket."""
    data = (
        "id,title,text,created,author,status\n"
        "7,Re: VPN,Set the MTU to 1350.,2026-05-05,bo,closed\n"
        "7,VPN,It drops,2026-05-04,ann,\n"
        "8,Mail,Bounces,2026-05-04,ann,open\n"
        "7,Printer,Jammed,2026-05-06,cy,open\n"
    )
    entries = read_file("t.csv", data, OWN)
    first, second = rows_of(entries)
    assert (first.item.text, first.item.status, first.joined) == ("It drops", "closed", 1)
    assert first.item.resolution == "Set the MTU to 1350."
    assert second.item.external_id == "8"
    (error,) = (one for one in entries if isinstance(one, RowError))
    assert "with another title" in error.reason


def test_archives_are_unpacked(tmp_path: Path) -> None:
    """gzip, tar and ZIP, in one another; what cannot have tickets is passed over."""
    csv = b"id,text\n1,x\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(csv))
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("export/issues.csv")
        info.size = len(csv)
        archive.addfile(info, io.BytesIO(csv))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as packed:
        packed.writestr("inner/t.csv", csv)
        packed.writestr(".DS_Store", "x")
    for name in ("a.csv.gz", "b.tar.gz", "c.zip"):
        (row,) = rows_of(read_path(tmp_path / name))
        assert row.item.external_id == "1"
    bomb = gzip.compress(b"\0" * (300 << 20))
    (tmp_path / "d.gz").write_bytes(bomb)
    with pytest.raises(InputError, match="times its size"):
        read_path(tmp_path / "d.gz")
    (tmp_path / "e.gz").write_bytes(bomb[:9])
    with pytest.raises(InputError, match="damaged"):
        read_path(tmp_path / "e.gz")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SQLite format 3\x00" + b"\x10\x00CREATE TABLE items (id, title, text)" * 9, "SQLite"),
        (b"%PDF-1.7\n1 0 obj << /Title (text) >>\nendobj\n", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Office file"),
        (b"PAR1" + bytes(range(256)), "Parquet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "not text"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8, "not text"),
        (bytes((n * n * 31 + n * 7) % 251 for n in range(3000)), "not text"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(data: bytes, said: str) -> None:
    """Nothing of it is stored, and none of its bytes are taken for names of columns."""
    with pytest.raises(InputError, match=re.escape(said)):
        plan_of("tickets.csv", data)
