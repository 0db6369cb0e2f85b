"""What `deja try` does."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click
import yaml
from rich.console import Group
from rich.emoji import Emoji
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.cli.group import INTERRUPTED
from bot.cli.signals import stop_signals
from bot.cli.terminal import console, notes, progress_bar
from bot.clock import utc_now
from bot.logs import set_up_logging
from bot.tryout import sample, tour
from bot.tryout.conversation import Trial, TrialTurn, converse, start_trial
from bot.tryout.sample import SampleMessage
from services.errors import InputError
from services.interruption import SIGNALS


def try_deja(once: bool, file: Path | None, port: int | None) -> None:
    """Start Déjà on a local Slack with a sample company."""
    set_up_logging("WARNING", "text")
    messages = sample.conversation() if file is None else _read_conversation(file)
    total = 2 * len(sample.tickets()) + len(sample.products())
    with ExitStack() as stack:
        stack.enter_context(_interruptible())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deja-try-")))
        with progress_bar("Loading the sample company", total) as on_progress:
            trial = stack.enter_context(
                start_trial(folder, utc_now(), port=port, on_progress=on_progress)
            )
        if once:
            _print_conversation(trial, messages)
            return
        with stop_signals() as wait_for_signal:
            console.print(_welcome(trial.page.url))
            wait_for_signal()
        notes.print("Stopping …")


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a signal end the block; whatever was started is stopped."""
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        for number in before:
            signal.signal(number, on_signal)
        yield
    except KeyboardInterrupt:
        notes.print("Stopped.")
        raise click.exceptions.Exit(INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read_conversation(file: Path) -> list[SampleMessage]:
    """Return the messages in a file. Raises `InputError` for one that cannot be posted."""
    channels = {channel["name"] for channel in sample.workspace()["channels"]}
    users = {user["name"] for user in sample.workspace()["users"]}
    try:
        messages = [SampleMessage(**message) for message in yaml.safe_load(file.read_bytes())]
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} is not a list of messages with channel, author, text and expect."
        ) from error
    for message in messages:
        if message.channel not in channels or message.author not in users:
            raise InputError(
                f"The sample has no user {message.author} or no channel #{message.channel}."
            )
    return messages


def _welcome(url: str) -> Panel:
    return Panel(
        Group(
            f"[bold]{url}[/]\n",
            f"Open it in a browser. [bold]#{tour.CHANNEL['name']}[/] has a tour of five steps.",
            "\n[dim]Press Ctrl-C to stop; nothing is kept.[/]",
        ),
        title="Déjà is listening on a local Slack",
        expand=False,
        padding=(1, 2),
    )


def _print_conversation(trial: Trial, messages: Sequence[SampleMessage]) -> None:
    missed = 0
    for turn in converse(trial, messages):
        console.print(_transcript(turn))
        missed += not turn.as_expected
    if missed:
        raise click.ClickException(f"{missed} of the answers were not as expected.")
    console.print("[green]Every answer was as expected.[/]")


def _transcript(turn: TrialTurn) -> Group:
    """Return a message and the answer to it, for a terminal of any width."""
    heading = Text.assemble((turn.author, "bold cyan"), " in ", (f"#{turn.channel}", "bold"))
    answer = "\n".join(turn.answer) or "(nothing)"
    sign, style = ("✓", "green") if turn.as_expected else ("✗", "bold red")
    return Group(
        heading,
        _indented(turn.text),
        Text("Déjà", style="bold magenta"),
        _indented(answer),
        Text.assemble((sign, style), (f" expected {turn.expected}", "dim"), "\n"),
    )


def _indented(text: str) -> Padding:
    return Padding(Text(Emoji.replace(text)), (0, 0, 0, 2), expand=False)
