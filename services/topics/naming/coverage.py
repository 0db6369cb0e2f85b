"""How many of a topic's tickets a phrase fits, and names by things where the best fits too few.

The numbers were chosen by reading names (benchmarks/README.md, `titles`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, dropwhile

import numpy as np

from services.text.words.folding import fold
from services.topics.grouping.knn_graph import unit
from services.topics.naming.candidates import NameCandidate
from services.topics.naming.headline_words import AND, FAILING, MATTERS
from services.topics.naming.nearness import MANY_TICKETS, FloatArray, Meanings
from services.topics.naming.readability import is_code, is_detail
from services.topics.naming.term_names import plain_name, things_among
from services.topics.naming.vocabulary import AllTickets, Vocabulary
from services.topics.various import name_of_various

# A phrase fits a ticket if its cosine, with so much for the words of it that the ticket has, is at
# least this. A thing says less, so that it fits sooner; its words below the heading count half.
WORDS, FITS, THING_FITS, BELOW = 0.35, 0.75, 0.5, 0.5
# A phrase is special to one ticket if it fits at most the first share of the others; up to the
# second, if it also has so many words of its own. Each of these is in less than this share of the
# tickets, and the logarithm of how much more frequent it is there than elsewhere is at least this:
# "rules" and "usage" are no details.
MIN_COVERAGE, MAX_COVERAGE = 0.2, 0.4
MIN_OWN_WORDS, MAX_OWN_SHARE, MIN_OWN_DISTINCTION = 2, 0.3, 1.5
# So is a phrase that suits the tickets less: its median cosine to the others, less so much for each
# of up to two words of its own; but what fits the last share of the others is no single ticket's.
# Many tickets say one matter in many ways, and are less near.
MIN_SUITED, OWN_COST, MANY_BONUS, FITS_ALL = 0.45, 0.1, 0.08, 0.95
# So is a phrase with a name, a code or a number that at most this share of so many tickets have.
MAX_DETAIL_SHARE, MIN_WITH_DETAILS = 0.34, 6
# So is a phrase whose median cosine to the others is less, if beside a thing that nearly all
# tickets have it has no word that more than this share do.
MIN_TYPICAL, MIN_TYPICAL_OF_MANY, MAX_OTHER_SHARE = 0.55, 0.45, 0.4
# A phrase with a lower score and median cosine than these is little of a name.
MIN_SCORE, MIN_NEAR_ENOUGH = 0.48, 0.6
# Another phrase is taken instead that suits the tickets so much better and is nearly as near.
BETTER, NEARLY_AS_NEAR = 0.1, 0.85
# The shares of the tickets that have such a thing at all, and in their heading.
MIN_NEARLY_ALL, MIN_IN_HEADINGS = 0.7, 0.3
# A thing may be the name if it fits this share of the tickets. Two may if each fits the first share
# and both together the second one, which is so much more than either alone; things whose cosine is
# higher than this are of one kind.
MIN_OF_THING = 0.6
MIN_OF_EACH, MIN_OF_BOTH, MIN_MORE, MAX_ALIKE = 0.3, 0.66, 0.2, 0.7
# Tickets are no topic if no thing fits them and the best phrase fits at most this share of the
# others, with a lower median cosine. Of few tickets the lower median cosine is enough.
MIN_ANY, NEAR = 0.1, 0.5
# Of fewer tickets the words of one are as good as any. `MANY_TICKETS` say one matter in too many
# ways to tell that they are no topic.
MIN_TICKETS = 5
# Things that a model reads.
MAX_THINGS = 16
# A thing that a single ticket has in its heading has at most so many words.
MAX_WORDS_OF_ONE = 2
# How much a thing gains for each word after the first: it says more, and is rarer.
LONGER = 0.1


def measure_fit(
    one: NameCandidate, cosines: FloatArray, known: Vocabulary, everywhere: AllTickets
) -> None:
    """Set how many of the other tickets a phrase fits, by its cosines to all of them, `(n,)`."""
    others = np.delete(cosines, one.owners[:1])
    if len(others):
        one.typical = float(np.median(others))
        said = np.delete(one.said, one.owners[:1])
        one.coverage = float((others + WORDS * said >= FITS).mean())
    one.own_words = sum(
        known.is_meaningful(word)
        and known.share(word) < MAX_OWN_SHARE
        and everywhere.distinction(word, known) >= MIN_OWN_DISTINCTION
        for word in set(one.words)
    )
    one.has_rare_detail = len(known.tickets) >= MIN_WITH_DETAILS and any(
        known.is_meaningful(word)
        and known.share(word) <= MAX_DETAIL_SHARE
        and is_detail(word, known)
        for word in one.words
    )


def _is_special(one: NameCandidate, dominant: str | None, known: Vocabulary) -> bool:
    """Say whether a phrase suits too few of the other tickets to name them all.

    Or says too little of these beside the dominant thing, which nearly all have.
    """
    if len(known.tickets) < MIN_TICKETS:
        return False
    most = MAX_COVERAGE if one.own_words >= MIN_OWN_WORDS else MIN_COVERAGE
    if one.coverage <= most:
        return True
    is_apart = one.own_words > 0 and _suited(one, known) < MIN_SUITED
    is_apart &= one.coverage < FITS_ALL
    return one.has_rare_detail or is_apart or _says_little(one, dominant, known)


def names_instead(
    near: Mapping[str, NameCandidate | None],
    things: Sequence[str],
    known: Vocabulary,
    rows: FloatArray,
    meanings: Meanings,
) -> list[str]:
    """Return the names to take instead of the first `near` phrase; none where it suits the tickets.

    The things that fit most tickets, a near phrase that suits them better, and two things that fit
    most together. `rows`, `(n, d)`, are the vectors of the tickets.
    """
    best = _first(near)
    if best is None:
        return []
    dominant = _dominant_thing(things, known)
    if not (_is_special(best, dominant, known) or is_weak(best, known)):
        return []
    one, two = _names_of_things(things, dominant, known, rows, meanings)
    return [*one, *_suited_better(best, near, dominant, known), *two]


def is_weak(best: NameCandidate | None, known: Vocabulary) -> bool:
    """Say whether the best phrase is little of a name: not near to the tickets, and read badly."""
    if best is None or not MIN_TICKETS <= len(known.tickets) < MANY_TICKETS:
        return False
    return best.score < MIN_SCORE and best.typical < MIN_NEAR_ENOUGH


def _first(near: Mapping[str, NameCandidate | None]) -> NameCandidate | None:
    """Return the first near phrase; None without one, or if its name says both of two sides."""
    return next(iter(near.values()), None)


def _suited_better(
    best: NameCandidate,
    near: Mapping[str, NameCandidate | None],
    dominant: str | None,
    known: Vocabulary,
) -> list[str]:
    """Return the near phrase that suits the tickets much better than the best one, if any."""
    better = 0.0 if best.has_rare_detail else BETTER
    needed, score = _suited(best, known) + better, NEARLY_AS_NEAR * best.score
    found = {
        name: _suited(one, known)
        for name, one in near.items()
        if one is not None and one.score >= score and not _is_special(one, dominant, known)
    }
    name = max(found, key=found.__getitem__, default="")
    return [name] if found.get(name, 0.0) >= needed else []


def _suited(one: NameCandidate, known: Vocabulary) -> float:
    """Return how well a phrase suits all tickets, at most about 1."""
    own = min(one.own_words, MIN_OWN_WORDS)
    return one.typical - OWN_COST * own + MANY_BONUS * (len(known.tickets) >= MANY_TICKETS)


def _says_little(one: NameCandidate, dominant: str | None, known: Vocabulary) -> bool:
    """Say whether a phrase that is not too near says little beside a thing that nearly all have."""
    typical = MIN_TYPICAL_OF_MANY if len(known.tickets) >= MANY_TICKETS else MIN_TYPICAL
    if dominant is None or one.typical >= typical:
        return False
    stems = known.stems_of(dominant)
    others = [word for word in one.words if known.stem(word) not in stems]
    shares = [known.share(word) for word in others if known.is_meaningful(word)]
    return max(shares, default=0.0) <= MAX_OTHER_SHARE


def _dominant_thing(things: Sequence[str], known: Vocabulary) -> str | None:
    """Return the first of some things that nearly all tickets have, many in their heading."""
    for one in things:
        said = _said(one, known)
        if (said > 0).mean() >= MIN_NEARLY_ALL and (said == 1).mean() >= MIN_IN_HEADINGS:
            return one
    return None


def is_shapeless(near: Mapping[str, NameCandidate | None], known: Vocabulary) -> bool:
    """Say whether the first near phrase fits hardly any other ticket, of not too many."""
    best = _first(near)
    if best is None:
        return False
    is_few = len(known.tickets) < MIN_TICKETS
    is_far = (is_few or best.coverage <= MIN_ANY) and best.typical < NEAR
    return is_far and len(known.tickets) < MANY_TICKETS


def things_to_name(
    terms: Sequence[str], phrases: Sequence[str], known: Vocabulary, everywhere: AllTickets
) -> list[str]:
    """Return the things among some terms and phrases that may name a topic.

    Each has a word that sets the topic apart, in the heading of several tickets or of one.
    """
    shared = things_among(known, terms, everywhere.usage(known.language))
    named = [one for one in phrases if _is_shown(fold(one).split(), known)]
    things = [_uninflected(one, known) for one in [*shared, *named]]
    return [one for one in things if _tells(one, known, everywhere)]


def _uninflected(thing: str, known: Vocabulary) -> str:
    """Return a German thing without adjectives as only an article has them: "dem neuen | Drucker".

    Of other languages the thing as it is.
    """
    if known.language != "de":
        return thing
    *words, last = thing.split(" ")
    kept = dropwhile(lambda word: word[:1].islower() and word.endswith(("en", "em")), words)
    return " ".join([*kept, last])


def _is_shown(words: Sequence[str], known: Vocabulary) -> bool:
    """Say whether tickets have words in their heading: one has two words, several have more."""
    is_shared = len(words) <= MAX_WORDS_OF_ONE or all(map(known.is_in_headings, words))
    is_cut = not known.functions.isdisjoint((words[0], words[-1]))
    return is_shared and not is_cut and all(map(known.is_in_any_heading, words))


def _tells(thing: str, known: Vocabulary, everywhere: AllTickets) -> bool:
    """Say whether a word of a thing sets a topic apart: no "error", nor a code of few tickets."""

    def tells(word: str) -> bool:
        if word in MATTERS[known.language] or not known.is_meaningful(word):
            return False
        is_rare_code = is_code(word) and known.share(word) < MIN_NEARLY_ALL
        return not is_rare_code and everywhere.is_distinctive(word, known)

    return any(map(tells, fold(thing).split()))


def _names_of_things(
    things: Sequence[str],
    dominant: str | None,
    known: Vocabulary,
    rows: FloatArray,
    meanings: Meanings,
) -> tuple[list[str], list[str]]:
    """Return the names by one of some things, the best first, and the name by two.

    A thing fits tickets that have its words, and those that mean it in other words. `rows`,
    `(n, d)`, are the vectors of the tickets.
    """
    read = list(dict.fromkeys(things))[:MAX_THINGS]
    if not read:
        return [], []
    made = unit(meanings.encode(read))
    cosines = meanings.to_default(made @ rows.T)
    fit = cosines + WORDS * np.stack([_said(thing, known) for thing in read])
    shares = (fit >= THING_FITS).mean(axis=1)
    longer = np.array([1 + LONGER * one.count(" ") for one in read])
    worth = (fit.mean(axis=1) - meanings.generality(made)) * longer
    order = np.argsort(-worth, kind="stable").tolist()
    found = [read[at] for at in order if shares[at] >= MIN_OF_THING]
    found += [] if dominant is None else [dominant]
    alike = meanings.to_default(made @ made.T)
    return [plain_name(one, known) for one in found], _names_of_two(read, fit, alike, known)


def _names_of_two(
    things: Sequence[str], fit: FloatArray, alike: FloatArray, known: Vocabulary
) -> list[str]:
    """Return the name by the two of some things that fit the tickets best together; or none.

    `fit`, `(m, n)`, is how well each of `m` things fits each ticket, and `alike`, `(m, m)`, the
    cosines of the things: two of the same kind say no more than one.
    """
    fits = fit >= THING_FITS
    shares = fits.mean(axis=1)
    read = [(at, fold(things[at])) for at in np.flatnonzero(shares >= MIN_OF_EACH).tolist()]
    barred = known.functions | FAILING[known.language]
    usable = [(at, name) for at, name in read if barred.isdisjoint(name.split())]
    found: dict[tuple[int, int], float] = {}
    for (one, name), (other, second) in combinations(usable, 2):
        needed = max(MIN_OF_BOTH, shares[one] + MIN_MORE, shares[other] + MIN_MORE)
        is_apart = alike[one, other] <= MAX_ALIKE and name not in second and second not in name
        if is_apart and (fits[one] | fits[other]).mean() >= needed:
            found[one, other] = float(np.maximum(fit[one], fit[other]).mean())
    if not found:
        return []
    pair = max(found, key=lambda both: found[both])
    both = f" {AND[known.language]} ".join(
        things[at] for at in sorted(pair, key=lambda at: -float(shares[at]))
    )
    return [name_of_various(both, known.language)]


def _said(thing: str, known: Vocabulary) -> FloatArray:
    """Say how much each ticket says of a thing, `(n,)`: 1 in its heading, or half of that below."""
    stems = set(known.stems_of(thing))
    found = zip(known.ticket_headings, known.ticket_stems, strict=True)
    said = [1.0 if stems <= heading else BELOW * (stems <= whole) for heading, whole in found]
    return np.array(said, dtype=np.float32)
