"""Files of every reader, torn and mixed: each is read or refused, and no record of it is lost."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from tests.services.intake.importers.documents.test_odd_documents import (
    FRESHDESK,
    HELP_SCOUT,
    JIRA_XML,
)
from tests.services.intake.importers.tables.test_odd_tables import EXCEL_XML, HTML
from tests.services.intake.importers.test_any_input import OWN, check

MBOX = (
    "From kim@x.example Mon Mar  2 10:00:00 2026\nMessage-ID: <1@x>\nFrom: Kim <kim@x.example>\n"
    "Subject: =?utf-8?b?VMO8cg==?=\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
    "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    "It jams.\n--b\nContent-Type: text/html; charset=latin-1\n\n<p>It jams.</p>\n--b--\n\n"
    "From ana@x.example Mon Mar  2 11:00:00 2026\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n"
    "From: ana@x.example\nSubject: Re: Door\nContent-Transfer-Encoding: base64\n\nT2lsIGl0\n"
)
POSTS = (
    '<posts><row Id="1" PostTypeId="1" AcceptedAnswerId="2" Body="&lt;p&gt;How?&lt;/p&gt;"/>'
    '<row Id="2" PostTypeId="2" ParentId="1" Body="Open it"/><row Id="3" PostTypeId="5"/></posts>'
)
REPORT = (
    "sep=;\r\nTickets of March;;;\r\nID;Betreff;Erstellt;Status\r\n1;Tür klemmt;1.3.2026;zu\r\n"
    '2;"Tor ""2"" klemmt;\r\nganz";2.3.2026;offen\r\n;;;\r\nSumme;;;2\r\n'
)
TWEETS = (
    "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
    "1,7,True,Tue Oct 31 22:10:47 +0000 2017,It is down,2,\n2,x,False,,Turn it on,,1\n"
    "3,x,False,,a,,9\n"
)
DOCUMENTS = [
    HTML, EXCEL_XML, JIRA_XML, MBOX, POSTS, REPORT, TWEETS,
    json.dumps({"list": [FRESHDESK, HELP_SCOUT]}, indent=1),
    "\n".join(map(json.dumps, (FRESHDESK, HELP_SCOUT))),
    json.dumps({"columns": ["id", "text"], "data": [[1, "a"], [2, "b"]], "a": {"b": [{}, []]}}),
]  # fmt: skip
PIECES = st.sampled_from(["", "\n", '"', ",", ";", "<", ">", "{", "]", "\x00", "é", "From ", "--b"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"])


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """Draw a document with parts cut out, repeated, or replaced, in any encoding."""
    text = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 60)), len(text))
        middle = draw(PIECES) + text[start:end] * draw(st.integers(0, 2))
        text = text[:start] + middle + text[end:]
    whole = text.encode(draw(ENCODINGS), "replace")
    return whole[: draw(st.integers(len(whole) // 2, len(whole)))]


@given(torn())
@pytest.mark.parametrize("name", ["a", "a.jsonl"])
def test_torn_files_of_every_reader_lose_nothing(name: str, data: bytes) -> None:
    """Every record gives a ticket, belongs to one, is skipped, or is an error with its line."""
    for entry in check(name, data):
        if isinstance(entry, RowError):
            assert entry.reason
            assert entry.step > 0


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)


@st.composite
def mails(draw: st.DrawFn) -> list[bytes]:
    """Draw messages, some of which answer others, with any subject and text."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        sender = draw(st.sampled_from(["kim@x.example", "Ana <ana@x.example>"]))
        head = f"Message-ID: <{number}@x>\nFrom: {sender}\nSubject: {draw(WORDS)}\n"
        if draw(st.booleans()):
            head += f"References: <{draw(st.integers(0, 6))}@x>\n"
        body = draw(WORDS)
        if draw(st.booleans()):
            head += "Content-Type: multipart/alternative; boundary=b\n"
            body = f"--b\nContent-Type: text/html\n\n<p>{body}</p>\n--b--"
        found.append(f"{head}\n{body}\n".encode())
    return found


@given(mails())
def test_every_mail_of_an_mbox_is_accounted_for(messages: list[bytes]) -> None:
    """Each is a ticket, a reply to one, or told."""
    mbox = b"".join(b"From a@x Mon Mar  2 10:00:00 2026\n" + one + b"\n" for one in messages)
    entries = check("a", mbox)
    assert len(entries) + sum(getattr(one, "joined", 0) for one in entries) == len(messages)


def read_all(path: Path) -> int:
    """Read what is at a path; return how many records were accounted for."""
    with open_inputs(path, io.BytesIO) as inputs:
        total = 0
        for found in inputs:
            plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
            entries = list(TicketReader(plan, OWN).read())
            total += len(entries) + sum(getattr(one, "joined", 0) for one in entries)
        return total


@given(messages=mails(), junk=st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_of_a_maildir_is_accounted_for(
    tmp_path: Path, messages: list[bytes], junk: bytes
) -> None:
    """Mails and whatever else lies there."""
    folder = tmp_path / "cur"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for number, content in enumerate([*messages, junk]):
        (folder / f"{number}.x:2,S").write_bytes(content)
    assert read_all(tmp_path) == len(messages) + 1


@given(data=torn(), pack=st.sampled_from(["plain", "gzip", "zip", "tar"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_torn_files_in_archives_are_read_or_refused(
    tmp_path: Path, data: bytes, pack: str, packed: Callable[[Path, bytes, str], Path]
) -> None:
    """Whatever an archive holds, nothing but a clear error is raised."""
    with suppress(InputError):
        read_all(packed(tmp_path, data, pack))


@pytest.fixture(scope="module")
def packed() -> Callable[[Path, bytes, str], Path]:
    """Give a function that packs a file in an archive of some kind."""
    import gzip
    import tarfile
    import zipfile

    def pack(folder: Path, data: bytes, kind: str) -> Path:
        path = folder / f"file.{kind}"
        if kind == "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("inner.txt", data)
        elif kind == "tar":
            with tarfile.open(path, "w:gz") as tar:
                info = tarfile.TarInfo("inner.txt")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        else:
            path.write_bytes(gzip.compress(data) if kind == "gzip" else data)
        return path

    return pack
