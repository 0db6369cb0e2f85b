"""Why a pair was judged as it was: the figures are the judge's own, and the words say them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.errors import InputError, NotFoundError
from services.issues.verdicts import decide
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.explanation import Explanation, explain
from services.judgement.explanation_text import decision_text, explanation_text, likelihood
from services.phrases import format_value
from tests.calibrated import REVIEWED, add_calibration, model_with_cut
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


def told(
    services: Services, workspace: Workspace, pair: tuple[int, int], *,
    audience: Audience | None = None,
) -> Explanation:  # fmt: skip
    """Explain a pair."""
    with services.database.read() as session:
        return explain(
            session,
            services.judge,
            *pair,
            audience=audience or whole_workspace(workspace.id),
            wrong_in_ten=DEFAULT_BUDGET,
        )


def test_codes_are_spelt_as_people_wrote_them(services: Services, workspace: Workspace) -> None:
    """Each side's own as on that side, whatever spelling they are compared in."""
    texts = ["hub 2 shows E-77 and blinks red", "e77 on my hub 2", "hub 2 shows E-41, blinks red"]
    items = [ticket(f"T-{number}", text) for number, text in enumerate(texts)]
    one, same, other = (found.item_id for found in remember(services, workspace, items))
    assert told(services, workspace, (one, same)).text.shared_codes == ("E-77",)
    [different] = told(services, workspace, (one, other)).text.contradictions
    assert (different.ours, different.theirs) == (("E-77",), ("E-41",))


@pytest.mark.both_databases
def test_the_figures_are_those_of_the_judge(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Similarity, probability, strength and band are what a search for the one says of the other.

    The gap to the next candidate depends on what else there is, and a search is told of later ones.
    """
    for has_model in (False, True):
        if has_model:
            add_calibration(services, workspace.id, model_with_cut(0.5))
        found = services.similar.to_items(
            [pair[0]], audience=whole_workspace(workspace.id), limit=1
        )
        [match] = found[pair[0]]
        explained = told(services, workspace, pair).judgement
        assert match.item_id == pair[1]
        assert explained.match.band == match.band
        assert explained.match.similarity == pytest.approx(match.similarity, abs=1e-5)
        assert (explained.match.probability is None) is not has_model
        assert explained.match.probability == pytest.approx(match.probability, abs=1e-3)
        assert explained.is_learned is has_model


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


def test_a_word_with_another_ending_is_in_both(services: Services, workspace: Workspace) -> None:
    """ "Withdrawn" and "withdraws" do not speak against each other."""
    texts = ("The toner leaks and pages are printed twice", "A page prints twice, toner leaking")
    first, second = (
        remember(services, workspace, [ticket(f"T-{number}", text)])[0].item_id
        for number, text in enumerate(texts, 1)
    )
    words = told(services, workspace, (second, first)).text
    assert {"toner", "leaking", "prints"} <= set(words.shared_terms)
    assert not {*words.only_ours, *words.only_theirs} & {"leaks", "leaking", "printed", "prints"}


def test_before_a_model_it_is_said_what_is_missing(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """For "the same" it takes the same words, for "alike" similarity."""
    one = told(services, workspace, pair)
    assert one.judgement.match.band == "similar"
    assert "don't say it in the same words" in str(explanation_text(one).verdict)
    far = told(services, workspace, (pair[0], pair[0] + 1))
    assert far.judgement.match.band is None
    assert "the meaning is not close enough" in str(explanation_text(far).verdict)
    assert explanation_text(far).for_ == []
    same = remember(services, workspace, [ticket("T-3", f"{PRINTER}!")])[0].item_id
    exact = told(services, workspace, (same, pair[1]))
    assert exact.judgement.is_near_exact
    assert "in the same words" in str(explanation_text(exact).verdict)


def test_what_contradicts_is_told_first(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Another version forbids "the same" until decisions have found a cut."""
    other = remember(services, workspace, [ticket("T-3", PRINTER.replace("4.2", "5.1"))])[0].item_id
    before = explanation_text(told(services, workspace, (other, pair[1])))
    assert str(before.against[0]) == "They mention different versions: 5.1 and 4.2"
    assert "they contradict each other" in str(before.verdict)
    add_calibration(services, workspace.id, model_with_cut(0.1))
    after = told(services, workspace, (other, pair[1]))
    assert after.judgement.match.band == "duplicate"
    assert str(explanation_text(after).against[0]) == str(before.against[0])


def test_what_decisions_have_taught_is_the_reason(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """How often as strong evidence was right, or that weaker evidence rarely was."""
    add_calibration(services, workspace.id, model_with_cut(0.1))
    assert str(explanation_text(told(services, workspace, pair)).verdict) == (
        "Called a duplicate: 12 of 12 pairs with evidence this strong that people decided on were "
        "the same issue."
    )
    add_calibration(services, workspace.id, replace(model_with_cut(0.1), min_closeness=2.0))
    apart = told(services, workspace, pair)
    assert apart.judgement.match.band == "similar"
    assert "not decided on any pair so far apart" in str(explanation_text(apart).verdict)
    add_calibration(services, workspace.id, model_with_cut(3.0))
    weak = told(services, workspace, pair)
    assert "too few of the pairs with evidence this weak" in str(explanation_text(weak).verdict)
    unsure = replace(model_with_cut(0.1), labels=(False,) * REVIEWED)
    add_calibration(services, workspace.id, unsure)
    cold = told(services, workspace, pair)
    assert cold.judgement.cut is None
    assert "don't say it in the same words" in str(explanation_text(cold).verdict)


EVERYDAY = {
    "she says her laptop asked them about the vpn": "he said his laptop told him about the vpn",
    "sie sagt ihr drucker meldet dass papier fehlt": "er sagte sein drucker sagt dass papier fehlt",
    "ella dice que su impresora pide papel": "él dijo que su impresora le pide papel",
}


@pytest.mark.parametrize(("ours", "theirs"), EVERYDAY.items())
def test_words_without_meaning_are_no_evidence(
    services: Services, workspace: Workspace, ours: str, theirs: str
) -> None:
    """Pronouns and verbs of saying are not shown, in each of the product's languages."""
    first, second = remember(services, workspace, [ticket("E-1", ours), ticket("E-2", theirs)])
    text = told(services, workspace, (second.item_id, first.item_id)).text
    shown = {*text.shared_terms, *text.only_ours, *text.only_theirs}
    assert shown <= {
        "laptop", "vpn", "drucker", "papier", "fehlt", "impresora", "papel",
    }  # fmt: skip
    assert len(shown) >= 2


def test_what_people_decided_is_told(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """The current verdict, whose it is, and how many reports of the issue there are."""
    assert decision_text(told(services, workspace, pair), "") == []
    with services.database.write() as session:
        decide(session, workspace.id, pair, "duplicate", by="U7", now=START)
    one = told(services, workspace, pair)
    assert one.decision is not None
    assert [str(line) for line in decision_text(one, one.decision.by)] == [
        "U7 decided on Nov 1, 2026: same issue.",
        "Both are among 2 reports of the same issue.",
    ]


@pytest.mark.both_databases
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
