"""An attacker's view: nothing about an item reaches anyone who may not read it, in any workspace.

Every ticket has a word of its own. Everything sent to Slack, by any method, is checked against what
its readers may read at that moment: no word, title, link, channel name or count of anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle, pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.bot.attacker.attack import QUESTION, Attack, attacked
from tests.bot.attacker.places import GUEST, MEMBERS, OUTSIDERS, USERS, Place
from tests.bot.attacker.surfaces import (
    click_on_answers,
    open_places,
    press_open_forms,
    use_as_removed_user,
    use_every_surface,
    use_some_surfaces,
)
from tests.databases import SqliteFile
from tests.serving import buttons


def _place(number: int, row: tuple[bool, bool, bool, frozenset[str]]) -> Place:
    is_private, is_shared, is_archived, members = row
    # People of other organisations are only in channels that are shared with them.
    inside = members if is_shared else members.difference(OUTSIDERS)
    return Place(f"C{'ABCDEFGH'[number]}", inside, is_private, is_shared, is_archived)


_rows = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from([False, False, True]),
    st.frozensets(st.sampled_from(USERS)),
)  # fmt: skip
_workspaces = st.lists(_rows, min_size=2, max_size=4).map(
    lambda rows: [_place(number, row) for number, row in enumerate(rows)]
)
_shops = _rows.map(lambda row: _place(7, (False, row[1], False, row[3])))

# One channel of each kind, so that every rule is tried.
EVERY_KIND = [
    Place("CA", frozenset({"UFULL", GUEST})),
    Place("CB", frozenset({"UADMIN"})),
    Place("CC", frozenset({"UFULL", "ULEFT", GUEST}), is_private=True),
    Place("CD", frozenset({"UFULL", *OUTSIDERS}), is_shared=True),
    Place("CE", frozenset({"UADMIN", "UOUTSIDE"}), is_private=True, is_shared=True),
    Place("CF", frozenset({"ULEFT"}), is_private=True, is_archived=True),
]
SHOP = Place("CH", frozenset({GUEST, "UFULL"}))


@dataclass(frozen=True)
class Pressed:
    """Of the answers of a channel with the same button, how many are pressed (None: all).

    Each topic is opened by one in `people`.
    """

    answers: int | None
    people: int

    def topics(self, number: int) -> slice:
        """Return which topics the person with this number opens."""
        return slice(number % self.people, None, self.people)


# What test_forgeries.py does with each person and each topic is not repeated in `make test`, nor is
# a button pressed on several answers with the same words. Of the people, a member who is in no
# channel reads what every member may; outsiders read figures by the same rule as guests.
SOME, ALL = Pressed(1, 3), Pressed(None, 2)


@pytest.mark.parametrize(
    ("users", "pressed"),
    [
        (("ULEFT", GUEST, "UOUTSIDE"), SOME),
        pytest.param(USERS, ALL, marks=pytest.mark.thorough),
    ],
    ids=["one of each kind", "all"],
)
def test_nothing_reaches_whoever_may_not_read_it(
    sqlite_file: SqliteFile, users: tuple[str, ...], pressed: Pressed
) -> None:
    """They use every surface while people leave and join and channels turn private."""
    assert_nothing_leaks(
        sqlite_file, EVERY_KIND, SHOP, each_channel_once, pressed=pressed, users=users
    )


# Workspaces are small and an example takes seconds, so examples are not shrunk.
@pytest.mark.thorough
@pytest.mark.timeout(900)  # on a busy machine an example takes minutes
@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(_workspaces, _shops)
def test_nothing_reaches_whoever_may_not_read_it_in_any_workspace(
    sqlite_file: SqliteFile, places: list[Place], shop: Place
) -> None:
    """The same with random channels and members; everybody tries all topics and old forms."""
    assert_nothing_leaks(sqlite_file, places, shop, everybody_everywhere, pressed=Pressed(None, 1))


def each_channel_once(attack: Attack) -> Iterable[tuple[str, str]]:
    """Return every channel with one person, and every person with a channel."""
    return zip(attack.places, cycle(USERS), strict=False)


def everybody_everywhere(attack: Attack) -> Iterable[tuple[str, str]]:
    """Return every channel with every person."""
    return product(attack.places, USERS)


def assert_nothing_leaks(
    database: SqliteFile,
    places: list[Place],
    shop: Place,
    tries: Callable[[Attack], Iterable[tuple[str, str]]],
    *,
    pressed: Pressed,
    users: tuple[str, ...] = USERS,
) -> None:
    """Assert that in a workspace with these channels nobody is shown what they may not read.

    `tries` returns the channels and people that topic forms opened earlier are tried with, after
    people lost access.
    """
    with attacked([*places, shop], database, presses=pressed.answers) as attack:
        _fill(attack, places)
        _ask_for_products(attack, shop)
        _remove(attack)
        for number, user in enumerate(users):
            use_every_surface(attack, user, pressed.topics(number))
        use_as_removed_user(attack)
        for place in open_places(attack):
            attack.request_digest(place.name)
        _close(attack, tries(attack))
        for user in users:
            use_some_surfaces(attack, user)
        assert attack.desk.jobs("failed") == []


@pytest.mark.parametrize(
    ("users", "pressed"),
    [
        (("UFULL", GUEST), SOME),
        pytest.param(USERS, ALL, marks=pytest.mark.thorough),
    ],
    ids=["one of each kind", "all"],
)
def test_no_figure_depends_on_what_may_not_be_read(
    sqlite_file: SqliteFile, users: tuple[str, ...], pressed: Pressed
) -> None:
    """A private channel's words change no score, count or order for anybody outside.

    Everything is done twice, the second time with other words in that channel; people outside it,
    and all other channels, see the same both times.
    """
    hidden = Place("CI", frozenset({"UADMIN"}), is_private=True)
    others = [
        Place("CA", frozenset({"UFULL"})),
        Place("CB", frozenset({GUEST})),
        Place("CC", frozenset({"ULEFT", "UOUTSIDE"}), is_shared=True),
    ]
    seen: list[dict[str, Any]] = []
    for other_words in (None, hidden.name):
        with attacked([hidden, *others], sqlite_file, other_words, pressed.answers) as attack:
            _fill(attack, [hidden, *others])
            for number, user in enumerate(sorted(set(users) - hidden.members)):
                use_every_surface(attack, user, pressed.topics(number))
            assert attack.desk.slack.files  # there were topics to show
            posted = attack.check_posted()
            del posted[hidden.name], attack.shown["UADMIN"]
            seen.append({**attack.shown, **posted})
    assert seen[0] == seen[1]


def _fill(attack: Attack, places: list[Place]) -> None:
    """Post tickets in all channels; people confirm matches, answer, and use and reject answers."""
    for number in range(2):
        for place in places:
            attack.post_ticket(place.name, number)
    _mark_as_same_issue(attack, places)
    for place in places:
        for action in ("open", "duplicate"):
            click_on_answers(attack, place.name, action)
        reply = attack.desk.slack.say(
            place.name, f"answer {place.secret(8)}", "UFULL",
            thread_ts=attack.threads[place.name][0], ts=attack.new_ts(),
        )  # fmt: skip
        attack.desk.react(place.name, reply["ts"])
        attack.run_and_check(None)
        attack.post_ticket(place.name, 1, "UADMIN")
        for action in ("use", "why", "more", "told_works", "distinct", "undo"):
            click_on_answers(attack, place.name, action)
    for place in places:
        attack.desk.slack.channels[place.name]["is_archived"] = place.is_archived
    attack.check_posted()


def _mark_as_same_issue(attack: Attack, places: list[Place]) -> None:
    """Have members who read two neighbouring channels mark their tickets as the same issue."""
    desk = attack.desk
    for one, other in pairwise(places):
        ours, theirs = attack.threads[one.name][0], attack.threads[other.name][0]
        for user in [user for user in MEMBERS if one.is_read_by(user) and other.is_read_by(user)]:
            desk.shortcut("deja_mark", one.name, {"ts": ours}, user=user)
            chosen = {"selected_option": {"value": str(desk.item(other.name, theirs).id)}}
            form = list(desk.slack.views)[-1]
            desk.submit_values(form, {"other": {"deja_mark_search": chosen}}, user=user)
            attack.run_and_check(user)
            break


def _ask_for_products(attack: Attack, shop: Place) -> None:
    """Ask about a product in the channel for products."""
    attack.desk.ticket(shop.name, "good morning")
    attack.run_and_check(None)
    attack.use_for_products(shop.name)
    attack.desk.ticket(shop.name, QUESTION)
    attack.run_and_check(None)


def _remove(attack: Attack) -> None:
    """Remove a member from every channel; they still read the public ones."""
    for place in list(attack.places.values()):
        attack.change(place.name, members=place.members - {"ULEFT"})


def _close(attack: Attack, tries: Iterable[tuple[str, str]]) -> None:
    """Let a guest into one public channel and turn another one private; messages are updated.

    Then people press the buttons shown before, of which some are about tickets now hidden.
    """
    public = [place.name for place in open_places(attack) if not place.is_private]
    pressed = [
        (name, action, buttons(answer)[action])
        for name in attack.places
        for ts in attack.threads[name]
        for answer in attack.desk.slack.replies(name, ts)
        for action in {"why", "use", "more"} & buttons(answer).keys()
    ]
    for name in public[:1]:
        attack.change(name, members=attack.places[name].members | {GUEST})
        attack.desk.join(name, GUEST)
    for name in public[-1:]:
        attack.change(name, is_private=True)
        attack.desk.bot.worker.request_sweep()
    attack.run_and_check(None)
    attack.check_posted()
    press_open_forms(attack, tries)
    for name, action, value in sorted(pressed):
        for user in sorted(attack.places[name].readers)[-1:]:
            attack.desk.click(name, action, value, user, attack.desk.slack.hook())
            attack.run_and_check(user)
