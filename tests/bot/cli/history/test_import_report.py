"""What `deja import` says of a file of replies alone."""

from __future__ import annotations

import pytest

from bot.cli.history.import_report import FileReport, Report, print_report
from services.intake.importers.entries import Skipped
from services.intake.importers.rows.reply_files import NO_TICKET


@pytest.mark.parametrize(("joined", "said"), [(2, "2 joined"), (0, "none joined")])
def test_replies_that_are_in_other_tickets_are_one_line(
    capsys: pytest.CaptureFixture[str], joined: int, said: str
) -> None:
    """A table of zeros would say that nothing was read."""
    file = FileReport("log.csv", "replies to the tickets of other files", joined_elsewhere=joined)
    print_report(Report([file]), as_json=False)
    shown = " ".join(capsys.readouterr().err.split())
    assert shown == f"log.csv: replies to the tickets of other files, {said}"


def test_replies_to_no_ticket_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """They have the table, with their lines."""
    file = FileReport("log.csv", "replies to the tickets of other files", joined_elsewhere=1)
    file.summary.count(Skipped(7, NO_TICKET))
    print_report(Report([file]), as_json=False)
    shown = capsys.readouterr().err
    assert "1 joined" in shown
    assert "(line 7)" in shown
