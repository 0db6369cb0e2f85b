"""An FAQ's entry is a question of a topic and the best answer that was accepted for it."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Item, Workspace
from models.queries import items_by_id
from services.issues.outcomes import record_outcome
from services.issues.verdicts import decide
from services.topics.faq_entries import FaqEntry, faq_entries, faq_entry
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody
from tests.conftest import NOW
from tests.remembering import START, channel, remember, ticket
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    current_view,
    tickets_about,
    topic_about,
)

PRINTER = "printer prints blank pages"
DRIVER, TONER = "Set the driver back to direct thermal.", "Put in a new toner cartridge."


def _entries(services: Services, scope: Scope) -> list[FaqEntry]:
    view = current_view(services, scope)
    with services.database.read() as session:
        return faq_entries(session, view)


def _tickets(services: Services, workspace: Workspace, answers: list[str | None]) -> list[int]:
    """Store tickets about a printer with these answers, return their ids."""
    named = ("after update", "since monday", "third floor", "again today", "at home", "twice")
    tickets = [
        ticket(
            f"P-{at}", f"{PRINTER} {named[at]}.", resolution=answer, url=f"https://x.example/{at}"
        )
        for at, answer in enumerate(answers)
    ]
    saved = remember(services, workspace, tickets)
    for subject in SUBJECTS[1:]:
        remember(services, workspace, tickets_about(subject))
    return [one.item_id for one in saved]


@pytest.mark.both_databases
def test_question_and_answer_are_of_the_same_tickets(
    services: Services, workspace: Workspace
) -> None:
    """ "Done." answers nobody, and a topic without an answer has no entry."""
    ids = _tickets(services, workspace, ["Done.", None, f"Hi Ann, {DRIVER}", None, None, "fixed"])
    view = cluster_scope(services, scope_of_everybody(workspace.id))
    [entry] = _entries(services, scope_of_everybody(workspace.id))
    assert entry.topic == topic_about(view, PRINTER)
    assert (entry.question, entry.answer) == ("Printer prints blank pages third floor", DRIVER)
    assert [(one.item_id, one.url) for one in entry.sources] == [(ids[2], "https://x.example/2")]
    with services.database.read() as session:
        assert faq_entry(session, view, entry.topic) == entry
        assert faq_entry(session, view, topic_about(view, SUBJECTS[1])) is None


def test_the_answer_that_helped_most_is_taken(services: Services, workspace: Workspace) -> None:
    """One that worked for other tickets goes before others, and one that failed is left out."""
    ids = _tickets(services, workspace, [DRIVER, TONER, None, None, None, None])
    scope = scope_of_everybody(workspace.id)
    cluster_scope(services, scope)

    def report(answered: int, other: int, *, worked: bool) -> None:
        with services.database.write() as session:
            item = items_by_id(session, [ids[answered]])[ids[answered]]
            record_outcome(session, item, ids[other], worked, by="U1", now=NOW)

    for other in (2, 3):
        report(1, other, worked=True)
    [entry] = _entries(services, scope)
    assert (entry.answer, entry.helped) == (TONER, 2)
    for other in (2, 3, 4):
        report(1, other, worked=False)
    [entry] = _entries(services, scope)
    assert (entry.answer, entry.helped) == (DRIVER, 0)
    report(0, 2, worked=False)
    assert _entries(services, scope) == []


def test_an_answer_that_solved_several_tickets_goes_first(
    services: Services, workspace: Workspace
) -> None:
    """All of them are named: those with the same answer, and those that are the same issue."""
    ids = _tickets(services, workspace, [TONER, DRIVER, DRIVER.upper(), None, None, None])
    scope = scope_of_everybody(workspace.id)
    cluster_scope(services, scope)
    with services.database.write() as session:
        decide(session, workspace.id, (ids[1], ids[4]), "duplicate", by="U1", now=NOW)
    [entry] = _entries(services, scope)
    assert {one.item_id for one in entry.sources} == {ids[1], ids[2], ids[4]}


@pytest.mark.both_databases
def test_an_entry_has_nothing_that_its_readers_may_not_read(
    services: Services, workspace: Workspace
) -> None:
    """Neither a private answer nor a private ticket that it solved, nor one that was deleted."""
    private = channel(services, workspace, "G1", private=True)
    ids = _tickets(services, workspace, [DRIVER, TONER, None, None, None, None])
    secret = remember(
        services,
        workspace,
        [ticket("S-1", f"{PRINTER} merger", channel_id=private.id, resolution="Tell the lawyers.")],
    )
    everybody, own = scope_of_everybody(workspace.id), scope_of_channel(private)
    cluster_scope(services, everybody)
    cluster_scope(services, own)
    with services.database.write() as session:
        decide(session, workspace.id, (ids[0], secret[0].item_id), "duplicate", by="U1", now=NOW)
        item = items_by_id(session, [ids[0]])[ids[0]]
        record_outcome(session, item, secret[0].item_id, True, by="U1", now=NOW)
    [entry] = _entries(services, everybody)
    assert entry.helped == 0
    assert secret[0].item_id not in {one.item_id for one in entry.sources}
    assert "merger" not in repr(entry).casefold()
    assert any(one.helped for one in _entries(services, own))
    with services.database.write() as session:
        for item_id in ids[:2]:
            item = session.get_one(Item, item_id)
            item.deleted_at = START
    assert _entries(services, everybody) == []
