"""Judging: found from two sides, ranked in the corpus, weighed by what verdicts taught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.judgement.bands import Match
from services.judgement.candidate_limits import ANSWER_LIMITS, CandidateLimits, limits_for_list
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.search.indexes.contract import Candidate, VectorIndex, Wanted
from tests.calibrated import add_calibration, model_with_cut
from tests.remembering import START, channel, remember, ticket

PRINTER = "the printer on the second floor prints blank pages"


class CountingIndex(VectorIndex):
    """An index that counts how often another one is searched."""

    def __init__(self, other: VectorIndex) -> None:
        self.other, self.searches = other, 0

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        self.searches += 1
        return self.other._find(vectors, wanted)


def found(
    services: Services, text: str, place: Audience, breadth: CandidateLimits = ANSWER_LIMITS
) -> dict[str, Match]:
    """Return the matches of a typed text by external id, best first."""
    subject = ComparedItem.of_text(text, "ticket", services.vectors.encode(text))
    with services.database.read() as session:
        (ranked,) = services.judge.rank(session, [subject], place, breadth)
        return {session.get_one(Item, match.item_id).external_id: match for match in ranked.matches}


@pytest.mark.both_databases
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
    add_calibration(services, workspace.id, model_with_cut(0.9))
    after = found(services, PRINTER, whole_workspace(workspace.id))
    assert after["a"].probability is not None
    assert after["b"].probability is not None
    assert after["a"].probability > after["b"].probability


def test_the_cut_follows_the_budget(services: Services, workspace: Workspace) -> None:
    """A larger budget calls pairs that a smaller one does not."""
    remember(services, workspace, [ticket("a", PRINTER)])
    text = "blank pages on the second floor"
    strengths, labels = (9.0,) * 12 + (-2.0,) * 8, (True,) * 18 + (False,) * 2
    model = replace(
        model_with_cut(0.5), strengths=strengths, labels=labels, backlog_shares=(0.01,) * 20
    )
    add_calibration(services, workspace.id, model)
    subject = ComparedItem.of_text(text, "ticket", services.vectors.encode(text))
    audience = whole_workspace(workspace.id)
    with services.database.read() as session:
        bands = [
            services.judge.rank(session, [subject], audience, ANSWER_LIMITS, wrong_in_ten)[0]
            .matches[0]
            .band
            for wrong_in_ten in (1, 5)
        ]
    assert bands[0] != "duplicate"
    assert bands[1] == "duplicate"


def test_other_workspaces_models_do_not_judge(services: Services, workspace: Workspace) -> None:
    """What one workspace learned stays with it."""
    with services.database.write() as session:
        other = Workspace(team_id="T2", created_at=START)
        session.add(other)
    add_calibration(services, other.id, model_with_cut(0.9))
    remember(services, workspace, [ticket("a", PRINTER)])
    assert found(services, PRINTER, whole_workspace(workspace.id))["a"].probability is None


@pytest.mark.both_databases
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
    add_calibration(services, workspace.id, model_with_cut(0.9))
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
    # The profile and the neighbourhoods are taken again with the next ticket and chore.
    remember(services, workspace, [ticket("0", f"{PRINTER} room 0!", channel_id=public.id)])
    _measure(services)
    after = found(services, PRINTER, audience_of_channel(public))
    assert after.keys() == before.keys()
    for name, match in after.items():
        assert match.score == pytest.approx(before[name].score, abs=1e-5)


def test_pairs_are_judged_as_they_are_ranked(services: Services, workspace: Workspace) -> None:
    """The features that a model is taught on are those it judges by, whatever came later."""
    texts = [PRINTER, "how do I book a holiday", f"{PRINTER} again"]
    saved = remember(
        services, workspace, [ticket(f"{n}", text, minutes=n) for n, text in enumerate(texts)]
    )
    _measure(services)
    add_calibration(services, workspace.id, model_with_cut(0.9))
    first, _, again = (one.item_id for one in saved)
    judge, audience = services.judge, whole_workspace(workspace.id)
    with services.database.read() as session:
        asked = load_compared_items(session, services.vectors, [again])[again]
        (ranked,) = judge.rank(session, [asked], audience, ANSWER_LIMITS)
        placed = judge.place_pairs(session, [(first, again), (again, 10_000)], audience)
        matches = judge.judge_pairs(session, [(first, again)], audience)
        (best,) = [one for one in judge.best_matches(session, [again, first], audience)]
    assert list(placed) == list(matches) == [(first, again)]
    pair = placed[first, again]
    assert (pair.query.item_id, pair.other.item_id) == (again, first)
    assert matches[first, again].strength == pytest.approx(ranked.matches[0].strength, abs=1e-5)
    assert best.features == pair.features


def test_an_item_of_a_pair_and_of_the_backlog_is_compared_once(
    services: Services, workspace: Workspace
) -> None:
    """What verdicts are learned from costs one search for each item, and is the same as apart."""
    texts = [PRINTER, "how do I book a holiday", f"{PRINTER} again", f"{PRINTER} since monday"]
    saved = remember(
        services, workspace, [ticket(f"{n}", text, minutes=n) for n, text in enumerate(texts)]
    )
    _measure(services)
    first, other, again, late = (one.item_id for one in saved)
    pairs, newest = [(first, again), (other, again)], [late, again]
    audience, index = whole_workspace(workspace.id), CountingIndex(services.index)
    judge = replace(services.judge, index=index)
    with services.database.read() as session:
        placed, best = judge.place_pairs_and_best(session, pairs, newest, audience)
        searches = index.searches
        alone = judge.place_pairs(session, pairs, audience)
        best_alone = judge.best_matches(session, newest, audience)
    assert searches == 2
    assert {pair: one.placing for pair, one in placed.items()} == {
        pair: one.placing for pair, one in alone.items()
    }
    found = [(one.query.item_id, one.other.item_id, one.placing) for one in best]
    assert found == [(one.query.item_id, one.other.item_id, one.placing) for one in best_alone]
    assert {query for query, *_ in found} == {late, again}


def test_later_items_do_not_change_a_pair(services: Services, workspace: Workspace) -> None:
    """A pair is placed among what was there when its later item came."""
    saved = remember(
        services, workspace, [ticket("a", PRINTER), ticket("b", f"{PRINTER} again", minutes=1)]
    )
    pair = (saved[0].item_id, saved[1].item_id)
    judge, audience = services.judge, whole_workspace(workspace.id)
    with services.database.read() as session:
        before = judge.place_pairs(session, [pair], audience)[pair].placing
    remember(services, workspace, [ticket("c", f"{PRINTER} again!", minutes=2)])
    with services.database.read() as session:
        after = judge.place_pairs(session, [pair], audience)[pair].placing
    assert (after.gap, after.lead, after.rank_back) == (before.gap, before.lead, before.rank_back)


def test_an_empty_memory_finds_nothing(services: Services, workspace: Workspace) -> None:
    """Nothing stored: nothing found, by text or by item."""
    assert found(services, PRINTER, whole_workspace(workspace.id)) == {}
    with services.database.read() as session:
        assert services.judge.rank(session, [], whole_workspace(workspace.id), ANSWER_LIMITS) == []
        assert services.judge.place_pairs(session, [], whole_workspace(workspace.id)) == {}
        assert services.judge.best_matches(session, [], whole_workspace(workspace.id)) == []


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
