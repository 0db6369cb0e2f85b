"""The files in deploy/ fit the code, and are valid for the programs that read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from bot.cli import main
from bot.settings import Settings
from docs import env_example

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MAX_EXPOSURE = 15  # of systemd's 100


def _read_yaml(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin")
    return found or pytest.skip(f"there is no {name}")


def test_every_setting_is_in_the_manual_and_in_the_example() -> None:
    """Both have the settings of the code, and no others."""
    names = sorted(str(field.validation_alias) for field in Settings.model_fields.values())
    assert sorted(env_example.settings()) == names
    assert env_example.EXAMPLE.read_text(encoding="utf-8") == env_example.example()


def test_the_example_can_be_used_as_it_is() -> None:
    """With every line active, what has a default has that value."""
    lines = env_example.example().replace("\n#", "\n").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_0-9]+=", line))
    given, default = Settings.from_mapping(values), Settings.from_mapping({})
    # Without DEJA_LOG_LEVEL each command has its own level, and UTC is the same by either name.
    own = {"log_level", "time_zone"}
    assert given.model_dump(exclude=own) == default.model_dump(exclude=own)
    assert str(given.time_zone) == str(default.time_zone)


def test_the_dashboard_has_one_place_and_one_query_a_panel() -> None:
    """No two panels overlap, and each asks for something."""
    panels = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
    cells = [cell for panel in panels for cell in _cells(**panel["gridPos"])]
    assert len(cells) == len(set(cells))
    assert all(panel["title"] and panel["targets"] for panel in panels)
    assert len({panel["id"] for panel in panels}) == len(panels)


def _cells(x: int, y: int, w: int, h: int) -> Iterator[tuple[int, int]]:
    return ((x + column, y + row) for column in range(w) for row in range(h))


def _ensure_command(words: list[str]) -> None:
    """Fail unless `deja WORDS` is a command with these options."""
    context = click.Context(main, info_name="deja", **main.context_settings)
    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        context, command = click.Context(found, parent=context), found
    command.make_context("deja", words, parent=context.parent)


def test_the_image_is_safe_and_starts_the_bot() -> None:
    """It passes a linter, is not run by root, and runs a command that exists."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    subprocess.run([_tool("hadolint"), DEPLOY / "Dockerfile"], check=True)
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    [command] = re.findall(r"^CMD (\[.+\])$", text, re.MULTILINE)
    _ensure_command(json.loads(command))
    names = set(re.findall(r"\b(DEJA_[A-Z_]+)=", text))
    assert names <= set(env_example.settings())


def test_the_image_has_what_it_is_built_from() -> None:
    """What is copied exists, and is sent to the builder."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    for name in (name for line in copied for name in line.split()):
        assert (ROOT / name).exists()
        assert f"!{name}" in sent


@pytest.mark.parametrize("name", ["compose.yaml", "compose.postgres.yaml"])
def test_containers_may_write_only_their_data(name: str) -> None:
    """Every container of Déjà is read-only, has no capability, and runs a command that exists."""
    services = _read_yaml(name)["services"].values()
    own = [service for service in services if service["image"] == "deja"]
    assert own
    for service in own:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        _ensure_command(list(service.get("command", ["serve"])))
        assert set(service["environment"]) <= set(env_example.settings())


def test_the_manifests_are_valid_and_restricted() -> None:
    """Each object passes its schema, and no container may do more than it needs."""
    objects = _read_yaml("kubernetes.yaml")["items"]
    for one in objects:
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)
    pods = [one["spec"]["template"]["spec"] for one in objects if "template" in one["spec"]]
    assert len(pods) == 3
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            _ensure_command(list(container["args"]))


def test_the_unit_is_valid_and_confined(tmp_path: Path) -> None:
    """`systemd-analyze` finds no mistake in it, and rates its exposure as low."""
    analyze = _tool("systemd-analyze")
    unit = tmp_path / "deja.service"
    text = (DEPLOY / "deja.service").read_text(encoding="utf-8")
    _ensure_command(re.findall(r"^ExecStart=\S+ (.+)$", text, re.MULTILINE)[0].split())
    # The program need not be installed where this runs.
    unit.write_text(text.replace("/opt/deja/bin/deja", "/bin/true"), encoding="utf-8")
    verified = subprocess.run(
        [analyze, "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    rate = [analyze, "security", "--offline=yes", f"--threshold={MAX_EXPOSURE}"]
    subprocess.run([*rate, unit], check=True, capture_output=True)
