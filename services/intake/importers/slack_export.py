"""The messages of a Slack export: those that are tickets become rows."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.errors import InputError
from services.intake.classify import (
    PRODUCTS,
    REPLY,
    BotAccounts,
    ChannelRules,
    Classification,
    MessageKind,
    classify,
)
from services.intake.importers.archive import Archive
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.overrides import overriding_reactions, with_reactions
from services.intake.slack_messages import is_ts
from services.memory.channel_facts import ChannelFacts

REPEATED = "messages that are in the export twice"
SMALL_TALK = "messages that are small talk or that their channel ignores"
FOR_PRODUCTS = "messages in channels that are asked for products"

# The lists of channels, and whether these are private. Direct messages are never read.
_LISTS = {"channels.json": False, "groups.json": True}
_DIRECT_LISTS = ("dms.json", "mpims.json")

_DAY_FILE = re.compile(r"([^/]+)/[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")
_CHANNEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Slack's own bot, which users.json lists as a person.
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class _Day:
    step: int
    file: str
    channel: ChannelFacts


@dataclass(frozen=True)
class _Accounts:
    """The bots, and the `people` of the workspace, whose reactions count."""

    bots: BotAccounts
    people: frozenset[str]

    def may_react(self, user: str) -> bool:
        return user in self.people


@dataclass(frozen=True)
class ExportReader:
    """Reads an export for a workspace.

    Its URL and bots may be unknown before Slack is connected. `rules` are those of the channels
    that are stored, by Slack id.
    """

    team_url: str | None = None
    bots: BotAccounts = field(default_factory=BotAccounts)
    rules: Mapping[str, ChannelRules] = field(default_factory=dict)

    def read(self, archive: Archive) -> Iterator[ImportEntry]:
        """Read the messages of all channels, those of each channel in order of time.

        Raises `InputError` if there is no list of channels.
        """
        channels = yield from _channels(archive)
        accounts = _accounts(archive, self.bots)
        ignored = _direct_folders(archive)
        seen: set[str] = set()
        for step, file in enumerate(day_files(archive), 1):
            folder = file.partition("/")[0]
            if folder in channels:
                for entry in self._day(archive, _Day(step, file, channels[folder]), accounts):
                    yield _skip_repeated(entry, seen)
            elif folder not in ignored:
                ignored.add(folder)  # one error for the folder, not one for each day
                yield RowError(step, "no channel of that name is listed", f"{folder}/")

    def _day(self, archive: Archive, day: _Day, accounts: _Accounts) -> Iterator[ImportEntry]:
        try:
            messages = _load_list(archive, day.file)
        except InputError as error:
            yield RowError(day.step, str(error), day.file)
            return
        for index, message in enumerate(messages):
            try:
                yield self._entry(message, day, accounts)
            except InputError as error:
                yield RowError(day.step, str(error), day.file, index)

    def _entry(self, message: Any, day: _Day, accounts: _Accounts) -> Row | Skipped:
        if not isinstance(message, dict):
            raise InputError("not a message")
        if not is_ts(message.get("ts")):
            raise InputError("there is no time stamp (ts)")
        rules = self.rules.get(day.channel.slack_id, ChannelRules())
        reactions = overriding_reactions(rules, message, accounts.may_react)
        overrides = with_reactions(rules.overrides, rules, reactions)
        # An export is imported on purpose, so also into channels where the bot is (still) off.
        rules = replace(rules, is_off=False, overrides=overrides)
        found = classify(_with_comment(message), accounts.bots, rules)
        is_kept = found.is_stored or found.follow_up is not None
        if not is_kept or found.content is None:
            return Skipped(day.step, _summary(found))
        item = found.content.item(day.channel.slack_id, channel_id=None, team_url=self.team_url)
        return Row(
            day.step,
            item,
            day.channel,
            reactions=reactions,
            skipped=None if found.ticket else _summary(found),
            follow_up=found.follow_up,
        )


def day_files(archive: Archive) -> list[str]:
    """Return the names of the files with messages, one per channel and day."""
    return [name for name in archive.names if _DAY_FILE.fullmatch(name)]


def _skip_repeated(entry: ImportEntry, seen: set[str]) -> ImportEntry:
    if not isinstance(entry, Row):
        return entry
    if entry.item.external_id in seen:
        return Skipped(entry.step, REPEATED)
    seen.add(entry.item.external_id)
    return entry


def _summary(found: Classification) -> str:
    """Return why messages are skipped, in words that follow "Skipped 12 …"."""
    is_talk = found.kind is MessageKind.FOLLOW_UP and found.reason != REPLY
    if found.kind is MessageKind.SMALL_TALK or is_talk:
        return SMALL_TALK
    return FOR_PRODUCTS if found.reason == PRODUCTS else str(found.reason)


def _channels(archive: Archive) -> Generator[RowError, None, dict[str, ChannelFacts]]:
    """Return the channels by folder; yield an error for each invalid entry of the lists."""
    lists = [name for name in _LISTS if name in archive.names]
    if not lists:
        raise InputError("This is no Slack export: it has no channels.json.")
    found: dict[str, ChannelFacts] = {}
    for name in lists:
        try:
            entries = _load_list(archive, name)
        except InputError as error:
            raise InputError(f"The export's {name} is unusable: {error}.") from error
        for index, entry in enumerate(entries):
            facts = _facts(entry, is_private=_LISTS[name])
            if facts is None:
                yield RowError(0, "not a channel with id and name", name, index)
            else:
                found[str(facts.name)] = facts
    return found


def _facts(entry: Any, *, is_private: bool) -> ChannelFacts | None:
    if not isinstance(entry, dict):
        return None
    id_, name = entry.get("id"), entry.get("name")
    if not isinstance(id_, str) or not _CHANNEL_ID.fullmatch(id_) or not isinstance(name, str):
        return None
    shared = entry.get("is_shared") is True or entry.get("is_ext_shared") is True
    return ChannelFacts(id_, name, is_private, True if shared else None)


def _direct_folders(archive: Archive) -> set[str]:
    """Return the folders of direct messages."""
    entries = [entry for name in _DIRECT_LISTS for entry in _load_optional(archive, name)]
    return {str(entry.get(key)) for entry in entries for key in ("id", "name")}


def _accounts(archive: Archive, bots: BotAccounts) -> _Accounts:
    """Return who is a bot and who is a person of the workspace, as the list of users says."""
    users = _load_optional(archive, "users.json")
    listed = {str(user.get("id")) for user in users if user.get("is_bot") is True}
    others = frozenset({_SLACKBOT, *listed})
    strangers = {str(user.get("id")) for user in users if user.get("is_stranger") is True}
    known = frozenset(str(user.get("id")) for user in users)
    return _Accounts(replace(bots, others=others), known - others - strangers - {bots.own})


def _load_optional(archive: Archive, name: str) -> list[dict[str, Any]]:
    """Return the objects of an optional list; none if it is missing or invalid."""
    try:
        found = _load_list(archive, name) if name in archive.names else []
    except InputError:
        return []
    return [entry for entry in found if isinstance(entry, dict)]


def _load_list(archive: Archive, name: str) -> list[Any]:
    try:
        loaded = json.loads(archive.read(name).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("it is not JSON") from error
    if not isinstance(loaded, list):
        raise InputError("it is not a list")
    return loaded


def _with_comment(message: dict[str, Any]) -> dict[str, Any]:
    """Return an upload from before 2018 with its comment as the text.

    Its own text is "X uploaded a file: Y and commented: Z", which makes all uploads similar.
    """
    file = message.get("file")
    if message.get("subtype") != "file_share" or not isinstance(file, dict):
        return message
    comment = file.get("initial_comment")
    text = comment.get("comment") if isinstance(comment, dict) else None
    return {**message, "text": text}
