"""Two levels: `make test` for every behaviour, `make test-all` for all of them on both databases.

`make test` leaves out three kinds of repetition; `--level=rest` runs these, `--level=all`
everything:

- The same test on PostgreSQL. `make test` runs every test with a database on SQLite, and those
  marked `both_databases` on PostgreSQL too: a full story of each feature and module, whatever
  depends on how a database locks, compares or sorts, and all migrations. A command whose feature
  has its story elsewhere has none of its own. Of their variations the first runs there, or `every`
  one where each asks something else of the database.
- Slow repetitions, marked `thorough`: more examples of a property, more workspaces to attack, two
  processes at the same time where one was tested, a flow with other words (`variations`).
- Further examples of hypothesis: its tests run in both levels, with few examples and with many.

A test that is named (`pytest path::test`) always runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

LEVELS = ("test", "rest", "all")
# Examples of a hypothesis test that does not say how many.
FEW_EXAMPLES, MANY_EXAMPLES = 20, 100
MARKERS = (
    "both_databases(every=False): `make test` runs it on PostgreSQL too, its first variation or "
    "`every` one; `test-all` runs all tests there",
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


def variations(cases: Sequence[Any], few: int) -> list[Any]:
    """Return the cases of a whole flow: the first `few` in `make test`, the others beside it.

    For flows that only differ in words, whose meaning is tested without a flow.
    """
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else [case]),
            marks=() if number < few else pytest.mark.thorough,
        )
        for number, case in enumerate(cases)
    ]


def add_option(parser: pytest.Parser) -> None:
    """Add `--level`."""
    parser.addoption("--level", choices=LEVELS, default="test", help=__doc__.split("\n", 1)[0])


def examples(config: pytest.Config) -> int:
    """Return how many examples a hypothesis test has that does not say so itself."""
    return FEW_EXAMPLES if config.getoption("--level") == "test" else MANY_EXAMPLES


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remove the tests of other levels from `items`."""
    level = config.getoption("--level")
    if level == "all" or any("::" in argument for argument in config.args):
        return
    rest = _rest_of(items)
    if level == "rest":
        kept = rest | {item for item in items if _has_more_examples(item)}
    else:
        kept = set(items) - rest
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def _rest_of(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the tests that only `make test-all` runs."""
    rest, told = set(), set()
    for item in items:
        story = item.nodeid.partition("[")[0]
        marker = item.get_closest_marker("both_databases")
        if item.get_closest_marker("thorough"):
            rest.add(item)
        elif not _is_on_postgresql(item):
            continue
        elif marker is None or (story in told and not marker.kwargs.get("every")):
            rest.add(item)
        else:
            told.add(story)
    return rest


def _is_on_postgresql(item: pytest.Item) -> bool:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return any(isinstance(one, str) and one == "postgresql" for one in parameters.values())


def _has_more_examples(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
