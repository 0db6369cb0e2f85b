"""Changing the model: in the background or at once, comparing, switching, going back, dropping."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select

from bot.settings import Settings
from bot.tasks.model_preparation import BackgroundPreparation
from bot.wiring import build
from models import Database, Embedding
from services.channels.audience import whole_workspace
from services.errors import RetryLaterError
from services.memory.embedding_models import model_in_use
from tests.bot.cli.backlog import with_tickets
from tests.conftest import NOW
from tests.databases import open_database
from tests.remembering import remember, ticket
from tests.tiny_model import make_tiny_model

Deja = Callable[..., Result]
DEFAULT = "all-MiniLM-L6-v2"

TICKETS = (
    "The printer on floor two prints blank pages since Monday",
    "Since Monday the printer on floor two only prints blank pages",
    "How do I book a day of holiday?",
)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of 32 dimensions with random weights."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make another one with 16 dimensions."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "small", seed=2, dim=16)


def _values(database_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DEJA_DATABASE_URL": database_url,
        "DEJA_DATA_DIR": str(tmp_path / "data"),
        "DEJA_PRECISION": "float32",
    }


@pytest.fixture
def deja(command_line: Deja, tmp_path: Path) -> Deja:
    """Give the command line on three tickets with vectors of the default model."""
    return with_tickets(command_line, tmp_path, TICKETS)


def _status(deja: Deja) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(deja("model", "status", "--json").stdout)
    return found


def _states(deja: Deja) -> dict[str, str]:
    lines = map(json.loads, deja("model", "list", "--json").stdout.splitlines())
    # Without the known models that have no vectors here.
    return {Path(line["model"]).name: line["state"] for line in lines if line["state"]}


def _found(deja: Deja) -> list[str]:
    (line,) = deja("similar", "blank pages", "--json").stdout.splitlines()
    return [match["item"] for match in json.loads(line)["matches"]]


def test_a_model_is_changed_at_once_and_changed_back(deja: Deja, tiny: Path) -> None:
    """Vectors are made, compared and switched to; switching back makes no vectors."""
    assert _states(deja) == {DEFAULT: "in use"}
    result = deja("model", "use", str(tiny), "--now", "--yes")
    assert result.exit_code == 0, result.output
    assert f"{tiny} is in use now" in result.stderr
    assert "texts a second" in result.stdout
    assert _states(deja) == {"tiny": "in use", DEFAULT: "kept"}
    assert _status(deja)["without vectors"] == 0
    assert len(_found(deja)) == 3
    assert json.loads(deja("index", "verify", "--json").stdout)["queries"] == 3
    back = deja("model", "use", DEFAULT, "--yes")
    assert f"{DEFAULT} is in use again" in back.stderr
    assert _states(deja) == {DEFAULT: "in use", "tiny": "kept"}
    assert set(_found(deja)[:2]) == {"T-0", "T-1"}


@pytest.mark.both_databases
def test_the_old_model_answers_until_a_running_bot_has_made_all_vectors(
    deja: Deja, tiny: Path, database_url: str, tmp_path: Path
) -> None:
    """The command only requests them; the bot makes them in steps, then switches."""
    result = deja("model", "use", str(tiny), "--yes")
    assert "makes the vectors of 3 tickets" in result.stderr
    assert _states(deja) == {DEFAULT: "in use", "tiny": "being made"}
    assert set(_found(deja)[:2]) == {"T-0", "T-1"}
    values = _values(database_url, tmp_path)
    services = build(Settings.from_mapping(values), database=open_database(database_url))
    background = BackgroundPreparation(services, lambda: NOW)
    while background.do_part():
        assert _states(deja)[DEFAULT] == "in use"
    assert _states(deja) == {"tiny": "in use", DEFAULT: "kept"}
    assert services.live.get().embedder.fingerprint.startswith("tiny@")
    assert not background.do_part()
    services.close()


def test_two_running_bots_take_the_new_model_up(
    deja: Deja, tiny: Path, database_url: str, tmp_path: Path
) -> None:
    """One of them makes the vectors and switches; both answer with the new model at once."""
    deja("model", "use", str(tiny), "--yes")
    values = _values(database_url, tmp_path)
    settings = Settings.from_mapping(values)
    bots = [build(settings, database=Database.connect(database_url)) for _ in range(2)]
    backgrounds = [BackgroundPreparation(bot, lambda: NOW) for bot in bots]
    while sum(background.do_part() for background in backgrounds):  # each has its turn
        pass
    assert _states(deja) == {"tiny": "in use", DEFAULT: "kept"}
    for bot in bots:
        live = bot.live.get()
        assert live.embedder.fingerprint.startswith("tiny@")
        audience = whole_workspace(_workspace(bot).id)
        found = live.similar.to_text(TICKETS[0], kind="ticket", audience=audience, limit=1)
        assert found[0].similarity > 0.99
        bot.close()
    assert _vectors(database_url) == 6  # none was made twice


def test_a_refused_model_is_kept_and_changes_nothing(deja: Deja, tiny: Path) -> None:
    """Its vectors are kept until they are dropped."""
    result = deja("model", "use", str(tiny), "--now", stdin="n\n")
    assert "Nothing was changed" in result.stderr
    assert _states(deja) == {DEFAULT: "in use", "tiny": "kept"}
    assert deja("model", "drop", "tiny", stdin="n\n").exit_code == 1
    assert _states(deja) == {DEFAULT: "in use", "tiny": "kept"}
    dropped = deja("model", "drop", "tiny", "--yes")
    assert "3 vectors" in dropped.stderr
    assert _states(deja) == {DEFAULT: "in use"}


def test_the_model_in_use_cannot_be_dropped_and_a_dropped_one_leaves_nothing(
    deja: Deja, tiny: Path, database_url: str
) -> None:
    """After the switch the old vectors are deleted only on request."""
    assert f"{DEFAULT} is in use" in deja("model", "drop", DEFAULT, "--yes").output
    deja("model", "use", str(tiny), "--now", "--yes")
    assert _vectors(database_url) == 6
    assert deja("model", "drop", DEFAULT, "--yes").exit_code == 0
    assert _vectors(database_url) == 3
    assert len(_found(deja)) == 3


def test_a_folder_is_not_taken_for_another_one_whose_name_ends_alike(
    deja: Deja, tiny: Path, small: Path, tmp_path: Path
) -> None:
    """Neither for that of other weights, nor for one side of two models."""
    assert deja("model", "use", str(tiny), "--now", "--yes").exit_code == 0
    both = f"{small} + {tiny}"
    assert deja("model", "use", both, "--now", "--yes").exit_code == 0
    assert _status(deja)["model"] == both
    namesake = copytree(small, tmp_path / tiny.name)
    assert deja("model", "use", str(namesake), "--now", "--yes").exit_code == 0
    assert _status(deja)["model"] == str(namesake)


def test_one_preparation_at_a_time(deja: Deja, tiny: Path, small: Path) -> None:
    """A second one is refused, and the error says what to do."""
    deja("model", "use", str(tiny))
    result = deja("model", "use", str(small), "--now", "--yes")
    assert result.exit_code == 1
    assert f"deja model drop {tiny}" in result.stderr
    assert deja("model", "drop", "tiny", "--yes").exit_code == 0
    assert deja("model", "use", str(small), "--now", "--yes").exit_code == 0


def test_a_process_with_another_setting_uses_the_model_of_the_database(
    deja: Deja, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds the vectors, and says that setting and database differ."""
    monkeypatch.setenv("DEJA_MODEL", str(tiny))
    assert set(_found(deja)[:2]) == {"T-0", "T-1"}
    assert _status(deja)["setting differs"]
    lines = map(json.loads, deja("doctor", "--offline", "--json").stdout.splitlines())
    (found,) = [line for line in lines if line["check"] == "model"]
    assert found["state"] == "warning"
    assert "deja model use" in found["message"]


@pytest.mark.both_databases
def test_a_process_that_did_not_notice_a_switch_stores_nothing(
    deja: Deja, tiny: Path, database_url: str, tmp_path: Path
) -> None:
    """Its job runs again with the new model."""
    values = _values(database_url, tmp_path)
    services = build(Settings.from_mapping(values), database=open_database(database_url))
    deja("model", "use", str(tiny), "--now", "--yes")
    with services.database.read() as session:
        row = model_in_use(session)
        assert row is not None
        workspace = _workspace(services)
    with pytest.raises(RetryLaterError, match="another model"):
        remember(services, workspace, [ticket("new", "The scanner beeps")])
    live = services.live.get()
    assert live.embedder.fingerprint == row.fingerprint
    remember(live, workspace, [ticket("new", "The scanner beeps")])
    found = live.similar.to_text(
        "The scanner beeps", kind="ticket", audience=whole_workspace(workspace.id), limit=1
    )
    assert found[0].similarity > 0.99
    services.close()


@pytest.mark.parametrize("target", [DEFAULT, "small"])
def test_a_model_that_cannot_be_loaded_is_left_without_a_comparison(
    deja: Deja, tiny: Path, small: Path, tmp_path: Path, target: str
) -> None:
    """Its folder was deleted: the figures of the other one are shown, and the switch goes on."""
    lost = tmp_path / "lost"
    copytree(tiny, lost)
    deja("model", "use", str(lost), "--now", "--yes")
    rmtree(lost)
    name = str(small) if target == "small" else target
    result = deja("model", "use", name, "--now", "--yes")
    assert result.exit_code == 0, result.output
    assert f"There is no model folder at {lost}" in result.stderr
    assert "cannot be compared" in result.stderr
    assert _states(deja) == {DEFAULT: "kept", "lost": "kept", Path(name).name: "in use"}
    assert len(_found(deja)) == 3


@pytest.mark.parametrize("name", ["nobody/nothing", "./nowhere"])
def test_a_missing_model_is_a_one_line_error(deja: Deja, name: str) -> None:
    """Nothing is begun."""
    result = deja("model", "use", name, "--now")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1
    assert _states(deja) == {DEFAULT: "in use"}


def _workspace(services: Any) -> Any:
    from models import Workspace

    with services.database.read() as session:
        return session.scalars(select(Workspace)).one()


def _vectors(database_url: str) -> int:
    database = open_database(database_url)
    with database.read() as session:
        number = session.scalar(select(func.count(Embedding.id)))
    database.close()
    return number or 0
