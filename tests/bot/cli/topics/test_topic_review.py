"""`deja topics review`: one key says whether two topics are one."""

from __future__ import annotations

from tests.bot.cli.backlog import Run, lines, listed


def test_a_key_answers_and_undo_asks_again(run: Run) -> None:
    """`y` merges, `n` keeps apart, `u` takes the last answer back; each is stored at once."""
    run("cluster")
    [first, *_] = lines(run("topics", "review", "--json"))
    assert {one["topic"] for one in first} <= {one["topic"] for one in listed(run)}
    assert all(1 <= len(one["examples"]) <= 3 for one in first)
    result = run("topics", "review", "--keys", stdin="u?nuyq")
    assert "One topic?" in result.output
    assert "Nothing was answered in this round." in result.output
    assert "later runs keep them apart" in result.output
    assert "→ undone" in result.output
    assert "1 answer stored; `deja topics undo` takes back the last." in result.output
    assert len(listed(run)) == 2
    run("topics", "undo")
    assert len(listed(run)) == 3
    assert lines(run("topics", "review", "--json"))[0] == first


def test_what_was_answered_is_not_asked_again(run: Run) -> None:
    """Nothing is left to ask after all pairs; `deja topics changes` names what was said."""
    run("cluster")
    result = run("topics", "review", "--keys", stdin="nnn")
    assert "Nothing more is asked" in result.output
    assert lines(run("topics", "review", "--json")) == []
    assert lines(run("topics", "review", "--more", "--json")) == []
    assert run("topics", "changes").output.count("are different") == 3
    run("cluster")
    assert len(listed(run)) == 3


def test_without_topics_or_terminal_there_is_a_clear_line(run: Run) -> None:
    """A review needs topics, and keys or a terminal."""
    assert "Run `deja cluster`" in run("topics", "review", "--json").output
    assert "--keys" in run("topics", "review").output


def test_a_kept_number_holds_for_later_runs(run: Run) -> None:
    """`--k 2 --keep` changes the team's topics; `--keep` alone finds the number again."""
    assert len(lines(run("cluster", "--k", "2", "--keep", "--json"))[:-1]) == 2
    assert len(lines(run("cluster", "--json"))[:-1]) == 2
    assert len(lines(run("cluster", "--keep", "--json"))[:-1]) == 3
