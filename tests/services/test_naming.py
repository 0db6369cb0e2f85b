"""Names of topics: terms that tell them apart, titles in the tickets' own words, and examples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot import sample
from services.alike_graph import unit
from services.clustering import cluster
from services.embedding import SentenceTransformerEmbedder
from services.lexical import fold
from services.naming import name_topics, representatives
from services.slack_text import clean_slack

PRINTER = [
    "The office printer is jammed again.", "My office printer prints blank pages",
    "Can somebody look at the office printer?",
]  # fmt: skip
VPN = [
    "I can't connect to the VPN client.", "The VPN client asks for my password",
    "Since today the VPN client fails with E-1042",
]  # fmt: skip


def labels(*sizes: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the labels of topics that lie one after another."""
    return np.repeat(np.arange(len(sizes)), sizes)


def test_topics_are_named_by_what_tells_them_apart() -> None:
    """In a phrase that their tickets have."""
    printer, vpn = name_topics([*PRINTER, *VPN], labels(3, 3))
    assert printer.title == "office printer"
    assert vpn.title == "VPN client"
    assert printer.terms[0] == "office printer"
    assert not {fold(term) for term in printer.terms} & {"the", "my", "can", "again"}


def test_a_title_has_two_to_five_words_of_one_ticket() -> None:
    """As they are written there, from a telling word to a telling word."""
    texts = ["How to claim proof of address?", "Send me the proof of address", "PROOF OF ADDRESS!"]
    (name,) = name_topics([*texts, "proof of address lost"], labels(4))
    assert name.title == "proof of address"


def test_product_names_and_codes_stay_whole() -> None:
    """A code is one word, with its signs and in its case."""
    texts = [
        "PS-LX350H makes noise", "noise from the PS-LX350H", "PS-LX350H noise again",
        "update to 2.4.1 fails", "2.4.1 fails here too", "since 2.4.1 the update fails",
    ]  # fmt: skip
    first, second = name_topics(texts, labels(3, 3))
    assert "PS-LX350H" in " ".join(first.terms)
    assert "2.4.1" in " ".join(second.terms)


def test_no_two_topics_have_one_title() -> None:
    """Where they say the same, the next best phrase is taken."""
    texts = [*PRINTER, *PRINTER, *PRINTER]
    titles = [name.title for name in name_topics(texts, labels(3, 3, 3))]
    assert len({fold(title) for title in titles}) == 3
    equal = [name.title for name in name_topics(["help"] * 40, np.arange(40))]
    assert len(set(equal)) == 40


def test_words_that_say_nothing_are_left_out_in_other_languages() -> None:
    """German, Spanish and French at once, each by the words of its own language."""
    texts = [
        "Ich habe mein Passwort vergessen", "Wie kann ich das Passwort zurücksetzen?",
        "Mein Passwort ist nicht mehr gültig", "No puedo ver la factura de este mes",
        "¿Dónde está la factura del mes?", "La factura del mes no es correcta",
        "La livraison est en retard", "Où est la livraison de mon colis ?",
        "Je n’ai pas reçu la livraison du colis",
    ]  # fmt: skip
    names = name_topics(texts, labels(3, 3, 3))
    for name, word in zip(names, ("Passwort", "factura", "livraison"), strict=True):
        assert word in name.title
        assert word in " ".join(name.terms)
    empty = {"ich", "mein", "la", "del", "no", "est", "de", "je", "das", "pas"}
    assert not empty & {fold(term) for name in names for term in name.terms}


def test_scripts_without_spaces_have_titles_too() -> None:
    """In characters that stand side by side in a ticket."""
    texts = ["打印机坏了", "打印机没有纸", "我的打印机", "密码忘记了", "重置密码", "密码错误"]
    printer, password = name_topics(texts, labels(3, 3))
    assert printer.title
    assert any(printer.title in text for text in texts[:3])
    assert any(password.title in text for text in texts[3:])


def test_nothing_has_no_names() -> None:
    """No tickets, or none in a topic; a topic of signs alone has its number."""
    assert name_topics([], np.array([], dtype=np.int64)) == []
    assert name_topics(["a printer"], np.array([-1])) == []
    (name,) = name_topics(["?!", "…"], labels(2))
    assert (name.terms, name.title) == ((), "#1")


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(-1, 4)), max_size=30))
def test_any_texts_give_names(rows: list[tuple[str, int]]) -> None:
    """One a topic, never empty, all different, and made of what was written."""
    texts, of = [text for text, _ in rows], np.array([one for _, one in rows], dtype=np.int64)
    names = name_topics(texts, of)
    assert len(names) == of.max(initial=-1) + 1
    assert len({fold(name.title) for name in names}) == len(names)
    for number, name in enumerate(names):
        assert name.title.strip()
        own = " ".join(" ".join(text.split()) for text, one in rows if one == number)
        assert name.title in own or name.title.startswith("#")
        assert all(term in own for term in name.terms)


def test_an_exemplar_is_typical_and_the_others_differ() -> None:
    """The one nearest to the mean; then ones that say something else, none twice."""
    chance = np.random.default_rng(0)
    rows = unit(np.eye(1, 16, dtype=np.float32) + 0.1 * chance.normal(size=(20, 16)))
    rows = np.concatenate([rows, rows[:5]])
    centroid = unit(rows.mean(axis=0)[None])
    (shown,) = representatives(rows, np.zeros(25, dtype=np.int64), centroid)
    assert shown is not None
    assert shown.exemplar == int(np.argmax(rows @ centroid[0]))
    chosen = rows[[shown.exemplar, *shown.others]]
    assert len(shown.others) == 3
    assert (np.tril(chosen @ chosen.T, -1) < 0.999).all()


def test_a_small_topic_has_fewer_examples() -> None:
    """One ticket, or one said twice, is shown alone; no ticket shows nothing."""
    row = np.eye(1, 4, dtype=np.float32)
    twice = np.concatenate([row, row])
    found = representatives(twice, np.zeros(2, dtype=np.int64), twice)
    assert found[0] is not None
    assert found[0].others == ()
    assert found[1] is None


def test_the_sample_company_has_topics_with_names_that_their_tickets_use() -> None:
    """Real vectors: a topic's title shares a word with most of its own tickets."""
    texts = [clean_slack(ticket.text) for ticket in sample.tickets()]
    found = cluster(SentenceTransformerEmbedder().encode(texts))
    names = name_topics(texts, found.labels)
    own, other = [], []
    for topic, name in enumerate(names):
        words = set(fold(name.title).split())
        said = [bool(words & set(fold(text).split())) for text in texts]
        own.append(np.mean(np.array(said)[found.labels == topic]))
        other.append(np.mean(np.array(said)[found.labels != topic]))
    assert np.mean(own) > 0.5
    assert np.mean(own) > 2 * np.mean(other)
