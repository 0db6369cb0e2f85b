"""`deja trends`: rising topics, and topics without answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.backlog import Run, lines


def test_trends_without_topics_are_one_sentence(command_line: Run, tmp_path: Path) -> None:
    """No empty table is printed, and no JSON line."""
    (tmp_path / "one.jsonl").write_text('{"id": "1", "text": "VPN down"}\n')
    assert command_line("db", "upgrade").exit_code == 0
    assert command_line("import", str(tmp_path / "one.jsonl")).exit_code == 0
    assert command_line("cluster").exit_code == 0
    for words in (("trends",), ("trends", "--unanswered")):
        assert command_line(*words).stdout.strip() == "There are no topics to watch."
    assert command_line("trends", "--json").stdout == ""


def test_trends_and_unanswered_topics_are_listed(run: Run) -> None:
    """They are tables, or JSON lines with the figures."""
    run("cluster")
    assert "Trends" in run("trends").output
    output = run("trends", "--by", "day").output
    for part in ("14 days", "change", "p at most 0.001", "negative binomial", "by 3 people"):
        assert part in output
    assert "8 weeks" in run("trends", "--by", "week").output
    [line, *_] = lines(run("trends", "--json"))
    assert line["last_7_days"] == 1
    assert line["change"] == pytest.approx(1 / line["expected"], abs=0.01)
    assert line["days"] == [0] * 4 + [1] + [0] * 8 + [1]
    assert sum(line["weeks"]) == 6
    assert not line["rise"]
    unanswered = lines(run("trends", "--unanswered", "--json"))
    assert {one["open"] for one in unanswered} == {6}
    assert all(one["question"] for one in unanswered)
    assert "FAQ" in run("trends", "--unanswered").output
    assert len(lines(run("trends", "--limit", "2", "--json"))) == 2
    assert len(lines(run("trends", "--since", "7d", "--json"))) == 3
    assert lines(run("trends", "--since", "2999-01-01", "--json")) == []
    assert len(lines(run("trends", "--unanswered", "--limit", "1", "--json"))) == 1
