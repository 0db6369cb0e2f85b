"""Mails that name no other one: a subject with "Re:" before it is that of what they answer."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.bot.cli.history.import_files import Import, counts, import_command, items
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)
HEAD = '"Subject","Body","From: (Name)","From: (Address)","To: (Name)","To: (Address)"'
GERMAN = '"Betreff","Text","Von: (Name)","Von: (Adresse)","An: (Name)","An: (Adresse)"'
ANA, BO, DESK = "Ana Diaz,ana@globex.example", "Bo Li,bo@globex.example", "Desk,desk@globex.example"
ADVICE = "Replace the hinge and oil it. Then the gate closes again."


def _rows(name: str, data: str) -> list[Row]:
    return [one for one in read_file(name, data, OWN) if isinstance(one, Row)]


def _table(*rows: str, head: str = HEAD) -> list[Row]:
    return _rows("mails.csv", "\n".join([head, *rows, ""]))


def _mail(
    subject: str, text: str, sender: str, to: str, day: int = 4, *headers: str, id_: str = ""
) -> str:
    lines = [
        f"From: {sender}@globex.example", f"To: {to}@globex.example", f"Subject: {subject}",
        f"Date: {day} May 2026 10:00:00 +0000", *([f"Message-ID: <{id_}>"] if id_ else []),
        *headers,
    ]  # fmt: skip
    return "\n".join([*lines, "", text, ""])


def _mbox(*mails: str) -> str:
    return "\n".join(f"From x@y Mon May  4 10:00:00 2026\n{one}" for one in mails)


@pytest.mark.parametrize("head", [HEAD, GERMAN])
@pytest.mark.parametrize("mark", ["RE:", "AW:", "Re[2]:", "[EXTERNAL] RE:", "RV: RE:", "FW:"])
def test_replies_of_an_outlook_export_join_what_they_answer(head: str, mark: str) -> None:
    """Its CSV has neither ids nor dates; a table by itself says who wrote to whom."""
    gate, badge = _table(
        f"Gate jams,The gate of hall 2 jams since noon.,{ANA},{DESK}",
        f"{mark} Gate jams,{ADVICE},{DESK},{ANA}",
        f"Badge,My badge does not open the door.,{BO},{DESK}",
        head=head,
    )
    assert (gate.item.title, gate.item.resolution, gate.joined) == ("Gate jams", ADVICE, 1)
    assert (badge.item.title, badge.joined) == ("Badge", 0)


def test_a_reply_to_a_subject_of_many_names_its_writer() -> None:
    """Two people wrote of the same; the reply goes to one of them."""
    gate, badge = _table(
        f"Help,The gate of hall 2 jams since noon.,{ANA},{DESK}",
        f"Help,My badge does not open the door.,{BO},{DESK}",
        f"RE: Help,{ADVICE},{DESK},{ANA}",
    )
    assert (gate.item.resolution, badge.item.resolution) == (ADVICE, None)


def test_replies_without_a_beginning_are_one_ticket_of_the_same_people() -> None:
    """What they answer is in another folder; other people's are another ticket."""
    gate, badge = _table(
        f"RE: Your order,The gate of hall 2 jams since noon.,{ANA},{DESK}",
        f"AW: RE: Your order,{ADVICE},{DESK},{ANA}",
        f"RE: Your order,My badge does not open the door.,{BO},{DESK}",
    )
    assert (gate.item.resolution, gate.joined, badge.joined) == (ADVICE, 1, 0)


def test_what_has_an_id_of_its_own_is_a_ticket() -> None:
    """A help desk that made two tickets of two mails has two tickets."""
    rows = "id,subject,description\n7,Gate,The gate jams.\n8,RE: Gate,The other gate jams too.\n"
    assert [one.item.title for one in _rows("t.csv", rows)] == ["Gate", "RE: Gate"]


def test_a_forwarded_mail_that_is_there_alone_is_a_ticket() -> None:
    """What it forwards is not in the file."""
    rows = f"{HEAD}\nFW: VPN drops,A customer says that the VPN drops.,{ANA},{DESK}\n"
    assert [one.item.title for one in _rows("mails.csv", rows)] == ["FW: VPN drops"]


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_mails_without_references_join_by_their_subject(is_newest_first: bool) -> None:
    """The last mail before a reply with that subject, of somebody it goes to, began it."""
    mails = [
        _mail("Gate jams", "The gate of hall 2 jams.", "ana", "desk", 4, id_="1"),
        _mail("Re: Gate jams", ADVICE, "desk", "ana", 5, id_="2"),
        _mail("Gate jams", "Now the gate of hall 5 jams.", "ana", "desk", 8, id_="3"),
        _mail("AW: Gate jams", "Reset its motor, then it runs.", "desk", "ana", 9, id_="4"),
    ]
    found = _rows("inbox.mbox", _mbox(*(reversed(mails) if is_newest_first else mails)))
    answers = {one.item.external_id: one.item.resolution for one in found}
    assert answers == {"1": ADVICE, "3": "Reset its motor, then it runs."}


def test_a_reply_without_a_date_joins_the_nearest_mail() -> None:
    """That is the one before or behind it in the file, of somebody it goes to."""
    reply = _mail("Re: Gate jams", ADVICE, "desk", "ana", id_="3")
    mails = [
        _mail("Gate jams", "The gate of hall 2 jams.", "ana", "desk", 4, id_="1"),
        _mail("Gate jams", "The gate of hall 5 jams.", "bo", "desk", 8, id_="2"),
        "\n".join(line for line in reply.split("\n") if not line.startswith("Date:")),
    ]
    found = _rows("inbox.mbox", _mbox(*mails))
    assert {one.item.external_id: one.joined for one in found} == {"1": 1, "2": 0}


def test_of_two_mails_as_near_a_reply_joins_the_first() -> None:
    """Otherwise each import might join another one."""
    gate, badge = _table(
        f"Help,The gate of hall 2 jams since noon.,{ANA},{DESK}",
        f'RE: Help,{ADVICE},{DESK},Ana Diaz;Bo Li,"ana@globex.example;bo@globex.example"',
        f"Help,My badge does not open the door.,{BO},{DESK}",
    )
    assert (gate.joined, badge.joined) == (1, 0)


def test_outlook_says_of_which_thread_a_mail_is() -> None:
    """A reply with another subject begins with the same index."""
    index = "Ad3AbCdEfGhIjKlMnOpQrStUvWxYzA"
    mails = [
        _mail("Gate jams", "The gate jams.", "ana", "desk", 4, f"Thread-Index: {index}==", id_="1"),
        _mail("Hinge", ADVICE, "desk", "ana", 5, f"Thread-Index: {index}AAAAB3", id_="2"),
    ]
    (gate,) = _rows("inbox.mbox", _mbox(*mails))
    assert (gate.item.title, gate.item.resolution) == ("Gate jams", ADVICE)


@pytest.fixture
def deja(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


@pytest.mark.parametrize("form", ["folder", "zip", "files"])
def test_mails_in_files_of_their_own_join(deja: Import, sqlite_url: str, form: str) -> None:
    """As programs save them: a file each, the reply before what it answers."""
    reply = _mail("Re: Gate jams", ADVICE, "desk", "ana", 5, "In-Reply-To: <1>", id_="2")
    files = {"a.eml": reply, "b.eml": _mail("Gate jams", "It jams.", "ana", "desk", id_="1")}
    folder = Path("mails")
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with zipfile.ZipFile("mails.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    paths = {"folder": ["mails"], "zip": ["mails.zip"], "files": ["mails/a.eml", "mails/b.eml"]}
    result = deja(*paths[form], "--json")
    assert result.exit_code == 0, result.output
    assert counts(result)["joined"] == 1
    assert [one.resolution for one in items(sqlite_url)] == [ADVICE]


def test_a_mail_of_somebody_else_with_that_subject_is_no_reply() -> None:
    """What it answers is not in the file; both wrote to the same address of a team."""
    mails = [
        _mail("Invoice", "The invoice of April is wrong.", "ana", "desk", 4, id_="1"),
        _mail("Re: Invoice", "We still wait for ours.", "bo", "desk", 5, id_="2"),
    ]
    assert [one.joined for one in _rows("inbox.mbox", _mbox(*mails))] == [0, 0]


@pytest.mark.parametrize(("year", "joined"), [(2026, [1]), (2027, [0, 0])])
def test_a_reply_long_after_a_conversation_is_about_something_else(
    year: int, joined: list[int]
) -> None:
    """Some take an old mail to write a new one."""
    first = _mail("Password", "I forgot my password.", "ana", "desk", 4, id_="1")
    later = _mail("Re: Password", "It is the database's now.", "ana", "desk", 4, id_="2")
    later = later.replace("4 May 2026", f"4 Jul {year}")
    assert [one.joined for one in _rows("inbox.mbox", _mbox(first, later))] == joined


def test_two_forwarded_mails_of_one_subject_are_two_tickets() -> None:
    """Somebody hands on what several customers wrote."""
    mails = [
        _mail("FW: Problem", "A customer's gate jams.", "lead", "desk", 4, id_="1"),
        _mail("FW: Problem", "Another one's badge fails.", "lead", "desk", 5, id_="2"),
    ]
    assert [one.joined for one in _rows("inbox.mbox", _mbox(*mails))] == [0, 0]


@pytest.mark.parametrize(
    "rows",
    [
        "Subject,Description,Status\nHelp,The gate jams.,open\nRe: Help,VPN drops.,closed\n",
        "Title,Issue,Email\nHelp,The gate jams.,ana@g.example\nRe: Help,VPN drops.,bo@g.example\n",
        "Message ID,Subject,Body\n1,Help,The gate jams.\n2,Re: Help,VPN drops.\n",
        "Subject,Text,To do\nHelp,The gate jams.,Oil it\nRe: Help,VPN drops.,Ask\n",
    ],
)
def test_rows_that_name_no_recipient_are_no_mails(rows: str) -> None:
    """A list of tickets has titles of mails as well; nothing tells who answered whom."""
    assert [one.joined for one in _rows("tickets.csv", rows)] == [0, 0]


def test_messages_of_a_list_without_recipients_join_the_only_start() -> None:
    """Archives of mailing lists name nobody who got a message."""
    mails = [
        _mail("Gate jams", "The gate of hall 2 jams.", "ana", "", 4, id_="1"),
        _mail("Re: Gate jams", ADVICE, "bo", "", 5, id_="2"),
    ]
    mails = [one.replace("To: @globex.example\n", "") for one in mails]
    assert [one.joined for one in _rows("list.mbox", _mbox(*mails))] == [1]


@pytest.mark.parametrize("day", [3, 5])
def test_automatic_replies_say_nothing_and_begin_nothing(day: int) -> None:
    """Somebody is out of the office, before or after the customer writes once more."""
    mails = [
        _mail(
            "Re: Gate", "I am away.", "desk", "ana", day, "Auto-Submitted: auto-replied", id_="0"
        ),
        _mail("Re: Gate", "The gate jams again.", "ana", "desk", 4, id_="1"),
        _mail("Re: Gate", ADVICE, "desk", "ana", 6, id_="2"),
    ]
    (gate,) = _rows("inbox.mbox", _mbox(*mails))
    assert (gate.item.external_id, gate.item.resolution, gate.joined) == ("1", ADVICE, 1)
    assert [one["text"] for one in gate.item.extra["replies"]] == [ADVICE]


def test_an_automatic_reply_that_names_a_mail_is_no_reply() -> None:
    """It is counted with its conversation."""
    mails = [
        _mail("Gate", "The gate jams.", "ana", "desk", 4, id_="1"),
        _mail("Away", "I am away.", "desk", "ana", 4, "Auto-Submitted: auto-replied",
              "In-Reply-To: <1>", id_="0"),
    ]  # fmt: skip
    (gate,) = _rows("inbox.mbox", _mbox(*mails))
    assert (gate.item.resolution, gate.joined, "replies" in gate.item.extra) == (None, 1, False)
