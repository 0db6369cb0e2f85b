"""An attacker's view of forms and buttons: forged values give access to nothing.

A form's `private_metadata` and a button's value name a channel, a topic or a ticket. Here everybody
sends values for every channel and topic, including those they may not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product

import pytest
from sqlalchemy import select, update

from bot.blocks.resolution import FORM as SOLVED
from bot.blocks.topic_steps import STEPS
from models import Channel, Item, TopicEdit
from tests.bot.attacker.attack import Attack, attacked
from tests.bot.attacker.forgeries import (
    Combine,
    channels,
    in_channels,
    one_of_each_scope,
    reads,
    send_form,
    send_step,
    stored_topics,
    topics,
)
from tests.bot.attacker.places import GUEST, MEMBERS, OUTSIDERS, USERS, Place
from tests.databases import SqliteFile

ROOMS = [
    Place("CA", frozenset({"UFULL"})),
    Place("CB", frozenset({"UADMIN", GUEST})),
    Place("CC", frozenset({"UFULL", GUEST}), is_private=True),
    Place("CD", frozenset({"UFULL", *OUTSIDERS}), is_shared=True),
    Place("CE", frozenset({"ULEFT"}), is_private=True),
]


# Shared by all tests: an attacker builds on what earlier attempts left behind.
@pytest.fixture(scope="module")
def attack(sqlite_file: SqliteFile) -> Iterator[Attack]:
    """Give a workspace in which every channel's tickets have been clustered."""
    with attacked(ROOMS, sqlite_file) as attack:
        for number in range(3):
            for room in ROOMS:
                attack.post_ticket(room.name, number)
        for room in ROOMS:
            reader = min(room.members & set(MEMBERS))
            attack.desk.command(room.name, "cluster", user=reader)
            attack.run_and_check(reader)
        yield attack
        assert attack.desk.jobs("failed") == []


def test_there_are_topics_to_attack(attack: Attack) -> None:
    """Topics of all members, of a channel with a guest, of private and of shared channels."""
    assert one_of_each_scope(attack).keys() == {None, "CB", "CC", "CD", "CE"}


@in_channels
def test_a_forged_form_renames_no_topic_of_others(attack: Attack, combine: Combine) -> None:
    """Only people who may read a topic's tickets can rename it, whatever channel the form names."""
    scopes = one_of_each_scope(attack)
    for user, scope, channel in combine(USERS, list(scopes), channels(attack)):
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


@in_channels
def test_forged_buttons_open_hide_and_share_nothing_of_others(
    attack: Attack, combine: Combine
) -> None:
    """They change nothing, and nobody else is shown anything that they may not read."""
    scopes = one_of_each_scope(attack)
    for user, scope, channel in combine(USERS, list(scopes), channels(attack)):
        topic_id, before = scopes[scope], topics(attack)
        attack.desk.click(channel, "topic", str(topic_id), user=user)
        view_id = list(attack.desk.slack.views)[-1]
        attack.run_and_check(user)
        for button in ("share", "hide", "unhide"):
            attack.desk.press(view_id, f"topic_{button}", f"{channel}:{topic_id}", user)
            attack.run_and_check(user)
            if button == "hide" and topics(attack) != before:
                assert reads(attack, user, scope), (scope, channel)
        assert topics(attack) == before


@in_channels
def test_forms_behind_a_menu_show_and_change_nothing_of_others(
    attack: Attack, combine: Combine
) -> None:
    """Merge, split and move: whatever channel, topic and ticket are named in them."""
    scopes, desk = one_of_each_scope(attack), attack.desk
    tries = combine(USERS, list(scopes), channels(attack))
    barred = [one for one in tries if not reads(attack, one[0], one[1])]
    for number, (user, scope, channel) in enumerate(barred):
        step, theirs = STEPS[number % len(STEPS)], scopes[scope]
        own = next(one for name, one in scopes.items() if name != scope)
        item = desk.item(scope or "CA", attack.threads[scope or "CA"][0]).id
        before = stored_topics(attack)
        desk.click(channel, "topic", str(theirs), user=user)
        desk.press_menu(
            list(desk.slack.views)[-1], "topic_change", f"{step}:{channel}:{theirs}", user
        )
        attack.run_and_check(user)
        for about, other in (
            (f"{channel}:{theirs}", own), (f"{channel}:{own}", theirs), (f"{scope}:{theirs}", own)
        ):  # fmt: skip
            send_step(attack, user, step, about, (other, item))
        for topic_id, found in stored_topics(attack).items():
            was = before.get(topic_id)
            assert reads(attack, user, found.scope) or found == was, (user, scope, channel)
            assert item not in found.tickets or (was is not None and item in was.tickets)
    assert {STEPS[number % len(STEPS)] for number in range(len(barred))} == set(STEPS)


def test_a_forged_undo_undoes_nothing_of_others(attack: Attack) -> None:
    """The button's value names changes by number; those of another audience are unknown."""
    send_step(attack, "ULEFT", "rename", f"CE:{one_of_each_scope(attack)['CE']}", (0, 0))
    with attack.desk.services.database.read() as session:
        edits = list(session.scalars(select(TopicEdit).where(TopicEdit.undone_at.is_(None))))
        rows = session.execute(select(Channel.id, Channel.slack_id))
        names = {channel_id: slack_id for channel_id, slack_id in rows}
    tried = 0
    for edit, user, channel in product(edits, (*OUTSIDERS, GUEST, "UADMIN"), ("CA", "CB")):
        if not reads(attack, user, names.get(edit.audience_id)):
            before, tried = stored_topics(attack), tried + 1
            attack.desk.click(channel, "topic_undo", str(edit.id), user=user)
            attack.run_and_check(user)
            assert stored_topics(attack) == before
    assert tried


def test_clustering_a_private_channel_of_others_is_answered_like_an_unknown_one(
    attack: Attack,
) -> None:
    """The reply does not reveal whether a private channel exists."""
    for user in MEMBERS:
        for room in ROOMS:
            if not room.is_read_by(user) or room.name == "CD":
                continue
            replies = {}
            hidden = [one.name for one in ROOMS if one.is_private and not one.is_read_by(user)]
            for named in ["CNONE", *hidden]:
                attack.desk.command(room.name, f"cluster <#{named}|any>", user=user)
                attack.run_and_check(user, f"<#{named}|any>")
                replies[named] = attack.shown[user][-1].replace(named, "NAME")
                with attack.desk.services.database.read() as session:
                    assert (
                        session.scalar(select(Channel.id).where(Channel.slack_id == "CNONE"))
                        is None
                    )
            assert "I don't know of a channel #any" in replies["CNONE"]
            assert set(replies.values()) == {replies["CNONE"]}


def test_mistyped_names_reveal_no_channel_and_nobody_of_others(attack: Attack) -> None:
    """The nearest name that is suggested is one that the person may know."""
    for user in USERS:
        for room in ROOMS:
            if not room.is_read_by(user):
                continue
            for other in ROOMS:
                name = f"room-{other.name.lower()}-off"
                for text in (
                    f"search in:#{name}", f"cluster #{name}", f"search from:@{name}",
                    f"similar lamp in:#{name}",
                ):  # fmt: skip
                    attack.desk.command(room.name, text, user=user)
                    attack.run_and_check(user, name)


def test_somebody_who_wrote_only_in_hidden_places_is_like_nobody(attack: Attack) -> None:
    """Neither a search for them nor one for a name like theirs tells that they exist."""
    with attack.desk.services.database.write() as session:
        hidden = [one.name for one in ROOMS if one.is_private and not one.is_read_by("UFULL")]
        channels = select(Channel.id).where(Channel.slack_id.in_(hidden))
        session.execute(
            update(Item).where(Item.channel_id.in_(channels)).values(author="Zenobia Secret")
        )
    assert hidden
    for typed, shown in (('"Zenobia Secret"', "Zenobia Secret"), ('"Nobody Such"', "Nobody Such")):
        attack.desk.command("CA", f"search from:{typed}", user="UFULL")
        attack.run_and_check("UFULL", shown)
    found, other = (one for one in attack.shown["UFULL"][-2:])
    assert found.replace("Zenobia Secret", "X") == other.replace("Nobody Such", "X")
    attack.desk.command("CA", 'search from:"Zenobia Sekret"', user="UFULL")
    attack.run_and_check("UFULL")
    assert "Zenobia Secret" not in attack.shown["UFULL"][-1]


def test_a_forged_settings_button_shows_no_channel_of_others(attack: Attack) -> None:
    """Neither its name nor its settings, not even to an administrator of the workspace."""
    for user in USERS:
        for room in ROOMS:
            attack.desk.click("CA", "settings", room.name, user=user)
            attack.run_and_check(user)


def test_a_form_that_names_another_channel_finds_and_decides_nothing(attack: Attack) -> None:
    """Its search offers only what the person may read, and no decision is stored."""
    for user in USERS:
        desk, own = attack.desk, next(one for one in ROOMS if one.is_read_by(user))
        for room in [one for one in ROOMS if not one.is_read_by(user)]:
            ts = attack.threads[room.name][0]
            desk.shortcut("deja_mark", own.name, {"ts": attack.threads[own.name][0]}, user=user)
            attack.run_and_check(user)
            form = list(desk.slack.views)[-1]
            about = {**json.loads(desk.slack.views[form]["private_metadata"]), "channel": room.name}
            desk.slack.views[form]["private_metadata"] = json.dumps({**about, "ts": ts})
            attack.check_search(user, desk.suggest(form, "deja_mark_search", "printer", user=user))
            mine = desk.item(own.name, attack.threads[own.name][1]).id
            chosen = {"other": {"deja_mark_search": {"selected_option": {"value": str(mine)}}}}
            desk.submit_values(form, chosen, user=user)
            attack.run_and_check(user)
            assert "Saved" not in desk.slack.private_replies[-1]["text"], room


def test_a_form_that_names_another_channel_solves_no_ticket_there(attack: Attack) -> None:
    """The text typed into it is not stored as an answer."""
    for user in USERS:
        desk = attack.desk
        for room in [one for one in ROOMS if not one.is_read_by(user)]:
            item = desk.item(room.name, attack.threads[room.name][0])
            desk.slack.views["VFORGED"] = {"id": "VFORGED", "type": "modal", "hash": room.name}
            desk.submit_values(
                "VFORGED", {"answer": {"answer": {"value": "mine"}}}, user,
                callback_id=SOLVED, private_metadata=f"{room.name}:{item.id}:",
            )  # fmt: skip
            attack.run_and_check(user)
            assert desk.item(room.name, attack.threads[room.name][0]).status == "open", room
