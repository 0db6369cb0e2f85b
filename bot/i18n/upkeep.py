"""Upkeep of the catalogues: what is wrong with them, and updates from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import write_po

from bot.i18n.catalogues import LOCALE_DIR, catalogue_path, read_catalogue
from services.channels.settings import LANGUAGES

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
WIDTH = 100

_NAME = re.compile(r"\{\w+\}")
# What a translation must keep: Slack's markup and emoji, and commands that people type.
_COMMANDS = "similar|search|product|resolve|cluster|why|settings|audit|budget|verdicts undo"
_MARKUP = re.compile(
    rf"[*_`]|:[a-z_]+:|[@/]?\bdeja (?:{_COMMANDS})\b|[@/]deja\b|\b(?:in|from|after|is):\S*"
)


def problems(catalogue: Catalog, template: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue, a line for each message.

    A text that is missing, not translated or marked as fuzzy; a translation that lost a name or
    markup; a text that the code no longer uses.
    """
    for message in template:
        if message.id:
            yield from _problems(message, catalogue.get(_key(message), message.context))
    for message in catalogue:
        if message.id and template.get(_key(message), message.context) is None:
            yield f"not used: {_key(message)!r}"
    yield from (f"obsolete: {_key(message)!r}" for message in catalogue.obsolete.values())


def update(language: str, template: Catalog, locale_dir: Path = LOCALE_DIR) -> None:
    """Bring a catalogue up to date: new texts are empty or fuzzy, unused ones are removed."""
    catalogue = read_catalogue(language, locale_dir)
    catalogue.update(template, update_creation_date=False)
    write(catalogue, language, locale_dir)


def write(catalogue: Catalog, language: str, locale_dir: Path = LOCALE_DIR) -> None:
    """Write a catalogue. Line numbers are left out: they would change with every commit."""
    path = catalogue_path(language, locale_dir)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False)


def _problems(message: Message, found: Message | None) -> Iterator[str]:
    key = _key(message)
    if found is None or found.pluralizable != message.pluralizable:
        yield f"not in the catalogue: {key!r}"
        return
    if found.fuzzy:
        yield f"fuzzy: {key!r}"
    texts, translations = _all(message.id), _all(found.string)
    if not all(translations):
        yield f"not translated: {key!r}"
    elif any(not _matches(texts, translated) for translated in translations):
        yield f"other names, markup or spaces at the ends: {key!r}"


def _matches(texts: tuple[str, ...], translated: str) -> bool:
    """Say whether a translation has the same names and markup as one of the forms of a text."""
    return translated == translated.strip() and any(
        sorted(pattern_of(text)) == sorted(pattern_of(translated)) for text in texts
    )


def pattern_of(text: str) -> list[str]:
    """Return the names and the markup of a text."""
    return [*_NAME.findall(text), *_MARKUP.findall(_NAME.sub("", text))]


def _key(message: Message) -> str:
    return _all(message.id)[0]


def _all(texts: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (texts or "",) if isinstance(texts, str | None) else tuple(texts)
