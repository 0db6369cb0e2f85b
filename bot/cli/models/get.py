"""`deja model get`."""

from __future__ import annotations

from shlex import quote

import click

from bot.cli.terminal import load_settings, notes
from bot.clock import utc_now


@click.command()
@click.argument("name")
@click.option("--from", "origin", metavar="ADDRESS|FOLDER",
              help="A mirror of the Hugging Face hub, or a folder that has the model.")  # fmt: skip
def get(name: str, origin: str | None) -> None:
    """Download the model NAME: one that `deja model list` shows, or OWNER/NAME on the hub.

    It goes into the folder `models` of the data folder. After a stop, files that are complete are
    not asked for again. Of known models the weights must have the checksum of Déjà's table; of
    others that of the first download is noted and checked from then on.

    \b
    Examples:
      deja model get all-mpnet-base-v2
      deja model get all-mpnet-base-v2 --from /media/stick
    """
    from services.search.embedders.model_download import get_model

    found = get_model(name, load_settings().model_dir, origin, utc_now())
    noted = ", noted now" if found.is_noted else ""
    notes.print(
        f"{name} is in {found.folder} ({found.megabytes} MB, SHA-256 {found.sha256[:12]}…{noted}). "
        f"`deja model use {quote(name)}` brings it into use.",
        markup=False,
        soft_wrap=True,
    )
