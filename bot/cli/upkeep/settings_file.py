"""The file of channels' settings: what it may hold, and how it is read and written."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from services.channels.emoji import SOLVED_MARKS, emoji_name
from services.channels.quiet_hours import read_hours, read_zone
from services.channels.settings import (
    KINDS,
    LANGUAGES,
    MAX_PHRASES,
    MODES,
    PHRASE_LENGTH,
    ChannelSettings,
)
from services.errors import InputError
from services.judgement.cut import MAX_BUDGET

WORKSPACE_KEY, EVERY_KEY, CHANNELS_KEY = "workspace", "every_channel", "channels"
# The settings that workspaces have as well.
HOURS = ("time_zone", "quiet_hours")

HEAD = """\
# Settings of channels. `deja settings apply FILE` shows what would change, and asks.
# What is left out stays as it is; `every_channel` is for all that are not named.
"""

# Far more than the settings of ten thousand channels.
MAX_BYTES = 20_000_000

# Of people and bots, more than anybody chooses.
MAX_IDS, MAX_ID_LENGTH = 1_000, 64

MERGE = "tag:yaml.org,2002:merge"

Values = dict[str, Any]


@dataclass(frozen=True)
class SettingsFile:
    """The values of a file, checked: of the workspace, of every channel, and by channel."""

    workspace: Values
    every_channel: Values
    channels: Mapping[str, Values]


def read_file(text: str) -> SettingsFile:
    """Return what a file says. Raises `InputError` with a line for each mistake."""
    try:
        found = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - derived from the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"The file is no YAML: {_first_line(error)}") from error
    sections = (WORKSPACE_KEY, EVERY_KEY, CHANNELS_KEY)
    if not isinstance(found, dict) or not found:
        raise InputError(f"The file must have one of the keys {', '.join(sections)}.")
    errors = [_unknown("the file", key, sections) for key in found if key not in sections]
    workspace = _section(found, WORKSPACE_KEY, HOURS, errors)
    every = _section(found, EVERY_KEY, CHECKS, errors)
    channels = found.get(CHANNELS_KEY) or {}
    if not isinstance(channels, dict):
        errors.append(f"{CHANNELS_KEY}: must have the settings of a channel under its id or name.")
        channels = {}
    by_name = {str(name): _section(channels, name, CHECKS, errors) for name in channels}
    if errors:
        raise InputError("\n".join(errors))
    return SettingsFile(workspace, every, by_name)


def _section(
    parent: Mapping[Any, Any], name: Any, allowed: Mapping[str, Any] | tuple[str, ...],
    errors: list[str],
) -> Values:  # fmt: skip
    """Return the checked values under a key; what is wrong with them is added to `errors`."""
    found = parent.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        errors.append(f"{name}: must be settings, not {_shown(found)}.")
        return {}
    values: Values = {}
    for key, value in found.items():
        if key not in allowed:
            errors.append(_unknown(str(name), key, tuple(allowed)))
            continue
        must, check = CHECKS[key]
        try:
            values[key] = check(value)
        except (ValueError, TypeError):
            errors.append(f"{name}: {key} must be {must}, not {_shown(value)}.")
    return values


def write_file(workspace: Values, channels: Mapping[str, tuple[str, Values]]) -> str:
    """Return a file with the values of a workspace, and of channels by id, each with its name."""
    parts = [HEAD]
    if workspace:
        parts.append(_yaml({WORKSPACE_KEY: workspace}))
    if channels:
        parts.append(f"{CHANNELS_KEY}:\n")
    for key, (name, values) in channels.items():
        block = "".join(f"  {line}\n" for line in _yaml({key: values}).splitlines())
        # A name is one line, of what YAML allows in comments.
        comment = "".join(one for one in " ".join(name.split()) if one.isprintable())
        parts.append(f"  # {comment}\n{block}")
    return "".join(parts)


def values_of(settings: ChannelSettings) -> Values:
    """Return the settings of a channel as a file has them."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(settings).items()
    }


def _yaml(values: Values) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=1_000)


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that is there twice: of such, YAML would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == MERGE:  # `<<: *other` has the values of another mapping
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # the base class refuses it, and says where it is
            if key in seen:
                raise ValueError(f"{key!r} is there twice.")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _unknown(where: str, key: object, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(str(key), allowed, 1)
    hint = f" Do you mean {near[0]}?" if near else f" There are {', '.join(allowed)}."
    return f"{where}: there is no setting {_shown(key)}.{hint}"


def _shown(value: object) -> str:
    text = "on" if value is True else "off" if value is False else repr(value)
    return text if len(text) <= PHRASE_LENGTH else f"{text[:PHRASE_LENGTH]}…"


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f" (line {mark.line + 1})" if mark is not None else ""
    text = getattr(error, "problem", None) or str(error).split("\n", 1)[0] or "it nests too deep"
    return f"{text}{place}"


def _one_of(choices: tuple[Any, ...]) -> tuple[str, Callable[[Any], Any]]:
    def check(value: Any) -> Any:
        value = "off" if value is False else value  # so YAML reads `mode: off`
        if value not in choices:
            raise ValueError(value)
        return value

    return f"{', '.join(map(str, choices[:-1]))} or {choices[-1]}", check


def _is_on(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_BUDGET:
        raise ValueError(value)
    return value


def _texts(value: Any, most: int, length: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(value)
    found = tuple(dict.fromkeys(" ".join(one.split()) for one in value if one.strip()))
    if len(found) > most or any(len(one) > length for one in found):
        raise ValueError(value)
    return found


def _emoji(value: Any) -> str:
    if value == "":
        return ""
    name = emoji_name(value) if isinstance(value, str) else None
    if name is None or name in SOLVED_MARKS:
        raise ValueError(value)
    return name


def _empty_or(read: Callable[[str], object]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str):  # YAML reads `off` as False, and nothing as None
            raise TypeError(value)
        if value:
            read(value)
        return value

    return check


def _ids(value: Any) -> tuple[str, ...]:
    return _texts(value, MAX_IDS, MAX_ID_LENGTH)


_ON = ("on or off", _is_on)
_PHRASES = f"at most {MAX_PHRASES} phrases of at most {PHRASE_LENGTH} characters"
_EMOJI = ('the name of an emoji that does not mark solutions, or "" for none', _emoji)

# Of each setting what it must be, and the function that reads it.
CHECKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "mode": _one_of(MODES),
    "noise_budget": (f"a number from 0 to {MAX_BUDGET}", _number),
    "digest": _ON,
    "deciders": ("a list of ids of people", _ids),
    "ignored": (_PHRASES, lambda value: _texts(value, MAX_PHRASES, PHRASE_LENGTH)),
    "language": _one_of(LANGUAGES),
    "kind": _one_of(KINDS),
    "weekly_topics": _ON,
    "topic_alerts": _ON,
    "ticket_emoji": _EMOJI,
    "ignore_emoji": _EMOJI,
    "reads_images": _ON,
    "ticket_senders": ("a list of ids of bots", _ids),
    "ignored_senders": ("a list of ids of bots and forms", _ids),
    "time_zone": (
        'a name such as Europe/Berlin, or "" for that of the level above',
        _empty_or(read_zone),
    ),
    "quiet_hours": (
        'two hours such as 20-7 (0-0: never quiet), or "" for those of the level above',
        _empty_or(read_hours),
    ),
}
