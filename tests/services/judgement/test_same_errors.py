"""Tickets that show the same error of a program, in whatever words."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.audience import audience_of_channel, whole_workspace
from services.judgement.bands import Match
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.explanation import explain
from services.judgement.explanation_text import explanation_text
from tests.remembering import channel, remember, ticket
from tests.services.text.stack_traces.test_traces import charge

PAYING = f"Customers in Kosovo cannot pay, please look at it:{charge()}"
KOSOVO = f"nightly renewal job died{charge('KeyError: 7')}see the attachment"
RENEWAL = f"nightly renewal job died{charge(caller='renew')}see the attachment"
SHIPPING = f"labels for parcels come out empty{charge(module='shipping')}"
FILLER = [
    ticket(f"F-{number}", text, minutes=number)
    for number, text in enumerate(
        ["vpn drops every hour", "invoice export fails", "please reset my password", SHIPPING]
    )
]


def match_of(services: Services, workspace: Workspace, ours: str, theirs: str) -> Match | None:
    """Return what an answer to one text says of an earlier one, among others."""
    earlier, *_ = remember(services, workspace, [ticket("T-1", theirs), *FILLER])
    later = remember(services, workspace, [ticket("T-2", ours, minutes=60)])[0]
    found = services.similar.to_items(
        [later.item_id], audience=whole_workspace(workspace.id), limit=5
    )
    return next((one for one in found[later.item_id] if one.item_id == earlier.item_id), None)


def reasons(services: Services, workspace: Workspace, ours: str, theirs: str) -> list[str]:
    """Return why two tickets were judged as they were, the verdict last."""
    one, other = remember(services, workspace, [ticket("T-1", theirs), ticket("T-2", ours)])
    with services.database.read() as session:
        why = explanation_text(
            explain(
                session, services.judge, other.item_id, one.item_id,
                audience=whole_workspace(workspace.id), wrong_in_ten=DEFAULT_BUDGET,
            )
        )  # fmt: skip
    return [*map(str, why.for_), *map(str, why.against), str(why.verdict)]


@pytest.mark.both_databases
def test_the_same_error_in_other_words_is_the_same_issue(
    services: Services, workspace: Workspace
) -> None:
    """And it comes first, although nothing else is alike."""
    found = match_of(services, workspace, KOSOVO, PAYING)
    assert found is not None
    assert (found.band, found.same_error) == ("duplicate", 1)


def test_the_same_place_reached_another_way_is_related(
    services: Services, workspace: Workspace
) -> None:
    """Two faults may end there."""
    found = match_of(services, workspace, RENEWAL, PAYING)
    assert found is not None
    assert (found.band, found.same_error) == ("similar", 0.5)


def test_the_same_type_elsewhere_says_nothing(services: Services, workspace: Workspace) -> None:
    """The same words with another error are no duplicate either."""
    found = match_of(services, workspace, PAYING.replace("billing", "shipping"), PAYING)
    assert found is not None
    assert (found.band, found.same_error) == ("similar", 0)
    other = match_of(services, workspace, SHIPPING, PAYING)
    assert other is None or (other.band != "duplicate" and other.same_error == 0)


def test_why_names_the_error(services: Services, workspace: Workspace) -> None:
    """By its type and its place, and not by what it is indexed by."""
    lines = reasons(services, workspace, KOSOVO, PAYING)
    assert "Both show the same error: KeyError in billing.charge" in lines
    assert lines[-1] == "Called a duplicate: both show the same error at the same place."
    assert not any("@" in line for line in lines)
    lines = reasons(services, workspace, RENEWAL, PAYING)
    assert (
        "Both show the same error, reached in different ways: KeyError in billing.charge" in lines
    )
    lines = reasons(services, workspace, SHIPPING, PAYING)
    assert (
        "They show different errors: KeyError in shipping.charge and KeyError in billing.charge"
        in lines
    )


def test_an_error_in_a_private_channel_is_not_found(
    services: Services, workspace: Workspace
) -> None:
    """Whoever may not read it is not told that it was there."""
    public, private = (
        channel(services, workspace, name, private=name == "G1") for name in ("C1", "G1")
    )
    remember(services, workspace, [ticket("T-1", PAYING, channel_id=private.id), *FILLER])
    later = remember(services, workspace, [ticket("T-2", KOSOVO, channel_id=public.id)])[0]
    found = services.similar.to_items(
        [later.item_id], audience=audience_of_channel(public), limit=5
    )
    assert not [one for one in found[later.item_id] if one.same_error]


def test_a_typed_error_finds_it(services: Services, workspace: Workspace) -> None:
    """As somebody pastes it."""
    earlier = remember(services, workspace, [ticket("T-1", PAYING), *FILLER])[0]
    found = services.similar.to_text(
        charge(), kind="ticket", audience=whole_workspace(workspace.id), limit=3
    )
    assert (found[0].item_id, found[0].same_error) == (earlier.item_id, 1)
