"""An explanation in people's words: what speaks for the pair, what against, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.explaining import Explanation, Judgement
from services.identifiers import Contradiction
from services.matching import SIMILAR_PROBABILITY, SIMILAR_SIMILARITY
from services.near_exact import LEAST_SIMILARITY

# In log-odds. What counts less is not worth a line.
LEAST_TOLD = 0.1

# What is shown of the names on one side.
MOST_NAMED = 4

_WORDS_OF = ("words", "overlap", "rarest", "letters")
_NAMES = {
    "code": "codes",
    "version": "versions",
    "product": "products or models",
    "platform": "platforms",
    "polarity": "directions",
}
_DECIDED = {"duplicate": "the same issue", "related": "related", "distinct": "not a duplicate"}


@dataclass(frozen=True)
class Words:
    """An explanation in lines of plain text, the weightiest first; `verdict` is what came of it."""

    for_: list[str]
    against: list[str]
    verdict: str


@dataclass(frozen=True)
class _Line:
    """A line, and how much it counts: above 0 for the pair, below it against."""

    weight: float
    text: str


def in_words(explanation: Explanation) -> Words:
    """Return an explanation in words, for Slack and the command line alike."""
    lines = sorted(_lines(explanation), key=lambda line: -abs(line.weight))
    return Words(
        for_=[line.text for line in lines if line.weight > 0],
        against=[line.text for line in lines if line.weight < 0],
        verdict=_verdict(explanation),
    )


def decision_words(explanation: Explanation, by: str) -> str | None:
    """Return what people decided about the pair, `by` being who did; None where nobody did."""
    said = []
    if explanation.decision is not None:
        on = f"{explanation.decision.at:%Y-%m-%d}"
        said.append(f"{by} decided on {on}: {_DECIDED[explanation.decision.verdict]}.")
    if explanation.group_size:
        said.append(f"Both are among {explanation.group_size} reports of one issue.")
    return " ".join(said) or None


def percent(share: float) -> str:
    """Return a probability in whole percents, rounded down: never surer than it is, nor certain."""
    return f"{min(max(int(share * 100 + 1e-9), 1), 99)} %"


def span(gap: timedelta) -> str:
    """Return a span in one number and the largest unit that fits."""
    for unit, length in (("year", 365), ("month", 30), ("week", 7), ("day", 1)):
        if number := gap.days // length:
            return f"{number} {unit}{'s' if number > 1 else ''}"
    hours = int(gap.total_seconds()) // 3600
    return f"{hours} hour{'s' if hours > 1 else ''}" if hours else "less than an hour"


def _lines(told: Explanation) -> Iterator[_Line]:
    """Return all lines. With a model a figure speaks as it counts, without one as it looks."""
    yield from _on_contradictions(told.text.contradictions)
    yield from _on_meaning(told)
    yield from _on_words(told)
    yield from _on_codes(told)
    yield from _on_circumstances(told)


def _on_contradictions(found: Sequence[Contradiction]) -> Iterator[_Line]:
    for one in found:
        ours, theirs = _some(one.ours) or "nothing", _some(one.theirs) or "nothing"
        text = f"They name different {_NAMES[one.kind]}: {ours} and {theirs}"
        if one.kind == "polarity":
            text = f"One says the opposite: {ours} and {theirs}"
        yield _Line(-math.inf, text)


def _on_meaning(told: Explanation) -> Iterator[_Line]:
    judgement = told.judgement
    weight = judgement.contributions.get("similarity")
    if weight is None:
        weight = 1.0 if judgement.similarity >= SIMILAR_SIMILARITY else -1.0
    figure = f"similarity {judgement.similarity:.2f}"
    text = "Close in meaning" if weight > 0 else "Not close in meaning"
    yield _Line(weight, f"{text}: {figure}")


def _on_words(told: Explanation) -> Iterator[_Line]:
    added, text = told.judgement.contributions, told.text
    shares = _WORDS_OF if text.have_titles else (*_WORDS_OF, "title")
    weight = sum(added.get(name, 0.0) for name in shares)
    if not added:
        weight = 0.5 if text.shared_terms else -0.5
    if text.shared_terms:
        both = ", ".join(text.shared_terms)
        yield _Line(weight or 0.01, f"{'In both' if weight >= 0 else 'Little in both'}: {both}")
    else:
        yield _Line(-abs(weight) or -0.01, "No word that says anything is in both")
    if text.have_titles and abs(title := added.get("title", 0.0)) >= LEAST_TOLD:
        yield _Line(title, "Much the same title" if title > 0 else "Different titles")
    only = [
        f"{side}: {', '.join(terms)}"
        for side, terms in (("the first", text.only_ours), ("the second", text.only_theirs))
        if terms
    ]
    if only:
        yield _Line(-1e-3, f"Only in {'; only in '.join(only)}")


def _on_codes(told: Explanation) -> Iterator[_Line]:
    added, text = told.judgement.contributions, told.text
    if text.shared_codes:
        weight = max(added.get("shared_codes", 1.5), 0.01)
        yield _Line(weight, f"Both name {_some(text.shared_codes)}")
    conflict = added.get("conflict", 0.0)
    if conflict <= -LEAST_TOLD and told.evidence.conflict > 0 and not text.contradictions:
        yield _Line(conflict, "Each has figures that the other has not")
    price = added.get("price_gap", 0.0)
    if abs(price) >= LEAST_TOLD:
        yield _Line(price, "Nearly one price" if price > 0 else "Different prices")


def _on_circumstances(told: Explanation) -> Iterator[_Line]:
    added = told.judgement.contributions
    density = added.get("density", -0.1 if told.crowded else 0.0)
    if density <= -LEAST_TOLD:
        yield _Line(density, f"Crowded: many {told.kind}s are much like these")
    elif density >= LEAST_TOLD:
        yield _Line(density, f"Few {told.kind}s are like these")
    age = added.get("age_gap", 0.0)
    if told.age_gap is not None and abs(age) >= LEAST_TOLD:
        yield _Line(age, f"Written {span(told.age_gap)} apart")
    same = added.get("same_reporter", 0.2 if told.same_reporter else 0.0)
    if told.same_reporter is not None and abs(same) >= LEAST_TOLD:
        text = "One person wrote both" if told.same_reporter else "Two people wrote them"
        yield _Line(same, text)


def _verdict(told: Explanation) -> str:
    judgement = told.judgement
    if judgement.probability is None:
        return _verdict_of_rule(told)
    likely, cut = percent(judgement.probability), percent(judgement.cut)
    if judgement.band == "duplicate":
        return f"Called the same: {likely} likely, and the cut is {cut}."
    if judgement.probability >= judgement.cut:
        return (
            f"Called alike: {likely} likely the same, over the cut of {cut}, but what contradicts "
            "is never called the same."
        )
    least = min(SIMILAR_PROBABILITY, judgement.cut)
    called = "Called alike" if judgement.band else f"Not called alike, which takes {percent(least)}"
    lacking = f"{judgement.lacking:.2g}"
    return (
        f"{called}: {likely} likely the same, and the cut is {cut}. It lacks {lacking} log-odds; "
        f"{_crossing(judgement)}"
    )


def _crossing(judgement: Judgement) -> str:
    """Return what would have crossed the cut."""
    crossing = [one.name for one in judgement.what_ifs if one.crosses]
    if crossing:
        return f"{' or '.join(crossing)} would have given as much."
    if judgement.highest is not None and judgement.highest < judgement.cut:
        return f"no pair reaches it, the model is never surer than {percent(judgement.highest)}."
    if not judgement.what_ifs:
        return "words, titles and codes would not have changed that."
    best = judgement.what_ifs[0]
    likely = percent(best.probability)
    return f"no single thing would have done, {best.name} would have made it {likely}."


def _verdict_of_rule(told: Explanation) -> str:
    """Return what the rule for a new team said, and what is missing."""
    judgement = told.judgement
    if judgement.band == "duplicate":
        return "Called the same: both say the same in the same words."
    figure, least = f"{judgement.similarity:.2f}", f"{SIMILAR_SIMILARITY:.2f}"
    if judgement.band is None:
        return f"Not called alike: similarity is {figure}, and it takes {least}."
    if told.text.contradictions:
        missing = "they contradict each other"
    elif judgement.similarity < LEAST_SIMILARITY:
        missing = f"that takes {LEAST_SIMILARITY:.2f}, and the same words"
    else:
        missing = "they do not say it in the same words"
    reached = f"Called alike: similarity is {figure}, and it takes {least}."
    return f"{reached} Not called the same: {missing}."


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
