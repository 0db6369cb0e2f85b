"""Replies in files of their own: they join the tickets of the same archive or folder."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.intake.importers.reply_files import NO_TICKET
from tests.bot.cli.importing import Import, counts, import_command, items

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


def test_comments_alone_are_rows_of_their_tickets(deja: Import, sqlite_url: str) -> None:
    """Without a file of tickets the first row of each is the ticket, as in any other table."""
    Path("all").mkdir()
    (Path("all") / "comments.csv").write_text(
        "ticket_id,author,body\n7,Ann,The gate jams\n7,Bo,Oil the hinge of the gate\n"
    )
    (Path("all") / "people.csv").write_text("id,name\n1,Ann\n")
    assert counts(deja("all", "--json"))["added"] == 1
    assert items(sqlite_url)[0].text == "The gate jams"
