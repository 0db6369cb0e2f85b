"""The lists of a Slack export: its channels and people, also those of Enterprise Grid."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from services.errors import InputError
from services.intake.classify import BotAccounts
from services.intake.importers.entries import RowError
from services.intake.importers.files.archive import Archive
from services.memory.channel_facts import ChannelFacts

# The lists of channels, and whether these are private. Direct messages are never read.
CHANNEL_LISTS = {"channels.json": False, "groups.json": True}
DIRECT_LISTS = ("dms.json", "mpims.json")
DIRECT = "direct messages"
USER_LISTS = ("users.json", "org_users.json")

# What only an export has.
_LISTS = {*CHANNEL_LISTS, *DIRECT_LISTS, "org_users.json", "integration_logs.json"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")

_CHANNEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIRECT = re.compile(r"D[A-Z0-9]{7,}|mpdm-.*")

# Slack's own bot, which users.json lists as a person.
_SLACKBOT = "USLACKBOT"

# A folder with lists, and the name of a channel's folder in it.
_Place = tuple[PurePosixPath, str]


def has_lists(names: Collection[str]) -> bool:
    """Say whether some files are lists that only an export has."""
    return not _LISTS.isdisjoint(names)


def is_export(names: Collection[str]) -> bool:
    """Say whether files are those of an export, or days of one of its channels."""
    return bool(names) and (has_lists(names) or all(map(_DAY.fullmatch, names)))


@dataclass(frozen=True)
class Accounts:
    """The bots, and the `people` of the workspace, whose reactions count."""

    bots: BotAccounts
    people: frozenset[str] = frozenset()

    @classmethod
    def of(cls, users: Iterable[Mapping[str, Any]], bots: BotAccounts) -> Accounts:
        """Return who is a bot and who is a person of the workspace, as lists of users say."""
        known, listed, strangers = set(), set(), set()
        for user in users:
            id_ = str(user.get("id"))
            known.add(id_)
            if user.get("is_bot") is True:
                listed.add(id_)
            if user.get("is_stranger") is True:
                strangers.add(id_)
        others = frozenset({_SLACKBOT, *listed})
        people = frozenset(known - others - strangers - {str(bots.own)})
        return cls(replace(bots, others=others), people)

    def may_react(self, user: str) -> bool:
        """Say whether somebody's reactions decide what messages are."""
        return user in self.people


@dataclass(frozen=True)
class ChannelFolders:
    """The channels of an export by their folders.

    On Enterprise Grid each workspace has lists and folders of its own, and channels of several
    workspaces are listed at the top.
    """

    channels: Mapping[_Place, ChannelFacts]
    direct: frozenset[_Place]

    def find(self, folder: PurePosixPath) -> ChannelFacts | None:
        """Return the channel whose messages are in a folder; None if none is listed."""
        found = (self.channels.get(place) for place in _places(folder))
        return next((one for one in found if one is not None), None)

    def is_direct(self, folder: PurePosixPath) -> bool:
        """Say whether a folder has direct messages."""
        listed = any(place in self.direct for place in _places(folder))
        return listed or is_direct_name(folder.name)


def read_channels(archive: Archive) -> Generator[RowError, None, ChannelFolders]:
    """Return the channels; yield an error for each invalid entry of the lists.

    Raises `InputError` if there is no list of channels.
    """
    lists = [name for name in archive.names if PurePosixPath(name).name in CHANNEL_LISTS]
    if not lists:
        raise InputError(
            "This is not a Slack export: it has no channels.json. If it is a channel of one, "
            "import the whole export, which says who may read the channel."
        )
    channels: dict[_Place, ChannelFacts] = {}
    for name in lists:
        path = PurePosixPath(name)
        for index, entry in enumerate(_load_channels(archive, name)):
            facts = channel_facts(entry, is_private=CHANNEL_LISTS[path.name])
            if facts is None:
                yield RowError(0, "not a channel with id and name", name, index)
                continue
            channels[path.parent, str(facts.name)] = facts
            channels.setdefault((path.parent, facts.slack_id), facts)
    direct = (
        (PurePosixPath(name).parent, in_nfc(str(entry.get(key))))
        for name, entry in _entries(archive, DIRECT_LISTS)
        for key in ("id", "name")
    )
    return ChannelFolders(channels, frozenset(direct))


def read_accounts(archive: Archive, bots: BotAccounts) -> Accounts:
    """Return the people and bots that an export lists."""
    return Accounts.of((user for _, user in _entries(archive, USER_LISTS)), bots)


def channel_facts(entry: Any, *, is_private: bool) -> ChannelFacts | None:
    """Return what Slack says of a channel; None if it says no id or name."""
    if not isinstance(entry, dict):
        return None
    id_, name = entry.get("id"), entry.get("name")
    if not isinstance(id_, str) or not _CHANNEL_ID.fullmatch(id_) or not isinstance(name, str):
        return None
    shared = entry.get("is_shared") is True or entry.get("is_ext_shared") is True
    is_private = is_private or entry.get("is_private") is True
    return ChannelFacts(id_, in_nfc(name), is_private, True if shared else None)


def load_list(archive: Archive, name: str) -> list[Any]:
    """Return the entries of a file; an empty file has none. Raises `InputError`."""
    data = archive.read(name)
    try:
        loaded = json.loads(data.decode("utf-8-sig")) if data.strip() else []
    except (ValueError, RecursionError) as error:
        raise InputError("it is not JSON") from error
    if loaded is None:
        return []
    if not isinstance(loaded, list):
        raise InputError("it is not a list")
    return loaded


def is_direct_name(name: str) -> bool:
    """Say whether an id or a name is that of direct messages."""
    return _DIRECT.fullmatch(name) is not None


def in_nfc(name: str) -> str:
    """Return a name in the normal form in which names are compared."""
    return unicodedata.normalize("NFC", name)


def _load_channels(archive: Archive, name: str) -> list[Any]:
    try:
        return load_list(archive, name)
    except InputError as error:
        raise InputError(f"The export's {name} is unusable: {error}.") from error


def _entries(archive: Archive, wanted: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of optional lists; none of those that are missing or invalid."""
    for name in archive.names:
        if PurePosixPath(name).name not in wanted:
            continue
        try:
            entries = load_list(archive, name)
        except InputError:
            continue
        yield from ((name, entry) for entry in entries if isinstance(entry, dict))


def _places(folder: PurePosixPath) -> Iterator[_Place]:
    """Yield where the channel of a folder may be listed: beside it, or further up."""
    yield from ((parent, folder.name) for parent in folder.parents)
