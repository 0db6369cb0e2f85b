"""`deja try` and `deja serve` as people run them: in a process of their own, ended by Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.tryout.local_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    configuration,
    start_local_slack,
)
from services.search.embedders.embedding import Embedder
from tests.e2e.conftest import WORKSPACE, wait_for
from tests.hashing import HashingEmbedder
from tests.loaded_model import loaded_embedder

TryOnce = Callable[..., Result]

DEJA = [str(Path(sys.executable).with_name("deja"))]
# The same program where no test asks what its answers mean.
HASHING_DEJA = [sys.executable, "-m", "tests.deja_hashing"]
ROOT = Path(__file__).parents[2]
SECONDS = 240


@dataclass(frozen=True)
class Run:
    """A `deja` that runs: its process and what it has written so far."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        """Return where the output matches, as soon as it does."""

        def look() -> re.Match[str] | None:
            found = re.search(pattern, self.out.read_text() + self.err.read_text())
            assert found or self.process.poll() is None, self.err.read_text()
            return found

        found = wait_for(look)
        assert found is not None
        return found

    def interrupt(self, by: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C; return the exit code once neither it nor a child of it is left."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(by)
        code = self.process.wait(SECONDS)
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []
        return code


def environment(**more: str) -> dict[str, str]:
    """Return this environment without settings of Déjà's, and with those given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DEJA_", "SLACK_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "DEJA_PRECISION": "float32", **more}


def run(
    folder: Path, *arguments: str, program: Sequence[str] = DEJA, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*program, *arguments], cwd=folder, env=environment(**settings), timeout=SECONDS,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@contextmanager
def started(
    folder: Path, *arguments: str, program: Sequence[str] = DEJA, **settings: str
) -> Iterator[Run]:
    """Start a command; it is ended at the end of the `with` block at the latest."""
    folder.mkdir(exist_ok=True)
    out, err = folder / "out", folder / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [*program, *arguments], cwd=folder, env=environment(**settings),
            stdout=stdout, stderr=stderr,
        )  # fmt: skip
    try:
        yield Run(process, out, err)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(SECONDS)


@pytest.fixture
def try_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TryOnce:
    """Give `deja try --once` in this process, where PyTorch is loaded already."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DEJA_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEJA_PRECISION", "float32")
    for console in ("console", "notes"):
        monkeypatch.setattr(f"bot.cli.terminal.{console}._width", None)

    def run_here(embedder_of: Callable[..., Embedder], *arguments: str) -> Result:
        monkeypatch.setattr("bot.index_wiring.embedder_of", embedder_of)
        return CliRunner().invoke(main, ["try", "--once", *arguments])

    return run_here


def test_once_holds_the_conversation_and_prints_it(try_once: TryOnce) -> None:
    """Every answer is as expected; the transcript is plain text without Slack's markup."""
    ended = try_once(loaded_embedder)
    _check_conversation(ended.exit_code, ended.stdout, ended.stderr)


@pytest.mark.thorough
def test_once_ends_well_as_people_run_it(tmp_path: Path) -> None:
    """The same in a process of its own."""
    ended = run(tmp_path, "try", "--once")
    _check_conversation(ended.returncode, ended.stdout, ended.stderr)


def _check_conversation(code: int, out: str, err: str) -> None:
    assert code == 0, err
    for said in (
        "Answered before?",
        "Solution:",
        "(nothing)",
        "Not a duplicate · @",
        "Most similar",
    ):
        assert said in out
    assert "Every answer was as expected." in out
    assert not re.search(r"<http|&gt;|\*Solution|✗|:brain:", out)


def test_once_fails_when_an_answer_is_not_the_expected_one(
    tmp_path: Path, try_once: TryOnce
) -> None:
    """A message that is expected to be recognised, and is not, makes the exit code 1."""
    conversation = tmp_path / "conversation.yaml"
    conversation.write_text(
        "- {channel: help-it, author: mei, text: 'anyone up for lunch?', expect: vpn-mfa-loop}\n"
    )
    ended = try_once(lambda *_: HashingEmbedder(), "--conversation", str(conversation))
    assert ended.exit_code == 1
    assert "✗ expected a ticket about vpn-mfa-loop" in ended.stdout
    # This embedder finds nothing for the question at the end, either.
    wrong = ended.stdout.count("✗ expected")
    assert f"{wrong} of the answers were not as expected" in ended.stderr


@pytest.mark.parametrize(
    "content",
    [
        "just words",
        "- {channel: help-it}",
        "- [",
        "- {channel: nowhere, author: mei, text: a, expect: null}",
    ],
)
def test_a_conversation_that_cannot_be_held_is_one_clear_line(tmp_path: Path, content: str) -> None:
    """A file that is no conversation is refused before anything is started."""
    conversation = tmp_path / "conversation.yaml"
    conversation.write_text(content)
    ended = CliRunner().invoke(main, ["try", "--once", "--conversation", str(conversation)])
    assert ended.exit_code == 1
    assert re.fullmatch(r"Error: .+\n", ended.stderr)


def test_a_wrong_model_is_one_clear_line(tmp_path: Path) -> None:
    """A model path that does not exist ends the trial with its name, not with a traceback."""
    ended = run(tmp_path, "try", "--once", DEJA_MODEL=str(tmp_path / "no-model"))
    assert ended.returncode == 1
    assert re.fullmatch(r"Error: [^\n]*no-model[^\n]*\n", ended.stderr)


@pytest.mark.thorough
def test_two_trials_run_side_by_side_and_end_by_ctrl_c(tmp_path: Path) -> None:
    """Each has a page of its own; Ctrl-C stops it with exit code 0 and leaves no process."""
    with ExitStack() as stack:
        trials, addresses = [], set()
        for name in "ab":
            trial = stack.enter_context(started(tmp_path / name, "try"))
            trial.wait_for_line("Press Ctrl-C to stop")
            trials.append(trial)
            addresses.add(trial.wait_for_line(r"http://127\.0\.0\.1:\d+")[0])
        assert len(addresses) == 2
        for address in addresses:
            with urlopen(address) as page:
                assert page.status == 200
        for trial in trials:
            assert trial.interrupt() == 0
            assert "Traceback" not in trial.err.read_text()


@pytest.mark.parametrize(
    "by",
    [signal.SIGINT, signal.SIGHUP, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)],
)
def test_a_signal_while_a_trial_starts_leaves_nothing_behind(
    tmp_path: Path, by: signal.Signals
) -> None:
    """Ended before the page is up, also by a closed terminal, it takes its local Slack along."""
    with started(tmp_path / "a", "try") as trial:
        wait_for(lambda: psutil.Process(trial.process.pid).children())
        assert trial.interrupt(by) == 130
        assert "Traceback" not in trial.err.read_text()
        assert "Press Ctrl-C to stop" not in trial.out.read_text()


@pytest.mark.parametrize(
    ("connection", "line", "program"),
    [
        ({"SLACK_APP_TOKEN": APP_TOKEN}, "connected to Slack in Socket Mode", HASHING_DEJA),
        pytest.param(
            {"SLACK_APP_TOKEN": APP_TOKEN},
            "connected to Slack in Socket Mode",
            DEJA,
            marks=pytest.mark.thorough,
        ),
        (
            {"SLACK_SIGNING_SECRET": SIGNING_SECRET},
            r"listening at http://127\.0\.0\.1:\d+",
            HASHING_DEJA,
        ),
    ],
    ids=["Socket Mode", "Socket Mode, real model", "HTTP"],
)
def test_ctrl_c_ends_serve_cleanly(
    tmp_path: Path, connection: dict[str, str], line: str, program: Sequence[str]
) -> None:
    """A bot in either mode ends with exit code 0 and without a traceback."""
    with start_local_slack(configuration(WORKSPACE), tmp_path) as slack:
        settings = {
            "SLACK_API_URL": f"{slack.url}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "DEJA_DATA_DIR": str(tmp_path / "data"),
            **connection,
        }
        serve = ("serve", "--migrate", "--port", "0")
        with started(tmp_path / "a", *serve, program=program, **settings) as bot:
            bot.wait_for_line(line)
            bot.wait_for_line("Déjà is working for Desk")
            assert bot.interrupt() == 0
            assert "Traceback" not in bot.err.read_text()
