"""An explanation in words: what speaks for a duplicate, what against it, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.judgement.cold import Difference
from services.judgement.explanation import Explanation, PairJudgement, TextComparison
from services.judgement.near_exact import MIN_SIMILARITY
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.phrases import Percent, Phrase, in_context, phrase, translatable
from services.text.comparing.identifiers import Contradiction
from services.text.stack_traces.traces import Trace

# How many names are shown of one side.
MAX_NAMED = 4

# A term this rare, as a share of the greatest IDF possible, is called rare.
MIN_RARE = 0.7
# Words of titles: from here on they are nearly the same, up to here they are different.
MIN_SAME_TITLE, MAX_OTHER_TITLE = 0.8, 0.1
# How much closer than the next best a pair is for that to be worth a line, in cosines.
MIN_GAP = 0.05
# Tickets of one day are often about one incident.
SOON = timedelta(days=1)
# Nobody calls the same what is less likely the same than not.
MIN_OF_DUPLICATE = 0.5
# Logarithms of ratios: 10 % and 50 %.
MAX_SAME_PRICE, MIN_OTHER_PRICE = 0.1, 0.4

_DIFFERENT = {
    "code": translatable("They mention different codes: {ours} and {theirs}"),
    "version": translatable("They mention different versions: {ours} and {theirs}"),
    "product": translatable("They mention different products or models: {ours} and {theirs}"),
    "platform": translatable("They mention different platforms: {ours} and {theirs}"),
    "polarity": translatable("They say opposite things: {ours} and {theirs}"),
    "direction": translatable("They go opposite ways: {ours} and {theirs}"),
    "error": translatable("They show different errors: {ours} and {theirs}"),
}
_DIFFERENCES: dict[Difference, Phrase] = {
    "contradiction": phrase("they contradict each other"),
    "slot": phrase("they seem to be about different people, places or things"),
    "time": phrase("it is a task that comes up again and again"),
}
_DECIDED = {
    "duplicate": translatable("{by} decided on {day}: same issue."),
    "related": translatable("{by} decided on {day}: related."),
    "distinct": translatable("{by} decided on {day}: not a duplicate."),
}
_CROWDED = {
    "ticket": phrase("Many other tickets are much like these"),
    "product": phrase("Many other products are much like these"),
}
_CLOSEST = {
    "ticket": phrase("No other ticket comes as close"),
    "product": phrase("No other product comes as close"),
}
_ONLY_FIRST, _ONLY_SECOND = (
    translatable("Only in the first: {words}"),
    translatable("Only in the second: {words}"),
)


@dataclass(frozen=True)
class ExplanationText:
    """An explanation in lines, the most important first; `verdict` is what it led to."""

    for_: list[Phrase]
    against: list[Phrase]
    verdict: Phrase


@dataclass(frozen=True)
class _Line:
    """A line, and whether it speaks for a duplicate or against it."""

    is_for: bool
    text: Phrase


def explanation_text(explanation: Explanation) -> ExplanationText:
    """Return an explanation in words, for Slack and the command line alike."""
    lines = list(_lines(explanation))
    return ExplanationText(
        for_=[line.text for line in lines if line.is_for],
        against=[line.text for line in lines if not line.is_for],
        verdict=_verdict(explanation),
    )


def decision_text(explanation: Explanation, by: str) -> list[Phrase]:
    """Return what people decided about the pair, `by` being who did; empty if nobody did."""
    lines, decision = [], explanation.decision
    if decision is not None:
        lines.append(phrase(_DECIDED[decision.verdict], by=by, day=decision.at.date()))
    if explanation.group_size:
        lines.append(
            phrase("Both are among {n} reports of the same issue.", n=explanation.group_size)
        )
    return lines


def likelihood(share: float) -> Percent:
    """Return a probability in whole percent, rounded down and at most 99: never overstated."""
    return Percent(min(max(int(share * 100 + 1e-9), 1), 99) / 100)


def shown_likelihood(probability: float | None, band: str | None) -> Percent | None:
    """Return how likely a match is the same issue, as people are shown it.

    None where that is unknown, or denies that the match is called a duplicate: what says the same
    in the same words is one, whatever verdicts on other pairs taught.
    """
    if probability is None or (band == "duplicate" and probability < MIN_OF_DUPLICATE):
        return None
    return likelihood(probability)


def _lines(explanation: Explanation) -> Iterator[_Line]:
    """Return all lines: what the features say by themselves, whatever was learned from verdicts."""
    yield from _on_contradictions(explanation.text.contradictions)
    if explanation.features.same_picture:
        yield _Line(True, phrase("Both show the same picture"))
    yield from _on_errors(explanation.text)
    yield from _on_codes(explanation)
    yield from _on_titles(explanation)
    yield from _on_meaning(explanation)
    yield from _on_words(explanation)
    yield from _on_circumstances(explanation)


def _on_contradictions(found: Sequence[Contradiction]) -> Iterator[_Line]:
    for one in found:
        named = {"ours": _some(one.ours), "theirs": _some(one.theirs)}
        yield _Line(False, Phrase(_DIFFERENT[one.kind], named))


def _on_errors(text: TextComparison) -> Iterator[_Line]:
    if text.shared_error is not None:
        error, is_whole = text.shared_error
        same = translatable("Both show the same error: {error}")
        near = translatable("Both show the same error, reached in different ways: {error}")
        yield _Line(True, Phrase(same if is_whole else near, {"error": _named(error)}))


def _named(error: Trace) -> Phrase | str:
    """Return an error as people name it: its type, and the place where it happened."""
    if not error.error:
        return error.places[0]
    return phrase("{error} in {place}", error=error.error, place=error.places[0])


def _on_codes(explanation: Explanation) -> Iterator[_Line]:
    text, features = explanation.text, explanation.features
    if text.shared_codes:
        yield _Line(True, phrase("Both mention {codes}", codes=_some(text.shared_codes)))
    if features.conflict > 0 and not text.contradictions:
        yield _Line(False, phrase("Each has numbers that the other doesn't"))
    # Both comparisons are false where a price is unknown.
    if features.price_gap <= MAX_SAME_PRICE:
        yield _Line(True, phrase("Nearly the same price"))
    elif features.price_gap >= MIN_OTHER_PRICE:
        yield _Line(False, phrase("Different prices"))


def _on_titles(explanation: Explanation) -> Iterator[_Line]:
    if not explanation.text.have_titles:
        return
    if explanation.features.title_words >= MIN_SAME_TITLE:
        yield _Line(True, phrase("Nearly the same title"))
    elif explanation.features.title_words <= MAX_OTHER_TITLE:
        yield _Line(False, phrase("Different titles"))


def _on_meaning(explanation: Explanation) -> Iterator[_Line]:
    if explanation.judgement.match.similarity >= SIMILAR_SIMILARITY:
        yield _Line(True, phrase("Close in meaning"))
    else:
        yield _Line(False, phrase("Not close in meaning"))
    if explanation.features.gap >= MIN_GAP:
        yield _Line(True, _CLOSEST[explanation.kind])


def _on_words(explanation: Explanation) -> Iterator[_Line]:
    text = explanation.text
    if text.shared_terms:
        words, rare = translatable("In both: {words}"), translatable("Rare words in both: {words}")
        both = rare if explanation.features.rarest >= MIN_RARE else words
        yield _Line(True, Phrase(both, {"words": ", ".join(text.shared_terms)}))
    elif not text.shared_codes:
        yield _Line(False, phrase("No meaningful words in common"))
    for text_of_side, terms in ((_ONLY_FIRST, text.only_ours), (_ONLY_SECOND, text.only_theirs)):
        if terms:
            yield _Line(False, Phrase(text_of_side, {"words": ", ".join(terms)}))


def _on_circumstances(explanation: Explanation) -> Iterator[_Line]:
    if explanation.same_reporter:
        yield _Line(True, phrase("The same person wrote both"))
    if explanation.age_gap is not None and explanation.age_gap <= SOON:
        yield _Line(True, phrase("Written {span} apart", span=explanation.age_gap))
    if explanation.crowded:
        yield _Line(False, _CROWDED[explanation.kind])


def _verdict(explanation: Explanation) -> Phrase:
    judgement = explanation.judgement
    if judgement.match.band == "duplicate":
        return _why_called(judgement)
    if judgement.match.band is None:
        if judgement.match.similarity >= SIMILAR_SIMILARITY:
            return phrase("Not called similar: other tickets are just as close to it.")
        return phrase("Not called similar: the meaning is not close enough.")
    missing = _missing_above_cut(judgement) if judgement.cut else _missing_in_rule(explanation)
    return phrase("Called similar, not a duplicate: {missing}.", missing=missing)


def _why_called(judgement: PairJudgement) -> Phrase:
    """Return by which rule the pair was called a duplicate."""
    cut = judgement.cut
    if cut is not None and judgement.match.strength >= cut.strength:
        return phrase(
            "Called a duplicate: {right} of {n} pairs with evidence this strong that people "
            "decided on were the same issue.",
            n=cut.count,
            right=cut.right,
        )
    if judgement.is_near_exact:
        return phrase("Called a duplicate: both say the same thing in the same words.")
    if judgement.has_same_error:
        return phrase("Called a duplicate: both show the same error at the same place.")
    if judgement.is_pictured:
        return phrase(
            "Called a duplicate: both show the same picture and say much the same about it."
        )
    return phrase("Called a duplicate: both say nearly the same thing, and nothing contradicts it.")


def _missing_above_cut(judgement: PairJudgement) -> Phrase:
    """Return what was missing by the rule that people's decisions have taught."""
    if judgement.cut is not None and judgement.match.strength >= judgement.cut.strength:
        return phrase("people have not decided on any pair so far apart yet")
    return phrase("too few of the pairs with evidence this weak were the same issue")


def _missing_in_rule(explanation: Explanation) -> Phrase:
    """Return what was missing by the rule for a new team."""
    difference = explanation.judgement.difference
    if difference is not None:
        return _DIFFERENCES[difference]
    if explanation.judgement.match.similarity < MIN_SIMILARITY:
        return phrase("the meaning is not close enough for that")
    return phrase("they don't say it in the same words")


def _some(names: Sequence[str]) -> str | Phrase:
    shown, more = ", ".join(names[:MAX_NAMED]), len(names) - MAX_NAMED
    if more > 0:
        return phrase("{names} and {n} more", names=shown, n=more)
    return shown or in_context("names in a ticket", "none")
