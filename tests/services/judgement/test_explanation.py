"""Why a pair was judged as it was: the figures are the judge's own, and the words say them."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bot.wiring import Services
from models import Calibration, Workspace
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.errors import InputError, NotFoundError
from services.issues.verdicts import decide
from services.judgement.calibration import FEATURES, PRIORS, Model
from services.judgement.explanation import Explanation, WhatIf, explain, log_odds
from services.judgement.explanation_text import decision_text, explanation_text, likelihood
from services.phrases import format_value
from tests.remembering import START, channel, remember, ticket

PRINTER = "the printer on floor two prints blank pages since firmware 4.2"
FILLER = [
    "vpn drops every hour on my laptop",
    "how do I book a day of holiday",
    "invoice export fails with error 500",
    "please reset my password for the portal",
]


@pytest.fixture
def pair(services: Services, workspace: Workspace) -> tuple[int, int]:
    """Store two tickets that are alike, among others."""
    items = [
        ticket("T-1", PRINTER, author="ann"),
        ticket("T-2", f"{PRINTER} and smells of toner", minutes=60 * 24 * 8, author="ann"),
        *[ticket(f"F-{number}", text, minutes=number) for number, text in enumerate(FILLER)],
    ]
    first, second, *_ = remember(services, workspace, items)
    return second.item_id, first.item_id


def teach(services: Services, workspace: Workspace, **weights: float) -> Model:
    """Let a model judge that gives these weights, and no others."""
    prior = PRIORS["ticket"]
    model = Model(
        mean=prior.mean,
        scale=prior.scale,
        weights=tuple(weights.get(name, 0.0) for name in FEATURES),
        intercept=0.0,
        slope=1.0,
        offset=-1.0,
    )
    with services.database.write() as session:
        session.add(
            Calibration(
                workspace_id=workspace.id, kind="ticket", model=asdict(model), report={},
                verdicts=50, fitted_by="U1", fitted_at=START,
            )
        )  # fmt: skip
    return model


def told(
    services: Services, workspace: Workspace, pair: tuple[int, int], *, threshold: float = 0.9,
    audience: Audience | None = None,
) -> Explanation:  # fmt: skip
    """Explain a pair."""
    with services.database.read() as session:
        return explain(
            session,
            services.judge,
            *pair,
            audience=audience or whole_workspace(workspace.id),
            threshold=threshold,
        )


def test_the_figures_are_those_of_the_judge(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Similarity, probability and band are what a search for the one says of the other."""
    for weights in ({}, {"similarity": 1.0, "words": 1.0}):
        if weights:
            teach(services, workspace, **weights)
        found = services.similar.to_items(
            [pair[0]], audience=whole_workspace(workspace.id), limit=1
        )
        [match] = found[pair[0]]
        judgement = told(services, workspace, pair).judgement
        assert match.item_id == pair[1]
        assert judgement.band == match.band
        assert judgement.similarity == pytest.approx(match.similarity, abs=1e-5)
        assert (judgement.probability is None) is not bool(weights)
        assert judgement.probability == pytest.approx(match.probability, abs=1e-5)


def test_contributions_add_up_to_the_probability(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """What the figures add to a usual pair's log-odds gives the probability."""
    model = teach(services, workspace, similarity=0.5, words=0.7, density=-0.2, same_reporter=0.3)
    judgement = told(services, workspace, pair).judgement
    assert judgement.probability is not None
    total = model.slope * model.intercept + model.offset + sum(judgement.contributions.values())
    assert log_odds(judgement.probability) == pytest.approx(total)
    assert judgement.missing == pytest.approx(log_odds(0.9) - total)


def test_evidence_is_told_in_words(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Shared names and words speak for, what only one says against; empty words are left out."""
    one = told(services, workspace, pair)
    words = explanation_text(one)
    speaks_for = list(map(str, words.for_))
    assert "Both mention 4.2" in speaks_for
    [both] = [line for line in speaks_for if line.startswith("In both: ")]
    assert "blank" in both
    assert " the" not in both
    assert "The same person wrote both" in speaks_for
    assert any(str(line) == "Only in the first: smells, toner" for line in words.against)
    assert one.age_gap == timedelta(days=8)
    assert len(one.text.shared_terms) <= 8


def test_before_a_model_it_is_said_what_is_missing(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """For "the same" it takes the same words, for "alike" similarity."""
    one = told(services, workspace, pair)
    assert one.judgement.band == "similar"
    assert "don't say it in the same words" in str(explanation_text(one).verdict)
    far = told(services, workspace, (pair[0], pair[0] + 1))
    assert far.judgement.band is None
    assert "the meaning is not close enough" in str(explanation_text(far).verdict)
    assert explanation_text(far).for_ == []
    same = remember(services, workspace, [ticket("T-3", f"{PRINTER}!")])[0].item_id
    exact = told(services, workspace, (same, pair[1]))
    assert exact.judgement.is_near_exact
    assert "in the same words" in str(explanation_text(exact).verdict)


def test_what_contradicts_is_told_first(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Another version forbids "the same", with a model too, and it is said so."""
    other = remember(services, workspace, [ticket("T-3", PRINTER.replace("4.2", "5.1"))])[0].item_id
    assert "they contradict each other" in str(
        explanation_text(told(services, workspace, (other, pair[1]))).verdict
    )
    teach(services, workspace, similarity=3.0)
    one = told(services, workspace, (other, pair[1]), threshold=0.5)
    words = explanation_text(one)
    assert str(words.against[0]) == "They mention different versions: 5.1 and 4.2"
    assert one.judgement.band == "similar"
    assert "above the threshold of 50%, but what contradicts" in str(words.verdict)


def test_what_would_have_crossed_the_cut_is_true(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """A change that is said to cross does so; where none does, the best is named."""
    teach(services, workspace, similarity=0.3, words=0.4, overlap=0.1, shared_codes=0.1)
    one = told(services, workspace, pair)
    judgement = one.judgement
    assert judgement.probability is not None
    assert judgement.probability < 0.9
    assert all(what.probability > judgement.probability for what in judgement.what_ifs)
    assert all(what.crosses is (what.probability >= 0.9) for what in judgement.what_ifs)
    assert judgement.what_ifs[0].name == "the same words"
    crossing = told(services, workspace, pair, threshold=judgement.what_ifs[0].probability - 1e-6)
    verdict = str(explanation_text(crossing).verdict)
    assert "would have been a duplicate with the same words" in verdict
    never = told(services, workspace, pair, threshold=0.99)
    assert "No pair reaches the threshold" in str(explanation_text(never).verdict)
    only = replace(judgement, what_ifs=[WhatIf("the same title", 0.89, crosses=False)])
    assert "No single change would have been enough; the same title would have made it 89%" in str(
        explanation_text(replace(one, judgement=only)).verdict
    )


def test_what_people_decided_is_told(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """The standing verdict, whose it is, and how many reports of the issue there are."""
    assert decision_text(told(services, workspace, pair), "") == []
    with services.database.write() as session:
        decide(session, workspace.id, pair, "duplicate", by="U7", now=START)
    one = told(services, workspace, pair)
    assert one.decision is not None
    assert [str(line) for line in decision_text(one, one.decision.by)] == [
        "U7 decided on Nov 1, 2026: same issue.",
        "Both are among 2 reports of the same issue.",
    ]


def test_only_what_a_place_may_name_is_explained(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """A private channel's ticket is as unknown as one that does not exist, and is not counted."""
    private = channel(services, workspace, "G1", private=True)
    public = channel(services, workspace, "C1")
    hidden = remember(services, workspace, [ticket("S-1", PRINTER, channel_id=private.id)])[
        0
    ].item_id
    errors = []
    for other in (hidden, 9_999_999):
        with pytest.raises(NotFoundError) as error:
            told(services, workspace, (pair[0], other), audience=audience_of_channel(public))
        errors.append(str(error.value))
    assert errors[0] == errors[1]
    assert (
        told(services, workspace, (pair[0], hidden), audience=audience_of_channel(private)).ours
        == pair[0]
    )
    with services.database.write() as session:
        for other in (hidden, pair[1]):
            decide(session, workspace.id, (pair[0], other), "duplicate", by="U7", now=START)
    assert told(services, workspace, pair, audience=audience_of_channel(public)).group_size == 2
    assert told(services, workspace, pair, audience=audience_of_channel(private)).group_size == 3


def test_what_cannot_be_compared_is_refused(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """An item with itself, one without words, a ticket with a product."""
    bare, product = remember(
        services, workspace, [ticket("B", "!"), ticket("P", PRINTER, kind="product")]
    )
    for other in (pair[0], bare.item_id, product.item_id):
        with pytest.raises(InputError):
            told(services, workspace, (pair[0], other))


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "1%"), (0.5, "50%"), (0.29, "29%"), (0.899, "89%"), (1, "99%")],
)  # fmt: skip
def test_percents_are_never_certain(share: float, expected: str) -> None:
    """Whole, rounded down, from 1 to 99."""
    assert str(likelihood(share)) == expected


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=15), "2 weeks"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_spans_are_told_in_one_unit(gap: timedelta, expected: str) -> None:
    """The largest that fits."""
    assert format_value(gap) == expected
