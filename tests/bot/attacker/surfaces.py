"""Every way to use the bot, by people who may read some channels and not others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import select

from models import Topic
from tests.bot.attacker.attack import PROBLEM, QUESTION, Attack
from tests.bot.attacker.places import GONE, USERS, Place
from tests.serving import buttons
from tests.slack_methods import BOT_USER


def open_places(attack: Attack) -> list[Place]:
    """Return the channels that are not archived."""
    return [place for place in attack.places.values() if not place.is_archived]


def click_on_answers(attack: Attack, name: str, action: str) -> None:
    """Press a button on the answers in a channel that have it, as somebody who reads it."""
    readers = sorted(attack.places[name].readers)
    if not readers:
        return
    for ts, value in islice(answers_with(attack, name, action), attack.presses):
        user, hook = readers[len(ts + value) % len(readers)], attack.desk.slack.hook()
        attack.desk.click(name, action, value, user=user, hook=hook)
        attack.run_and_check(user)


def answers_with(attack: Attack, name: str, action: str) -> Iterator[tuple[str, str]]:
    """Find the tickets of a channel that have an answer with a button now, and its value."""
    for ts in attack.threads[name]:
        for answer in attack.desk.slack.replies(name, ts):
            value = buttons(answer).get(action)
            if value is not None:
                yield ts, value


def use_every_surface(attack: Attack, user: str, topics: slice) -> None:
    """Use every surface as one person, in one of the channels that they read.

    People share the work of opening the topics: this one opens those of the slice.
    """
    desk = attack.desk
    readable = [place for place in open_places(attack) if place.is_read_by(user)]
    links = [attack.link(name, 1) for name in attack.places if attack.threads[name]]
    turn = USERS.index(user)
    for place in [readable[turn % len(readable)]] if readable else []:
        _command(attack, user, place, links)
        _use_shortcuts(attack, user, place)
        for text in (f"similar {PROBLEM}", f"similar {links[-1]}"):
            desk.click(place.name, "share", text, user=user)
            attack.run_and_check(user, *links)
            desk.ticket(place.name, f"<@{BOT_USER}> {text}", user=user, ts=attack.new_ts())
            attack.run_and_check(user, *links)
        _forge(attack, user, place)
        _group(attack, user, place, topics)
    _write_directly(attack, user, links)
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    attack.run_and_check(user)
    assert_counted(attack, user, attack.shown[user][-1])


def _command(attack: Attack, user: str, place: Place, links: list[str]) -> None:
    """Use every command in a channel."""
    for command in (
        f"similar {PROBLEM}", f"similar {links[0]}", f'similar {links[-1]} but not "invoice"',
        f"similar {links[-2]}", f"search {PROBLEM} in:#room-ca-of", "search after:2000-01-01",
        f"product {QUESTION}", "duplicates", f"why {links[0]}", f"why {' '.join(links[:2])}",
        f"why {' '.join(links[-2:])}", "settings", "resolve", "status",
    ):  # fmt: skip
        attack.desk.command(place.name, command, user=user)
        attack.run_and_check(user, *links, "room-ca-of")
    assert_counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))


def assert_counted(attack: Attack, user: str, shown: str) -> None:
    """Assert that the shown number is that of the tickets that somebody may read."""
    number = attack.expected(user)
    assert f" {number} ticket" in f" {shown}".replace("*", " "), (user, number, shown)


def _use_shortcuts(attack: Attack, user: str, place: Place) -> None:
    """Use the shortcuts on a message, and the search in the form that opens."""
    if not attack.threads[place.name]:
        return
    desk, ts = attack.desk, attack.threads[place.name][1]
    message = {"ts": ts, "text": PROBLEM, "user": "UFULL"}
    for shortcut in ("deja_similar", "deja_inspect", "deja_mark"):
        desk.shortcut(shortcut, place.name, message, user=user)
        attack.run_and_check(user)
    form = list(desk.slack.views)[-1]
    attack.check_search(user, desk.suggest(form, "deja_mark_search", PROBLEM, user=user))
    for item_id in _hidden(attack, user):
        chosen = {"selected_option": {"value": str(item_id)}}
        desk.submit_values(form, {"other": {"deja_mark_search": chosen}}, user=user)
        attack.run_and_check(user)
        assert "no longer exists, or you can't" in desk.slack.private_replies[-1]["text"]


def _hidden(attack: Attack, user: str) -> list[int]:
    """Return an item that somebody may not read, if there is any."""
    items = range(1, 2 + sum(attack.ticket_counts.values()))
    return [one for one in items if not attack.may_read(attack.channel_of(one), user)][:1]


def _forge(attack: Attack, user: str, place: Place) -> None:
    """Press buttons that were never shown, on tickets of other channels."""
    desk = attack.desk
    for item_id in _hidden(attack, user):
        for action in ("why", "use", "more", "duplicate", "told_works", "solved"):
            value = f"{item_id}:1" if action == "told_works" else f"1:{item_id}"
            desk.click(place.name, action, value, user, desk.slack.hook())
            attack.run_and_check(user)


def _group(attack: Attack, user: str, place: Place, topics: slice) -> None:
    """Cluster the tickets, list topics, share and open some, and press buttons in their forms."""
    desk = attack.desk
    for command in ("cluster", "cluster 1", "topics", "trends"):
        desk.command(place.name, command, user=user)
        attack.run_and_check(user)
    for text in ("topics", "trends"):
        desk.click(place.name, "share", text, user=user)
        attack.run_and_check(user)
    for topic_id in _topic_ids(attack)[topics]:
        _press_topic(attack, user, place.name, topic_id, "share")
    for topic_id in _topic_ids(attack)[-1:]:
        for button in ("hide", "unhide"):
            _press_topic(attack, user, place.name, topic_id, button)


def _topic_ids(attack: Attack) -> list[int]:
    """Return the ids of all topics, whoever may read them: an attacker can forge any id."""
    with attack.desk.services.database.read() as session:
        return list(session.scalars(select(Topic.id).order_by(Topic.id)))


def _press_topic(attack: Attack, user: str, channel: str, topic_id: int, button: str) -> None:
    """Open a topic in a channel, and press a button in its form."""
    desk = attack.desk
    desk.click(channel, "topic", str(topic_id), user=user)
    view_id = list(desk.slack.views)[-1]
    attack.run_and_check(user)
    desk.press(view_id, f"topic_{button}", f"{channel}:{topic_id}", user)
    attack.run_and_check(user)


def _write_directly(attack: Attack, user: str, links: list[str]) -> None:
    """Ask in a direct message and in the assistant's pane."""
    desk, channel = attack.desk, f"D{user}"
    thread = {"user_id": user, "channel_id": channel, "thread_ts": attack.new_ts()}
    opened = {"type": "assistant_thread_started", "assistant_thread": thread}
    desk.deliver(opened)
    attack.run_and_check(user)
    desk.slack.say(channel, "New conversation", BOT_USER, ts=thread["thread_ts"])
    for text in (
        PROBLEM, f"similar {links[-1]}", "search is:open", "status", "duplicates", "cluster",
        "topics", "trends",
    ):  # fmt: skip
        message = desk.slack.say(
            channel, text, user, ts=attack.new_ts(), thread_ts=thread["thread_ts"]
        )
        desk.deliver({**message, "channel": channel, "channel_type": "im"})
        attack.run_and_check(user, *links)


def use_as_removed_user(attack: Attack) -> None:
    """Use the bot as somebody whose account was closed: they may read nothing."""
    opened = {"type": "app_home_opened", "user": GONE, "tab": "home"}
    attack.desk.deliver(opened)
    attack.run_and_check(GONE)
    _write_directly(attack, GONE, [attack.link(next(iter(attack.threads)))])


def press_open_forms(attack: Attack, tries: Iterable[tuple[str, str]]) -> None:
    """Press the buttons of a topic's form opened earlier, as these people in these channels."""
    for name, user in tries:
        for topic_id in _topic_ids(attack)[:1]:
            for button in ("share", "unhide"):
                _press_topic(attack, user, name, topic_id, button)


def use_some_surfaces(attack: Attack, user: str) -> None:
    """Use the commands that list or count tickets again, after people lost access."""
    for place in [place for place in open_places(attack) if place.is_read_by(user)][:1]:
        for command in (
            f"similar {PROBLEM}",
            "cluster",
            "topics",
            "trends",
            "duplicates",
            "status",
        ):
            attack.desk.command(place.name, command, user=user)
            attack.run_and_check(user)
        assert_counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))
