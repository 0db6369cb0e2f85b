"""`deja index`."""

from __future__ import annotations

import click

from bot.cli.group import CommandGroup
from bot.cli.terminal import console, notes, open_index, print_json, progress_bar


@click.group(cls=CommandGroup)
def index() -> None:
    """Verify or rebuild the vector index, which is a cache of the database."""


@index.command()
@click.option("--queries", default=200, show_default=True, help="How many items to look up.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def verify(queries: int, as_json: bool) -> None:
    """Compare the index with an exact search; the exit code is 1 if it misses too much.

    It is 1 as well if there is nothing to check.

    Example: deja index verify
    """
    # The help needs no NumPy.
    from services.search.indexes.contract import FollowingIndex
    from services.search.indexes.recall_check import MIN_RECALL, check_index

    with open_index() as found:
        check = check_index(
            found.database,
            found.index,
            fingerprint=found.embedder.fingerprint,
            queries=queries,
            seed=0,
        )
        line: dict[str, float] = {"queries": check.queries, "recall": round(check.recall, 4)}
        if isinstance(found.index, FollowingIndex):
            line["rows"], line["dead"] = found.index.count()
    if as_json:
        print_json(line)
    else:
        console.print(", ".join(f"{name} {value}" for name, value in line.items()))
    if not check.queries:
        raise click.ClickException(
            "Nothing was checked: there are no vectors of the model in use. "
            "`deja status` counts what lacks them."
        )
    if check.recall < MIN_RECALL:
        raise click.ClickException("The index misses too much: run `deja index rebuild`.")


@index.command()
def rebuild() -> None:
    """Rebuild the index from the database.

    A running bot keeps using its own copy in memory.

    Example: deja index rebuild
    """
    from services.search.indexes.contract import FollowingIndex  # the help needs no NumPy

    with open_index() as found:
        if isinstance(found.index, FollowingIndex):
            with progress_bar("Building the index", None) as bar:
                found.index.rebuild(bar.update)
            found.index.save()
        else:
            found.index.rebuild()
        notes.print("The index has been rebuilt.")
