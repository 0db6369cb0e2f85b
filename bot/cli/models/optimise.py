"""`deja model optimise`."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.argument("name", required=False)
@click.option("--now", "at_once", is_flag=True, help="As in `deja model use`.")
@click.option("--yes", is_flag=True, help="Bring it into use without asking.")
@click.option("--json", "as_json", is_flag=True,
              help="Print one JSON line; nothing is brought into use.")  # fmt: skip
@click.pass_context
def optimise(ctx: click.Context, /, **options: Any) -> None:
    """Make a faster form of the model NAME, or of the one in use, for ONNX Runtime.

    Its weights are rounded to int8, or stay float32 where that loses too much. It is kept only if
    it reads faster here, and MAP falls by at most .005 on the team's own verdicts (on the sample
    company's where they are too few). It is a model of its own, such as `all-MiniLM-L6-v2 (int8)`,
    and comes into use as by `deja model use`. Needs `pip install 'deja[fast]'`.

    \b
    Examples:
      deja model optimise
      deja model optimise all-MiniLM-L6-v2 --yes --now
    """
    # The help needs none of what this imports.
    from bot.cli.models.optimise_run import optimise_model

    optimise_model(ctx, **options)
