"""Two levels: `make test` for every behaviour, `make test-all` for all of them on both databases.

`make test` leaves out two kinds of repetition; `--level=rest` runs these, `--level=all` everything:

- Tests of the bot on PostgreSQL. SQL is written in `services` and `models`, whose tests always run
  on both databases. Of the bot's tests, those marked `both_databases` do: a full story of each
  feature, and whatever depends on how a database locks.
- Slow repetitions, marked `thorough`: more examples of a property, more workspaces to attack, two
  processes at the same time where one was tested.

A test that is named (`pytest path::test`) always runs.
"""

from __future__ import annotations

import pytest

LEVELS = ("test", "rest", "all")
MARKERS = (
    "both_databases: `make test` runs it on PostgreSQL too; other tests of the bot: `test-all`",
    "thorough: only `make test-all` runs it; `make test` has a shorter version of it",
)


def rounds(few: int, many: int) -> pytest.MarkDecorator:
    """Run a property with `few` examples in `make test`, and with `many` in `make test-all`."""
    return pytest.mark.parametrize(
        "examples", [few, pytest.param(many, marks=pytest.mark.thorough)]
    )


def seeds(few: int, many: int) -> pytest.MarkDecorator:
    """Give a test of chance a `seed`: the first `few` in `make test`, the others beside it."""
    others = [pytest.param(seed, marks=pytest.mark.thorough) for seed in range(few, many)]
    return pytest.mark.parametrize("seed", [*range(few), *others])


def add_option(parser: pytest.Parser) -> None:
    """Add `--level`."""
    parser.addoption("--level", choices=LEVELS, default="test", help=__doc__.split("\n", 1)[0])


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remove the tests of other levels from `items`."""
    level = config.getoption("--level")
    if level == "all" or any("::" in argument for argument in config.args):
        return
    wanted = [item for item in items if _is_in_rest(item) == (level == "rest")]
    kept = set(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = wanted


def _is_in_rest(item: pytest.Item) -> bool:
    if item.get_closest_marker("thorough"):
        return True
    is_of_the_bot = item.nodeid.startswith("tests/bot/")
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    on_postgresql = any(isinstance(one, str) and one == "postgresql" for one in parameters.values())
    return is_of_the_bot and on_postgresql and not item.get_closest_marker("both_databases")
