"""`deja model`."""

from __future__ import annotations

import click

from bot.cli.group import LazyGroup

# Most of them import what computes with vectors; `list` and `get` need none of that.
COMMANDS = {
    "list": (
        "bot.cli.models.list_:list_",
        "List the models that have vectors here, and those that Déjà knows.",
    ),
    "status": (
        "bot.cli.models.status:status",
        "Show the model in use, what lacks vectors, and another one's progress.",
    ),
    "use": ("bot.cli.models.use:use", "Bring another model into use."),
    "get": ("bot.cli.models.get:get", "Download a model."),
    "optimise": ("bot.cli.models.optimise:optimise", "Make a faster form of a model."),
    "speed": ("bot.cli.models.speed:speed", "Measure how the model in use reads fastest here."),
    "drop": ("bot.cli.models.drop:drop", "Delete the vectors of a model that is not in use."),
}


@click.group(cls=LazyGroup, sections={"Commands": COMMANDS})
def model() -> None:
    """Show, change and drop embedding models.

    The database decides which model is in use; DEJA_MODEL names that of a new one.
    """
