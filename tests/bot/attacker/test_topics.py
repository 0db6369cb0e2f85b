"""The attacker's side of many topics: themes, looks, days one by one, wordings, rises told.

Everything is done twice, the second time with a private channel full of tickets on the same
subjects. Whoever is not in it is shown the very same: not a word, not a count, not another order.
"""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import update

from bot.jobs.topic_kinds import DailyTopics, TopicGrouping
from models import Channel
from tests.bot.attacker.attack import Attack, attacked
from tests.bot.attacker.places import GUEST, Place
from tests.conftest import NOW
from tests.databases import SqliteFile

OPEN = Place("CA", frozenset({"UFULL"}))
OTHER = Place("CB", frozenset({"ULEFT"}))
SHARED = Place("CD", frozenset({"UFULL", GUEST, "UOUTSIDE"}), is_shared=True)
HIDDEN = Place("CI", frozenset({"UADMIN"}), is_private=True)

AREAS = {
    "printer": ("paper jam", "toner empty", "grey stripes", "offline again", "duplex broken"),
    "invoice": ("wrong total", "paid twice", "address outdated", "refund missing", "due yesterday"),
    "camera": ("night picture", "motion alarm", "cloud recording", "lens fogged", "zoom stuck"),
    "password": ("reset mail", "locked account", "expired today", "second factor", "rules unclear"),
    "parcel": ("lost somewhere", "damaged box", "customs papers", "wrong street", "pickup refused"),
}
WHO = ("UFULL", "ULEFT", "UADMIN")


def fill(attack: Attack, name: str, *, days: tuple[int, ...], subjects: int = 5) -> None:
    """Say a ticket on the first subjects of each area on these days, each by somebody else."""
    place = attack.places[name]
    writers = [user for user in WHO if user in place.members] or ["UFULL"]
    said = [(area, about) for area, some in AREAS.items() for about in some[:subjects]]
    for number, ((area, about), ago) in enumerate(product(said, days)):
        day = NOW - timedelta(days=ago, minutes=5 * number)
        text = f"{area} {about} {area} {about} {place.secret(0)}"
        attack.desk.ticket(
            name, text, user=writers[number % len(writers)], ts=f"{day.timestamp():.6f}"
        )
    attack.look(None)


def rise(attack: Attack, name: str, users: tuple[str, ...]) -> None:
    """Say much on one subject within the last days."""
    secret = attack.places[name].secret(1)
    for number in range(16):
        day = NOW - timedelta(days=number % 4, minutes=7 * number + 1)
        attack.desk.ticket(
            name, f"printer paper jam printer paper jam {secret}",
            user=users[number % len(users)], ts=f"{day.timestamp():.6f}",
        )  # fmt: skip
    attack.look(None)


def ask(attack: Attack, place: Place, user: str) -> None:
    """Group all, and a told number of topics; list them, their trends, and share both."""
    desk = attack.desk
    for command in ("cluster", "topics", "trends", "cluster 60d 24", "topics", "trends"):
        desk.command(place.name, command, user=user)
        attack.look(user)
        if command in {"topics", "trends"}:
            desk.click(place.name, "share", command, user=user)
            attack.look(user)


def tell_unasked(attack: Attack, place: Place) -> None:
    """Let a channel be told of its week and of rises."""
    with attack.desk.services.database.write() as session:
        session.execute(
            update(Channel)
            .where(Channel.slack_id == place.name)
            .values(weekly_topics=True, topic_alerts=True, mode="full")
        )
    key = f"cluster:weekly:{place.name}"
    attack.desk.enqueue(
        TopicGrouping(key=key, channel=place.name, user=None, channels=(), days=7, k=None)
    )
    attack.look(None)
    attack.desk.enqueue(DailyTopics(key="topics_daily:test", scope=0))
    attack.look(None)


def seen_by_others(
    database: SqliteFile, subjects: int, *, hidden_days: tuple[int, ...]
) -> dict[str, list[str]]:
    """Return all that anybody was shown who is not in the hidden channel, and what stands."""
    with attacked([OPEN, SHARED, HIDDEN], database) as attack:
        fill(attack, "CA", days=(30, 29, 3), subjects=subjects)
        fill(attack, "CD", days=(28, 2), subjects=subjects)
        rise(attack, "CA", ("UFULL", "ULEFT", "UADMIN"))
        fill(attack, "CI", days=hidden_days, subjects=subjects)
        if hidden_days:
            rise(attack, "CI", ("UADMIN",))
        for place, user in (
            (OPEN, "UFULL"),
            (OPEN, "ULEFT"),
            (SHARED, GUEST),
            (SHARED, "UOUTSIDE"),
        ):
            ask(attack, place, user)
        tell_unasked(attack, OPEN)
        ask(attack, HIDDEN, "UADMIN")
        ask(attack, OPEN, "UFULL")
        assert attack.desk.jobs("failed") == []
        standing = attack.standing()
        inside = json.dumps(standing.pop("CI"))
        assert ("secretcix" in inside) == bool(hidden_days)  # there was something to tell
        attack.shown.pop("UADMIN", None)
        return {**attack.shown, **standing}


@pytest.mark.parametrize(
    ("subjects", "hidden_days"),
    [(3, (27, 0)), pytest.param(5, (27, 26, 1, 0), marks=pytest.mark.thorough)],
)
def test_a_private_channel_changes_no_theme_nor_trend_outside(
    sqlite_file: SqliteFile, subjects: int, hidden_days: tuple[int, ...]
) -> None:
    """The same themes, figures, days and wordings, whether or not it is full of alike tickets."""
    without = seen_by_others(sqlite_file, subjects, hidden_days=())
    said = json.dumps(without)
    for surface in ("themes: ", "with a fixed number of topics", "per day:", "For an FAQ"):
        assert surface in said, surface
    assert seen_by_others(sqlite_file, subjects, hidden_days=hidden_days) == without


def test_what_closes_takes_its_words_out_of_every_theme(sqlite_file: SqliteFile) -> None:
    """What names themes, looks and rises in one channel is of another, until that turns private.

    Neither a summary that stands, nor the alert, nor what anybody asks for says it any more.
    """
    with attacked([OPEN, OTHER, SHARED], sqlite_file) as attack:
        fill(attack, "CA", days=(50, 40))
        rise(attack, "CA", WHO)
        attack.say("CB", 0)
        tell_unasked(attack, OTHER)
        ask(attack, OTHER, "ULEFT")
        before = json.dumps(attack.standing()["CB"])
        for surface in ("themes: ", "per day:", "secretcax"):
            assert surface in before, surface
        attack.change("CA", is_private=True)
        attack.desk.bot.worker.request_sweep()
        attack.look(None)
        assert "secretcax" not in json.dumps(attack.standing()["CB"])
        for user in ("ULEFT", "UADMIN"):
            ask(attack, OTHER, user)
        assert attack.desk.jobs("failed") == []
