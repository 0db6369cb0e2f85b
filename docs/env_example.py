"""Write deploy/.env.example from the settings' tables in administration.md: `make manual`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

MANUAL = Path(__file__).with_name("administration.md")
EXAMPLE = Path(__file__).parents[1] / "deploy" / ".env.example"

HEAD = """\
# Settings of Déjà. Copy this file to `.env`, and remove the # before what you set.
# Made by `make manual` from docs/administration.md.
"""

_SECTION = re.compile(r"^\*\*(.+)\*\*$")
_ROW = re.compile(r"^\| (`[A-Z0-9_`, ]+`) \|(.*?)\| (.+) \|$")
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")


def main() -> None:
    """Write the file."""
    EXAMPLE.write_text(example(), encoding="utf-8")


def example() -> str:
    """Return the text of the file."""
    return HEAD + "".join(f"{line}\n" for line in _lines())


def settings() -> list[str]:
    """Return the names of all settings in the manual."""
    return [name for row in _rows() if len(row) > 1 for name in row[0].split(", ")]


def _lines() -> Iterator[str]:
    for row in _rows():
        if len(row) == 1:
            yield from ["", f"# {row[0]}"]
            continue
        names, default, meaning = row
        yield from ["", f"# {meaning}"]
        yield from (f"#{name}={default}" for name in names.split(", "))


def _rows() -> Iterator[tuple[str, ...]]:
    """Yield each section's title, and each setting's names, default and meaning, without markup."""
    text = MANUAL.read_text(encoding="utf-8")
    chapter = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    for line in chapter.splitlines():
        if section := _SECTION.match(line):
            yield (section[1],)
        elif row := _ROW.match(line):
            names, default, meaning = row.groups()
            # A default that is no code is a description.
            value = default.strip() if default.strip().startswith("`") else ""
            yield tuple(_LINK.sub(r"\1", cell).replace("`", "") for cell in (names, value, meaning))


if __name__ == "__main__":
    main()
