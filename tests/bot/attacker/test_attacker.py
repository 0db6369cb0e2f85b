"""The attacker's side: in any workspace, nothing of an item reaches anyone who may not read it.

Every ticket says a word of its own. All that Slack is told, by whatever method, is judged by who
reads it there and then: no word, title, address, channel's name or count of what they may not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import cycle, pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import Topic
from tests.bot.attacker.attack import (
    GONE,
    GUEST,
    MEMBERS,
    OUTSIDERS,
    PROBLEM,
    QUESTION,
    USERS,
    Attack,
    Place,
    attacked,
)
from tests.databases import SqliteFile
from tests.serving import buttons
from tests.slack_methods import BOT_USER


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

# One of each kind: whatever else is drawn, no rule goes untried.
EVERY_KIND = [
    Place("CA", frozenset({"UFULL", GUEST})),
    Place("CB", frozenset({"UADMIN"})),
    Place("CC", frozenset({"UFULL", "ULEFT", GUEST}), is_private=True),
    Place("CD", frozenset({"UFULL", *OUTSIDERS}), is_shared=True),
    Place("CE", frozenset({"UADMIN", "UOUTSIDE"}), is_private=True, is_shared=True),
    Place("CF", frozenset({"ULEFT"}), is_private=True, is_archived=True),
]
TOPICS = ("cluster", "topics", "trends")
SHOP = Place("CH", frozenset({GUEST, "UFULL"}))


def test_nothing_reaches_whoever_may_not_read_it(sqlite_file: SqliteFile) -> None:
    """Through every surface, as everybody, while people leave, join, and channels close."""
    assert_nothing_leaks(sqlite_file, EVERY_KIND, SHOP, each_channel_once)


# A workspace is small, and each example takes seconds: it is not shrunk.
@pytest.mark.thorough
@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(_workspaces, _shops)
def test_nothing_reaches_whoever_may_not_read_it_in_any_workspace(
    sqlite_file: SqliteFile, places: list[Place], shop: Place
) -> None:
    """The same with channels and members drawn at random; old forms are tried by all everywhere."""
    assert_nothing_leaks(sqlite_file, places, shop, everybody_everywhere)


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
) -> None:
    """Assert that in a workspace with these channels nobody is told what they may not read.

    `tries` gives the channels and people that forms of topics are tried with which were open
    before less could be read.
    """
    with attacked([*places, shop], database) as attack:
        _fill(attack, places)
        _shop(attack, shop)
        _remove(attack)
        for user in USERS:
            _ask_everything(attack, user)
        _ask_as_the_removed(attack)
        for place in _open(attack):
            attack.digest(place.name)
        _close(attack, tries(attack))
        for user in USERS:
            _ask_a_little(attack, user)
        assert attack.desk.jobs("failed") == []


def test_no_figure_depends_on_what_may_not_be_read(sqlite_file: SqliteFile) -> None:
    """Neither a score nor a count nor an order: a private channel's words change nothing outside.

    All is done twice, the second time with other words there; whoever is not in it is shown the
    same, and so is every other channel.
    """
    hidden = Place("CI", frozenset({"UADMIN"}), is_private=True)
    others = [
        Place("CA", frozenset({"UFULL"})),
        Place("CB", frozenset({GUEST})),
        Place("CC", frozenset({"ULEFT", "UOUTSIDE"}), is_shared=True),
    ]
    seen: list[dict[str, Any]] = []
    for other_words in (None, hidden.name):
        with attacked([hidden, *others], sqlite_file, other_words) as attack:
            _fill(attack, [hidden, *others])
            for user in sorted(set(USERS) - hidden.members):
                _ask_everything(attack, user)
            assert attack.desk.slack.files  # there were topics to tell
            standing = attack.standing()
            del standing[hidden.name], attack.shown["UADMIN"]
            seen.append({**attack.shown, **standing})
    assert seen[0] == seen[1]


def _open(attack: Attack) -> list[Place]:
    """Return the channels in which something can be said."""
    return [place for place in attack.places.values() if not place.is_archived]


def _fill(attack: Attack, places: list[Place]) -> None:
    """Say tickets everywhere; people confirm, answer, use answers and rule them out."""
    for number in range(2):
        for place in places:
            attack.say(place.name, number)
    _tie(attack, places)
    for place in places:
        _click_on_answers(attack, place.name, "duplicate")
        reply = attack.desk.slack.say(
            place.name, f"answer {place.secret(8)}", "UFULL",
            thread_ts=attack.threads[place.name][0], ts=attack.stamp(),
        )  # fmt: skip
        attack.desk.react(place.name, reply["ts"])
        attack.look(None)
        attack.say(place.name, 1, "UADMIN")
        for action in ("use", "why", "more", "told_works", "distinct", "undo"):
            _click_on_answers(attack, place.name, action)
    for place in places:
        attack.desk.slack.channels[place.name]["is_archived"] = place.is_archived
    attack.standing()


def _tie(attack: Attack, places: list[Place]) -> None:
    """Let whoever reads two channels say that their tickets are one issue."""
    desk = attack.desk
    for one, other in pairwise(places):
        ours, theirs = attack.threads[one.name][0], attack.threads[other.name][0]
        for user in [user for user in MEMBERS if one.is_read_by(user) and other.is_read_by(user)]:
            desk.shortcut("deja_mark", one.name, {"ts": ours}, user=user)
            chosen = {"selected_option": {"value": str(desk.item(other.name, theirs).id)}}
            form = list(desk.slack.views)[-1]
            desk.submit_values(form, {"other": {"deja_mark_search": chosen}}, user=user)
            attack.look(user)
            break


def _click_on_answers(attack: Attack, name: str, action: str) -> None:
    """Press a button wherever it stands in a channel, as one who reads it."""
    readers = sorted(attack.places[name].readers)
    for ts in attack.threads[name] if readers else []:
        for answer in attack.desk.slack.replies(name, ts):
            value = buttons(answer).get(action)
            if value is None:
                continue
            user, hook = readers[len(ts + value) % len(readers)], attack.desk.slack.hook()
            attack.desk.click(name, action, value, user=user, hook=hook)
            attack.look(user)


def _shop(attack: Attack, shop: Place) -> None:
    """Ask for products in a channel that is for them."""
    attack.desk.ticket(shop.name, "good morning")
    attack.look(None)
    attack.products_in(shop.name)
    attack.desk.ticket(shop.name, QUESTION)
    attack.look(None)


def _remove(attack: Attack) -> None:
    """Take somebody out of every channel; full members still read the public ones."""
    for place in list(attack.places.values()):
        attack.change(place.name, members=place.members - {"ULEFT"})


def _ask_everything(attack: Attack, user: str) -> None:
    """Use every surface as somebody, in one of the channels that they read."""
    desk = attack.desk
    readable = [place for place in _open(attack) if place.is_read_by(user)]
    links = [attack.link(name, 1) for name in attack.places if attack.threads[name]]
    turn = USERS.index(user)
    for place in [readable[turn % len(readable)]] if readable else []:
        _command(attack, user, place, links)
        _use_shortcuts(attack, user, place)
        for text in (f"similar {PROBLEM}", f"similar {links[-1]}"):
            desk.click(place.name, "share", text, user=user)
            attack.look(user, *links)
            desk.ticket(place.name, f"<@{BOT_USER}> {text}", user=user, ts=attack.stamp())
            attack.look(user, *links)
        _forge(attack, user, place)
        _group(attack, user, place)
    _write_directly(attack, user, links)
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    attack.look(user)
    counted(attack, user, attack.shown[user][-1])


def _command(attack: Attack, user: str, place: Place, links: list[str]) -> None:
    """Give every command in a channel."""
    for command in (
        f"similar {PROBLEM}", f"similar {links[0]}", f'similar {links[-1]} but not "invoice"',
        f"similar {links[-2]}", f"search {PROBLEM} in:#room-ca-of", "search after:2000-01-01",
        f"product {QUESTION}", "duplicates", f"why {links[0]}", f"why {' '.join(links[:2])}",
        f"why {' '.join(links[-2:])}", "settings", "resolve", "status",
    ):  # fmt: skip
        attack.desk.command(place.name, command, user=user)
        attack.look(user, *links, "room-ca-of")
    counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))


def counted(attack: Attack, user: str, shown: str) -> None:
    """Assert that what is shown counts all that somebody may read, and nothing else."""
    number = attack.expected(user)
    assert f" {number} ticket" in f" {shown}".replace("*", " "), (user, number, shown)


def _use_shortcuts(attack: Attack, user: str, place: Place) -> None:
    """Use the shortcuts on a message of a channel, and the form with a search in it."""
    if not attack.threads[place.name]:
        return
    desk, ts = attack.desk, attack.threads[place.name][1]
    message = {"ts": ts, "text": PROBLEM, "user": "UFULL"}
    for shortcut in ("deja_similar", "deja_inspect", "deja_mark"):
        desk.shortcut(shortcut, place.name, message, user=user)
        attack.look(user)
    form = list(desk.slack.views)[-1]
    attack.look_at_search(user, desk.suggest(form, "deja_mark_search", PROBLEM, user=user))
    for item_id in _hidden(attack, user):
        chosen = {"selected_option": {"value": str(item_id)}}
        desk.submit_values(form, {"other": {"deja_mark_search": chosen}}, user=user)
        attack.look(user)
        assert "no longer exists, or you can't" in desk.slack.private_replies[-1]["text"]


def _hidden(attack: Attack, user: str) -> list[int]:
    """Return an item that somebody may not read, if there is one."""
    items = range(1, 2 + sum(attack.told.values()))
    return [one for one in items if not attack.may_read(attack.channel_of(one), user)][:1]


def _forge(attack: Attack, user: str, place: Place) -> None:
    """Press buttons that were never shown, about tickets of other channels."""
    desk = attack.desk
    for item_id in _hidden(attack, user):
        for action in ("why", "use", "more", "duplicate", "told_works", "solved"):
            value = f"{item_id}:1" if action == "told_works" else f"1:{item_id}"
            desk.click(place.name, action, value, user, desk.slack.hook())
            attack.look(user)


def _group(attack: Attack, user: str, place: Place) -> None:
    """Group the tickets, look at the topics, show them to all, open each and press its buttons."""
    desk = attack.desk
    for command in ("cluster", "cluster 1", "topics", "trends"):
        desk.command(place.name, command, user=user)
        attack.look(user)
    for text in ("topics", "trends"):
        desk.click(place.name, "share", text, user=user)
        attack.look(user)
    for topic_id in _topic_ids(attack):
        _press_topic(attack, user, place.name, topic_id, "share")
    for topic_id in _topic_ids(attack)[-1:]:
        for button in ("hide", "unhide"):
            _press_topic(attack, user, place.name, topic_id, button)


def _topic_ids(attack: Attack) -> list[int]:
    """Return all topics there are, of whomever: what is pressed may be forged."""
    with attack.desk.services.database.read() as session:
        return list(session.scalars(select(Topic.id).order_by(Topic.id)))


def _press_topic(attack: Attack, user: str, channel: str, topic_id: int, button: str) -> None:
    """Open a topic in a channel, and press a button of its form."""
    desk = attack.desk
    desk.click(channel, "topic", str(topic_id), user=user)
    view_id = list(desk.slack.views)[-1]
    attack.look(user)
    desk.press(view_id, f"topic_{button}", f"{channel}:{topic_id}", user)
    attack.look(user)


def _write_directly(attack: Attack, user: str, links: list[str]) -> None:
    """Ask in a direct message and in the assistant's pane."""
    desk, channel = attack.desk, f"D{user}"
    thread = {"user_id": user, "channel_id": channel, "thread_ts": attack.stamp()}
    opened = {"type": "assistant_thread_started", "assistant_thread": thread}
    desk.deliver(opened)
    attack.look(user)
    desk.slack.say(channel, "New conversation", BOT_USER, ts=thread["thread_ts"])
    for text in (
        PROBLEM, f"similar {links[-1]}", "search is:open", "status", "duplicates", "cluster",
        "topics", "trends",
    ):  # fmt: skip
        message = desk.slack.say(
            channel, text, user, ts=attack.stamp(), thread_ts=thread["thread_ts"]
        )
        desk.deliver({**message, "channel": channel, "channel_type": "im"})
        attack.look(user, *links)


def _ask_as_the_removed(attack: Attack) -> None:
    """Whose account is closed reads nothing, by whatever still reaches the bot."""
    opened = {"type": "app_home_opened", "user": GONE, "tab": "home"}
    attack.desk.deliver(opened)
    attack.look(GONE)
    _write_directly(attack, GONE, [attack.link(next(iter(attack.threads)))])


def _close(attack: Attack, tries: Iterable[tuple[str, str]]) -> None:
    """Let a guest into one public channel and turn another private: what stands there follows.

    Whoever still has a button that names what is hidden since, presses it.
    """
    public = [place.name for place in _open(attack) if not place.is_private]
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
    attack.look(None)
    attack.standing()
    _press_what_was_open(attack, tries)
    for name, action, value in sorted(pressed):
        for user in sorted(attack.places[name].readers)[-1:]:
            attack.desk.click(name, action, value, user, attack.desk.slack.hook())
            attack.look(user)


def _press_what_was_open(attack: Attack, tries: Iterable[tuple[str, str]]) -> None:
    """Press the buttons of a topic's form that was open before, in these channels as these."""
    for name, user in tries:
        for topic_id in _topic_ids(attack)[:1]:
            for button in ("share", "unhide"):
                _press_topic(attack, user, name, topic_id, button)


def _ask_a_little(attack: Attack, user: str) -> None:
    """Ask again for what stands in every answer, now that less may be read."""
    for place in [place for place in _open(attack) if place.is_read_by(user)][:1]:
        for command in (
            f"similar {PROBLEM}",
            "cluster",
            "topics",
            "trends",
            "duplicates",
            "status",
        ):
            attack.desk.command(place.name, command, user=user)
            attack.look(user)
        counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))
