"""Matters of a whole team: what another place has too, and what people there do or may do."""

from __future__ import annotations

import pytest

from services.text.small_talk.matter import states_matter


@pytest.mark.parametrize(
    "text",
    [
        "Same problem in store 4", "same issue at the gate", "the same fault in room 12 now",
        "Gleiches Problem in Filiale 4", "derselbe Fehler auf dem Tablet",
        "Mismo problema en la tienda 4", "el mismo fallo en la 214",
    ],
)  # fmt: skip
def test_the_same_problem_elsewhere_is_a_matter(text: str) -> None:
    """Somebody has to go there; a click joins it with the first."""
    assert states_matter(text)


@pytest.mark.parametrize(
    ("text", "is_matter"),
    [
        ("how long do we keep the logs?", True), ("are we allowed to take it home?", True),
        ("wie lange heben wir das auf?", True), ("cada cuánto los cambiamos?", True),
        ("how long do we have to wait?", False), ("how often do we meet?", False),
        ("wie lange warten wir noch?", False), ("cuánto tiempo llevamos así?", False),
    ],
)  # fmt: skip
def test_what_a_team_does_or_may_do_is_a_matter(text: str, is_matter: bool) -> None:
    """Whoever asks how long it takes still asks for news."""
    assert states_matter(text) is is_matter
