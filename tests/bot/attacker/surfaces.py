"""Every surface of the bot, used by somebody who may read some channels and not others."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select

from models import Topic
from tests.bot.attacker.attack import PROBLEM, QUESTION, Attack
from tests.bot.attacker.places import GONE, USERS, Place
from tests.serving import buttons
from tests.slack_methods import BOT_USER

# So many people together open each topic; in `make test-all` everybody opens all.
SHARED_BY = 3
TOPICS = ("cluster", "topics", "trends")


def open_places(attack: Attack) -> list[Place]:
    """Return the channels in which something can be said."""
    return [place for place in attack.places.values() if not place.is_archived]


def click_on_answers(attack: Attack, name: str, action: str) -> None:
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


def use_every_surface(attack: Attack, user: str, topics_of: int = SHARED_BY) -> None:
    """Use every surface as somebody, in one of the channels that they read."""
    desk = attack.desk
    readable = [place for place in open_places(attack) if place.is_read_by(user)]
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
        _group(attack, user, place, topics_of)
    _write_directly(attack, user, links)
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    attack.look(user)
    assert_counted(attack, user, attack.shown[user][-1])


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
    assert_counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))


def assert_counted(attack: Attack, user: str, shown: str) -> None:
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


def _group(attack: Attack, user: str, place: Place, topics_of: int) -> None:
    """Group the tickets, look at the topics, show them to all, open them and press their buttons.

    So many people share the work: each opens every `topics_of`-th topic.
    """
    desk = attack.desk
    for command in ("cluster", "cluster 1", "topics", "trends"):
        desk.command(place.name, command, user=user)
        attack.look(user)
    for text in ("topics", "trends"):
        desk.click(place.name, "share", text, user=user)
        attack.look(user)
    for topic_id in _topic_ids(attack)[USERS.index(user) % topics_of :: topics_of]:
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


def use_as_removed_user(attack: Attack) -> None:
    """Whose account is closed reads nothing, by whatever still reaches the bot."""
    opened = {"type": "app_home_opened", "user": GONE, "tab": "home"}
    attack.desk.deliver(opened)
    attack.look(GONE)
    _write_directly(attack, GONE, [attack.link(next(iter(attack.threads)))])


def press_open_forms(attack: Attack, tries: Iterable[tuple[str, str]]) -> None:
    """Press the buttons of a topic's form that was open before, in these channels as these."""
    for name, user in tries:
        for topic_id in _topic_ids(attack)[:1]:
            for button in ("share", "unhide"):
                _press_topic(attack, user, name, topic_id, button)


def use_some_surfaces(attack: Attack, user: str) -> None:
    """Ask again for what stands in every answer, now that less may be read."""
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
            attack.look(user)
        assert_counted(attack, user, json.dumps(attack.desk.slack.private_replies[-1]))
