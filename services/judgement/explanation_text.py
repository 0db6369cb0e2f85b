"""An explanation in words: what speaks for a duplicate, what against it, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.judgement.bands import SIMILAR_SIMILARITY
from services.judgement.explanation import Explanation, PairJudgement
from services.judgement.near_exact import MIN_SIMILARITY
from services.phrases import AnyOf, Percent, Phrase, in_context, phrase, translatable
from services.text.identifiers import Contradiction

# In log-odds; a smaller contribution gets no line.
MIN_SHOWN_WEIGHT = 0.1

# How many names are shown of one side.
MAX_NAMED = 4

_WORD_FEATURES = ("words", "overlap", "rarest", "letters")
_DIFFERENT = {
    "code": translatable("They mention different codes: {ours} and {theirs}"),
    "version": translatable("They mention different versions: {ours} and {theirs}"),
    "product": translatable("They mention different products or models: {ours} and {theirs}"),
    "platform": translatable("They mention different platforms: {ours} and {theirs}"),
    "polarity": translatable("They say opposite things: {ours} and {theirs}"),
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
_LONELY = {
    "ticket": phrase("Few other tickets are like these"),
    "product": phrase("Few other products are like these"),
}
_ONLY_FIRST, _ONLY_SECOND = (
    translatable("Only in the first: {words}"),
    translatable("Only in the second: {words}"),
)
_SIMILAR = translatable("Called similar: {likely} likely the same, and a duplicate takes {cut}.")
_NOT_SIMILAR = translatable(
    "Not called similar: {likely} likely the same; similar takes {least}, a duplicate {cut}."
)


@dataclass(frozen=True)
class ExplanationText:
    """An explanation in lines, the most important first; `verdict` is what it led to."""

    for_: list[Phrase]
    against: list[Phrase]
    verdict: Phrase


@dataclass(frozen=True)
class _Line:
    """A line and its weight: above 0 it speaks for a duplicate, below 0 against it."""

    weight: float
    text: Phrase


def explanation_text(explanation: Explanation) -> ExplanationText:
    """Return an explanation in words, for Slack and the command line alike."""
    lines = sorted(_lines(explanation), key=lambda line: -abs(line.weight))
    return ExplanationText(
        for_=[line.text for line in lines if line.weight > 0],
        against=[line.text for line in lines if line.weight < 0],
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


def _lines(explanation: Explanation) -> Iterator[_Line]:
    """Return all lines, weighted by the model; without one, by what the features suggest."""
    yield from _on_contradictions(explanation.text.contradictions)
    yield from _on_meaning(explanation)
    yield from _on_words(explanation)
    yield from _on_codes(explanation)
    yield from _on_circumstances(explanation)


def _on_contradictions(found: Sequence[Contradiction]) -> Iterator[_Line]:
    for one in found:
        named = {"ours": _some(one.ours), "theirs": _some(one.theirs)}
        yield _Line(-math.inf, Phrase(_DIFFERENT[one.kind], named))


def _on_meaning(explanation: Explanation) -> Iterator[_Line]:
    judgement = explanation.judgement
    weight = judgement.contributions.get("similarity")
    if weight is None:
        weight = 1.0 if judgement.similarity >= SIMILAR_SIMILARITY else -1.0
    if weight > 0:
        yield _Line(weight, phrase("Close in meaning"))
    else:
        yield _Line(weight, phrase("Not close in meaning"))


def _on_words(explanation: Explanation) -> Iterator[_Line]:
    added, text = explanation.judgement.contributions, explanation.text
    names = _WORD_FEATURES if text.have_titles else (*_WORD_FEATURES, "title")
    weight = sum(added.get(name, 0.0) for name in names)
    if not added:
        weight = 0.5 if text.shared_terms else -0.5
    if text.shared_terms:
        much, little = translatable("In both: {words}"), translatable("Little in common: {words}")
        yield _Line(
            weight or 0.01,
            Phrase(much if weight >= 0 else little, {"words": ", ".join(text.shared_terms)}),
        )
    else:
        yield _Line(-abs(weight) or -0.01, phrase("No meaningful words in common"))
    if text.have_titles and abs(title := added.get("title", 0.0)) >= MIN_SHOWN_WEIGHT:
        same, other = phrase("Nearly the same title"), phrase("Different titles")
        yield _Line(title, same if title > 0 else other)
    for text_of_side, terms in ((_ONLY_FIRST, text.only_ours), (_ONLY_SECOND, text.only_theirs)):
        if terms:
            yield _Line(-1e-3, Phrase(text_of_side, {"words": ", ".join(terms)}))


def _on_codes(explanation: Explanation) -> Iterator[_Line]:
    added, text = explanation.judgement.contributions, explanation.text
    if text.shared_codes:
        weight = max(added.get("shared_codes", 1.5), 0.01)
        yield _Line(weight, phrase("Both mention {codes}", codes=_some(text.shared_codes)))
    conflict = added.get("conflict", 0.0)
    if (
        conflict <= -MIN_SHOWN_WEIGHT
        and explanation.features.conflict > 0
        and not text.contradictions
    ):
        yield _Line(conflict, phrase("Each has numbers that the other doesn't"))
    price = added.get("price_gap", 0.0)
    if abs(price) >= MIN_SHOWN_WEIGHT:
        near, far = phrase("Nearly the same price"), phrase("Different prices")
        yield _Line(price, near if price > 0 else far)


def _on_circumstances(explanation: Explanation) -> Iterator[_Line]:
    added = explanation.judgement.contributions
    density = added.get("density", -0.1 if explanation.crowded else 0.0)
    if density <= -MIN_SHOWN_WEIGHT:
        yield _Line(density, _CROWDED[explanation.kind])
    elif density >= MIN_SHOWN_WEIGHT:
        yield _Line(density, _LONELY[explanation.kind])
    age = added.get("age_gap", 0.0)
    if explanation.age_gap is not None and abs(age) >= MIN_SHOWN_WEIGHT:
        yield _Line(age, phrase("Written {span} apart", span=explanation.age_gap))
    same = added.get("same_reporter", 0.2 if explanation.same_reporter else 0.0)
    if explanation.same_reporter is not None and abs(same) >= MIN_SHOWN_WEIGHT:
        one, two = phrase("The same person wrote both"), phrase("Two different people wrote them")
        yield _Line(same, one if explanation.same_reporter else two)


def _verdict(explanation: Explanation) -> Phrase:
    judgement = explanation.judgement
    if judgement.probability is None:
        return _verdict_of_rule(explanation)
    figures = {"likely": likelihood(judgement.probability), "cut": likelihood(judgement.threshold)}
    if judgement.band == "duplicate":
        return phrase(
            "Called a duplicate: {likely} likely the same, and the threshold is {cut}.", **figures
        )
    if judgement.probability >= judgement.threshold:
        return phrase(
            "Called similar: {likely} likely the same, above the threshold of {cut}, but what "
            "contradicts is never called a duplicate.",
            **figures,
        )
    least = likelihood(min(SIMILAR_PROBABILITY, judgement.threshold))
    called = phrase(_SIMILAR if judgement.band else _NOT_SIMILAR, **figures, least=least)
    return Phrase("{called} {crossing}", {"called": called, "crossing": _crossing(judgement)})


def _crossing(judgement: PairJudgement) -> Phrase:
    """Return what would have reached the threshold."""
    crossing = tuple(Phrase(one.name) for one in judgement.what_ifs if one.crosses)
    if crossing:
        return phrase("It would have been a duplicate with {names}.", names=AnyOf(crossing))
    if judgement.highest is not None and judgement.highest < judgement.threshold:
        return phrase(
            "No pair reaches the threshold: the model is never more than {likely} sure.",
            likely=likelihood(judgement.highest),
        )
    if not judgement.what_ifs:
        return phrase("Other words, titles or codes would not have changed that.")
    best = judgement.what_ifs[0]
    return phrase(
        "No single change would have been enough; {name} would have made it {likely}.",
        name=Phrase(best.name),
        likely=likelihood(best.probability),
    )


def _verdict_of_rule(explanation: Explanation) -> Phrase:
    """Return what the rule for a new team said, and what was missing for a duplicate."""
    judgement = explanation.judgement
    if judgement.band == "duplicate":
        return phrase("Called a duplicate: both say the same thing in the same words.")
    if judgement.band is None:
        return phrase("Not called similar: the meaning is not close enough.")
    if explanation.text.contradictions:
        missing = phrase("they contradict each other")
    elif judgement.similarity < MIN_SIMILARITY:
        missing = phrase("the meaning is not close enough for that")
    else:
        missing = phrase("they don't say it in the same words")
    return phrase("Called similar, not a duplicate: {missing}.", missing=missing)


def _some(names: Sequence[str]) -> str | Phrase:
    shown, more = ", ".join(names[:MAX_NAMED]), len(names) - MAX_NAMED
    if more > 0:
        return phrase("{names} and {n} more", names=shown, n=more)
    return shown or in_context("names in a ticket", "none")
