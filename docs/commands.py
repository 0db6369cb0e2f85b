"""Write commands.md from the `--help` of every command: `make manual`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bot.cli import main as services

PAGE = Path(__file__).with_suffix(".md")

# In characters: as wide as a block of code is on a page.
WIDTH = 88

# What people look for together. A command that is missing here is an error.
PARTS = {
    "Start and connect": ("run", "serve", "worker", "try", "workspaces list"),
    "Bring in the past": ("import", "export", "backfill"),
    "Take tickets from other programs": (
        "sources add webhook",
        "sources add github",
        "sources add jira",
        "sources add zendesk",
        "sources check",
        "sources sync",
        "sources write-back",
        "sources create-issues",
        "sources list",
        "sources token",
        "sources rotate",
        "sources remove",
    ),
    "Search": ("similar", "duplicates", "why"),
    "Decide, learn, measure": (
        "review",
        "verdicts import",
        "verdicts export",
        "verdicts undo",
        "calibrate",
        "evaluate",
        "replay",
        "budget",
        "groups",
    ),
    "Topics and trends": (
        "cluster",
        "topics list",
        "topics show",
        "topics rename",
        "topics merge",
        "topics split",
        "topics move",
        "topics hide",
        "topics changes",
        "topics undo",
        "topics review",
        "trends",
    ),
    "Keep it running": (
        "status",
        "doctor",
        "audit",
        "jobs list",
        "jobs retry",
        "settings export",
        "settings apply",
        "db upgrade",
        "db copy",
        "backup",
        "restore",
        "secrets status",
        "secrets new-key",
        "secrets rotate",
        "secrets forget",
        "erase",
        "retain set",
        "retain list",
        "retain remove",
        "retain run",
        "model list",
        "model get",
        "model speed",
        "model status",
        "model use",
        "model drop",
        "index verify",
        "index rebuild",
    ),
}

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
    """Return the page. Raises `ValueError` where a command stands in no part of it, or in two."""
    root = click.Context(
        services, info_name="deja", terminal_width=WIDTH, **services.context_settings
    )
    contexts = {one.command_path.removeprefix("deja "): one for one in _contexts(root)}
    named = [name for names in PARTS.values() for name in names]
    if sorted(named) != sorted(contexts):
        raise ValueError(f"PARTS is wrong about {set(named) ^ set(contexts) or named}")
    sections = [HEAD]
    for title, names in PARTS.items():
        found = [contexts[name] for name in names]
        sections += ["\n".join([f"## {title}\n", *_table(found), ""]), *map(_section, found)]
    return "\n".join(sections)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of each command below `context` that does something by itself."""
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield from _contexts(click.Context(command, parent=context, info_name=name))


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
