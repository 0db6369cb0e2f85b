"""Groups of tests that one worker of pytest-xdist runs, with `--dist loadgroup`: a pytest plugin.

Whoever hands out the tests knows only their ids, so workers write the groups into files for it.
pytest-xdist 3.8 would append them to the ids, which pytest 9.2 does not let it change.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

_FOLDER = pytest.StashKey[Path]()


class GroupScheduling(LoadScopeScheduling):
    """Hands out the tests of a group together, and each of the others by itself."""

    @cached_property
    def _groups(self) -> dict[str, str]:
        """The groups by test id, as any one worker wrote them: all collect the same tests."""
        file = next(self.config.stash[_FOLDER].iterdir())
        return dict(json.loads(file.read_text("utf-8")))

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid, nodeid)


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Make the folder for the groups, before there are workers."""
    folder = TemporaryDirectory(prefix="deja-groups-")
    config.add_cleanup(folder.cleanup)
    config.stash[_FOLDER] = Path(folder.name)


def pytest_configure_node(node: WorkerController) -> None:
    """Tell a worker where to write the groups."""
    file = node.config.stash[_FOLDER] / f"{node.workerinput['workerid']}.json"
    node.workerinput["groups"] = str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    """Return the scheduler of groups, None where another one is asked for."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)  # before xdist says that the tests are collected
def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the groups of a worker's tests."""
    file = getattr(session.config, "workerinput", {}).get("groups")
    if file is not None:
        marked = ((item.nodeid, item.get_closest_marker("xdist_group")) for item in session.items)
        groups = {nodeid: marker.args[0] for nodeid, marker in marked if marker is not None}
        Path(file).write_text(json.dumps(groups), "utf-8")
