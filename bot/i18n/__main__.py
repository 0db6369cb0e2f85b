"""Checks the catalogues, or brings them up to date: `python -m bot.i18n check | update`."""

from __future__ import annotations

import click

from bot.i18n.catalogues import read_catalogue
from bot.i18n.extraction import extract
from bot.i18n.upkeep import TRANSLATED, problems, update


@click.group()
def main() -> None:
    """Check or update the catalogues."""


@main.command()
def check() -> None:
    """Fail if a text is missing from a catalogue, not translated, or no longer used."""
    template, found = extract(), False
    for language in TRANSLATED:
        for problem in problems(read_catalogue(language), template):
            click.echo(f"{language}: {problem}", err=True)
            found = True
    if found:
        raise click.ClickException("Run `make messages` and translate what is new.")


@main.command(name="update")
def update_all() -> None:
    """Bring the catalogues up to date with the code."""
    template = extract()
    for language in TRANSLATED:
        update(language, template)


if __name__ == "__main__":
    main()
