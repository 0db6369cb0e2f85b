"""How stored secrets are, in words, for the commands that deal with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from bot.cli.terminal import count, open_database
from bot.keys import KeyFile, SettingsKeys, key_source, open_keyring
from services.secrets.keyring import key_names, missing_key_text
from services.secrets.stored import SecretsState, secrets_state

if TYPE_CHECKING:
    from bot.settings import Settings


def check_secrets(settings: Settings) -> tuple[Literal["ok", "warning", "problem"], str]:
    """Return how the secrets of a database are, as `deja doctor` says it."""
    source = key_source(settings)
    with open_database(settings) as database:
        state = secrets_state(database, open_keyring(settings))
    problem = secrets_problem(state, source)
    return ("ok", secrets_text(state, source)) if problem is None else problem


def secrets_problem(
    state: SecretsState, source: SettingsKeys | KeyFile
) -> tuple[Literal["warning", "problem"], str] | None:
    """Return what is wrong with the secrets, and what to do; None if nothing is."""
    if state.missing:
        return "problem", missing_key_text(state.missing, source.place)
    if state.damaged:
        return "problem", (
            f"{', '.join(state.damaged)} cannot be decrypted: it is damaged. Restore a backup, or"
            " store it again"
        )
    if state.plain:
        plain = count(state.plain, "secret")
        return "warning", f"the database has {plain} as plain text: run `deja db upgrade`"
    return None


def secrets_text(state: SecretsState, source: SettingsKeys | KeyFile) -> str:
    """Return how many secrets there are, and with which key, where `secrets_problem` finds none."""
    if not state.total:
        return "the database has no secrets"
    keys, secrets = key_names(state.by_key), count(state.total, "secret")
    text = f"{secrets} in the database, encrypted with the key {keys} {source.place}"
    if isinstance(source, KeyFile):
        text += ", which no backup of the database has: keep a copy elsewhere"
    if state.old:
        text += f". Under an older key: {count(state.old, 'secret')}; run `deja secrets rotate`"
    return text


def key_note(keys: Collection[str], source: SettingsKeys | KeyFile) -> str:
    """Return what a backup does not hold and a restore needs."""
    return (
        f"Its tokens are encrypted, and the key {key_names(keys)} is not in it: keep a copy of"
        f" what is {source.place} elsewhere."
    )
