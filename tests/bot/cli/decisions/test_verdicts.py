"""`deja verdicts import`: contradictions, unknown ids, labels, CSV, people who have left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def run(command_line: Run, tmp_path: Path) -> Run:
    """Give the command line on a database of each kind with five tickets, T-1 the first."""
    # Punctuation is not embedded, so these need no model.
    rows = [{"id": f"T-{n}", "text": "!", "created": 1_700_000_000 + n} for n in range(1, 6)]
    Path("tickets.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert command_line("import", "tickets.jsonl").exit_code == 0
    return command_line


def lines(*rows: object) -> str:
    """Return rows as JSON lines, and texts unchanged."""
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)


def said(a: str, verdict: str, b: str, **more: object) -> dict[str, object]:
    """Return a line's fields."""
    return {"a": a, "b": b, "verdict": verdict, **more}


def exported(run: Run) -> list[tuple[str, str, str, str]]:
    """Return the current verdicts: the two ids, the verdict and who gave it."""
    found = map(json.loads, run("verdicts", "export", "-").stdout.splitlines())
    return [(one["a"], one["b"], one["verdict"], one["by"]) for one in found]


def test_contradictions_are_listed_and_the_rest_is_stored(run: Run) -> None:
    """A line against a stored verdict or another line is refused, with the remedy."""
    assert (
        run("verdicts", "import", "-", stdin=lines(said("T-1", "distinct", "T-3"))).exit_code == 0
    )
    stdin = lines(
        said("T-1", "duplicate", "T-2", by="Ann, who has left"),
        said("T-2", "duplicate", "T-3"),
        said("T-3", "duplicate", "T-9"),
        said("T-4", "distinct", "T-2", by="Ann, who has left"),
        "",
        said("T-4", "duplicate", "T-1"),
        said("T-5", "duplicate", "T-4"),
    )
    result = run("verdicts", "import", "-", "--json", stdin=stdin)
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["stored"], told["unchanged"]) == (3, 0)
    reasons = {one["line"]: one["reason"] for one in told["errors"]}
    assert list(reasons) == [2, 3, 6]
    assert reasons[2].endswith("Undo that first: deja verdicts undo T-1 T-3")
    assert reasons[3] == "There is no item T-9."
    assert "T-4 and T-1" in reasons[6] or "T-1 and T-4" in reasons[6]
    assert "Ann, who has left ruled that out" in reasons[6]
    assert "line 2: T-2 and T-3 can't be the same issue" in result.stderr
    assert result.stderr.splitlines()[-1] == "Error: 3 lines could not be stored."
    assert exported(run) == [
        ("T-1", "T-3", "distinct", "import"),
        ("T-1", "T-2", "duplicate", "Ann, who has left"),
        ("T-2", "T-4", "distinct", "Ann, who has left"),
        ("T-4", "T-5", "duplicate", "import"),
    ]


def test_a_refused_verdict_can_be_stored_after_the_undo_it_names(run: Run) -> None:
    """The advice in the reason works."""
    stdin = lines(said("T-1", "distinct", "T-3"), said("T-1", "duplicate", "T-2"))
    assert run("verdicts", "import", "-", stdin=stdin).exit_code == 0
    last = lines(said("T-2", "duplicate", "T-3"))
    reason = json.loads(run("verdicts", "import", "-", "--json", stdin=last).stdout)
    advice = reason["errors"][0]["reason"].partition("deja ")[2]
    assert run(*advice.split()).exit_code == 0
    assert run("verdicts", "import", "-", stdin=last).exit_code == 0


@pytest.mark.parametrize(
    ("label", "verdict"),
    [(1, "duplicate"), (0, "distinct"), (True, "duplicate"), (False, "distinct"),
     ("1", "duplicate"), ("False", "distinct"), (1.0, "duplicate")],
)  # fmt: skip
def test_labels_are_verdicts(run: Run, label: object, verdict: str) -> None:
    """Labels as classifiers write them are read as decisions."""
    line = json.dumps({"a": "T-1", "b": "T-2", "label": label})
    assert run("verdicts", "import", "-", stdin=line).exit_code == 0
    assert exported(run) == [("T-1", "T-2", verdict, "import")]


def test_csv_is_recognised_by_its_name_or_an_option(run: Run) -> None:
    """With columns in any order and case, any separator, a byte order mark and quotes."""
    text = '\ufeffBy;B;A;Label;why\n"Ann; left";T-2;T-1;1;"two\nlines"\n;T-3;T-1;false;\n\n'
    Path("decisions.csv").write_text(text, encoding="utf-8")
    for arguments, stdin in ((["decisions.csv"], None), (["-", "--format", "csv"], text.encode())):
        result = run("verdicts", "import", *arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
    assert "0 stored, 2 unchanged." in result.stderr
    assert exported(run) == [
        ("T-1", "T-2", "duplicate", "Ann; left"), ("T-1", "T-3", "distinct", "import"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\nT-1,T-2\n", "The first line must name the columns"),
        ("", "The first line must name the columns"),
        ("T-1,T-2,duplicate\n", "The first line must name the columns"),
    ],
)
def test_csv_without_its_columns_is_refused(run: Run, text: str, reason: str) -> None:
    """The meaning of columns is not guessed."""
    result = run("verdicts", "import", "-", "--format", "csv", stdin=text)
    assert result.exit_code == 1
    assert reason in result.output


def test_bad_csv_records_are_listed(run: Run) -> None:
    """Each with its line; valid records are stored."""
    text = 'a,b,verdict\nT-1,T-2,duplicate\nT-1\nT-1,T-3,perhaps\nT-3,T-4,related\n"T-1" x,,\n'
    result = run("verdicts", "import", "-", "--format", "csv", "--json", stdin=text)
    told = json.loads(result.stdout)
    assert told["stored"] == 2
    assert [one["line"] for one in told["errors"]] == [3, 4, 6]


def test_invalid_lines_are_listed(run: Run) -> None:
    """The reason says what is wrong, and no control character reaches the terminal."""
    for line, reason in (
        ('{"a": "T-1", "b": "T-2", "label": 2}', "the label must be 1 or true"),
        ('{"a": "T-1", "b": "T-2", "label": null}', "the verdict must be one of"),
        ('{"a": "T-1", "b": "T-2", "verdict": ["duplicate"]}', '"verdict" must be text'),
        ('{"a": ["T-1"], "b": "T-2", "verdict": "related"}', '"a" must be text'),
        ('{"a": " ", "b": "T-2", "verdict": "related"}', "a line needs"),
        ('{"a": "\\ud800\\u0000\\u001b[31m", "b": "T-2", "verdict": "related"}', "no item ?"),
    ):
        result = run("verdicts", "import", "-", stdin=line)
        assert result.exit_code == 1, line
        assert reason in result.stderr, line
        assert "\x1b" not in result.stderr, line


def test_many_errors_are_shown_in_part(run: Run) -> None:
    """All are counted, and twenty are shown."""
    result = run("verdicts", "import", "-", stdin=lines(*["nothing"] * 30))
    assert result.stderr.count("this is not JSON") == 20
    assert "… and 10 more." in result.stderr
    assert "30 lines could not be stored" in result.stderr


def test_ten_thousand_lines(run: Run) -> None:
    """A large file is stored in batches, each line on its own."""
    rows = [said("T-1", ("related", "distinct")[n % 2], "T-2") for n in range(10_000)]
    result = run("verdicts", "import", "-", "--json", stdin=lines(*rows))
    assert json.loads(result.stdout) == {"stored": 10_000, "unchanged": 0, "errors": []}
