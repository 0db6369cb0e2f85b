"""Files of channel settings: reading checks them, and written files can be read."""

from __future__ import annotations

from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.upkeep.settings_file import CHECKS, SettingsFile, read_file, values_of, write_file
from services.channels.settings import ChannelSettings
from services.errors import InputError

DEFAULTS = ChannelSettings("off", 1, digest=True)


def mistakes(text: str) -> list[str]:
    """Return the error lines for a file."""
    with pytest.raises(InputError) as raised:
        read_file(text)
    return str(raised.value).splitlines()


def test_every_setting_of_a_channel_can_be_in_a_file() -> None:
    """A new setting cannot be forgotten."""
    assert set(CHECKS) == set(values_of(DEFAULTS))


@settings(max_examples=25)
@given(
    st.builds(
        ChannelSettings,
        mode=st.sampled_from(("off", "full")),
        noise_budget=st.integers(0, 5),
        digest=st.booleans(),
        deciders=st.lists(st.sampled_from(("U1", "U2", "W3")), unique=True).map(tuple),
        ignored=st.lists(
            st.text("abc:#-'\"é{}[] ", min_size=1, max_size=20)
            .map(lambda text: " ".join(text.split()))
            .filter(bool),
            max_size=4,
            unique=True,
        ).map(tuple),
        language=st.just("de"),
        kind=st.just("products"),
        time_zone=st.sampled_from(("", "Europe/Berlin")),
        quiet_hours=st.sampled_from(("", "22-6", "0-0")),
    ),
    st.text(max_size=30),
)
def test_a_written_file_can_be_read(channel: ChannelSettings, name: str) -> None:
    """With any channel name and any phrases."""
    text = write_file({"time_zone": "", "quiet_hours": "20-7"}, {"C1": (name, values_of(channel))})
    found = read_file(text)
    assert found.workspace == {"time_zone": "", "quiet_hours": "20-7"}
    assert ChannelSettings(**found.channels["C1"]) == channel


def test_words_that_yaml_takes_for_switches_are_modes() -> None:
    """`off` as a mode is a text, not false."""
    found = read_file("every_channel: {mode: off, digest: off}")
    assert found == SettingsFile({}, {"mode": "off", "digest": False}, {})


@pytest.mark.parametrize("key", ["time_zone", "quiet_hours"])
@pytest.mark.parametrize("value", ["off", "no", "0", "null", "[]", "{}", "0.0"])
def test_zones_and_hours_are_texts(key: str, value: str) -> None:
    """Whatever YAML makes of them; only "" means those of the level above."""
    [line] = mistakes(f"every_channel: {{{key}: {value}}}")
    assert line.startswith(f"every_channel: {key} must be ")
    assert read_file(f'every_channel: {{{key}: ""}}').every_channel == {key: ""}


def test_a_channel_may_have_the_settings_of_another() -> None:
    """With YAML's merge key; the channel's own settings come first."""
    found = read_file("channels: {C1: &a {mode: full, digest: on}, C2: {<<: *a, mode: quiet}}")
    assert found.channels["C2"] == {"mode": "quiet", "digest": True}


def test_each_mistake_is_one_line_with_the_remedy() -> None:
    """All mistakes are listed, each with channel and setting."""
    text = """
workspace: {time_zone: Berlin, mode: full}
channel: {}
channels:
  C1: {mode: loud, noise_budget: 9, digest: maybe, moode: full, language: fr}
  C2: {deciders: U1, quiet_hours: 7, ticket_emoji: white_check_mark, ignored: [1]}
  C3: full
"""
    assert mistakes(text) == [
        "the file: there is no setting 'channel'. Do you mean channels?",
        'workspace: time_zone must be a name such as Europe/Berlin, or "" for that of the level '
        "above, not 'Berlin'.",
        "workspace: there is no setting 'mode'. There are time_zone, quiet_hours.",
        "C1: mode must be off, request, quiet or full, not 'loud'.",
        "C1: noise_budget must be a number from 0 to 5, not 9.",
        "C1: digest must be on or off, not 'maybe'.",
        "C1: there is no setting 'moode'. Do you mean mode?",
        "C1: language must be en, de or es, not 'fr'.",
        "C2: deciders must be a list of ids of people, not 'U1'.",
        'C2: quiet_hours must be two hours such as 20-7 (0-0: never quiet), or "" for those of the '
        "level above, not 7.",
        'C2: ticket_emoji must be the name of an emoji that does not mark solutions, or "" for '
        "none, not 'white_check_mark'.",
        "C2: ignored must be at most 30 phrases of at most 80 characters, not [1].",
        "C3: must be settings, not 'full'.",
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "must have one of the keys"),
        ("- 1", "must have one of the keys"),
        ("channels: [", "no YAML"),
        ("channels: {C1: {mode: full}, C1: {mode: off}}", "'C1' is there twice"),
        ("channels: 3", "under its id or name"),
        ("channels: !!python/object:os.system {}", "no YAML"),
        ("? [1, 2]\n: 3", "no YAML"),
        ("[" * 1_500, "no YAML"),
        ("channels: {C1: {1: 2}}", "no setting 1"),
        ("workspace: {time_zone: ../../etc/passwd}", "time_zone must be"),
        ("workspace: {time_zone: 2026-11-01}", "time_zone must be"),
    ],
)
def test_a_file_without_settings_is_a_one_line_error(text: str, part: str) -> None:
    """Whatever YAML makes of it."""
    [line] = mistakes(text)
    assert part in line


_KEYS = st.sampled_from([*CHECKS, "channels", "workspace", "every_channel", "C1"])
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=40)
@given(_ANY)
def test_any_yaml_is_read_or_refused(value: object) -> None:
    """No other error is raised."""
    with suppress(InputError):
        read_file(yaml.safe_dump(value))
