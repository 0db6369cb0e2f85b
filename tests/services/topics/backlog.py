"""A small backlog of three subjects, and short ways to cluster it and to look at its topics."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Channel, Workspace
from services.memory.new_items import NewItem
from services.topics.curation import Curator
from services.topics.members import TopicTicket, tickets_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.views import RunView, TopicView, view_run
from tests.conftest import NOW
from tests.remembering import channel, remember, ticket

SUBJECTS = ("printer prints blank pages", "vpn drops every hour", "invoice total looks wrong")
DETAILS = ("after update", "since monday", "third floor", "again today", "for everybody", "at home")


def tickets_about(
    subject: str, *, first: int = 0, minutes: int = 0, **more: object
) -> list[NewItem]:
    """Return tickets about a subject, no two with the same text."""
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


def remember_merger(
    services: Services, workspace: Workspace, slack_id: str, *, private: bool = False
) -> Channel:
    """Add a channel with tickets about a secret, and tickets about a printer outside of it."""
    added = channel(services, workspace, slack_id, private=private)
    remember(services, workspace, tickets_about("merger secret plan", channel_id=added.id))
    remember(services, workspace, tickets_about(SUBJECTS[0]))
    return added


def cluster_scope(
    services: Services, scope: Scope, request: ClusterRequest | None = None
) -> RunView:
    """Cluster a scope's tickets and return its topics as people see them."""
    services.topics.run(scope, request or ClusterRequest(), by="U1", now=NOW)
    return current_view(services, scope)


def current_view(services: Services, scope: Scope) -> RunView:
    """Return a scope's current topics as people see them."""
    with services.database.read() as session:
        view = view_run(session, scope, NOW)
    assert view is not None
    return view


def topic_about(view: RunView, subject: str) -> TopicView:
    """Return the topic whose representative tickets are most often about a subject."""
    word = subject.split(maxsplit=1)[0]

    def share(topic: TopicView) -> float:
        return sum(word in one.title for one in topic.representatives) / len(topic.representatives)

    return max(view.topics, key=share)


def tickets_of_topic(services: Services, view: RunView, topic: TopicView) -> list[TopicTicket]:
    """Return all tickets of a topic."""
    with services.database.read() as session:
        return tickets_of(session, view.selection, topic.topic_id)


def curator(session: Session, scope: Scope) -> Curator:
    """Return a curator of a scope's topics."""
    return Curator(session, scope, "U9", NOW)


def topic_ids(topics: Sequence[TopicView]) -> set[int]:
    """Return the topics' ids."""
    return {topic.topic_id for topic in topics}


# "The printer does not print any more", as people write it.
ONE_COMPLAINT_IN_30_LANGUAGES = (
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
