"""`deja settings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.group import CommandGroup
from bot.cli.options import WORKSPACE
from bot.cli.terminal import (
    console,
    count,
    ensure_writable,
    load_settings,
    me,
    notes,
    open_database,
    print_json,
    print_table,
)
from bot.cli.upkeep.settings_file import (
    HOURS,
    MAX_BYTES,
    SettingsFile,
    read_file,
    values_of,
    write_file,
)
from bot.clock import utc_now
from models import Change, Channel, Database, Workspace
from services.channels.settings import (
    ChannelSettings,
    find_channel,
    save_settings,
    settings_of,
    shown_name,
)
from services.errors import InputError, NotFoundError
from services.memory.workspaces import find_workspace

THE_WORKSPACE = "the workspace"


@dataclass(frozen=True)
class SettingChange:
    """A setting that a file changes; `channel_id` is None for one of the workspace."""

    channel_id: int | None
    key: str
    name: str
    setting: str
    before: Any
    after: Any

    def line(self) -> dict[str, Any]:
        """Return the change as JSON."""
        found = {"channel": self.key, "name": self.name, "setting": self.setting}
        return {**found, "before": self.before, "after": self.after}

    def row(self) -> list[str]:
        """Return the change as the row of a table."""
        return [self.name, self.setting, _in_words(self.before), _in_words(self.after)]


@click.group(cls=CommandGroup)
def settings() -> None:
    """Save the settings of all channels in a file, and apply a file to them."""


@settings.command("export")
@click.argument("file", type=click.Path(path_type=Path), default="-")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per channel instead.")
def export_(file: Path, team_id: str | None, as_json: bool) -> None:
    """Write the settings of a workspace and its channels to FILE, or to standard output.

    \b
    Examples:
      deja settings export channels.yaml
      deja settings export | grep -B3 "mode: full"
    """
    with open_database() as database, database.read() as session:
        workspace = find_workspace(session, team_id)
        channels = _channels(session, workspace.id)
        of_channels = {
            _key(one): (shown_name(one), values_of(settings_of(one))) for one in channels
        }
        of_workspace = {name: getattr(workspace, name) for name in HOURS}
    if as_json:
        for key, (name, values) in of_channels.items():
            print_json({"channel": key, "name": name, **values})
        return
    text = write_file(of_workspace, of_channels)
    if str(file) == "-":
        click.echo(text, nl=False)
        return
    ensure_writable(file)
    file.write_text(text, encoding="utf-8")
    notes.print(f"Wrote the settings of {count(len(channels), 'channel')} to {file}.", markup=False)


@settings.command("apply")
@click.argument("file", type=click.File("rb"))
@WORKSPACE
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per change.")
def apply_(file: Any, team_id: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Change the settings of channels to those in FILE, after showing what changes.

    FILE has the form that `deja settings export` writes. Channels and settings that are not in it
    stay as they are; what is under `every_channel` holds for all channels but where FILE says
    something else of one. Before anything changes, what it was is written to a file in the data
    folder: to undo it, apply that file.

    \b
    Examples:
      deja settings apply channels.yaml --dry-run
      echo "every_channel: {digest: off}" | deja settings apply - --yes
    """
    wanted = read_file(_text(file.read(MAX_BYTES + 1)))
    with open_database() as database:
        with database.read() as session:
            workspace = find_workspace(session, team_id)
            changes = find_changes(session, workspace, wanted)
        _show(changes, as_json=as_json)
        if not changes or dry_run:
            return
        if not yes and not click.confirm("Change this?", default=False, err=True):
            raise click.Abort
        undo = _save_before(changes)
        _apply(database, workspace.id, changes)
    notes.print(f"Done. To undo it: deja settings apply {undo}", markup=False, soft_wrap=True)


def find_changes(
    session: Session, workspace: Workspace, wanted: SettingsFile
) -> list[SettingChange]:
    """Return what a file changes. Raises `InputError` with a line for each mistake."""
    changes = [
        SettingChange(None, "", THE_WORKSPACE, name, getattr(workspace, name), value)
        for name, value in wanted.workspace.items()
        if getattr(workspace, name) != value
    ]
    errors: list[str] = []
    for channel, values in _wanted_of_channels(session, workspace.id, wanted, errors):
        before = settings_of(channel)
        after = replace(before, **values)
        if after.ticket_emoji and after.ticket_emoji == after.ignore_emoji:
            errors.append(f"{shown_name(channel)}: ticket_emoji and ignore_emoji must differ.")
        changes += _differences(channel, before, after)
    if errors:
        raise InputError("\n".join(errors))
    return changes


def _wanted_of_channels(
    session: Session, workspace_id: int, wanted: SettingsFile, errors: list[str]
) -> list[tuple[Channel, dict[str, Any]]]:
    """Return the channels that a file is about, each with its values there."""
    named: dict[int, tuple[Channel, dict[str, Any]]] = {}
    for name, values in wanted.channels.items():
        try:
            channel = find_channel(session, workspace_id, name)
        except NotFoundError as error:
            errors.append(str(error))
            continue
        if channel.id in named:
            errors.append(f"{shown_name(channel)} is there twice, by its id and by its name.")
        named[channel.id] = channel, {**wanted.every_channel, **values}
    if wanted.every_channel:
        for channel in _channels(session, workspace_id):
            named.setdefault(channel.id, (channel, wanted.every_channel))
    return list(named.values())


def _differences(
    channel: Channel, before: ChannelSettings, after: ChannelSettings
) -> list[SettingChange]:
    old, new = values_of(before), values_of(after)
    return [
        SettingChange(channel.id, _key(channel), shown_name(channel), name, old[name], new[name])
        for name in old
        if old[name] != new[name]
    ]


def _save_before(changes: Sequence[SettingChange]) -> Path:
    """Write what the changed settings were to a file, and return it."""
    of_workspace = {one.setting: one.before for one in changes if one.channel_id is None}
    of_channels: dict[str, tuple[str, dict[str, Any]]] = {}
    for one in changes:
        if one.channel_id is not None:
            of_channels.setdefault(one.key, (one.name, {}))[1][one.setting] = one.before
    folder = load_settings().data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"settings-before-{utc_now():%Y%m%dT%H%M%S%f}.yaml"
    ensure_writable(file)
    file.write_text(write_file(of_workspace, of_channels), encoding="utf-8")
    return file


def _apply(database: Database, workspace_id: int, changes: Sequence[SettingChange]) -> None:
    """Store all changes, or none, and who made them."""
    by, now = me(), utc_now()
    with database.write() as session:
        workspace = session.get_one(Workspace, workspace_id)
        for one in changes:
            if one.channel_id is None:
                setattr(workspace, one.setting, one.after)
                session.add(
                    Change(
                        workspace_id=workspace_id,
                        setting=one.setting.replace("_", " "),
                        before=one.before,
                        after=one.after,
                        changed_by=by,
                        changed_at=now,
                    )
                )
                continue
            channel = session.get_one(Channel, one.channel_id)
            after = tuple(one.after) if isinstance(one.after, list) else one.after
            values: Mapping[str, Any] = {one.setting: after}
            save_settings(session, channel, replace(settings_of(channel), **values), by=by, now=now)


def _show(changes: Sequence[SettingChange], *, as_json: bool) -> None:
    if as_json:
        for one in changes:
            print_json(one.line())
    elif changes:
        columns = ["channel", "setting", "before", "after"]
        print_table("What changes", columns, [one.row() for one in changes])
    else:
        console.print("Nothing changes: all settings are as in the file.")


def _channels(session: Session, workspace_id: int) -> list[Channel]:
    """Return the channels that Slack knows: imported ones have no settings that matter."""
    here = Channel.workspace_id == workspace_id, Channel.slack_id.is_not(None)
    return list(session.scalars(select(Channel).where(*here).order_by(Channel.id)))


def _key(channel: Channel) -> str:
    return channel.slack_id or f"#{channel.name}"


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return (", ".join(value) if isinstance(value, list) else str(value)) or "–"


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise InputError(f"The file has more than {MAX_BYTES // 1_000_000} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("The file is not UTF-8.") from error
