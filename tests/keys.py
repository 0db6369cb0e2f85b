"""Keys of stored secrets, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.errors import SettingsError
from services.secrets.keyring import Keyring

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


@dataclass
class Keys:
    """Keys in memory, the newest first."""

    keys: list[str] = field(default_factory=lambda: [KEY])
    place: str = "here"

    def read(self) -> Sequence[str]:
        """Return the keys."""
        return self.keys

    def make_first(self) -> Sequence[str]:
        """Make none."""
        raise SettingsError("there is no key")


def keyring(*keys: str) -> Keyring:
    """Return a keyring of some keys, the newest first."""
    return Keyring(Keys(list(keys)))
