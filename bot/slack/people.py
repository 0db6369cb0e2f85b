"""People as Slack knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

# How long a list of a workspace's guests is good; who joins meanwhile is looked up by themselves.
GUESTS_KNOWN = timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    """What matters of somebody: what they are in the workspace, and their language."""

    is_admin: bool
    is_guest: bool
    team_id: str | None
    locale: str

    def is_member_of(self, team_id: str) -> bool:
        """Say whether they are a full member: no guest, and not of another organisation."""
        return not self.is_guest and self.team_id == team_id


class Guests:
    """Who is a guest in a workspace, looked up once in a while."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._until: datetime | None = None
        self._lock = Lock()

    def note(self, user: str) -> bool:
        """Note that somebody is a guest; return whether that is news."""
        with self._lock:
            is_new = user not in self._known
            self._known |= {user}
            return is_new

    def known(self, now: datetime, read: Callable[[], Iterable[str]]) -> frozenset[str]:
        """Return the ids of the guests, as `read` told within the last hour."""
        with self._lock:
            if self._until is None or now >= self._until:
                self._known = frozenset(read())
                self._until = now + GUESTS_KNOWN
            return self._known
