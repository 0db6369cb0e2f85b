"""Channels, and the people who read them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.slack_server import Json

# Full members; the second is removed from all channels halfway through.
MEMBERS = ("UFULL", "ULEFT", "UADMIN")
GUEST, GONE = "UGUEST", "UGONE"
# From another organisation; the second is an administrator there.
OUTSIDERS = ("UOUTSIDE", "UBOSS")
USERS = (*MEMBERS, GUEST, *OUTSIDERS)


@dataclass(frozen=True)
class Place:
    """A channel: who is in it, and who may join."""

    name: str
    members: frozenset[str]
    is_private: bool = False
    is_shared: bool = False
    is_archived: bool = False

    def is_read_by(self, user: str) -> bool:
        """Say whether somebody may read it."""
        return user in self.members or (not self.is_private and user in MEMBERS)

    @property
    def readers(self) -> set[str]:
        """Everybody who can read what is posted in it."""
        return {user for user in USERS if self.is_read_by(user)}

    @property
    def facts(self) -> Json:
        """What Slack returns for it."""
        return {
            "name": f"room-{self.name.lower()}-of",
            "is_private": self.is_private,
            "is_ext_shared": self.is_shared,
            "members": sorted(self.members),
        }

    def secret(self, number: int) -> str:
        """Return a word that only one ticket has. With digits it would be an identifier."""
        return f"secret{self.name.lower()}x{'abcdefghij'[number]}"
