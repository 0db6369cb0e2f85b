"""Write commands.md from the `--help` of every command: `make manual`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli import SECTIONS
from bot.cli import main as deja

PAGE = Path(__file__).with_suffix(".md")

# In characters: as wide as a block of code is on a page.
WIDTH = 88

HEAD = """\
<!-- Made by `make manual` from the help of each command: change that, not this page. -->
# Commands

Every command prints this help with `--help`. Commands that read have `--json`, long ones show a
progress bar on a terminal, and an error is one line and a non-zero exit code. Ctrl-C says what is
kept.

Completion of commands and options, for the shell's start file:

```sh
eval "$(_DEJA_COMPLETE=bash_source deja)"                    # bash, in ~/.bashrc
eval "$(_DEJA_COMPLETE=zsh_source deja)"                     # zsh, in ~/.zshrc
_DEJA_COMPLETE=fish_source deja | source                     # fish, in config.fish
```

What people type in Slack is on [another page](using.md#commands-in-slack).
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page, in the sections of `deja --help`."""
    root = click.Context(deja, info_name="deja", terminal_width=WIDTH, **deja.context_settings)
    parts = [HEAD]
    for title, names in SECTIONS.items():
        found = [one for name in names for one in _contexts(_below(root, name))]
        parts += ["\n".join([f"## {title}\n", *_table(found), ""]), *map(_section, found)]
    return "\n".join(parts)


def _below(context: click.Context, name: str) -> click.Context:
    """Return the context of a command of the group of `context`."""
    group = context.command
    command = group.get_command(context, name) if isinstance(group, click.Group) else None
    if command is None:
        raise ValueError(f"There is no {context.command_path} {name}")
    return click.Context(command, parent=context, info_name=name)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield the context itself, or those of all commands that do something below a group."""
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        yield from _contexts(_below(context, name))


def _table(contexts: list[click.Context]) -> Iterator[str]:
    yield "| command | what it does |"
    yield "| --- | --- |"
    for one in contexts:
        anchor = one.command_path.replace(" ", "-")
        says = one.command.get_short_help_str(limit=1_000).removesuffix(".").replace("|", "\\|")
        yield f"| [`{one.command_path}`](#{anchor}) | {says} |"


def _section(context: click.Context) -> str:
    return f"### {context.command_path}\n\n```text\n{context.get_help().rstrip()}\n```\n"


if __name__ == "__main__":
    main()
