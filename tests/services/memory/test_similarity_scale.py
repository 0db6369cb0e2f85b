"""Cosines of another model on the default model's scale: learned, measured, stored and used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.wiring import Services, build
from models import Workspace
from services.channels.audience import whole_workspace
from services.memory import embedding_models
from services.memory.scale_learning import MIN_TEXTS, lacks_scale, learn_scale
from services.memory.similarity_scale import (
    SAME_SCALE,
    STEPS,
    SimilarityScale,
    fit_scale,
    scale_of,
)
from services.search.embedders.default_model import DEFAULT_MODEL
from tests.hashing import HashingEmbedder
from tests.other_model import NARROW, NarrowEmbedder, narrowed
from tests.remembering import START, remember, ticket


def _vectors(number: int, dim: int = 8, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((number, dim)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_the_scale_is_found_from_the_same_texts() -> None:
    """What is as rare in both models is the same."""
    rows = _vectors(300)
    shared = np.full((300, 1), NARROW, dtype=np.float32)
    scale = fit_scale(np.hstack([rows * np.float32(0.6), shared]), rows)
    assert scale.default == STEPS
    for cosine in (-1.0, 0.2, *STEPS, 0.85, 0.97, 1.0):
        assert scale.to_own(cosine) == pytest.approx(narrowed(cosine), abs=0.02) or cosine < 0.4
        back = scale.to_default(np.array([scale.to_own(cosine)]))
        assert back[0] == pytest.approx(cosine, abs=1e-3)


def test_two_readings_by_one_model_give_its_own_scale() -> None:
    """Nothing is moved where nothing differs."""
    rows = _vectors(200)
    assert fit_scale(rows, rows).to_own(0.72) == pytest.approx(0.72, abs=0.01)


def test_without_texts_that_are_alike_only_a_part_or_nothing_is_learned() -> None:
    """A step that hardly any pair reaches is left out."""
    apart = np.eye(64, dtype=np.float32)
    assert fit_scale(apart, apart) == SAME_SCALE
    few = fit_scale(_vectors(30), _vectors(30))
    assert len(few.own) < len(STEPS)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_order_of_cosines_stays(one: float, other: float) -> None:
    """The scale never falls, and stays between -1 and 1."""
    scale = SimilarityScale((0.70, 0.746, 0.815, 0.846), STEPS)
    low, high = scale.to_default(np.array(sorted([one, other])))
    assert -1 <= low <= high <= 1


@pytest.mark.parametrize(
    ("fingerprint", "own"),
    [
        (f"{DEFAULT_MODEL}@53aa/384/clean2", 0.72),
        ("all-mpnet-base-v2@78c0/768/clean2", 0.729),
        ("bge-small-en-v1.5@0/384/clean2", 0.846),
        ("all-MiniLM-L6-v2+bge-small-en-v1.5@0/768/clean2", 0.783),
        ("bge-small-en-v1.5+all-mpnet-base-v2@0/1152/clean2", 0.7875),
        ("all-MiniLM-L6-v2+nobody-knows@0/768/clean2", 0.72),
        ("nobody-knows@0/384/clean2", 0.72),
    ],
)
def test_known_models_have_a_measured_scale(
    services: Services, fingerprint: str, own: float
) -> None:
    """It holds until the team has tickets enough."""
    with services.database.read() as session:
        assert scale_of(session, fingerprint).to_own(0.72) == pytest.approx(own)


@pytest.fixture
def narrow(services: Services, workspace: Workspace) -> Services:
    """Give services by a model to which all is alike, on enough tickets; it is in use."""
    verbs = ("fails", "beeps")
    things = ("printer", "invoice", "badge", "router", "mailbox", "licence", "keyboard")
    built = build(services.settings, NarrowEmbedder(), services.database)
    with services.database.write() as session:
        embedding_models.adopt(session, built.vectors.identity, by="deja", now=START)
    remember(built, workspace, [
        ticket(f"{n}", f"the {things[n % 7]} on floor {n % 9} {verbs[n % 2]} since {n}")
        for n in range(MIN_TEXTS)
    ])  # fmt: skip
    return built


@pytest.mark.both_databases
def test_a_team_s_own_tickets_teach_the_scale(narrow: Services, workspace: Workspace) -> None:
    """Before, everything is similar; afterwards what the default model would call so."""
    audience = whole_workspace(workspace.id)

    def bands() -> list[str | None]:
        found = narrow.similar.to_text(
            "the fridge is empty", kind="ticket", audience=audience, limit=3
        )
        return [one.band for one in found]

    assert bands() == ["similar"] * 3
    fingerprint = narrow.embedder.fingerprint
    with narrow.database.read() as session:
        assert lacks_scale(session, fingerprint)
    learn_scale(narrow.vectors, HashingEmbedder())
    with narrow.database.read() as session:
        assert not lacks_scale(session, fingerprint)
        assert scale_of(session, fingerprint).to_own(0.72) == pytest.approx(
            narrowed(0.72), abs=0.02
        )
    assert bands() == [None] * 3


def test_a_mixture_is_cut_on_the_scale(narrow: Services, workspace: Workspace) -> None:
    """The query `like -unlike` finds what the default model would, and says how similar it is."""
    learn_scale(narrow.vectors, HashingEmbedder())
    audience = whole_workspace(workspace.id)

    def found(text: str) -> list[float]:
        matches = narrow.similar.to_mixture(
            [text], ["coffee"], audience=audience, limit=5, min_similarity=0.4
        )
        return [one.similarity for one in matches]

    assert found("fridge empty again") == []
    assert found("the printer on floor 0 fails since 0")[0] == pytest.approx(1, abs=0.01)


def test_too_few_tickets_teach_nothing(services: Services, workspace: Workspace) -> None:
    """The measured scale stays, and nobody looks for more."""
    built = build(services.settings, NarrowEmbedder(), services.database)
    with services.database.write() as session:
        embedding_models.adopt(session, built.vectors.identity, by="deja", now=START)
    remember(built, workspace, [ticket("1", "The printer beeps")])
    learn_scale(built.vectors, HashingEmbedder())
    with services.database.read() as session:
        assert not lacks_scale(session, NarrowEmbedder.fingerprint)
        assert scale_of(session, NarrowEmbedder.fingerprint) == SAME_SCALE
