"""What a text without a matter adds to its author's ticket."""

from __future__ import annotations

import pytest

from services.text.small_talk.additions import added_by, kind_without_matter, stands_for_itself
from services.text.small_talk.follow_ups import FollowUpKind
from services.text.small_talk.references import reference_kind

DETAIL, BROKEN = FollowUpKind.DETAIL, FollowUpKind.BROKEN


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (DETAIL, "since this morning|only in the morning|every single time|again and again"),
        (DETAIL, "seit heute morgen|immer wieder|nur bei mir|der neben der küche"),
        (DETAIL, "desde ayer|todo el día|solo en casa|la de recepción"),
        (BROKEN, "and nothing happens|doesn't do anything|not even a message|won't start"),
        (BROKEN, "geht nicht|es passiert nichts|tut sich nichts|macht nichts mehr"),
        (BROKEN, "no funciona|no hace nada|ni siquiera eso"),
    ],
)
def test_it_tells_more_of_what_stands_beside_it(kind: FollowUpKind, texts: str) -> None:
    """When, how often, for whom, which one, or that it does not work."""
    assert {text: added_by(text) for text in texts.split("|")} == dict.fromkeys(
        texts.split("|"), kind
    )


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "thanks as always, since you asked",
        "gracias desde ya",
        "danke, seit heute",
        "good morning",
        "hola a todos",
        "ok",
        "no problem",
        "de nada",
        "any news?",
        "works again",
        "same here",
        "please help",
        "",
        ":wave:",
        "printer jams since this morning",
    ],
)
def test_the_rest_adds_nothing(text: str) -> None:
    """Thanks, greetings and what follows a ticket; what has a matter is a ticket itself."""
    assert added_by(text) is None


def test_what_works_elsewhere_is_a_detail_right_after_the_ticket() -> None:
    """Alone it says that something works."""
    text = "con el otro ya va"
    assert kind_without_matter(text) is FollowUpKind.WORKS
    assert added_by("works now") is None


@pytest.mark.parametrize(
    "text", ["it stays on all night", "it says the wrong time", "it only comes in left"]
)
def test_what_refers_back_may_be_a_ticket_all_the_same(text: str) -> None:
    """Where there is nothing to refer to it says what is the matter."""
    assert stands_for_itself(text)
    assert added_by(text) is None
    assert reference_kind(text) is FollowUpKind.DETAIL


@pytest.mark.parametrize("text", ["it's the second one", "the second one too", "only at home"])
def test_what_only_refers_back_is_no_ticket(text: str) -> None:
    """It says which one, or where."""
    assert not stands_for_itself(text)
    assert added_by(text) is not None
