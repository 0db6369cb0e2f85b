"""XML of Bugzilla, and of others that write replies as elements: a bug with replies is a ticket."""

from __future__ import annotations

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)


def comment(number: int, who: str, text: str, *, private: int = 0) -> str:
    """Return a comment as `show_bug.cgi?ctype=xml` writes it."""
    return (
        f'<long_desc isprivate="{private}"><commentid>{900 + number}</commentid>'
        f"<comment_count>{number}</comment_count><who name='{who}'>{who}@x.example</who>"
        f"<bug_when>2026-05-0{4 + number} 10:00:00 +0200</bug_when>"
        f"<thetext>{text}</thetext></long_desc>"
    )


def bug(number: int, *comments: str, status: str = "RESOLVED", resolution: str = "FIXED") -> str:
    """Return a bug in Bugzilla's order of elements."""
    return (
        f"<bug><bug_id>{number}</bug_id><creation_ts>2026-05-04 10:00:00 +0200</creation_ts>"
        f"<short_desc>Gate {number} jams</short_desc><delta_ts>2026-05-09 10:00:00 +0200</delta_ts>"
        f"<product>Gates</product><bug_status>{status}</bug_status>"
        f"<resolution>{resolution}</resolution><bug_file_loc>https://x.example/seen</bug_file_loc>"
        f'<reporter name="Ann">ann@x.example</reporter><assigned_to name="Bo">bo@x.example'
        f"</assigned_to>{''.join(comments)}</bug>"
    )


def export(*bugs: str) -> str:
    """Return a file of bugs."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'
        '<!DOCTYPE bugzilla SYSTEM "https://bugs.x.example/page.cgi?id=bugzilla.dtd">'
        f'<bugzilla version="5.0" urlbase="https://bugs.x.example/">{"".join(bugs)}</bugzilla>'
    )


FIRST = comment(0, "ann", "It jams at noon.")
TALK = (
    comment(1, "bo", "*** Bug 8 has been marked as a duplicate of this bug. ***"),
    comment(2, "bo", "Replace the fuse and restart the gate."),
    comment(3, "ann", "Great, thank you!"),
)


@pytest.mark.parametrize("others", [0, 2])
def test_a_bug_is_a_ticket_and_its_comments_are_replies(others: int) -> None:
    """One bug or several: the first comment is the text, the one that helps the answer."""
    more = [bug(20 + number, FIRST) for number in range(others)]
    entries = read_file("bugs.xml", export(bug(7, FIRST, *TALK), *more), OWN)
    assert [type(one) for one in entries] == [Row] * (1 + others)
    item = entries[0].item  # type: ignore[union-attr]
    assert (item.source, item.external_id, item.title) == ("bugzilla", "7", "Gate 7 jams")
    assert (item.text, item.author, item.status) == (
        "It jams at noon.",
        "ann@x.example",
        "resolved",
    )
    assert item.resolution == "Replace the fuse and restart the gate."
    assert (item.created_at.isoformat(), item.url) == ("2026-05-04T08:00:00+00:00", None)


def test_states_and_private_comments() -> None:
    """An unconfirmed bug is open; a comment for the team alone is no public answer."""
    data = export(
        bug(1, FIRST, *TALK, status="UNCONFIRMED", resolution=""),
        bug(2, FIRST, *TALK[:2], comment(3, "bo", "Use the spare key instead.", private=1)),
        bug(3, FIRST, status="VERIFIED"),
    )
    items = [one.item for one in read_file("bugs.xml", data, OWN) if isinstance(one, Row)]
    assert [one.status for one in items] == ["open", "resolved", "resolved"]
    answer = "Replace the fuse and restart the gate."
    assert [one.resolution for one in items] == [None, answer, None]


@pytest.mark.parametrize("private", [0, 1])
def test_the_first_comment_is_the_text_whoever_wrote_it(private: int) -> None:
    """Somebody else may have filed the bug; a private one is neither the text nor an answer."""
    filed = comment(0, "bo", "Ann says that it jams at noon.", private=private)
    item = only_row(read_file("bugs.xml", export(bug(7, filed, *TALK)), OWN)).item
    assert (item.text, item.author) == (
        "" if private else "Ann says that it jams at noon.",
        "ann@x.example",
    )
    assert item.resolution == "Replace the fuse and restart the gate."


@pytest.mark.parametrize("name", ["comment", "reply", "note"])
def test_one_reply_of_elements_is_a_reply(name: str) -> None:
    """A list of one is read like that of several, also with elements inside."""
    lists = {"comment": "comments", "reply": "replies", "note": "notes"}[name]
    reply = f"<{name}><author>bo</author><body>Restart the gate.</body></{name}>"
    data = (
        "<tickets><ticket><id>7</id><title>Gate jams</title><text>Since noon</text>"
        f"<author>ann</author><status>done</status><{lists}>{reply}</{lists}></ticket></tickets>"
    )
    assert only_row(read_file("t.xml", data, OWN)).item.resolution == "Restart the gate."
