"""The table of topics on a terminal: by theme, in any width, and plain where it is piped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.terminal import console
from bot.cli.topic_tables import WIDE, print_run
from services.topics.views import RunView
from tests.bot.blocks.test_topics import run


def view_of(topics: int) -> RunView:
    """Return a run of so many topics of three tickets, four to a theme, the first one hidden."""
    view = run(topics, 3)
    named = [replace(one, title=f"topic no. {one.topic_id}", terms=()) for one in view.topics]
    named[0] = replace(named[0], is_hidden=True)
    return replace(view, topics=tuple(named), gone=(), theme_titles={0: "[card], money"})


def told(view: RunView, width: int, monkeypatch: pytest.MonkeyPatch, *, hidden: bool) -> list[str]:
    """Return the rows of the printed table, without the lines between them."""
    monkeypatch.setattr(console, "width", width)
    with console.capture() as captured:
        print_run(view, hidden=hidden)
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [60, 80, WIDE, 200])
def test_topics_stand_below_their_theme(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its size and a line above; a theme of one topic is only that."""
    lines = told(view_of(9), width, monkeypatch, hidden=False)
    assert lines[0].startswith("8 topics in 3 themes of ")
    assert max(map(len, lines)) <= width
    rows = [[cell.rstrip() for cell in line.split("│")[1:4]] for line in lines if "│" in line]
    assert [row[1] for row in rows] == [
        " topic no. 4",  # it has no title of its own
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
def test_bars_leave_a_narrow_terminal_to_titles(
    width: int, has_bars: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No bar is broken over lines, and every topic stands in one."""
    lines = told(view_of(4), width, monkeypatch, hidden=True)
    assert any("█" in line for line in lines) is has_bars
    assert [line for line in lines if line.startswith("│")] == [
        line for line in lines if "topic no." in line
    ]


def test_what_is_hidden_is_listed_in_its_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody asks for it; and few topics stand as they are."""
    lines = told(view_of(9), 80, monkeypatch, hidden=True)
    assert sum("topic no." in line for line in lines) == 9 + 1
    few = told(view_of(4), 80, monkeypatch, hidden=True)
    assert few[0].startswith("4 topics of ")
    assert "money" not in "".join(few)
