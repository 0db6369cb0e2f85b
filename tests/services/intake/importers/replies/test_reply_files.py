"""Replies in files of their own: they join the tickets of the same archive or folder."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.intake.importers.rows.reply_files import NO_TICKET
from tests.bot.cli.history.import_files import Import, counts, import_command, items

SHOP = "https://github.com/globex/shop"
TICKETS = "id,subject,description,created_at,status\n007,Gate jams,In hall 4,2026-05-04,closed\n"
COMMENTS = (
    "id,ticket_id,author,body,is_public\n"
    "1,007,Bo,Replaced the hinge of the gate and oiled it.,true\n"
    "2,007,Bo,Invoice the landlord by changing the account.,false\n"
    "3,999,Bo,Reset the badge reader.,true\n"
)


@pytest.fixture
def deja(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


def _issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "issue", "url": f"{SHOP}/issues/{number}", "repository": SHOP,
        "user": "https://github.com/ann", "title": "Crash on start", "body": "With no config.",
        "created_at": "2026-05-01T10:00:00Z", "closed_at": "2026-05-02T10:00:00Z", **more,
    }  # fmt: skip


def _comment(number: int, body: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "issue_comment", "url": f"{SHOP}/issues/{number}#issuecomment-1",
        "issue": f"{SHOP}/issues/{number}", "user": "https://github.com/bo", "body": body,
        "created_at": "2026-05-02T09:00:00Z", **more,
    }  # fmt: skip


def test_an_archive_of_github_has_answers(deja: Import, sqlite_url: str) -> None:
    """Its comments are files of their own, before or after the issues, by the issue's address."""
    files = {
        "issues_000001.json": [_issue(3), _issue(4, closed_at=None)],
        "issue_comments_000001.json": [
            _comment(3, "Any update?"),
            _comment(3, "Fixed by writing a default config on the first start."),
            _comment(88, "Merged it."),
        ],
    }
    with tarfile.open("archive.tar.gz", "w:gz") as archive:
        for name, rows in files.items():
            info, raw = tarfile.TarInfo(name), json.dumps(rows).encode()
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    found = counts(deja("archive.tar.gz", "--json"))
    assert found == {"read": 5, "added": 2, "joined": 2, "skipped": 1}
    first, second = items(sqlite_url)
    assert first.resolution == "Fixed by writing a default config on the first start."
    assert (first.status, second.status, second.resolution) == ("closed", "open", None)
    assert counts(deja("archive.tar.gz", "--json"))["unchanged"] == 2


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_tables_of_tickets_and_of_their_comments(deja: Import, sqlite_url: str, form: str) -> None:
    """A public comment answers its ticket; one to no ticket of the archive is skipped."""
    files = {"data/comments.csv": COMMENTS, "data/tickets.csv": TICKETS}
    if form == "zip":
        with zipfile.ZipFile("all.zip", "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
    else:
        Path("all").mkdir()
        for name, text in files.items():
            (Path("all") / Path(name).name).write_text(text)
    result = deja("all.zip" if form == "zip" else "all", "--json")
    assert counts(result) == {"read": 4, "added": 1, "joined": 2, "skipped": 1}
    assert NO_TICKET in result.stdout
    (item,) = items(sqlite_url)
    assert item.resolution == "Replaced the hinge of the gate and oiled it."


@pytest.mark.parametrize("name", ["internal_notes", "work notes", "Staff-Notes", "notas_internas"])
def test_a_file_of_notes_among_agents_answers_nothing(
    deja: Import, sqlite_url: str, name: str
) -> None:
    """Its name says for whom they are; they are not kept."""
    Path("all").mkdir()
    Path("all/tickets.csv").write_text(TICKETS)
    Path(f"all/{name}.csv").write_text("ticket_id,author,body\n007,Bo,Replaced the old hinge.\n")
    assert counts(deja("all", "--json")) == {"read": 2, "added": 1, "joined": 1}
    (item,) = items(sqlite_url)
    assert item.resolution is None
    assert "replies" not in item.extra


def test_comments_alone_are_rows_of_their_tickets(deja: Import, sqlite_url: str) -> None:
    """Without a file of tickets the first row of each is the ticket, as in any other table."""
    Path("all").mkdir()
    (Path("all") / "comments.csv").write_text(
        "ticket_id,author,body\n7,Ann,The gate jams\n7,Bo,Oil the hinge of the gate\n"
    )
    (Path("all") / "people.csv").write_text("id,name\n1,Ann\n")
    assert counts(deja("all", "--json"))["added"] == 1
    assert items(sqlite_url)[0].text == "The gate jams"


def test_comments_join_by_a_column_that_holds_ids_of_tickets(deja: Import, sqlite_url: str) -> None:
    """Whatever that column is called, and in whatever order the files are named."""
    Path("helpdesk.csv").write_text(
        "key,summary,details,opened,status\nHD-1,Laptop slow,It crawls,2026-01-02,closed\n"
        "HD-2,No sound,The speakers are mute,2026-01-03,closed\nHD-3,Fan loud,,2026-01-05,open\n"
    )
    Path("log.csv").write_text(
        "nr,belongs to,author,comment,created\n"
        "1,HD-1,Bo,Remove the old antivirus and restart the laptop.,2026-01-03\n"
        "2,HD-2,Kim,still broken,2026-01-04\n"
        "3,HD-2,Bo,Select the right output in the sound settings.,2026-01-05\n"
    )
    found = counts(deja("log.csv", "helpdesk.csv", "--json"))
    assert found == {"read": 6, "added": 3, "joined": 3}
    assert [one.resolution for one in items(sqlite_url)] == [
        "Remove the old antivirus and restart the laptop.",
        "Select the right output in the sound settings.",
        None,
    ]


def test_numbers_of_comments_are_no_ids_of_tickets(deja: Import) -> None:
    """A file of notes whose own numbers happen to be those of tickets stays what it is."""
    Path("tickets.csv").write_text(
        "id,subject,description\n1,Gate,Hinge of hall four jams\n2,Elevator,Halts below floor six\n"
    )
    Path("news.csv").write_text("id,author,text\n1,Bo,We moved house\n2,Bo,The canteen has soup\n")
    found = counts(deja("tickets.csv", "news.csv", "--json"))
    assert (found["added"], found.get("joined", 0)) == (4, 0)


def test_cases_of_salesforce_get_their_comments(deja: Import, sqlite_url: str) -> None:
    """A comment names the key of its case, which is not the number that people see."""
    Path("Case.csv").write_text(
        '"ID","CASENUMBER","SUBJECT","DESCRIPTION","STATUS","CREATEDDATE"\n'
        '"5001","00001001","Portal","It shows 403","Closed","2026-01-05T10:00:00.000Z"\n'
    )
    Path("CaseComment.csv").write_text(
        '"ID","PARENTID","COMMENTBODY","CREATEDDATE"\n'
        '"c1","5001","Add the user to the group and sign in again.","2026-01-06T09:00:00.000Z"\n'
    )
    assert counts(deja("Case.csv", "CaseComment.csv", "--json"))["joined"] == 1
    assert items(sqlite_url)[0].resolution == "Add the user to the group and sign in again."


def test_comments_in_files_of_one_name_are_those_of_both(deja: Import) -> None:
    """Two folders have a file of comments each: no row is counted twice, or lost."""
    for name in ("a", "b"):
        Path(name).mkdir()
        (Path(name) / "tickets.csv").write_text(TICKETS.replace("007", f"{name}7"))
        (Path(name) / "comments.csv").write_text(COMMENTS.replace("007", f"{name}7"))
    found = counts(deja("a", "b", "--json"))
    assert found == {"read": 8, "added": 2, "joined": 4, "skipped": 2}


def test_the_table_of_a_view_is_part_of_notions_whole_table(deja: Import, sqlite_url: str) -> None:
    """An export has both, in an archive within an archive; the tickets come once."""
    view = '\ufeffName,Status,Created,Hint\nPrinter jam,Done,"March 3, 2026 10:00 AM",a\n'
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("Tickets 1f.csv", view)
        archive.writestr("Tickets 1f_all.csv", view + 'No sound,,"March 4, 2026 9:00 AM",b\n')
    with zipfile.ZipFile("Export.zip", "w") as archive:
        archive.writestr("ExportBlock-1-Part-1.zip", inner.getvalue())
    result = deja("Export.zip", "--json")
    assert counts(result) == {"read": 2, "added": 2}
    assert "passed over" in result.stderr
    assert [one.title for one in items(sqlite_url)] == ["Printer jam", "No sound"]


@pytest.mark.parametrize(
    ("name", "columns"),
    [("tags", "ticket_id,value"), ("fields", "ticket_id,name,value"),
     ("audit_log", "ticket_id,field,value"), ("response_times", "ticket_id,unit,value")],
)  # fmt: skip
def test_values_of_other_tables_are_no_replies(
    deja: Import, sqlite_url: str, name: str, columns: str
) -> None:
    """A tag or a field in a table of its own is not what somebody wrote."""
    Path("tickets.csv").write_text("id,subject,description,status\n1,Gate,It jams.,closed\n")
    cells = ["1", *["x"] * (columns.count(",") - 1), "hall 2"]
    Path(f"{name}.csv").write_text(f"{columns}\n{','.join(cells)}\n")
    result = deja("tickets.csv", f"{name}.csv", "--json")
    assert [(one.resolution, one.extra) for one in items(sqlite_url)] == [(None, {})], result.output


def test_comments_beside_tickets_whose_fields_are_in_an_object(
    deja: Import, sqlite_url: str
) -> None:
    """As Azure DevOps writes work items, and each page of comments."""
    Path("all").mkdir()
    fields = {"System.Title": "Gate", "System.Description": "It jams.", "System.State": "Closed"}
    fields["System.CreatedDate"] = "2026-05-04T10:00:00Z"
    comment = {"workItemId": 101, "id": 50, "text": "<div>Oil the hinge.</div>"}
    comment |= {"createdBy": {"displayName": "Kim"}, "createdDate": "2026-05-05T08:00:00Z"}
    Path("all/items.json").write_text(json.dumps({"value": [{"id": 101, "fields": fields}]}))
    Path("all/comments.json").write_text(json.dumps({"count": 1, "comments": [comment]}))
    assert counts(deja("all", "--json")) == {"read": 2, "added": 1, "joined": 1}
    (item,) = items(sqlite_url)
    assert item.resolution == "Oil the hinge."


def test_followups_of_glpi_join_its_tickets(deja: Import, sqlite_url: str) -> None:
    """It calls a ticket's title its name; a private one is no answer, and no ticket."""
    Path("glpi").mkdir()
    tickets = [
        {"id": 71, "name": "Gate jams", "content": "In hall 4.", "solvedate": "2026-05-04 10:00"},
        {"id": 72, "name": "Door squeaks", "content": "In hall 5.", "status": 1},
    ]
    told = {"itemtype": "Ticket", "items_id": 71, "users_id": "Bo"}
    followups = [
        {**told, "id": 1, "content": "Bill the landlord by changing the account.", "is_private": 1},
        {**told, "id": 2, "content": "Replaced the hinge and oiled it.", "is_private": 0},
    ]
    Path("glpi/Ticket.json").write_text(json.dumps(tickets))
    Path("glpi/ITILFollowup.json").write_text(json.dumps(followups))
    assert counts(deja("glpi", "--json")) == {"read": 4, "added": 2, "joined": 2, "undated": 2}
    found = items(sqlite_url)
    assert [one.title for one in found] == ["Gate jams", "Door squeaks"]
    assert found[0].resolution == "Replaced the hinge and oiled it."


def test_a_conversation_may_be_on_several_pages(deja: Import, sqlite_url: str) -> None:
    """Files of one name with numbers are read together, whichever has the first message."""
    Path("chats").mkdir()
    said = {1: ("Uma", "The gate of hall 4 jams."), 2: ("Bo", "Bill the landlord."),
            3: ("Bo", "Let me look at the gate."), 4: ("Uma", "Thanks!")}  # fmt: skip
    pages = {"chats/messages_page2.json": [2], "chats/messages_page10.json": [1, 3, 4]}
    for path, numbers in pages.items():
        messages = [
            {"id": n, "conversation_id": "c1", "sender": said[n][0], "text": said[n][1],
             "internal": n == 2, "sent_at": f"2026-05-04T1{n}:00:00Z"}
            for n in numbers
        ]  # fmt: skip
        Path(path).write_text(json.dumps({"messages": messages}))
    assert counts(deja("chats", "--json")) == {"read": 4, "added": 1, "joined": 3}
    assert items(sqlite_url)[0].text == "The gate of hall 4 jams."


def test_a_folder_of_folders_is_read_as_an_archive_of_them(deja: Import, sqlite_url: str) -> None:
    """As GitLab's export of a project, unpacked; what a program hides in it is none."""
    folder, hidden = Path("export/tree/project"), Path("export/.git/logs/refs")
    folder.mkdir(parents=True)
    hidden.mkdir(parents=True)
    (hidden / "HEAD.csv").write_text("id,title\n9,Bill the landlord\n")
    issue = {"iid": 5, "title": "Gate jams", "description": "In hall 4.", "state": "opened"}
    rows = [issue, {**issue, "iid": 6, "confidential": True}]
    (folder / "issues.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    expected = {"read": 2, "added": 1, "skipped": 1, "undated": 1}
    assert counts(deja("export", "--json")) == expected
    assert [one.title for one in items(sqlite_url)] == ["Gate jams"]


def test_a_sheet_that_is_called_private_is_not_read(deja: Import, sqlite_url: str) -> None:
    """Beside others; the import says so. The only one is what somebody wants to import."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, title in (("Tickets", "Gate jams"), ("Intern", "Bill the landlord")):
        sheet = book.create_sheet(name)
        sheet.append(["No", "Subject", "Description"])
        sheet.append([len(name), title, "In hall 4."])
    book.save("book.xlsx")
    result = deja("book.xlsx", "--json")
    assert counts(result) == {"read": 1, "added": 1, "undated": 1}
    assert "its title says that it is private: Intern" in result.stdout
    book.remove(book["Tickets"])
    book.save("other.xlsx")
    assert counts(deja("other.xlsx", "--json"))["added"] == 1
    assert [one.title for one in items(sqlite_url)] == ["Gate jams", "Bill the landlord"]
