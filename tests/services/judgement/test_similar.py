"""Like this and not like that: ranked by both sides, cut by the wanted one."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.audience import whole_workspace
from services.errors import InputError
from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.remembering import remember, ticket

TICKETS = {
    "reader": "The badge reader at the north door stays red for everyone.",
    "locked": "Nobody can get into the office this morning, the door is locked",
    "machine": "The coffee machine on the second floor is broken",
    "till": "Badge reader of the coffee machine stays red, no coffee for anyone",
    "printer": "The printer prints blank pages",
    "vpn": "VPN down again since the update",
    "room": "How do I book a meeting room?",
}
MIN_SIMILARITY = 0.4


@pytest.fixture
def embedder(model: SentenceTransformerEmbedder) -> SentenceTransformerEmbedder:
    """Judge by the real model."""
    return model


@pytest.fixture
def office(services: Services, workspace: Workspace) -> dict[str, int]:
    """Store the tickets and give their ids."""
    saved = remember(services, workspace, [ticket(name, text) for name, text in TICKETS.items()])
    return dict(zip(TICKETS, (one.item_id for one in saved), strict=True))


def mixture(
    services: Services, office: dict[str, int], like: list[str], unlike: list[str], limit: int = 5
) -> dict[str, float]:
    """Return the similarities of what is found, by name, the best first."""
    with services.database.read() as session:
        audience = whole_workspace(session.query(Workspace).one().id)
    found = services.similar.to_mixture(
        [office.get(one, one) for one in like],
        [office.get(one, one) for one in unlike],
        audience=audience,
        limit=limit,
        min_similarity=MIN_SIMILARITY,
    )
    names = {item_id: name for name, item_id in office.items()}
    assert all(match.probability is None for match in found)
    return {names[match.item_id]: match.similarity for match in found}


@pytest.mark.both_databases
def test_what_is_subtracted_does_not_hide_what_is_wanted(
    services: Services, office: dict[str, int]
) -> None:
    """The similarity of a match is that to the wanted side, however long the subtraction."""
    like = ["badge reader stays red", "nobody can get into the office"]
    found = mixture(services, office, like, ["coffee"])
    assert set(list(found)[:2]) == {"reader", "locked"}
    assert min(found["reader"], found["locked"]) > 0.7
    assert "machine" not in found


@pytest.mark.parametrize(
    ("like", "unlike", "names"),
    [
        (["Tür geht nicht auf", "Tor klemmt"], ["Aufzug"], {"store", "gate"}),
        (["Tür geht nicht auf", "Tor klemmt"], ["Aufzug", "Lager"], {"gate"}),
        (["Tür geht nicht auf", "Tor klemmt"], ["Aufzug", "Tiefgarage"], {"store"}),
        (["Tür geht nicht auf", "Tor klemmt"], ["Aufzug", "klemmt"], {"store", "gate"}),
        (["Aufzug"], ["Tür geht nicht auf", "Tor klemmt"], {"lift"}),
    ],
)
def test_a_word_of_the_wanted_side_counts_where_the_model_hardly_tells(
    services: Services, workspace: Workspace, like: list[str], unlike: list[str], names: set[str]
) -> None:
    """To it "Aufzug" is nearer to a door that jams than "Tür geht nicht auf" is."""
    texts = {
        "store": "Die Tür zum Lager klemmt",
        "gate": "Tor zur Tiefgarage öffnet nicht",
        "lift": "Der Aufzug steckt fest",
        "lift door": "Aufzugtür klemmt im 2. Stock",
        "printer": "Drucker druckt leere Seiten",
    }
    saved = remember(services, workspace, [ticket(name, text) for name, text in texts.items()])
    stored = dict(zip(texts, (one.item_id for one in saved), strict=True))
    assert names <= set(found := mixture(services, stored, like, unlike))
    assert found.keys() <= names | ({"lift door"} if like == ["Aufzug"] else set())


def test_what_is_more_like_the_unwanted_is_out(services: Services, office: dict[str, int]) -> None:
    """The till is like both sides, and comes after the reader or not at all."""
    found = list(mixture(services, office, ["badge reader stays red"], ["coffee machine"]))
    assert found[0] == "reader"
    assert "machine" not in found
    assert list(mixture(services, office, ["coffee machine"], ["badge reader stays red"])) == [
        "machine"
    ]


def test_what_is_like_neither_side_is_not_found(services: Services, office: dict[str, int]) -> None:
    """Far from the unwanted is not near to the wanted."""
    assert set(mixture(services, office, ["printer prints blank pages"], ["coffee"])) == {"printer"}


def test_tickets_are_not_their_own_matches(services: Services, office: dict[str, int]) -> None:
    """Those that are named by a link are the question, not the answer."""
    found = mixture(services, office, ["reader"], ["machine"])
    assert not {"reader", "machine"} & set(found)
    assert "till" in mixture(services, office, ["reader"], [])


@pytest.mark.parametrize(
    ("like", "unlike"), [([], ["coffee"]), (["🙂"], []), (["coffee"], ["coffee"])]
)
def test_nothing_to_look_for_says_so(
    services: Services, office: dict[str, int], like: list[str], unlike: list[str]
) -> None:
    """No words, or the same on both sides."""
    with pytest.raises(InputError):
        mixture(services, office, like, unlike)


def test_as_many_are_found_as_are_asked_for(services: Services, workspace: Workspace) -> None:
    """Also where more tickets have all the words that somebody typed."""
    texts = [f"The printer prints blank pages in room {number}" for number in range(9)]
    remember(services, workspace, [ticket(f"T-{n}", one) for n, one in enumerate(texts)])
    found = services.similar.to_mixture(
        ["printer"],
        ["coffee machine"],
        audience=whole_workspace(workspace.id),
        limit=3,
        min_similarity=0.1,
    )
    assert len(found) == 3
