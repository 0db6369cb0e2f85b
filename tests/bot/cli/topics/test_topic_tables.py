"""The table of topics: by theme, in any width, and without terminal codes in a pipe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.terminal import console
from bot.cli.topics.topic_tables import WIDE, print_run
from services.topics.views import RunView
from tests.bot.blocks.test_topics import run


def view_of(topics: int) -> RunView:
    """Return a run of topics with three tickets each, four per theme, the first one hidden."""
    view = run(topics, 3)
    named = [replace(one, title=f"topic no. {one.topic_id}", terms=()) for one in view.topics]
    named[0] = replace(named[0], is_hidden=True)
    return replace(view, topics=tuple(named), gone=(), theme_titles={0: "[card], money"})


def table_lines(
    view: RunView, width: int, monkeypatch: pytest.MonkeyPatch, *, hidden: bool
) -> list[str]:
    """Return the lines of the printed table."""
    monkeypatch.setattr(console, "_width", width)
    with console.capture() as captured:
        print_run(view, hidden=hidden)
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [60, 80, WIDE, 200])
def test_topics_are_listed_below_their_theme(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A theme has its size and a rule above it; a theme of one topic is only that topic."""
    lines = table_lines(view_of(9), width, monkeypatch, hidden=False)
    assert lines[0].startswith("8 topics in 3 themes of ")
    assert max(map(len, lines)) <= width
    rows = [[cell.rstrip() for cell in line.split("│")[1:4]] for line in lines if "│" in line]
    assert [row[1] for row in rows] == [
        " topic no. 4",  # this theme has no title
        *(f"   topic no. {number}" for number in (4, 5, 6, 7)),
        " [card], money",
        *(f"   topic no. {number}" for number in (1, 2, 3)),
        " topic no. 8",
    ]
    sizes = [int(row[2].split()[0]) for row in rows]
    assert sizes == [12, 3, 3, 3, 3, 9, 3, 3, 3, 3]
    assert sum(line.startswith("├") for line in lines) == 2
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(("width", "has_bars"), [(60, False), (80, True)])
def test_a_narrow_terminal_has_no_bars(
    width: int, has_bars: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrapped, and every topic has one line."""
    lines = table_lines(view_of(4), width, monkeypatch, hidden=True)
    assert any("█" in line for line in lines) is has_bars
    assert [line for line in lines if line.startswith("│")] == [
        line for line in lines if "topic no." in line
    ]


def test_hidden_topics_are_listed_in_their_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are listed on request; few topics have no themes."""
    lines = table_lines(view_of(9), 80, monkeypatch, hidden=True)
    assert sum("topic no." in line for line in lines) == 9 + 1
    few = table_lines(view_of(4), 80, monkeypatch, hidden=True)
    assert few[0].startswith("4 topics of ")
    assert "money" not in "".join(few)
