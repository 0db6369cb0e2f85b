"""Terms of a text, BM25 and TF-IDF."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.terms import (
    MAX_TERM_LENGTH,
    TRIGRAM_MARK,
    Lexicon,
    dot,
    rarest,
    terms,
    tfidf,
    trigrams,
)

TEXTS = ["the printer is broken", "the invoice is wrong", "the printer prints blank pages"]


def _lexicon(texts: list[str]) -> Lexicon:
    documents = [terms(text) for text in texts]
    frequencies = Counter(term for document in documents for term in set(document))
    return Lexicon(len(texts), sum(map(len, documents)) / len(texts), frequencies)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Café ÜBER Straße", ["cafe", "uber", "strasse"]),
        ("PS-LX350H", ["ps", "lx350h", "pslx350h"]),
        ("version 2.4.1", ["version", "2", "4", "1", "2.4.1"]),
        ("ERR_CONN_502!", ["err", "conn", "502", "errconn502"]),
        ("error 0x80070005", ["error", "0x80070005"]),
        ("日本語が", ["日本", "本語", "語が"]),
        ("한국 ABC일본", ["한국", "abc", "일본"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("🙂 … --", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    """Case, width and accents go; codes are findable whole and in parts; Chinese by pairs."""
    assert terms(text) == expected


def test_versions_stay_apart() -> None:
    """2.41 and 24.1 are not written as one."""
    assert not {"2.41", "24.1"} <= set(terms("2.41"))
    assert "2.41" in terms("2.41")
    assert "24.1" in terms("24.1")


@given(st.text())
def test_any_text_has_terms_that_a_database_can_keep(text: str) -> None:
    """No term is empty, too long, or has a space or a quote in it."""
    for term in terms(text):
        assert 0 < len(term) <= MAX_TERM_LENGTH
        assert not set(term) & set(" \t\n'\"\\\0")
        assert not term.startswith(TRIGRAM_MARK)


def test_rare_words_count_more() -> None:
    """A document that shares a rare word scores over one that shares a common one."""
    lexicon = _lexicon(TEXTS)
    query = tfidf(Counter(terms("the printer")), lexicon)
    scores = [dot(query, tfidf(Counter(terms(text)), lexicon)) for text in TEXTS]
    assert min(scores[0], scores[2]) > scores[1] > 0


@given(st.lists(st.sampled_from("abcdef"), max_size=8), st.lists(st.sampled_from("abcdef")))
def test_cosines_stay_in_their_range(query: list[str], document: list[str]) -> None:
    """TF-IDF gives a cosine that is 1 for the same text; empty texts share nothing."""
    lexicon = Lexicon(10, 4.0, {"a": 9, "b": 1, "c": 30})
    first, second = Counter(query), Counter(document)
    cosine = dot(tfidf(first, lexicon), tfidf(second, lexicon))
    assert 0 <= cosine <= 1 + 1e-9
    if query:
        assert dot(tfidf(first, lexicon), tfidf(first, lexicon)) == pytest.approx(1)
    else:
        assert cosine == 0


def test_nothing_is_known_of_an_empty_corpus() -> None:
    """Without documents all words weigh alike, and nothing is divided by nothing."""
    lexicon = Lexicon(0, 0.0, {})
    text = Counter(terms("printer broken"))
    assert dot(tfidf(text, lexicon), tfidf(text, lexicon)) == pytest.approx(1)


def test_the_rarest_terms_come_first() -> None:
    """Terms that nobody wrote before find nothing and are left out."""
    assert rarest(["the", "printer", "zebra"], _lexicon(TEXTS), 2) == ["printer", "the"]


def test_grams_of_products() -> None:
    """Letters in threes, with the words' ends."""
    assert trigrams(["tv4"]) == ["~ tv", "~tv4", "~v4 "]
    assert trigrams(["x"]) == ["~ x "]
