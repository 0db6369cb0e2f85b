"""When garbage is looked for: seldom while an import runs, never while modules are imported."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from services.garbage import COLLECTED_AFTER, collecting_seldom, import_large


@collecting_seldom()
def interrupted() -> None:
    """End as an import does when somebody interrupts it."""
    assert gc.isenabled()
    assert gc.get_threshold()[0] >= COLLECTED_AFTER
    raise KeyboardInterrupt


def test_garbage_is_looked_for_as_before_afterwards() -> None:
    """Also where an error ends the block."""
    before = gc.get_threshold()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert gc.get_threshold() == before


def test_no_garbage_is_looked_for_while_a_module_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a module that cannot be imported it is looked for as before."""
    (tmp_path / "large_module.py").write_text("import gc\nwas_enabled = gc.isenabled()\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert not import_large("large_module").was_enabled
    with pytest.raises(ModuleNotFoundError):
        import_large("no_such_module")
    assert gc.isenabled()
