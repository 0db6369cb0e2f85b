"""Topics of a scope: found, named, followed from run to run, kept as people made them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Channel, Item, Resolution, Topic, TopicRun, Workspace
from services.channels.audience import audience_of_channel
from services.errors import InputError, NotFoundError
from services.issues.resolutions import ensure_resolution
from services.memory.items import NewItem
from services.memory.workspaces import ChannelFacts, save_channel
from services.topics.curation import Curator
from services.topics.members import DAY, TopicTicket, memberships_of, tickets_of
from services.topics.runs import CLUSTERED, ClusterRequest
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody
from services.topics.unanswered import unanswered
from services.topics.views import RunView, TopicView, view_run
from tests.conftest import NOW
from tests.remembering import START, channel, remember, ticket

SUBJECTS = ("printer prints blank pages", "vpn drops every hour", "invoice total looks wrong")
DETAILS = ("after update", "since monday", "third floor", "again today", "for everybody", "at home")


def said(subject: str, *, first: int = 0, minutes: int = 0, **more: object) -> list[NewItem]:
    """Return tickets on a subject, no two equal."""
    return [
        ticket(
            f"{subject}-{first + number}",
            f"{subject} {detail} {first + number}",
            minutes=minutes,
            author=f"U{number}",
            **more,
        )
        for number, detail in enumerate(DETAILS)
    ]


@pytest.fixture
def scope(services: Services, workspace: Workspace) -> Scope:
    """Give the tickets on three subjects that everybody may read."""
    for subject in SUBJECTS:
        remember(services, workspace, said(subject))
    return scope_of_everybody(workspace.id)


def group(services: Services, scope: Scope, wanted: ClusterRequest | None = None) -> RunView:
    """Group a scope's tickets and return what people see."""
    services.topics.run(scope, wanted or ClusterRequest(), by="U1", now=NOW)
    return seen(services, scope)


def seen(services: Services, scope: Scope) -> RunView:
    """Return what people see."""
    with services.database.read() as session:
        view = view_run(session, scope, NOW)
    assert view is not None
    return view


def on(view: RunView, subject: str) -> TopicView:
    """Return the topic whose tickets are on a subject, by those that show it best."""
    word = subject.split(maxsplit=1)[0]

    def share(topic: TopicView) -> float:
        return sum(word in one.title for one in topic.representatives) / len(topic.representatives)

    return max(view.topics, key=share)


def tickets(services: Services, view: RunView, topic: TopicView) -> list[TopicTicket]:
    """Return all tickets of a topic."""
    with services.database.read() as session:
        return tickets_of(session, view.selection, topic.topic_id)


def curator(session: Session, scope: Scope) -> Curator:
    """Return somebody who works on topics."""
    return Curator(session, scope, "U9", NOW)


def ids(topics: Sequence[TopicView]) -> set[int]:
    """Return the topics' ids."""
    return {topic.topic_id for topic in topics}


def test_tickets_are_grouped_by_what_they_are_about(services: Services, scope: Scope) -> None:
    """Three subjects, three topics with titles of their own, an exemplar each, and figures."""
    view = group(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    for subject in SUBJECTS:
        topic = on(view, subject)
        assert all(subject.split()[0] in one.title for one in tickets(services, view, topic))
        assert set(topic.title.lower().split()) & set(subject.split())
        assert 1 <= len(topic.representatives) <= 4
        best = list(topic.representatives)
        assert best == tickets(services, view, topic)[: len(best)]
        assert topic.change == "born"
        assert 0 <= topic.quality <= 1
        assert topic.purity == 1
    assert len({topic.title for topic in view.topics}) == 3
    assert view.tickets == 18


def test_a_topic_keeps_its_id_and_name_from_run_to_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """More tickets make it grow; a new subject is born, one whose tickets are gone is gone."""
    before = group(services, scope)
    remember(services, workspace, said(SUBJECTS[0], first=10))
    remember(services, workspace, said("parcel lost in transit"))
    with services.database.write() as session:
        wrong = session.scalars(select(Item).where(Item.text.contains("invoice"))).all()
        for item in wrong:
            item.deleted_at = NOW
    after = group(services, scope)
    for subject in SUBJECTS[:2]:
        assert on(after, subject).topic_id == on(before, subject).topic_id
        assert on(after, subject).title == on(before, subject).title
    assert on(after, SUBJECTS[0]).change == "grown"
    assert on(after, "parcel").change == "born"
    assert on(before, SUBJECTS[2]).topic_id not in ids(after.topics)


def test_tickets_that_are_grouped_again_stay_where_they_are(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """All of a topic is as it was while no ticket is new, and nothing is news."""
    remember(services, workspace, [ticket("stray", "who has seen my umbrella")])
    first = group(services, scope)
    topic = first.topics[0]
    with services.database.write() as session:
        curator(session, scope).rename(topic.topic_id, "Paper")
        curator(session, scope).hide(first.topics[1].topic_id)
    heard: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U2", now=NOW, on_progress=lambda *far: heard.append(far)
    )
    again = seen(services, scope)
    assert heard == [(100, 100)]
    assert again.run_id != first.run_id
    assert again.unclustered == first.unclustered == 1
    assert {one.change for one in again.topics} == {"same"}
    assert again.topics == tuple(
        replace(
            one,
            change="same",
            title="Paper" if one is topic else one.title,
            is_hidden=one is first.topics[1],
        )
        for one in first.topics
    )


@pytest.mark.parametrize(
    "what", ["another ticket", "another span", "a moved ticket", "a strictness"]
)
def test_tickets_are_grouped_anew_once_something_is_new(
    services: Services, scope: Scope, workspace: Workspace, what: str
) -> None:
    """New tickets, other ones, and what people placed elsewhere are looked at."""
    first = group(services, scope)
    wanted = ClusterRequest()
    if what == "another ticket":
        remember(services, workspace, said(SUBJECTS[0], first=20))
    elif what == "another span":
        remember(services, workspace, said(SUBJECTS[0], first=20, minutes=600))
        first = group(services, scope)
        wanted = ClusterRequest(since=START + timedelta(minutes=500))
    elif what == "a strictness":
        wanted = ClusterRequest(strictness=0.1)
    else:
        with services.database.write() as session:
            moved = first.topics[0].representatives[0].item_id
            curator(session, scope).move(moved, first.topics[1].topic_id)
    heard: list[tuple[int, int]] = []
    services.topics.run(scope, wanted, by="U2", now=NOW, on_progress=lambda *far: heard.append(far))
    assert len(heard) > 1


def test_a_ticket_that_was_moved_back_is_placed_by_the_next_run(
    services: Services, scope: Scope
) -> None:
    """Though no ticket is new."""
    first = group(services, scope)
    moved = first.topics[0].representatives[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, first.topics[1].topic_id)
    group(services, scope)
    with services.database.write() as session:
        curator(session, scope).unmove(moved)
    again = group(services, scope)
    with services.database.read() as session:
        [home] = [
            one.topic_id
            for one in again.topics
            if moved in {of.item_id for of in tickets_of(session, again.selection, one.topic_id)}
        ]
    assert home == first.topics[0].topic_id


def test_a_span_and_channels_narrow_a_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Only what is asked for is grouped; topics keep their ids, others are not called gone."""
    whole = group(services, scope)
    late = NOW - timedelta(days=1)
    remember(services, workspace, said(SUBJECTS[1], first=20, minutes=60 * 24 * 22))
    recent = group(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 6
    assert ids(recent.topics) <= {on(whole, SUBJECTS[1]).topic_id} | ids(recent.topics)
    assert recent.gone == ()
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("kiosk screen black", channel_id=place.id))
    there = group(services, scope, ClusterRequest(channels=(place.id,)))
    assert there.tickets == 6
    again = group(services, scope)
    assert ids(whole.topics) <= ids(again.topics)


def test_a_run_of_some_days_forgets_no_older_topic(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """One whose only new ticket fits nowhere among these keeps its older ones, and its number."""
    late = NOW - timedelta(days=1)
    lonely = ticket("late", f"{SUBJECTS[0]} at night", minutes=60 * 24 * 22)
    remember(services, workspace, [lonely])
    before = group(services, scope)
    remember(services, workspace, said("parcel lost in transit", minutes=60 * 24 * 22))
    recent = group(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 7
    assert recent.gone == ()
    after = group(services, scope)
    assert on(after, SUBJECTS[0]).topic_id == on(before, SUBJECTS[0]).topic_id


def test_a_number_of_topics_may_be_asked_for(services: Services, scope: Scope) -> None:
    """As many as there are different tickets, at most."""
    assert len(group(services, scope, ClusterRequest(k=2)).topics) == 2
    assert len(group(services, scope, ClusterRequest(k=500)).topics) == 18
    with pytest.raises(InputError):
        group(services, scope, ClusterRequest(k=0))


def test_a_number_that_was_asked_for_takes_no_name_away(services: Services, scope: Scope) -> None:
    """Whoever looks at the backlog in two topics leaves the team's topics as they were."""
    before = group(services, scope)
    named = on(before, SUBJECTS[1]).topic_id
    with services.database.write() as session:
        curator(session, scope).rename(named, "Remote work")
    for k in (1, 2):
        look = group(services, scope, ClusterRequest(k=k))
        assert "Remote work" not in {one.title for one in look.topics if one.size > 6}
        assert look.gone == ()
    after = group(services, scope)
    assert on(after, SUBJECTS[1]).title == "Remote work"
    assert ids(after.topics) == ids(before.topics)


def test_names_stay_as_people_gave_them(services: Services, scope: Scope) -> None:
    """A later run keeps a name; no two topics have one."""
    first, second, _ = group(services, scope).topics
    with services.database.write() as session:
        curator(session, scope).rename(first.topic_id, "  Paper   trouble ")
    assert {one.title for one in group(services, scope).topics} >= {"Paper trouble"}
    with services.database.write() as session, pytest.raises(InputError, match="has that name"):
        curator(session, scope).rename(second.topic_id, "paper trouble")
    with services.database.write() as session, pytest.raises(InputError, match="needs a name"):
        curator(session, scope).rename(second.topic_id, "  ")


def test_hidden_topics_stay_hidden_until_shown(services: Services, scope: Scope) -> None:
    """They are grouped as before, and shown to nobody."""
    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    view = group(services, scope)
    assert topic.topic_id in ids(view.topics)
    assert topic.topic_id not in ids(view.shown)
    with services.database.write() as session:
        curator(session, scope).unhide(topic.topic_id)
    assert topic.topic_id in ids(seen(services, scope).shown)


def test_joined_topics_stay_joined(services: Services, scope: Scope, workspace: Workspace) -> None:
    """Also where more tickets come on both subjects."""
    view = group(services, scope)
    one, other = (on(view, subject).topic_id for subject in SUBJECTS[:2])
    with services.database.write() as session:
        curator(session, scope).merge(one, [other])
    assert on(seen(services, scope), SUBJECTS[0]).size == 12
    for subject in SUBJECTS[:2]:
        remember(services, workspace, said(subject, first=30))
    view = group(services, scope)
    assert len(view.topics) == 2
    joined = next(topic for topic in view.topics if topic.topic_id == one)
    assert joined.size == 24
    with services.database.write() as session, pytest.raises(InputError):
        curator(session, scope).merge(one, [one])


def test_a_split_topic_stays_split(services: Services, scope: Scope, workspace: Workspace) -> None:
    """New tickets go to the nearer half, whatever the clustering makes of both."""
    view = group(services, scope, ClusterRequest(k=2))
    [mixed] = [topic for topic in view.topics if topic.size == 12]
    with services.database.write() as session:
        new = curator(session, scope).split(mixed.topic_id).id
    sizes = sorted(topic.size for topic in seen(services, scope).topics)
    assert sizes == [6, 6, 6]
    again = group(services, scope, ClusterRequest(k=2))
    assert ids(again.topics) >= {mixed.topic_id, new}
    assert sorted(topic.size for topic in again.topics) == [6, 6, 6]


def test_a_topic_of_equal_tickets_cannot_be_split(services: Services, workspace: Workspace) -> None:
    """There is nothing to tell two halves by."""
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(5)])
    scope = scope_of_everybody(workspace.id)
    [topic] = group(services, scope).topics
    assert topic.size == 5
    with services.database.write() as session, pytest.raises(InputError, match="too few"):
        curator(session, scope).split(topic.topic_id)


def test_the_parts_of_a_topic_never_have_one_name(services: Services, workspace: Workspace) -> None:
    """However often it is split, and though its tickets differ by numbers alone."""
    said_alike = [ticket(f"{one}", f"kiosk screen black {one}") for one in range(9)]
    remember(services, workspace, said_alike)
    scope = scope_of_everybody(workspace.id)
    topic = group(services, scope).topics[0]
    for _ in range(3):
        with services.database.write() as session:
            curator(session, scope).split(topic.topic_id)
    titles = [one.title for one in seen(services, scope).topics]
    assert len(set(titles)) == len(titles) >= 4


def test_a_moved_ticket_stays_where_it_was_put(services: Services, scope: Scope) -> None:
    """Whatever it says."""
    view = group(services, scope)
    target, source = on(view, SUBJECTS[0]), on(view, SUBJECTS[1])
    moved = tickets(services, view, source)[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, target.topic_id)
    for found in (seen(services, scope), group(services, scope)):
        there = next(one for one in found.topics if one.topic_id == target.topic_id)
        assert moved in {one.item_id for one in tickets(services, found, there)}


def test_what_people_do_is_on_record(services: Services, scope: Scope) -> None:
    """Who, what, when."""
    from models import Change

    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    with services.database.read() as session:
        [change] = session.scalars(select(Change).where(Change.setting == "topic"))
    assert (change.changed_by, change.after) == ("U9", "hidden")


def test_no_private_ticket_names_a_topic_of_everybody(
    services: Services, workspace: Workspace
) -> None:
    """Nor is it counted; its own channel's readers see it in theirs."""
    secret = channel(services, workspace, "G1", private=True)
    remember(services, workspace, said("merger secret plan", channel_id=secret.id))
    remember(services, workspace, said(SUBJECTS[0]))
    everybody = group(services, scope_of_everybody(workspace.id))
    assert everybody.tickets == 6
    assert "merger" not in repr(everybody)
    own = group(services, scope_of_channel(secret))
    assert own.tickets == 12
    assert "merger" in repr(own)
    assert "merger" not in repr(seen(services, scope_of_everybody(workspace.id)))


def test_topics_are_void_when_a_channel_turns_private(
    services: Services, workspace: Workspace
) -> None:
    """Nothing of them is shown until they are grouped anew, under names that tell nothing."""
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("merger secret plan", channel_id=place.id))
    remember(services, workspace, said(SUBJECTS[0]))
    scope = scope_of_everybody(workspace.id)
    topic = on(group(services, scope), "merger")
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    with services.database.read() as session:
        assert view_run(session, scope, NOW) is None
        with pytest.raises(NotFoundError):
            curator(session, scope).find(topic.topic_id)
    assert "merger" not in repr(group(services, scope))


def test_a_shared_channel_sees_its_own_tickets_alone(
    services: Services, workspace: Workspace
) -> None:
    """Outside members read nothing else."""
    shared = channel(services, workspace, "C9", shared=True)
    remember(services, workspace, said(SUBJECTS[0]))
    remember(services, workspace, said(SUBJECTS[1], channel_id=shared.id))
    view = group(services, scope_of_channel(shared))
    assert view.tickets == 6
    assert scope_of_channel(shared).audience.items.compare(audience_of_channel(shared).items)


def test_a_deleted_ticket_is_gone_from_its_topic(services: Services, scope: Scope) -> None:
    """At once, not at the next run."""
    before = group(services, scope)
    gone = before.topics[0].representatives[0].item_id
    with services.database.write() as session:
        session.get_one(Item, gone).deleted_at = NOW
    view = seen(services, scope)
    assert view.tickets == 17
    assert gone not in {
        one.item_id for topic in view.topics for one in tickets(services, view, topic)
    }


def test_a_title_from_before_a_channel_turned_private_never_returns(
    services: Services, workspace: Workspace
) -> None:
    """Not even by a narrower run in between, which leaves the topics of other tickets alone."""
    here, there = (channel(services, workspace, name, private=False) for name in ("C1", "C2"))
    remember(services, workspace, said("printer prints blank pages", channel_id=here.id))
    remember(services, workspace, said("merger printer plan", channel_id=there.id))
    remember(services, workspace, said("vpn drops every hour", channel_id=here.id))
    scope = scope_of_everybody(workspace.id)
    group(services, scope)
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C2", is_private=True))
    remember(services, workspace, said("staff printer plan", channel_id=here.id))
    remember(services, workspace, said("badge opens no door", channel_id=here.id, minutes=6))
    group(services, scope, ClusterRequest(since=START + timedelta(minutes=5)))
    view = group(services, scope)
    assert "merger" not in str(view)
    with services.database.read() as session:
        assert not any("merger" in topic.title for topic in session.scalars(select(Topic)))


def test_a_deleted_ticket_takes_its_words_out_of_titles(services: Services, scope: Scope) -> None:
    """Where no other ticket says them: at once, and for good with the next run."""
    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
    with services.database.write() as session:
        for topic in session.scalars(select(Topic)):
            topic.title, topic.terms = f"{topic.title} zebra", [*topic.terms, "zebra"]
        run = session.scalars(select(TopicRun)).one()
        run.gone_topics = {0: "zebra crossing"}
    view = seen(services, scope)
    assert "zebra" not in str(view)
    shown = on(view, SUBJECTS[0])
    assert shown.title == shown.representatives[0].title
    with services.database.write() as session:
        session.get_one(Item, shown.representatives[0].item_id).deleted_at = NOW
    group(services, scope)
    with services.database.read() as session:
        assert not any("zebra" in topic.title for topic in session.scalars(select(Topic)))


def test_nothing_to_group_is_told(services: Services, workspace: Workspace) -> None:
    """No ticket, one, and all the same."""
    scope = scope_of_everybody(workspace.id)
    with pytest.raises(NotFoundError, match="no ticket"):
        group(services, scope)
    remember(services, workspace, [ticket("1", SUBJECTS[0])])
    view = group(services, scope)
    assert (view.topics, view.unclustered) == ((), 1)
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(2, 9)])
    assert [topic.size for topic in group(services, scope).topics] == [8]


# The same complaint, as people write it.
LANGUAGES = (
    "the printer does not print any more", "der Drucker druckt nicht mehr und blinkt",
    "l'imprimante n'imprime plus depuis hier", "la impresora ya no imprime desde ayer",
    "la stampante non stampa più da ieri", "a impressora não imprime desde ontem",
    "de printer drukt sinds gisteren niet af", "skrivaren skriver inte ut sedan igår",
    "printeren udskriver ikke siden mandag", "skriveren virker ikke etter oppdatering",
    "tulostin ei tulosta eilisen jälkeen", "printer ei prindi alates eilsest päevast",
    "printeris nedrukā kopš vakardienas", "spausdintuvas nespausdina nuo vakar",
    "drukarka nie drukuje od wczoraj", "tiskárna netiskne od včerejška",
    "tlačiareň netlačí od pondelka ráno", "a nyomtató tegnap óta nem nyomtat",
    "imprimanta nu mai tipărește de ieri", "принтерът не печата от вчера",
    "принтер не печатает со вчерашнего дня", "принтер не друкує з учорашнього дня",
    "ο εκτυπωτής δεν τυπώνει από χθες", "yazıcı dünden beri yazdırmıyor",
    "الطابعة لا تطبع منذ أمس", "המדפסת לא מדפיסה מאתמול", "प्रिंटर कल से प्रिंट नहीं कर रहा है",
    "เครื่องพิมพ์ไม่พิมพ์ตั้งแต่เมื่อวาน", "打印机从昨天开始不打印", "昨日からプリンターが印刷しません",
)  # fmt: skip


def test_thirty_languages_at_once_are_told_apart(services: Services, workspace: Workspace) -> None:
    """Each topic has a title, in words of its own tickets, and no two have the same."""
    for text in LANGUAGES:
        remember(services, workspace, said(text))
    view = group(services, scope_of_everybody(workspace.id))
    assert view.tickets == 180
    assert len(view.topics) >= 15
    titles = [topic.title.casefold() for topic in view.topics]
    assert all(title.strip() for title in titles)
    assert len(set(titles)) == len(titles)
    for topic in view.topics:
        said_there = " ".join(one.title for one in tickets(services, view, topic)).casefold()
        assert topic.title.split()[0].casefold() in said_there


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_the_last_run_as_it_was(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The run fails as a whole; with room again a new one works."""
    group(services, scope)
    for text in LANGUAGES:
        remember(services, workspace, said(text))
    standing = seen(services, scope)

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    engine = services.database.engine
    engine.dispose()
    event.listen(engine, "connect", fill)
    with pytest.raises(OperationalError, match="full"):
        group(services, scope)
    assert seen(services, scope) == standing
    engine.dispose()
    event.remove(engine, "connect", fill)
    assert group(services, scope).tickets == 198


def test_two_runs_at_once_make_one_set_of_topics(services: Services, scope: Scope) -> None:
    """The later one builds on the earlier; no ticket is in two topics, no topic is twice."""
    runs = [Thread(target=lambda: services.topics.run(scope, ClusterRequest(), by="U1", now=NOW))
            for _ in range(3)]  # fmt: skip
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    view = seen(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    with services.database.read() as session:
        assert len(session.scalars(select(TopicRun)).all()) == 3


def test_a_workspace_purged_amid_a_run_is_told(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Nothing of it comes back."""

    def purge(done: int, total: int) -> None:
        with services.database.write() as session:
            session.execute(delete(Item))
            session.execute(delete(Channel))
            session.execute(delete(Workspace))

    with pytest.raises(NotFoundError, match="removed"):
        services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=purge)
    with services.database.read() as session:
        assert session.scalars(select(TopicRun)).all() == []


def test_a_run_tells_how_far_it_is_to_its_end(services: Services, scope: Scope) -> None:
    """Never less than before, also after the grouping, and all of it only once it is stored."""
    told: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U1", now=NOW, on_progress=lambda *one: told.append(one)
    )
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {100}
    assert done[-1] == 100
    assert len({one for one in done if CLUSTERED < one < 100}) >= 3


def test_a_ticket_deleted_amid_a_run_is_in_no_topic(services: Services, scope: Scope) -> None:
    """Its words are read no more once it is gone; the others are grouped all the same."""

    def forget(done: int, total: int) -> None:
        with services.database.write() as session:
            item = session.scalars(select(Item).where(Item.text.contains("printer"))).first()
            if item is not None and done < CLUSTERED:
                item.deleted_at, item.text = NOW, ""

    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=forget)
    sizes = [topic.size for topic in seen(services, scope).topics]
    assert sum(sizes) < 18
    assert sizes[:2] == [6, 6]


def test_what_nobody_answers_is_told_first(services: Services, scope: Scope) -> None:
    """By how many times how long; what is solved waits no more."""
    view = group(services, scope)
    solved = on(view, SUBJECTS[0])
    with services.database.write() as session:
        for one in tickets(services, view, solved):
            session.get_one(Item, one.item_id).status = "resolved"
    view = seen(services, scope)
    with services.database.read() as session:
        radar = unanswered(session, view, NOW)
    assert [one.topic.topic_id for one in radar] != []
    assert solved.topic_id not in {one.topic.topic_id for one in radar}
    assert radar[0].open_count == 6
    assert on(view, SUBJECTS[0]).solved == 1


def test_figures_are_those_of_the_tickets(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """How many came in which week, how long solving took, and how long the others wait."""
    hours = 60
    for number, days in enumerate((1, 2, 8, 30, 200)):
        minutes = int((NOW - START) / timedelta(minutes=1)) - days * 24 * hours
        one = ticket(f"kiosk-{number}", f"kiosk screen black {number}", minutes=minutes, author="U")
        remember(services, workspace, [one])
    with services.database.write() as session:
        kiosks = select(Item).where(Item.text.contains("kiosk")).order_by(Item.external_id)
        for item, took in zip(session.scalars(kiosks), (1, 2, 6, 9), strict=False):
            session.add(
                Resolution(
                    item_id=item.id,
                    text="restart it",
                    marked_by="U1",
                    marked_at=item.created_at + timedelta(hours=took),
                )
            )
            item.resolution = "restart it" if took < 9 else None
    topic = on(group(services, scope), "kiosk")
    assert (topic.size, topic.solved_count, topic.open_count) == (5, 3, 2)
    assert topic.weeks == (0, 0, 0, 1, 0, 0, 1, 2)
    assert [sum(topic.days[start : start + 7]) for start in range(0, 56, 7)] == list(topic.weeks)
    assert sum(topic.days[-7:]) == topic.trend.count
    assert (topic.trend.count, topic.trend.reporters) == (2, 1)
    assert topic.median == timedelta(hours=4)
    view = seen(services, scope)
    with services.database.read() as session:
        radar = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
    assert radar[topic.topic_id].median_wait == timedelta(days=115)


def test_what_is_remembered_after_a_run_was_not_grouped(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Old tickets that are imported later do not fit nowhere: nobody has looked where they fit."""
    before = group(services, scope)
    remember(services, workspace, said("kiosk screen black", minutes=-10_000))
    after = seen(services, scope)
    assert (after.tickets, after.unclustered) == (before.tickets, before.unclustered)
    late = after.topics[0]
    with services.database.write() as session:
        newest = session.scalars(select(Item).order_by(Item.id.desc())).first()
        assert newest is not None
        curator(session, scope).move(newest.id, late.topic_id)
        newest_id = newest.id
    moved = seen(services, scope).find(late.topic_id)
    assert moved is not None
    assert moved.size == late.size + 1
    assert newest_id in {one.item_id for one in tickets(services, seen(services, scope), moved)}
    assert group(services, scope).tickets == before.tickets + len(DETAILS)


def test_tickets_with_a_date_to_come_count_without_a_trend(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A file may say any date: a topic has all of its tickets, and nothing is asked tomorrow."""
    year = int((NOW - START + timedelta(days=400)) / timedelta(minutes=1))
    remember(services, workspace, said("kiosk screen black", minutes=year))
    view = group(services, scope)
    topic = on(view, "kiosk")
    assert topic.size == len(tickets(services, view, topic)) == len(DETAILS)
    assert view.tickets == (len(SUBJECTS) + 1) * len(DETAILS)
    assert (sum(topic.weeks), sum(topic.days), topic.trend.count) == (0, 0, 0)
    assert not any(one.trend.is_rise for one in view.topics)
    with services.database.read() as session:
        radar = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
        days = {one.day for one in memberships_of(session, view.selection)}
    assert radar[topic.topic_id].median_wait == timedelta()
    assert max(days) == int(NOW.timestamp()) // DAY


def test_what_was_imported_as_solved_has_taken_its_time(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """With an answer or without; not what is open, nor the time at which a file was imported."""
    for number, (status, answer, hours) in enumerate(
        (("closed", None, 2), ("open", "restart it", 4), ("open", None, 90), ("closed", "so", None))
    ):
        text = f"kiosk screen black {number}"
        one = ticket(f"kiosk-{number}", text, status=status, resolution=answer)
        at = None if hours is None else one.created_at + timedelta(hours=hours)
        remember(services, workspace, [replace(one, resolved_at=at)])
    with services.database.write() as session:
        for item in session.scalars(select(Item).where(Item.resolution.is_not(None))):
            ensure_resolution(session, item)
    assert on(group(services, scope), "kiosk").median == timedelta(hours=3)
    with services.database.read() as session:
        marked = session.scalars(select(Resolution).where(Resolution.text == "restart it")).one()
        assert marked.marked_at == START + timedelta(hours=4)


def test_a_topic_without_its_best_tickets_shows_another(services: Services, scope: Scope) -> None:
    """Where all that showed it are gone, what fits best stands for it."""
    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        for one in topic.representatives:
            session.get_one(Item, one.item_id).deleted_at = NOW
    view = seen(services, scope)
    left = next(one for one in view.topics if one.topic_id == topic.topic_id)
    assert list(left.representatives) == tickets(services, view, left)[:1]
