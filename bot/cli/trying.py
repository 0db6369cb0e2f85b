"""`deja try`."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
from rich.markup import escape
from rich.panel import Panel

from bot import sample
from bot.cli.running import stop_signals
from bot.cli.terminal import console, notes, progress_bar
from bot.logs import set_up_logging
from bot.trying import Trial, Turn, converse, start_trial
from bot.worker import utc_now

THINGS_TO_TRY = """\
[bold]1.[/] Open [bold]#help-it[/] and write
   [italic]VPN says my MFA code is approved and then asks for another one, over and over[/]
   Déjà answers in the thread. Press [bold]Not a duplicate[/], then [bold]Undo[/].
[bold]2.[/] Type [bold]/deja similar lamp flickers when dimmed low[/]
   The answer is for your eyes only.
[bold]3.[/] Write [italic]anyone up for lunch?[/] anywhere. Silence is right, too."""


@click.command("try")
@click.option("--once", is_flag=True, help="Hold a scripted conversation, print it, and stop.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the local Slack's page.")
def try_(once: bool, port: int | None) -> None:
    """Try Déjà without Slack: a local one with a sample company in it.

    Nothing is kept, and no setting or token of yours is used. With --once the exit code is 0 only
    if every expected answer came.

    Example: deja try
    """
    set_up_logging("WARNING", "text")
    total = 2 * len(sample.tickets()) + len(sample.products())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deja-try-")))
        stop = stack.enter_context(stop_signals())
        with progress_bar("Teaching Déjà the sample company", total) as advance:
            trial = stack.enter_context(start_trial(folder, utc_now(), port=port, advance=advance))
        if once:
            _print_conversation(trial)
            return
        console.print(
            Panel(
                f"[bold]{trial.local.url}[/]\n\n{THINGS_TO_TRY}\n\n[dim]Ctrl-C ends it; "
                "nothing is kept.[/]",
                title="Déjà is listening on a local Slack",
                expand=False,
            )
        )
        stop.wait()
        notes.print("Stopping …")


def _print_conversation(trial: Trial) -> None:
    missed = 0
    for turn in converse(trial):
        _print_turn(turn)
        missed += not turn.as_expected
    if missed:
        raise click.ClickException(f"{missed} answers were not the expected ones.")
    console.print("[green]Every expected answer came.[/]")


def _print_turn(turn: Turn) -> None:
    sign = "[green]✓[/]" if turn.as_expected else "[red]✗[/]"
    console.print(f"\n[bold]#{turn.channel}[/]  [cyan]{turn.author}[/]  {escape(turn.text)}")
    for line in "\n".join(turn.answer).splitlines():
        console.print(f"    [magenta]Déjà[/]  {escape(line)}", soft_wrap=True)
    console.print(f"    {sign} [dim]expected: {turn.expected}[/]")
