"""An attacker's view of tickets that arrive late: a private one must not cause a public update.

A ticket that arrives late (a retry, a sweep, an import) makes Déjà judge again the later tickets
that repeat it. Judging a public ticket again may change its answer, because of other tickets that
have been stored since; readers would learn from the time of the change that something similar was
written in private.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bot.attacker.attack import PROBLEM, Attack, attacked
from tests.bot.attacker.places import GUEST, Place
from tests.conftest import NOW
from tests.databases import SqliteFile

OPEN = Place("CA", frozenset({"UFULL"}))
SHARED = Place("CD", frozenset({"UFULL", GUEST, "UOUTSIDE"}), is_shared=True)
HIDDEN = Place("CI", frozenset({"UADMIN"}), is_private=True)


def post(attack: Attack, place: Place, *, days_ago: int) -> str:
    """Let a ticket arrive now that was written so many days ago; return its `ts`."""
    ts = f"{(NOW - timedelta(days=days_ago)).timestamp():.6f}"
    text = f"{PROBLEM} {place.secret(days_ago)}"
    attack.desk.ticket(place.name, text, user=min(place.members & {"UFULL", "UADMIN"}), ts=ts)
    attack.run_and_check(None)
    return ts


def public_answers(database: SqliteFile, late_in: Place | None) -> list[str]:
    """Return the answers in the public channel after a similar ticket arrives late in another.

    Before it, a ticket is stored that would change an answer if it were given again.
    """
    with attacked([OPEN, SHARED, HIDDEN], database) as attack:
        post(attack, OPEN, days_ago=3)
        post(attack, OPEN, days_ago=1)
        post(attack, SHARED, days_ago=5)
        if late_in is not None:
            post(attack, late_in, days_ago=4)
        return attack.check_posted()[OPEN.name]


@pytest.mark.parametrize("late_in", [HIDDEN, SHARED], ids=["private", "shared"])
def test_a_late_ticket_updates_no_answer_that_may_not_name_it(
    sqlite_file: SqliteFile, late_in: Place
) -> None:
    """A public answer stays as it is while a similar ticket arrives where few may read it."""
    without = public_answers(sqlite_file, None)
    assert len(without) == 1
    assert public_answers(sqlite_file, late_in) == without
