"""An attacker's view of topics: themes, explorations, figures by day, wordings, alerts.

Everything is done twice, the second time with a private channel full of tickets about the same
subjects. People outside that channel see exactly the same: words, counts and order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
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
# How many days ago each subject was reported, in the open channel and in the shared one.
Days = tuple[tuple[int, ...], tuple[int, ...]]
# A member and a guest, before anything hidden is clustered: ids of topics made later count what is
# hidden. Beside them a member from outside the channel and another organisation's.
SOME_ASKING = (OPEN, "UFULL"), (SHARED, GUEST)
ALL_ASKING = *SOME_ASKING, (OPEN, "ULEFT"), (SHARED, "UOUTSIDE")


def fill(attack: Attack, name: str, *, days: tuple[int, ...], subjects: int = 5) -> None:
    """Post a ticket about the first subjects of each area on each of these days."""
    place = attack.places[name]
    writers = [user for user in WHO if user in place.members] or ["UFULL"]
    pairs = [(area, about) for area, some in AREAS.items() for about in some[:subjects]]
    for number, ((area, about), ago) in enumerate(product(pairs, days)):
        day = NOW - timedelta(days=ago, minutes=5 * number)
        text = f"{area} {about} {area} {about} {place.secret(0)}"
        attack.desk.ticket(
            name, text, user=writers[number % len(writers)], ts=f"{day.timestamp():.6f}"
        )
    attack.run_and_check(None)


def rise(attack: Attack, name: str, users: tuple[str, ...]) -> None:
    """Post many tickets about one subject within the last four days."""
    secret = attack.places[name].secret(1)
    for number in range(16):
        day = NOW - timedelta(days=number % 4, minutes=7 * number + 1)
        attack.desk.ticket(
            name, f"printer paper jam printer paper jam {secret}",
            user=users[number % len(users)], ts=f"{day.timestamp():.6f}",
        )  # fmt: skip
    attack.run_and_check(None)


def ask(attack: Attack, place: Place, user: str) -> None:
    """Cluster everything, then into a fixed number of topics; list and share topics and trends."""
    desk = attack.desk
    for command in ("cluster", "topics", "trends", "cluster 60d 24", "topics", "trends"):
        desk.command(place.name, command, user=user)
        attack.run_and_check(user)
        if command in {"topics", "trends"}:
            desk.click(place.name, "share", command, user=user)
            attack.run_and_check(user)


def post_unasked(attack: Attack, place: Place) -> None:
    """Have the weekly topics and the alerts about rising topics posted in a channel."""
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
    attack.run_and_check(None)
    attack.desk.enqueue(DailyTopics(key="topics_daily:test", scope=0))
    attack.run_and_check(None)


def seen_by_others(
    database: SqliteFile,
    subjects: int,
    asking: Iterable[tuple[Place, str]],
    days: Days,
    *,
    hidden_days: tuple[int, ...],
) -> dict[str, list[str]]:
    """Return what people outside the hidden channel were shown, and the messages they can read."""
    with attacked([OPEN, SHARED, HIDDEN], database) as attack:
        fill(attack, "CA", days=days[0], subjects=subjects)
        fill(attack, "CD", days=days[1], subjects=subjects)
        rise(attack, "CA", ("UFULL", "ULEFT", "UADMIN"))
        fill(attack, "CI", days=hidden_days, subjects=subjects)
        if hidden_days:
            rise(attack, "CI", ("UADMIN",))
        for place, user in asking:
            ask(attack, place, user)
        post_unasked(attack, OPEN)
        ask(attack, HIDDEN, "UADMIN")
        ask(attack, OPEN, "UFULL")
        assert attack.desk.jobs("failed") == []
        posted = attack.check_posted()
        inside = json.dumps(posted.pop("CI"))
        assert ("secretcix" in inside) == bool(hidden_days)  # there was something to hide
        attack.shown.pop("UADMIN", None)
        return {**attack.shown, **posted}


@pytest.mark.parametrize(
    ("subjects", "asking", "days", "hidden_days"),
    [
        (3, SOME_ASKING, ((30, 3), (2,)), (27,)),
        pytest.param(
            5, ALL_ASKING, ((30, 29, 3), (28, 2)), (27, 26, 1, 0), marks=pytest.mark.thorough
        ),
    ],
    ids=["some", "all"],
)
def test_a_private_channel_changes_no_theme_nor_trend_outside(
    sqlite_file: SqliteFile,
    subjects: int,
    asking: tuple[tuple[Place, str], ...],
    days: Days,
    hidden_days: tuple[int, ...],
) -> None:
    """Themes, figures, days and wordings are the same with and without its similar tickets."""
    without = seen_by_others(sqlite_file, subjects, asking, days, hidden_days=())
    shown = json.dumps(without)
    for surface in ("themes: ", "with a fixed number of topics", "per day:", "For an FAQ"):
        assert surface in shown, surface
    assert seen_by_others(sqlite_file, subjects, asking, days, hidden_days=hidden_days) == without


def test_a_channel_that_turns_private_takes_its_words_out_of_every_theme(
    sqlite_file: SqliteFile,
) -> None:
    """Themes, explorations and alerts in one channel use words of another until that is private.

    Then no posted summary, no alert and no reply contains them any more.
    """
    with attacked([OPEN, OTHER, SHARED], sqlite_file) as attack:
        fill(attack, "CA", days=(50, 40))
        rise(attack, "CA", WHO)
        attack.post_ticket("CB", 0)
        post_unasked(attack, OTHER)
        ask(attack, OTHER, "ULEFT")
        before = json.dumps(attack.check_posted()["CB"])
        for surface in ("themes: ", "per day:", "secretcax"):
            assert surface in before, surface
        attack.change("CA", is_private=True)
        attack.desk.bot.worker.request_sweep()
        attack.run_and_check(None)
        assert "secretcax" not in json.dumps(attack.check_posted()["CB"])
        for user in ("ULEFT", "UADMIN"):
            ask(attack, OTHER, user)
        assert attack.desk.jobs("failed") == []
