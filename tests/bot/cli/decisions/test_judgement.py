"""`deja calibrate`, `evaluate`, `replay` and `budget`: measuring before trusting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from models import Database
from services.judgement.cut import MIN_VERDICTS
from tests.bot.conftest import Fill
from tests.bot.team import TICKETS, VERDICTS, Team, write_team

CommandLine = Callable[..., Result]

# One worker imports the team and learns from its verdicts, and the others do not.
pytestmark = pytest.mark.xdist_group("team")


@pytest.fixture
def deja(command_line: CommandLine) -> CommandLine:
    """Give the command line."""
    return command_line


@pytest.fixture
def team(deja: CommandLine, fill: Fill, tmp_path: Path) -> Team:
    """Import a made-up team's tickets."""
    written = write_team(tmp_path)
    fill("team", lambda: succeed(deja("import", str(written.tickets))))
    return written


@pytest.fixture
def learned(deja: CommandLine, fill: Fill, tmp_path: Path) -> Team:
    """Import a made-up team's tickets and verdicts, and learn from these."""
    written = write_team(tmp_path)

    def learn() -> None:
        succeed(deja("import", str(written.tickets)))
        succeed(deja("verdicts", "import", str(written.verdicts)))
        succeed(deja("calibrate"))

    fill("learned", learn)
    return written


def succeed(result: Result) -> None:
    """Assert that a command succeeded."""
    assert result.exit_code == 0, result.output


def lines_of(result: Result) -> list[dict[str, Any]]:
    """Return standard output as JSON lines."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_same_verdicts_give_the_same_report(deja: CommandLine, team: Team) -> None:
    """The report has counts and figures, which are the same for the same verdicts."""
    succeed(deja("verdicts", "import", str(team.verdicts)))
    (first,) = lines_of(deja("calibrate", "--json"))
    assert first["verdicts"] == VERDICTS
    assert (first["report"]["pairs"], first["report"]["duplicates"]) == (VERDICTS, VERDICTS // 2)
    assert first["report"]["precision"] > 0.9
    assert first["before"] is None
    (again,) = lines_of(deja("calibrate", "--json"))
    assert again["report"] == first["report"]
    assert again["weights"] == first["weights"]
    assert again["before"]["id"] == first["id"]
    cut = first["cut"]
    assert 0.8 < cut["lower_bound"] < cut["right"] / cut["count"] <= 1
    said = " ".join(deja("calibrate").output.split())
    assert first["words"] in said
    assert f"strongest evidence, {cut['right']} of {cut['count']} were the same issue" in said
    assert "Learning goes on after 10 more decisions." in said
    assert first["words"][:20] in " ".join(deja("calibrate", "--list").output.split())


@pytest.mark.usefixtures("learned")
def test_a_calibration_is_rolled_back(deja: CommandLine) -> None:
    """The calibration before is used again; after the first one, the rule for new teams."""
    succeed(deja("calibrate"))
    first, second = lines_of(deja("calibrate", "--list", "--json"))
    assert f"calibration {first['id']} is in use again" in deja("calibrate", "--rollback").output
    assert "new team is in use again" in deja("calibrate", "--rollback").output
    assert "no calibration of tickets to roll back" in deja("calibrate", "--rollback").output
    states = lines_of(deja("calibrate", "--list", "--json"))
    assert [one["rolled_back_by"] for one in states] == ["command line"] * 2
    assert [one["id"] for one in states] == [first["id"], second["id"]]
    audit = lines_of(deja("audit", "--json"))
    assert sum(one["what"] == "rollback" for one in audit) == 2


@pytest.mark.parametrize("verdicts", [0, MIN_VERDICTS - 2])
def test_too_few_verdicts_teach_nothing(deja: CommandLine, tmp_path: Path, verdicts: int) -> None:
    """One line says how many there are, how many are needed, and how to get them."""
    team = write_team(tmp_path, verdicts)
    deja("import", str(team.tickets))
    deja("verdicts", "import", str(team.verdicts))
    result = deja("calibrate")
    assert result.exit_code == 1
    assert f"There are {verdicts} verdicts to learn from; it takes {MIN_VERDICTS}." in result.output
    assert "`deja review`" in result.output
    assert "Traceback" not in result.output


def test_evaluating_pairs_with_and_without_a_model(
    deja: CommandLine, learned: Team, tmp_path: Path
) -> None:
    """With a model there are probabilities, so also precision, recall, ECE and plots."""
    pictures = {option: tmp_path / f"{option[2:]}.png" for option in ("--plot", "--reliability")}
    options = [str(part) for picture in pictures.items() for part in picture]
    (after,) = lines_of(deja("evaluate", str(learned.pairs), "--json", *options))
    (again,) = lines_of(deja("evaluate", str(learned.pairs), "--json"))
    assert again == after
    succeed(deja("calibrate", "--rollback"))
    (before,) = lines_of(deja("evaluate", str(learned.pairs), "--json"))
    assert before["model"] is None
    assert before["pairs"]["ece"] is None
    assert before["pairs"]["average_precision"] > 0.9
    assert before["curve"]["target"] == 0.9
    drawn = deja("evaluate", str(learned.pairs), "--reliability", "x.png")
    assert "nothing to draw" in drawn.output
    assert "average precision" in drawn.output
    assert after["model"]["verdicts"] == VERDICTS
    assert after["pairs"]["precision"] >= 0.9
    assert after["pairs"]["recall"] > before["pairs"]["recall"]
    assert after["pairs"]["ece"] < 0.15
    in_force, best = after["curve"]["in_force"], after["curve"]["best"]
    assert (in_force["called"], in_force["precision"]) == (
        after["pairs"]["flagged"], pytest.approx(after["pairs"]["precision"], abs=1e-4),
    )  # fmt: skip
    assert in_force["low"] < in_force["precision"] <= in_force["high"]
    assert best["precision"] >= 0.9
    assert best["recall"] >= before["curve"]["best"]["recall"] - 0.1
    assert len(after["curve"]["points"]) <= 200
    assert all(one.read_bytes().startswith(b"\x89PNG") for one in pictures.values())


def test_evaluating_groups(deja: CommandLine, team: Team) -> None:
    """Groups measure how high the right items are ranked; rejected pairs are ranked like others."""
    (line,) = lines_of(deja("evaluate", str(team.groups), "--json"))
    assert line["pairs"] is None
    assert line["ranking"]["queries"] == TICKETS
    assert line["ranking"]["map"] > 0.8
    assert line["ranking"]["p_at_1"] > 0.8
    assert "MAP" in deja("evaluate", str(team.groups)).output


def test_labels_of_one_class_and_unknown_ids(deja: CommandLine, team: Team, tmp_path: Path) -> None:
    """Known pairs are measured; unknown ids are listed, and the exit code is 1."""
    file = tmp_path / "one.csv"
    file.write_text("a,b,label\nT-0-0,T-0-1,1\nT-1-0,nobody,1\nT-2-0,T-2-0,1\n")
    result = deja("evaluate", str(file), "--json")
    assert result.exit_code == 1
    line = json.loads(result.stdout.splitlines()[0])
    assert line["pairs"]["pairs"] == 1
    assert line["pairs"]["average_precision"] is None
    assert line["unknown"] == ["nobody"]
    assert [error["line"] for error in line["errors"]] == [4]
    assert any("needs others too" in note for note in line["notes"])
    file.write_text("a,b,label\nx,y,1\n")
    assert "None of the file's ids is known" in deja("evaluate", str(file)).output
    file.write_text('{"id": "T-1", "text": "no label"}\n')
    assert "No line of the file is a label. Line 1:" in deja("evaluate", str(file)).output


def test_a_file_of_two_kinds_is_measured_kind_by_kind(deja: CommandLine, tmp_path: Path) -> None:
    """One line asks for the kind; items of the other kind are then unknown."""
    for kind in ("ticket", "product"):
        file = tmp_path / f"{kind}s.csv"
        file.write_text(f"id,title\n{kind}-1,red lamp\n{kind}-2,red lamp\n")
        assert deja("import", str(file), "--kind", kind).exit_code == 0
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "a,b,label\nticket-1,ticket-2,1\nproduct-1,product-2,1\nticket-1,import:ticket-1,1\n"
    )
    assert "choose with --kind" in deja("evaluate", str(labels)).output
    result = deja("evaluate", str(labels), "--kind", "ticket", "--json")
    line = json.loads(result.stdout.splitlines()[0])
    assert (line["pairs"]["pairs"], line["pairs"]["flagged"]) == (1, 1)
    assert line["unknown"] == ["product-1", "product-2"]
    assert any(note.startswith("1 pair is left out") for note in line["notes"])
    assert "2 ids are unknown" in result.output


def test_a_catalog_is_looked_up_in_another(
    deja: CommandLine, tmp_path: Path, database_url: str
) -> None:
    """With --source only its items are found; imported items are measured at once."""
    for source, names in (("ours", ("red lamp", "oak desk")), ("theirs", ("lamp, red", "desk"))):
        file = tmp_path / f"{source}.csv"
        rows = "".join(f"{number},{name.replace(',', '')}\n" for number, name in enumerate(names))
        file.write_text(f"id,title\n{rows}")
        imported = deja("import", str(file), "--kind", "product", "--source", source)
        assert imported.exit_code == 0
    found = deja("similar", "--id", "ours:0", "--source", "theirs", "--json")
    (line,) = lines_of(found)
    assert [match["item"] for match in line["matches"]] == ["0", "1"]
    labels = tmp_path / "labels.csv"
    labels.write_text("a,b,label\nours:0,theirs:0,1\nours:1,theirs:1,1\n")
    (line,) = lines_of(deja("evaluate", str(labels), "--source", "theirs", "--json"))
    assert (line["ranking"]["queries"], line["ranking"]["p_at_1"]) == (2, 1.0)
    stored = dict(_contents(database_url))
    assert len(stored["neighbourhoods"]) == len(stored["items"]) == 4


def test_replay_changes_nothing(deja: CommandLine, learned: Team, database_url: str) -> None:
    """A line per flagged ticket with an earlier match; the database does not change."""
    before = _contents(database_url)
    lines = lines_of(deja("replay", "--json"))
    assert _contents(database_url) == before
    assert all(set(line) == {"item", "match", "probability", "band"} for line in lines)
    flagged = [line for line in lines if line["band"] == "duplicate"]
    assert len(flagged) > TICKETS / 6
    right = [line["item"].split("-")[1] == line["match"].split("-")[1] for line in flagged]
    assert sum(right) / len(right) >= 0.9
    order = [json.loads(line)["id"] for line in learned.tickets.read_text().splitlines()]
    assert all(order.index(line["match"]) < order.index(line["item"]) for line in lines)
    shown = deja("replay", "--channel", "helpdesk").output
    assert f"{len(lines)} of {TICKETS} tickets would have been answered" in shown
    assert "The 10 weakest" in shown
    assert "#helpdesk: " in shown
    assert "of those called seen before" in shown
    newest = lines_of(deja("replay", "--json", "--limit", "40"))
    assert newest == [line for line in lines if line["item"] in order[-40:]]
    weakest = lines_of(deja("replay", "--json", "--limit", "40", "--weakest"))
    chances = sorted(line["probability"] for line in newest)
    assert [line["probability"] for line in weakest] == chances[:10]


def test_replay_is_limited_to_a_span_and_a_channel(deja: CommandLine, team: Team) -> None:
    """`--since` leaves out older tickets; an unknown channel is a one-line error."""
    every = lines_of(deja("replay", "--json"))
    late = lines_of(deja("replay", "--since", "2026-11-02", "--json"))
    assert 0 < len(late) < len(every)
    result = deja("replay", "--channel", "nowhere")
    assert result.exit_code == 1
    assert "There is no channel nowhere." in result.output


def test_a_new_team_does_not_get_too_many_answers(deja: CommandLine, team: Team) -> None:
    """Without a model at most 30 of any 100 consecutive tickets are answered."""
    (line,) = lines_of(deja("budget", "--json"))
    assert (line["channel"], line["budget"], line["cut"], line["kept"]) == (
        "helpdesk", 1, None, True,
    )  # fmt: skip
    order = [json.loads(line)["id"] for line in team.tickets.read_text().splitlines()]
    said = {order.index(line["item"]) for line in lines_of(deja("replay", "--json"))}
    assert all(
        sum(place in said for place in range(start, start + 100)) <= 30
        for start in range(len(order) - 99)
    )


@pytest.mark.usefixtures("learned")
def test_a_budget_is_set_on_record(deja: CommandLine) -> None:
    """The cut follows the budget, the audit says who set it, a wrong value is a one-line error."""
    (line,) = lines_of(deja("budget", "--json"))
    assert (line["channel"], line["budget"], line["kept"]) == ("helpdesk", 1, True)
    (changed,) = lines_of(deja("budget", "#helpdesk", "3", "--json"))
    assert changed["budget"] == 3
    assert changed["cut"]["strength"] <= line["cut"]["strength"]
    (*_, record) = lines_of(deja("audit", "--json"))
    assert "noise budget" in json.dumps(record)
    assert deja("budget", "helpdesk", "9").exit_code == 2
    assert "There is no channel nowhere." in deja("budget", "nowhere", "1").output
    assert "helpdesk" in deja("budget").output


def _contents(database_url: str) -> list[Any]:
    from sqlalchemy import select

    from models import Base

    database = Database.connect(database_url)
    with database.engine.connect() as connection:
        rows = [
            (name, sorted(map(repr, connection.execute(select(table)))))
            for name, table in Base.metadata.tables.items()
        ]
    database.close()
    return rows
