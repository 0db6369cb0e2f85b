"""The attacker's side of forms and buttons: what they carry may be forged, and opens nothing.

A form's `private_metadata` and a button's value name a channel, a topic, a ticket. Here everybody
sends them about every channel and every topic there is, those of other people included.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import pytest
from sqlalchemy import select

from bot.blocks.resolution import FORM as SOLVED
from bot.blocks.topics import FORM
from models import Channel, Topic
from tests.bot.attacker.attack import Attack, attacked
from tests.bot.attacker.places import GUEST, MEMBERS, OUTSIDERS, USERS, Place
from tests.databases import SqliteFile

ROOMS = [
    Place("CA", frozenset({"UFULL"})),
    Place("CB", frozenset({"UADMIN", GUEST})),
    Place("CC", frozenset({"UFULL", GUEST}), is_private=True),
    Place("CD", frozenset({"UFULL", *OUTSIDERS}), is_shared=True),
    Place("CE", frozenset({"ULEFT"}), is_private=True),
]
NO_SUCH = "There is no such topic"
FOR_MEMBERS = "Topics are built from what all members can read"


# An attacker goes on where the last attempt ended: what it left behind is part of the next.
@pytest.fixture(scope="module")
def attack(sqlite_file: SqliteFile) -> Iterator[Attack]:
    """Give a workspace in which the topics of every channel's readers were made."""
    with attacked(ROOMS, sqlite_file) as attack:
        for number in range(3):
            for room in ROOMS:
                attack.say(room.name, number)
        for room in ROOMS:
            reader = min(room.members & set(MEMBERS))
            attack.desk.command(room.name, "cluster", user=reader)
            attack.look(reader)
        yield attack
        assert attack.desk.jobs("failed") == []


def topics(attack: Attack) -> dict[int, tuple[str | None, str, bool]]:
    """Return whose each topic is (a channel; None: everybody's), its title, whether it is shown."""
    with attack.desk.services.database.read() as session:
        rows = session.execute(select(Channel.id, Channel.slack_id))
        names = {channel_id: slack_id for channel_id, slack_id in rows}
        return {
            topic.id: (names.get(topic.audience_id), topic.title, topic.hidden_at is None)
            for topic in session.scalars(select(Topic).order_by(Topic.id))
        }


def reads(attack: Attack, user: str, scope: str | None) -> bool:
    """Say whether somebody reads the tickets that topics are made of."""
    return user in MEMBERS if scope is None else attack.places[scope].is_read_by(user)


def one_of_each_scope(attack: Attack) -> dict[str | None, int]:
    """Return a topic of each scope."""
    return {scope: topic_id for topic_id, (scope, _, _) in topics(attack).items()}


def channels(attack: Attack) -> list[str]:
    """Return every conversation there is with the bot."""
    return [*attack.places, "DUFULL", f"D{GUEST}", "DUOUTSIDE"]


def some_of(
    users: Sequence[str], scopes: Iterable[str | None], channels: Iterable[str]
) -> list[tuple[str, str | None, str]]:
    """Return a quarter of what can be tried, by chance."""
    tries = list(product(users, scopes, channels))
    return random.Random(0).sample(tries, len(tries) // 4)


def send_form(attack: Attack, user: str, about: str, title: str) -> None:
    """Send a topic's form that says it is about this channel and topic."""
    attack.desk.slack.views.setdefault("VFORGED", {"id": "VFORGED", "type": "modal"})
    attack.desk.submit_values(
        "VFORGED", {"title": {"title": {"value": title}}}, user,
        callback_id=FORM, private_metadata=about, hash=title,
    )  # fmt: skip
    attack.look(user, title)


def test_there_are_topics_to_attack(attack: Attack) -> None:
    """Of everybody, of a channel with a guest, of a private and of a shared one."""
    assert one_of_each_scope(attack).keys() == {None, "CB", "CC", "CD", "CE"}


def test_a_forged_form_renames_no_topic_of_others(attack: Attack) -> None:
    """Whatever channel it says it was opened in; those who read what it is made of may."""
    scopes = one_of_each_scope(attack)
    for user, scope, channel in some_of(USERS, scopes, channels(attack)):
        topic_id = scopes[scope]
        before, title = topics(attack), f"renamed by {user} in {channel} {topic_id}"
        send_form(attack, user, f"{channel}:{topic_id}", title)
        changed = {one for one, now in topics(attack).items() if now != before[one]}
        assert changed <= {topic_id}
        assert not changed or reads(attack, user, scope), (scope, channel)
    for user in USERS:
        for scope, topic_id in scopes.items():
            if scope is not None and reads(attack, user, scope):
                send_form(attack, user, f"{scope}:{topic_id}", f"by right of {user} {topic_id}")
                assert topics(attack)[topic_id][1] == f"by right of {user} {topic_id}"


def test_forged_buttons_open_hide_and_share_nothing_of_others(attack: Attack) -> None:
    """Nor do they make the bot write to anybody else: what it tells is judged by who reads it."""
    scopes = one_of_each_scope(attack)
    for user, scope, channel in some_of(USERS, scopes, channels(attack)):
        topic_id, before = scopes[scope], topics(attack)
        attack.desk.click(channel, "topic", str(topic_id), user=user)
        view_id = list(attack.desk.slack.views)[-1]
        attack.look(user)
        for button in ("share", "hide", "unhide"):
            attack.desk.press(view_id, f"topic_{button}", f"{channel}:{topic_id}", user)
            attack.look(user)
            if button == "hide" and topics(attack) != before:
                assert reads(attack, user, scope), (scope, channel)
        assert topics(attack) == before


def test_grouping_a_channel_one_is_not_in_says_as_much_as_none(attack: Attack) -> None:
    """A private channel of others is answered like one that does not exist."""
    for user in MEMBERS:
        for room in ROOMS:
            if not room.is_read_by(user) or room.name == "CD":
                continue
            said = {}
            hidden = [one.name for one in ROOMS if one.is_private and not one.is_read_by(user)]
            for named in ["CNONE", *hidden]:
                attack.desk.command(room.name, f"cluster <#{named}|any>", user=user)
                attack.look(user, f"<#{named}|any>")
                said[named] = attack.shown[user][-1].replace(named, "NAME")
                with attack.desk.services.database.read() as session:
                    assert (
                        session.scalar(select(Channel.id).where(Channel.slack_id == "CNONE"))
                        is None
                    )
            assert "I know no channel #NAME" in said["CNONE"]
            assert set(said.values()) == {said["CNONE"]}


def test_a_forged_settings_button_shows_no_channel_of_others(attack: Attack) -> None:
    """Neither its name nor how it is set up, not even to an administrator of the workspace."""
    for user in USERS:
        for room in ROOMS:
            attack.desk.click("CA", "settings", room.name, user=user)
            attack.look(user)


def test_a_form_that_says_another_channel_finds_and_decides_nothing(attack: Attack) -> None:
    """The search in it offers only what somebody reads; nothing of others is stored."""
    for user in USERS:
        desk, own = attack.desk, next(one for one in ROOMS if one.is_read_by(user))
        for room in [one for one in ROOMS if not one.is_read_by(user)]:
            ts = attack.threads[room.name][0]
            desk.shortcut("deja_mark", own.name, {"ts": attack.threads[own.name][0]}, user=user)
            attack.look(user)
            form = list(desk.slack.views)[-1]
            about = {**json.loads(desk.slack.views[form]["private_metadata"]), "channel": room.name}
            desk.slack.views[form]["private_metadata"] = json.dumps({**about, "ts": ts})
            attack.look_at_search(
                user, desk.suggest(form, "deja_mark_search", "printer", user=user)
            )
            mine = desk.item(own.name, attack.threads[own.name][1]).id
            chosen = {"other": {"deja_mark_search": {"selected_option": {"value": str(mine)}}}}
            desk.submit_values(form, chosen, user=user)
            attack.look(user)
            assert "Saved" not in desk.slack.private_replies[-1]["text"], room


def test_a_form_that_says_another_channel_solves_no_ticket_there(attack: Attack) -> None:
    """What was typed into it is nobody's answer."""
    for user in USERS:
        desk = attack.desk
        for room in [one for one in ROOMS if not one.is_read_by(user)]:
            item = desk.item(room.name, attack.threads[room.name][0])
            desk.slack.views["VFORGED"] = {"id": "VFORGED", "type": "modal", "hash": room.name}
            desk.submit_values(
                "VFORGED", {"answer": {"answer": {"value": "mine"}}}, user,
                callback_id=SOLVED, private_metadata=f"{room.name}:{item.id}:",
            )  # fmt: skip
            attack.look(user)
            assert desk.item(room.name, attack.threads[room.name][0]).status == "open", room
