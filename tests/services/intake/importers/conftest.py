"""Slack exports as folders and as archives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.intake.importers.exports import Build, Files, as_bytes, write_zip


@pytest.fixture(params=["folder", "zip", "zip with a folder"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Give a function that writes an export of each form; values other than bytes become JSON."""

    def write(files: Files) -> Path:
        raw = {name: as_bytes(content) for name, content in files.items()}
        if request.param != "folder":
            top = "My export/" if "with" in request.param else ""
            return write_zip(
                tmp_path / "export.zip", {top + name: data for name, data in raw.items()}
            )
        for name, data in raw.items():
            (tmp_path / "export" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "export" / name).write_bytes(data)
        return tmp_path / "export"

    return write
