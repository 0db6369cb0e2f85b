"""How many of a topic's tickets a phrase fits, and names by a thing where none fits enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.text.folding import fold
from services.topics.grouping.knn_graph import unit
from services.topics.naming.candidates import Candidate
from services.topics.naming.headline_words import MATTERS
from services.topics.naming.nearness import FloatArray, Meanings
from services.topics.naming.readability import is_code
from services.topics.naming.term_names import plain_name, things_among
from services.topics.naming.vocabulary import AllTickets, Vocabulary

# A phrase fits a ticket if its cosine, with so much for the words of it that the ticket has, is at
# least this. A thing says less, so that it fits sooner; its words below the heading count half.
WORDS, FITS, THING_FITS, BELOW = 0.35, 0.75, 0.5, 0.5
# A phrase is special to one ticket if it fits at most the first share of the others; up to the
# second, if it also has so many words of its own, each in less than this share of the tickets.
MIN_COVERAGE, MAX_COVERAGE = 0.2, 0.4
MIN_OWN_WORDS, MAX_OWN_SHARE = 2, 0.3
# So is a phrase whose median cosine to the others is less (many tickets say one matter in many
# ways), if beside a thing that nearly all tickets have it has no word that more than this share do.
MIN_TYPICAL, MIN_TYPICAL_OF_MANY, MAX_OTHER_SHARE = 0.55, 0.45, 0.4
# The shares of the tickets that have such a thing at all, and in their heading.
MIN_NEARLY_ALL, MIN_IN_HEADINGS = 0.7, 0.3
# A thing may be the name if it fits this share of the tickets.
MIN_OF_THING = 0.6
# Tickets are no topic if no thing fits them and the best phrase fits at most this share of the
# others, with a lower median cosine.
MIN_ANY, NEAR = 0.1, 0.5
# Of fewer tickets the words of one are as good as any; so many say one matter in too many ways to
# tell that they are no topic.
MIN_TICKETS, MANY = 5, 20
# Things that a model reads.
MAX_THINGS = 16
# A thing that a single ticket has in its heading has fewer words than this.
MAX_ONES_WORDS = 3
# How much it counts against a thing that it is near to all tickets of all topics, and how much a
# thing gains for each word after the first: it says more, and is rarer.
GENERAL, LONGER = 0.25, 0.1


def measure_fit(one: Candidate, cosines: FloatArray) -> None:
    """Set how many of the other tickets a phrase fits, by its cosines to all of them, `(n,)`."""
    others = np.delete(cosines, one.owners[:1])
    if len(others):
        one.typical = float(np.median(others))
        said = np.delete(one.said, one.owners[:1])
        one.coverage = float((others + WORDS * said >= FITS).mean())


def names_by_thing(
    best: Candidate,
    things: Sequence[str],
    known: Vocabulary,
    rows: FloatArray,
    meanings: Meanings,
) -> list[str]:
    """Return the names by some things; none where the best phrase fits enough of the tickets.

    `rows`, `(n, d)`, are the vectors of the tickets.
    """
    dominant = _dominant_thing(things, known)
    if not _is_special(best, dominant, known):
        return []
    names = _names_of_things(things, known, rows, meanings)
    return names if dominant is None else [*names, plain_name(dominant, known)]


def _is_special(best: Candidate, dominant: str | None, known: Vocabulary) -> bool:
    """Say whether a phrase fits too few of the other tickets to name them all.

    Or says too little of these beside the thing that nearly all have, `dominant`.
    """
    count = len(known.tickets)
    if count < MIN_TICKETS:
        return False
    if best.coverage <= MIN_COVERAGE:
        return True
    if best.coverage <= MAX_COVERAGE and len(_own_words(best, known)) >= MIN_OWN_WORDS:
        return True
    typical = MIN_TYPICAL_OF_MANY if count >= MANY else MIN_TYPICAL
    if dominant is None or best.typical >= typical:
        return False
    stems = known.stems_of(dominant)
    others = [one for one in best.words if known.stem(one) not in stems]
    shares = [known.share(one) for one in others if known.is_meaningful(one)]
    return max(shares, default=0.0) <= MAX_OTHER_SHARE


def _own_words(best: Candidate, known: Vocabulary) -> set[str]:
    """Return the words of a phrase that mean something and that hardly any ticket has."""
    return {
        one for one in best.words if known.is_meaningful(one) and known.share(one) < MAX_OWN_SHARE
    }


def _dominant_thing(things: Sequence[str], known: Vocabulary) -> str | None:
    """Return the first of some things that nearly all tickets have, many in their heading."""
    for one in things:
        said = _said(one, known)
        if (said > 0).mean() >= MIN_NEARLY_ALL and (said == 1).mean() >= MIN_IN_HEADINGS:
            return one
    return None


def is_shapeless(best: Candidate, known: Vocabulary) -> bool:
    """Say whether the best phrase fits hardly any other ticket, of not too many."""
    is_far = best.coverage <= MIN_ANY and best.typical < NEAR
    return is_far and MIN_TICKETS <= len(known.tickets) < MANY


def things_to_name(
    terms: Sequence[str], phrases: Sequence[str], known: Vocabulary, everywhere: AllTickets
) -> list[str]:
    """Return the things among some terms and phrases that may name a topic.

    Each has a word that sets the topic apart, in the heading of several tickets or of one.
    """
    shared = things_among(known, terms, everywhere.usage(known.language))
    named = [one for one in phrases if _is_shown(fold(one).split(), known)]
    return [one for one in [*shared, *named] if _tells(one, known, everywhere)]


def _is_shown(words: Sequence[str], known: Vocabulary) -> bool:
    """Say whether tickets have words in their heading: one has two words, several have more."""
    is_shared = len(words) < MAX_ONES_WORDS or all(map(known.is_in_headings, words))
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
    things: Sequence[str], known: Vocabulary, rows: FloatArray, meanings: Meanings
) -> list[str]:
    """Return the names by those of some things that fit most tickets, the best first.

    A thing fits tickets that have its words, and those that mean it in other words. `rows`,
    `(n, d)`, are the vectors of the tickets.
    """
    read = list(dict.fromkeys(things))[:MAX_THINGS]
    if not read:
        return []
    made = unit(meanings.encode(read))
    cosines = meanings.to_default(made @ rows.T)
    fit = cosines + WORDS * np.stack([_said(thing, known) for thing in read])
    shares = (fit >= THING_FITS).mean(axis=1)
    longer = np.array([1 + LONGER * one.count(" ") for one in read])
    worth = (fit.mean(axis=1) - GENERAL * (made @ meanings.mean)) * longer
    order = np.argsort(-worth, kind="stable").tolist()
    return [plain_name(read[at], known) for at in order if shares[at] >= MIN_OF_THING]


def _said(thing: str, known: Vocabulary) -> FloatArray:
    """Say how much each ticket says of a thing, `(n,)`: 1 in its heading, or half of that below."""
    stems = set(known.stems_of(thing))
    found = zip(known.ticket_headings, known.ticket_stems, strict=True)
    said = [1.0 if stems <= heading else BELOW * (stems <= whole) for heading, whole in found]
    return np.array(said, dtype=np.float32)
