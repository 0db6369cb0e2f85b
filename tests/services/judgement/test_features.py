"""Evidence on pairs: what speaks for and against two items being the same."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from services.judgement.features import ComparedText, PairFeatures, pair_features
from services.judgement.placing import Placing
from services.text.comparing.terms import Lexicon, terms, trigrams

PLACING = Placing(
    score=0.6, cosine=0.7, similarity=0.5, density=0.4, words=0.3, bm25=0.2, gap=0.1, lead=0.05,
    rank_back=0,
)  # fmt: skip
PLACED = {"score", "lead", "rank_back"}
TEXTS = [
    "the printer shows error 0x80070005", "the printer is slow", "the invoice is wrong",
    "the invoice 4711 is missing", "sony ps-lx350h turntable", "sony pslx350h belt drive turntable",
    "sony st-ck5 turntable",
]  # fmt: skip
COUNTS = [Counter(terms(text)) for text in TEXTS]
LEXICON = Lexicon(
    len(TEXTS),
    sum(count.total() for count in COUNTS) / len(TEXTS),
    Counter(one for count in COUNTS for one in (*count, *set(trigrams(count)))),
)
texts = st.one_of(st.text(max_size=40), st.sampled_from(TEXTS))


def document(text: str, **more: object) -> ComparedText:
    """Return a document of the test's corpus."""
    return replace(ComparedText(terms(text), LEXICON), **more)  # type: ignore[arg-type]


def evidence(ours: str, theirs: str, **more: object) -> PairFeatures:
    """Return the evidence on two texts."""
    return compared(document(ours, **more), document(theirs, **more))


def compared(ours: ComparedText, theirs: ComparedText) -> PairFeatures:
    """Return the evidence on two documents, the second of which is a usual candidate."""
    return pair_features(ours, theirs, PLACING, contradict=False)


def test_rare_words_in_common_count_more() -> None:
    """An error code in both texts is better evidence than a word that every second ticket has."""
    code = evidence("what is 0x80070005", "0x80070005 again")
    printer = evidence("what is the", "the again")
    assert code.rarest > printer.rarest
    assert code.overlap > printer.overlap
    assert code.shared_codes == 1 > printer.shared_codes == 0


def test_a_short_text_within_a_long_one_does_not_overlap_wholly() -> None:
    """Terms in common are a share of those in either: "printer" is not every printer's ticket."""
    assert evidence("the printer", "the printer is slow").overlap < 0.6


def test_other_codes_conflict() -> None:
    """It takes codes on both sides, and one spelled apart is the same."""
    assert evidence("sony ps-lx350h", "sony st-ck5").conflict > 0.3
    assert evidence("sony ps-lx350h", "sony turntable").conflict == 0
    assert evidence("sony ps-lx350h", "sony pslx350h").conflict == 0


def test_titles_are_compared_where_both_have_one() -> None:
    """Without titles the texts stand for them."""
    ours = document("the invoice is wrong", title="invoice wrong")
    theirs = document("the printer is slow", title="invoice wrong")
    titled = compared(ours, theirs)
    assert (titled.title, titled.title_only) == (1, 0)
    assert math.isclose(titled.title_words, 1)
    untitled = compared(ours, replace(theirs, title=""))
    assert untitled.title == untitled.overlap < 1
    assert (untitled.title_words, untitled.title_only) == (PLACING.words, 0)


def test_words_of_one_title_only_tell_chores_apart() -> None:
    """The lighter side counts: a title with more words than the other is no other title."""
    ours = document("the invoice", title="the invoice 4711")
    assert compared(ours, document("the invoice", title="the invoice is wrong")).title_only > 0.3
    assert compared(ours, document("the invoice", title="invoice")).title_only == 0


def test_what_is_not_known_counts_neither_way() -> None:
    """Prices are evidence only where both sides have them, letters only of products."""
    unknown = evidence("a", "b")
    assert math.isnan(unknown.price_gap)
    assert math.isnan(unknown.letters)
    ours = document("a", price=10.0, kind="product")
    known = compared(ours, replace(ours, price=20.0))
    assert known.letters == 1.0
    assert math.isclose(known.price_gap, math.log(2))
    assert math.isnan(compared(ours, replace(ours, price=0.0)).price_gap)


def test_the_placing_and_contradictions_are_features() -> None:
    """What the other candidates tell is passed on."""
    text = document("the printer")
    found = pair_features(text, text, replace(PLACING, rank_back=3, gap=0.2), contradict=True)
    assert (found.contradiction, found.gap, found.similarity) == (1, 0.2, PLACING.similarity)
    assert math.isclose(found.rank_back, math.log(4))


@given(texts, texts)
def test_evidence_is_mutual_and_bounded(ours: str, theirs: str) -> None:
    """Who is compared with whom does not matter, whatever they write."""
    there = asdict(evidence(ours, theirs, kind="product"))
    back = asdict(evidence(theirs, ours, kind="product"))
    for name, value in there.items():
        assert math.isnan(value) == math.isnan(back[name])
        if not math.isnan(value):
            assert math.isclose(value, back[name], abs_tol=1e-9)
            assert name in PLACED or -1e-9 <= value <= 1 + 1e-9
