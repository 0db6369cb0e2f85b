"""Channels, and the people who read them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.slack_server import Json

# Full members; the second is removed from all private channels in mid-course.
MEMBERS = ("UFULL", "ULEFT", "UADMIN")
GUEST, GONE = "UGUEST", "UGONE"
# Of another organisation, of which the second is an administrator.
OUTSIDERS = ("UOUTSIDE", "UBOSS")
USERS = (*MEMBERS, GUEST, *OUTSIDERS)


@dataclass(frozen=True)
class Place:
    """A channel: who is in it, and who may come in."""

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
        """Everybody who reads what is posted in it."""
        return {user for user in USERS if self.is_read_by(user)}

    @property
    def facts(self) -> Json:
        """What Slack says of it."""
        return {
            "name": f"room-{self.name.lower()}-of",
            "is_private": self.is_private,
            "is_ext_shared": self.is_shared,
            "members": sorted(self.members),
        }

    def secret(self, number: int) -> str:
        """Return the word that one of its tickets alone says. No digits: it is not a code."""
        return f"secret{self.name.lower()}x{'abcdefghij'[number]}"
