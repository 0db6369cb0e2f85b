"""Judging: found from two sides, ranked in the corpus, weighed by what verdicts taught."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Calibration, Channel, Item, Workspace
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.judgement.bands import Match
from services.judgement.calibration import PRIORS, Model
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.judge import ANSWER_LIMITS, CandidateLimits, limits_for_list
from tests.remembering import START, channel, remember, ticket

PRINTER = "the printer on the second floor prints blank pages"


def found(
    services: Services, text: str, place: Audience, breadth: CandidateLimits = ANSWER_LIMITS
) -> dict[str, Match]:
    """Return the matches of a typed text by external id, best first."""
    subject = ComparedItem.of_text(text, "ticket", services.vectors.encode(text))
    with services.database.read() as session:
        (ranked,) = services.judge.rank(session, [subject], place, breadth)
        return {session.get_one(Item, match.item_id).external_id: match for match in ranked.matches}


def add_model(services: Services, workspace: Workspace, intercept: float = 0.0) -> None:
    """Let a model judge tickets that follows the prior."""
    prior = PRIORS["ticket"]
    model = Model(prior.mean, prior.scale, prior.weights, intercept, 1.0, 0.0)
    with services.database.write() as session:
        session.add(
            Calibration(
                workspace_id=workspace.id, kind="ticket", model=asdict(model), report={},
                verdicts=50, fitted_by="test", fitted_at=START,
            )
        )  # fmt: skip


def test_what_only_words_find_is_judged(services: Services, workspace: Workspace) -> None:
    """A ticket that shares nothing but a code is found though meaning alone finds others."""
    remember(services, workspace, [
        ticket("code", "zx-4711-b broken"), *(ticket(f"{n}", f"{PRINTER} {n}") for n in range(30)),
    ])  # fmt: skip
    narrow = CandidateLimits(by_meaning=5, by_words=5, compared=10)
    assert "code" in found(services, f"{PRINTER} zx-4711-b", whole_workspace(workspace.id), narrow)


def test_no_percentage_before_a_model(services: Services, workspace: Workspace) -> None:
    """The same words are a duplicate; a probability is shown when verdicts have taught one."""
    remember(services, workspace, [ticket("a", PRINTER), ticket("b", "how do I book a holiday")])
    before = found(services, PRINTER, whole_workspace(workspace.id))["a"]
    assert (before.band, before.probability) == ("duplicate", None)
    add_model(services, workspace)
    after = found(services, PRINTER, whole_workspace(workspace.id))
    assert after["a"].probability is not None
    assert after["b"].probability is not None
    assert after["a"].probability > after["b"].probability


def test_the_cut_decides_with_a_model(services: Services, workspace: Workspace) -> None:
    """What is as likely as the cut is a duplicate, what is less likely at most similar."""
    remember(services, workspace, [ticket("a", PRINTER)])
    add_model(services, workspace)
    subject = ComparedItem.of_text(PRINTER, "ticket", services.vectors.encode(PRINTER))
    bands = []
    with services.database.read() as session:
        for cut in (0.01, 0.999):
            (ranked,) = services.judge.rank(
                session, [subject], whole_workspace(workspace.id), ANSWER_LIMITS, cut
            )
            bands.append(ranked.matches[0].band)
    assert bands[0] == "duplicate"
    assert bands[1] != "duplicate"


def test_other_workspaces_models_do_not_judge(services: Services, workspace: Workspace) -> None:
    """What one workspace learned stays with it."""
    with services.database.write() as session:
        other = Workspace(team_id="T2", created_at=START)
        session.add(other)
    add_model(services, other)
    remember(services, workspace, [ticket("a", PRINTER)])
    assert found(services, PRINTER, whole_workspace(workspace.id))["a"].probability is None


def test_what_a_place_may_not_read_changes_no_score(
    services: Services, workspace: Workspace
) -> None:
    """However many private tickets there are: what a public place is shown stays as it was."""
    public, private = (
        channel(services, workspace, "C1"),
        channel(services, workspace, "G1", private=True),
    )
    remember(services, workspace, [
        ticket(f"{n}", f"{PRINTER} room {n}", channel_id=public.id) for n in range(5)
    ])  # fmt: skip
    _measure(services)
    add_model(services, workspace)
    before = found(services, f"{PRINTER} today", audience_of_channel(public))
    remember(services, workspace, [
        ticket(f"secret {n}", f"{PRINTER} today {n}", channel_id=private.id) for n in range(20)
    ])  # fmt: skip
    _measure(services)
    assert found(services, f"{PRINTER} today", audience_of_channel(public)) == before
    assert "secret 1" in found(
        services, f"{PRINTER} today 1", audience_of_channel(private), limits_for_list(30)
    )


def test_a_channel_that_turns_private_leaves_no_figure_behind(
    services: Services, workspace: Workspace
) -> None:
    """Scores in public are then those of a workspace that never had its tickets."""
    from services.memory.channel_facts import ChannelFacts, save_channel

    public, turning = channel(services, workspace, "C1"), channel(services, workspace, "C2")
    remember(services, workspace, [
        ticket(f"{n}", f"{PRINTER} room {n}", channel_id=public.id) for n in range(5)
    ])  # fmt: skip
    _measure(services)
    before = found(services, PRINTER, audience_of_channel(public))
    remember(services, workspace, [
        ticket(f"turned {n}", f"{PRINTER} now {n}", channel_id=turning.id) for n in range(3)
    ])  # fmt: skip
    _measure(services)
    assert found(services, PRINTER, audience_of_channel(public)) != before
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C2", is_private=True))
    # The profile and the neighbourhoods are taken anew with the next ticket and chore.
    remember(services, workspace, [ticket("0", f"{PRINTER} room 0!", channel_id=public.id)])
    _measure(services)
    after = found(services, PRINTER, audience_of_channel(public))
    assert after.keys() == before.keys()
    for name, match in after.items():
        assert match.score == pytest.approx(before[name].score, abs=1e-5)


def test_pairs_are_weighed_as_they_are_ranked(services: Services, workspace: Workspace) -> None:
    """The evidence that a model is taught on is the evidence it judges."""
    saved = remember(services, workspace, [ticket("a", PRINTER), ticket("b", f"{PRINTER} again")])
    _measure(services)
    add_model(services, workspace)
    pair = (saved[1].item_id, saved[0].item_id)
    judge, place = services.judge, whole_workspace(workspace.id)
    with services.database.read() as session:
        weighed = judge.features_of_pairs(session, [pair, (pair[0], 10_000)], place)
        asked = load_compared_items(session, services.vectors, [pair[0]])[pair[0]]
        (ranked,) = judge.rank(session, [asked], place, ANSWER_LIMITS)
        model = Model.from_stored(session.scalars(select(Calibration.model)).one())
    assert list(weighed) == [pair]
    (chance,) = model.probabilities([weighed[pair]])
    assert ranked.matches[0].probability == pytest.approx(float(chance), abs=1e-6)


def test_an_empty_memory_finds_nothing(services: Services, workspace: Workspace) -> None:
    """Nothing stored: nothing found, by text or by item."""
    assert found(services, PRINTER, whole_workspace(workspace.id)) == {}
    with services.database.read() as session:
        assert services.judge.rank(session, [], whole_workspace(workspace.id), ANSWER_LIMITS) == []
        assert services.judge.features_of_pairs(session, [], whole_workspace(workspace.id)) == {}


def test_products_are_ranked_by_their_letters(services: Services, workspace: Workspace) -> None:
    """A model number that is spelled apart is nearer than another one of the maker."""
    remember(services, workspace, [
        ticket("right", "sony turntable pslx350h", kind="product"),
        ticket("wrong", "sony turntable psj20", kind="product"),
        *(ticket(f"{n}", f"maker{n} thing{n}", kind="product") for n in range(9)),
    ])  # fmt: skip
    matches = services.similar.to_text(
        "Sony PS-LX350H turntable", kind="product", audience=whole_workspace(workspace.id), limit=2
    )
    with services.database.read() as session:
        names = [session.get_one(Item, match.item_id).external_id for match in matches]
    assert names == ["right", "wrong"]


def _measure(services: Services) -> None:
    while services.duplicates.measure_missing(limit=100):
        pass


def test_channels_of_their_own_are_places(services: Services, workspace: Workspace) -> None:
    """An item without a channel is judged as the administrator sees it."""
    with services.database.write() as session:
        session.add(Channel(workspace_id=workspace.id, name="empty"))
    saved = remember(services, workspace, [ticket("a", PRINTER), ticket("b", PRINTER, minutes=1)])
    judged = services.duplicates.judge_items([saved[1].item_id])
    assert [match.item_id for match in judged[0].matches] == [saved[0].item_id]
    assert np.isfinite(judged[0].matches[0].score)
