"""Whoever types a word finds the tickets that have it in another form."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.audience import whole_workspace
from tests.remembering import remember, ticket


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("battery", "Since the update the remote eats its batteries within a week"),
        ("batteries", "Battery of the remote is flat after a week"),
        ("invoice printers", "All our printers leave the logo off each invoice"),
        ("rechnung", "Die Rechnungen vom Mai stehen doppelt im Portal"),
        ("passwörter", "Das Passwort der Kasse wird nicht angenommen"),
        ("pantalla negra", "Las pantallas negras de la tienda no muestran nada"),
        ("key", "All spare keys are gone"),
        ("E-41", "The heater shows E-41 and stays cold"),
    ],
)
def test_a_typed_word_is_found_in_another_form(
    services: Services, workspace: Workspace, typed: str, text: str
) -> None:
    """Singular and plural, in the languages of the product; codes as they are."""
    remember(services, workspace, [ticket("T-1", text), ticket("T-2", "E-42 is shown, police")])
    found = services.similar.to_text(
        typed, kind="ticket", audience=whole_workspace(workspace.id), limit=5
    )
    assert len([match for match in found if match.has_typed_words]) == 1


@pytest.mark.parametrize("typed", ["E-4", "policy", "4", "E-41 battery", "polos"])
def test_another_word_is_not_found(services: Services, workspace: Workspace, typed: str) -> None:
    """Codes and figures have no forms, and one word of two is not enough."""
    remember(
        services, workspace, [ticket("T-1", "E-41 is shown at 40 degrees, call the police, pole 3")]
    )
    found = services.similar.to_text(
        typed, kind="ticket", audience=whole_workspace(workspace.id), limit=5
    )
    assert not any(match.has_typed_words for match in found)
