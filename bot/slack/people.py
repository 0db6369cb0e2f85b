"""People as Slack knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

# How long the list of guests is valid. A person who joins meanwhile is looked up alone.
GUESTS_KNOWN = timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    """A user's role in the workspace, and their language."""

    is_admin: bool
    is_guest: bool
    team_id: str | None
    locale: str
    is_bot: bool = False

    def may_react_in(self, team_id: str) -> bool:
        """Say whether their reactions count: of people of the workspace, guests too."""
        return self.team_id == team_id and not self.is_bot

    def is_member_of(self, team_id: str) -> bool:
        """Say whether they are a full member: neither a guest nor from another organisation."""
        return not self.is_guest and self.team_id == team_id


class Guests:
    """The guests of a workspace, looked up once an hour."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._until: datetime | None = None
        self._lock = Lock()

    def add(self, user: str) -> bool:
        """Add a guest; return whether they were not known to be one."""
        with self._lock:
            is_new = user not in self._known
            self._known |= {user}
            return is_new

    def current(self, now: datetime, read: Callable[[], Iterable[str]]) -> frozenset[str]:
        """Return the guests' user ids, which `read` lists if it was not called in the last hour."""
        with self._lock:
            if self._until is None or now >= self._until:
                self._known = frozenset(read())
                self._until = now + GUESTS_KNOWN
            return self._known
