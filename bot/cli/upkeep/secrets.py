"""`deja secrets`."""

from __future__ import annotations

import click

from bot.cli.group import CommandGroup
from bot.cli.terminal import (
    console,
    count,
    load_settings,
    me,
    notes,
    open_database,
    print_json,
    print_table,
    progress_bar,
)
from bot.cli.upkeep.secrets_text import secrets_problem, secrets_text
from bot.clock import utc_now
from bot.keys import KeyFile, key_source, open_keyring
from services.errors import SettingsError
from services.secrets.keyring import key_names
from services.secrets.keyring import new_key as make_key
from services.secrets.record import record_forgetting, record_rotation
from services.secrets.stored import forget_lost, reseal, secrets_state


@click.group(cls=CommandGroup)
def secrets() -> None:
    """Look after the key that stored tokens are encrypted with.

    A key is called by eight letters and digits, which do not give it away.
    docs/secrets.md explains it.
    """


@secrets.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def status(as_json: bool) -> None:
    """Show with which keys the stored tokens are encrypted; never the tokens or the keys.

    The exit code is 1 if a key is missing or a token is damaged.

    Example: deja secrets status
    """
    settings = load_settings()
    source = key_source(settings)
    with open_database(settings) as database:
        state = secrets_state(database, open_keyring(settings))
    problem = secrets_problem(state, source)
    if as_json:
        print_json(
            {
                "secrets": state.total,
                "keys": state.keys,
                "place": source.place.removeprefix("in "),
                "by_key": state.by_key,
                "missing": state.missing,
                "plain": state.plain,
                "damaged": state.damaged,
            }
        )
    else:
        rows = [
            [key, "newest" if key == state.keys[0] else "older", str(state.by_key.get(key, 0))]
            for key in state.keys
        ]
        rows += [[key, "missing", str(count)] for key, count in state.missing.items()]
        if rows:
            print_table(f"Keys {source.place}", ["key", "state", "secrets"], rows)
        text = secrets_text(state, source) if problem is None else problem[1]
        console.print(f"{text[0].upper()}{text[1:].removesuffix('.')}.", markup=False)
    if problem is not None and problem[0] == "problem":
        raise click.exceptions.Exit(1)


@secrets.command("new-key")
def new_key() -> None:
    """Print a new key for DEJA_SECRET_KEY; nothing is stored or changed.

    Example: deja secrets new-key
    """
    click.echo(make_key())


@secrets.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def rotate(as_json: bool) -> None:
    """Encrypt all stored tokens with the newest key, while the bot runs.

    With a key file a new key is made first. With DEJA_SECRET_KEY put the new key before the old one
    and restart every process, then rotate, then remove the old one. If it is interrupted, run it
    again: it goes on.

    Example: deja secrets rotate
    """
    settings = load_settings()
    source, keyring = key_source(settings), open_keyring(settings)
    with open_database(settings) as database:
        state = secrets_state(database, keyring)
        problem = secrets_problem(state, source)
        if problem is not None and problem[0] == "problem":
            raise SettingsError(problem[1])
        before = sorted(state.by_key)
        if isinstance(source, KeyFile) and not state.old:  # else a rotation was interrupted
            source.add(make_key())
        with progress_bar("Encrypting", None) as progress:
            changed = reseal(database, keyring, progress.update)
        newest = next(iter(keyring.ids()), None)
        if changed and newest is not None:
            with database.write() as session:
                record_rotation(session, before, newest, changed, by=me(), now=utc_now())
    if as_json:
        print_json({"changed": changed, "before": before, "key": newest})
        return
    notes.print(_rotated(changed, newest, source.place), markup=False)


def _rotated(changed: int, newest: str | None, place: str) -> str:
    if newest is None:
        return "There is no key and nothing to encrypt."
    if not changed:
        return f"Everything is encrypted with the key {newest} already: nothing has changed."
    secrets_are = "secret is" if changed == 1 else "secrets are"
    return (
        f"{changed} {secrets_are} encrypted with the key {newest} now."
        f" Older keys {place} are needed only to restore backups made before."
    )


@secrets.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def forget(yes: bool, as_json: bool) -> None:
    """Delete the stored tokens whose key is lost for good.

    Workspaces that lose their token must install the app again; sources get a new secret by `deja
    sources rotate`. No ticket is deleted.

    Example: deja secrets forget
    """
    settings = load_settings()
    keyring = open_keyring(settings)
    with open_database(settings) as database:
        lost = secrets_state(database, keyring).missing
        if lost and not yes:
            secrets_ = count(sum(lost.values()), "secret")
            click.confirm(f"Delete {secrets_} of the key {key_names(lost)}?", abort=True, err=True)
        gone = forget_lost(database, keyring)
        if gone:
            with database.write() as session:
                record_forgetting(session, sorted(lost), sum(lost.values()), by=me(), now=utc_now())
    if as_json:
        print_json({"keys": sorted(lost), "deleted": gone})
        return
    said = ", ".join(f"{number} of {name}" for name, number in gone.items())
    notes.print(f"Deleted secrets: {said}." if gone else "No key is lost: nothing was deleted.")
