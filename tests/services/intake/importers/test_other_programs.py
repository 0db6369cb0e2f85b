"""Files of programs that hold no table of tickets: each is refused in one clear line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from services.errors import InputError
from services.intake.importers.entries import Row, Skipped
from services.intake.importers.inputs import open_inputs
from services.intake.importers.layouts.corpora import DISCARDED
from tests.services.intake.importers.written_files import plan_of, read_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
MESSAGE = {"type": "message", "user": "U1", "text": "The gate jams", "ts": "1777888800.000100"}


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        ("EncryptedPackage", "protected by a password"),
        ("__substg1.0_0037001F", "a message of Outlook"),
        ("Workbook", "an old Excel file"),
        ("WordDocument", "an old Office file"),
    ],
)
def test_compound_files_are_told_apart(stream: str, said: str) -> None:
    """A workbook with a password, a mail of Outlook and old workbooks each have their advice."""
    with pytest.raises(InputError, match=said):
        plan_of("file.xlsx", OLE + stream.encode("utf-16-le") + bytes(600))


@pytest.mark.parametrize("form", ["folder", "zip", "file"])
def test_one_channel_of_a_slack_export_is_refused(tmp_path: Path, form: str) -> None:
    """Nobody knows who may read it; its messages are no table of tickets."""
    day = tmp_path / "helpdesk" / "2026-05-04.json"
    day.parent.mkdir()
    day.write_text(json.dumps([MESSAGE]))
    if form == "file":
        with pytest.raises(InputError, match="import the whole export"):
            plan_of(day.name, day.read_bytes())
        return
    path = day.parent
    if form == "zip":
        path = tmp_path / "channel.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(day, "helpdesk/2026-05-04.json")
    with open_inputs(path, day.open) as (found,):  # type: ignore[arg-type]
        assert found.kind == "slack"


def test_spam_and_the_bin_of_a_mailbox_are_no_tickets() -> None:
    """What Google's Takeout labels so is skipped and counted, in every language."""
    mail = (
        "From x Mon May 04 10:00:00 2026\nMessage-ID: <{0}@x>\nFrom: a@x.example\n"
        "Subject: {0}\nX-Gmail-Labels: {0}\n\nBuy this now.\n\n"
    )
    entries = read_file(
        "t.mbox", "".join(mail.format(one) for one in ("Inbox", "Spam", "Papelera"))
    )
    assert [type(one) for one in entries] == [Row, Skipped, Skipped]
    assert {one.reason for one in entries if isinstance(one, Skipped)} == {DISCARDED}
