"""What a command says when the disk has no room for it."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result


@contextmanager
def no_file_grows(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_without_a_free_byte_is_named(
    command_line: Callable[..., Result], tmp_path: Path
) -> None:
    """SQLite calls it an I/O error where it cannot make its second file, which reading takes."""
    assert command_line("db", "upgrade").exit_code == 0
    with no_file_grows(100):
        result = command_line("status")
    assert result.exit_code == 1
    assert result.stderr == "Error: The database cannot be opened: its disk is full.\n"
    assert command_line("status").exit_code == 0
