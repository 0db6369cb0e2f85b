"""Topics on the dashboard: whose they are, and who sees them."""

from __future__ import annotations

from sqlalchemy import select

from bot.web.dashboard import Dashboard
from models import Channel, Item, TopicItem
from services.issues.resolutions import Solution, resolve
from tests.bot.tasks.topics import SUBJECTS, cluster, post_tickets, topics
from tests.bot.web.visitors import Visitor, sign_in
from tests.conftest import NOW
from tests.serving import Desk

SECRET = "merger with Acme prints blank pages after the firmware update"


def _grouped(desk: Desk, channel: str, user: str, subjects: tuple[str, ...]) -> int:
    """Post and group tickets in a channel; return the id of its first topic."""
    post_tickets(desk, channel, subjects)
    before = {one.id for one in topics(desk)}
    cluster(desk, channel=channel, user=user)
    return min(one.id for one in topics(desk) if one.id not in before)


def test_a_private_channels_topics_are_for_its_members_alone(
    desk: Desk, dashboard: Dashboard
) -> None:
    """Its name, list, topics and map; by a forged address they are as if they did not exist."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    public = _grouped(desk, "C1", "U2", SUBJECTS[:2])
    private = _grouped(desk, "G1", "UIN", (f"{SECRET} badly", "salary list is open to everybody"))
    with desk.services.database.read() as session:
        channel = session.scalars(select(Channel.id).where(Channel.slack_id == "G1")).one()
    own = f"/topics?channel={channel}"
    member, other = (sign_in(desk, dashboard, user) for user in ("UIN", "U2"))

    assert f'href="{own}"' in member.get("/topics")
    assert f"/topics/{private}" not in member.page
    assert f"/topics/{private}" in member.get(own)
    assert f"/topics/{public}" not in member.page
    assert f'href="{own}"' in member.get(f"/topics/{private}")
    assert "salary" in member.get(own) + member.get(f"/topics/{private}")
    member.get(f"/map-light.png?channel={channel}")
    assert member.status == 200

    assert "#g1" not in other.get("/topics")
    assert f"/topics/{public}" in other.page
    nothing = other.get("/topics?channel=999")
    for path in (
        own,
        f"/topics/{private}",
        f"/map-dark.png?channel={channel}",
        f"{own}x",
        "/topics?channel=-1",
        "/topics?channel=",
    ):
        assert other.get(path) == nothing, path
        assert other.status == 404

    desk.slack.channels["G1"]["members"] = []
    member.get(own)
    assert member.status == 404


def test_on_this_machine_there_are_topics_of_all_members_only(desk: Desk, local: Visitor) -> None:
    """Nobody has signed in, so a private channel's topics are not among the pages."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    private = _grouped(desk, "G1", "UIN", (f"{SECRET} badly", "salary list is open"))
    assert "#g1" not in local.get("/topics")
    local.get(f"/topics/{private}")
    assert local.status == 404


def test_the_dashboard_shows_the_teams_topics_after_a_preview(desk: Desk, local: Visitor) -> None:
    """As `/deja topics` does."""
    team = _grouped(desk, "C1", "U2", SUBJECTS)
    cluster(desk, "2")
    assert f"/topics/{team}" in local.get("/topics")


def test_topics_have_the_numbers_of_the_map(desk: Desk, local: Visitor) -> None:
    """On the map most topics have no other name."""
    topic = _grouped(desk, "C1", "U2", SUBJECTS)
    assert f'<a href="/topics/{topic}">{topic} · ' in local.get("/topics")
    assert f"<h1>{topic} · " in local.get(f"/topics/{topic}")


def test_a_topics_page_has_its_answer(desk: Desk, local: Visitor) -> None:
    """The best one that was accepted, with its question; a ticket's text cannot be markup."""
    topic = _grouped(desk, "C1", "U2", SUBJECTS[:2])
    assert "From these tickets:" not in local.get(f"/topics/{topic}")
    with desk.services.database.write() as session:
        of_topic = select(Item).join(TopicItem, TopicItem.item_id == Item.id)
        item = session.scalars(of_topic.where(TopicItem.topic_id == topic).limit(1)).one()
        asked = f"{item.text[:1].upper()}{item.text[1:]}"
        answer = Solution("Set the driver to <script> & restart it.")
        resolve(session, item, answer, by="U2", now=NOW)
    page = local.get(f"/topics/{topic}")
    assert f"<h2>{asked}</h2>" in page
    assert "<p>Set the driver to &lt;script&gt; &amp; restart it.</p>" in page
    assert "From these tickets:" in page
