"""Names that are made of terms, where the tickets of a topic share no phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import product

from services.text.words.folding import fold
from services.topics.naming.contraries import is_one_side
from services.topics.naming.distinctive_words import MIN_SUPPORT
from services.topics.naming.headline_words import AND, NEGATIONS, OWNERS, PEOPLE
from services.topics.naming.tokens import Token, as_written
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary
from services.topics.various import name_of_various

# A single term names a topic if this share of the tickets have it; below that it is one of various.
MIN_COMMON_SHARE = 0.5
# The second of two terms that make a name is in this share of the tickets.
MIN_SECOND_SHARE = 0.25

# Two tickets may share any word; so many share what they are about.
MIN_SHARING = 3

# If this share of the tickets say something else of a thing, they say various things.
MIN_MORE = 0.5

# Function words between two terms that tickets say together: "on the".
MAX_JOINTS = 3


def name_of_terms(known: Vocabulary, terms: Sequence[str], usage: Usage) -> str | None:
    """Return a name that is made of shared things; None if none is shared.

    Two of them ("invoice PDF: VAT number"), or, where the tickets share less, a name that says so
    ("Hub 2: various").
    """
    shared = things_among(known, terms, usage)
    if not shared:
        return None
    first = shared[0]
    is_common = _share(first, known) >= MIN_COMMON_SHARE or len(known.tickets) <= MIN_SUPPORT
    # In the order of `terms`: the most distinctive first.
    second = _second_term(known, first, [term for term in terms if term in shared])
    if second is None:
        return plain_name(first, known)
    if is_common:
        return _name_of_two(first, second, known)
    both = f"{first} {AND[known.language]} {second}"
    is_most = _share_of_either(first, second, known) >= MIN_COMMON_SHARE
    return name_of_various(both if is_most else first, known.language)


def share_a_thing(known: Vocabulary, terms: Sequence[str], usage: Usage) -> bool:
    """Say whether half of the tickets, by no chance, share a thing or one of two."""
    needed = MIN_SHARING if len(known.tickets) > MIN_SHARING else MIN_SUPPORT
    shared = [
        term
        for term in things_among(known, terms, usage)
        if _share(term, known) * len(known.tickets) >= needed
    ]
    if not shared:
        return False
    second = _second_term(known, shared[0], shared) or shared[0]
    return _share_of_either(shared[0], second, known) >= MIN_COMMON_SHARE


def share_any_word(known: Vocabulary) -> bool:
    """Say whether several tickets have a word that means something."""
    words = {word for one in known.tickets for word in one.words()}
    return any(
        known.is_shared(word) and word not in known.empty and word not in PEOPLE for word in words
    )


def _name_of_two(first: str, second: str, known: Vocabulary) -> str:
    """Return a name of two terms, as tickets say them together or if one is a name or code.

    Two other words beside each other say nothing ("plug: box").
    """
    name = joined(first, second, known)
    is_said = ": " not in name
    return name if is_said or _has_name(f"{first} {second}", known) else plain_name(first, known)


def plain_name(thing: str, known: Vocabulary) -> str:
    """Return the name of a topic whose tickets share a thing: that alone, if few say more of it."""
    words = {word for one in known.tickets for word in one.words()} - known.empty
    said = {word for word in words if known.share(word) < MIN_COMMON_SHARE}
    said -= set(fold(thing).split())
    more = sum(not said.isdisjoint(one.words()) for one in known.tickets)
    is_little = len(known.tickets) <= MIN_SUPPORT or more < MIN_MORE * len(known.tickets)
    return thing if is_little else name_of_various(thing, known.language)


def _share_of_either(first: str, second: str, known: Vocabulary) -> float:
    """Return the share of the tickets that have all words of one of two terms."""
    terms = [set(known.stems_of(term)) for term in (first, second)]
    having = sum(any(term <= one for term in terms) for one in known.ticket_stems)
    return having / max(len(known.tickets), 1)


def things_among(known: Vocabulary, terms: Sequence[str], usage: Usage) -> list[str]:
    """Return the things that several tickets have, that of most tickets and words first."""
    shared = [
        term
        for term in terms
        if known.functions.isdisjoint(fold(term).split())
        and fold(term) not in PEOPLE
        and all(map(known.is_in_headings, fold(term).split()))
        and _is_thing(term, known, usage)
        and not is_one_side(fold(term), known)
    ]
    return sorted(shared, key=lambda term: -_share(term, known) * (1 + term.count(" ") / 2))


def _is_thing(term: str, known: Vocabulary, usage: Usage) -> bool:
    """Say whether a term ends with a noun: in German with a capital, elsewhere with no verb."""
    last = term.rsplit(maxsplit=1)[-1]
    if known.language == "de":
        return not last[:1].islower()
    return known.stem(fold(last)) not in usage.verbs


def _share(term: str, known: Vocabulary) -> float:
    return min(known.share(word) for word in fold(term).split())


def _second_term(known: Vocabulary, first: str, shared: Sequence[str]) -> str | None:
    """Return the best of shared terms that says something else than the first one."""
    stems = set(known.stems_of(first))
    others = [
        term
        for term in shared
        if any(map(str.isalpha, term))
        and stems.isdisjoint(known.stems_of(term))
        and _share(term, known) >= MIN_SECOND_SHARE
    ]
    is_first_name = _has_name(first, known)

    def rank(term: str) -> tuple[bool, float, int]:
        is_matter = not (is_first_name and _has_name(term, known))
        return is_matter, _share(term, known), term.count(" ")

    return max(others, key=rank, default=None)


def _has_name(term: str, known: Vocabulary) -> bool:
    return any(map(str.isdigit, term)) or not known.names.isdisjoint(fold(term).split())


def joined(first: str, second: str, known: Vocabulary) -> str:
    """Return two terms as one name: as tickets say them together, or with a colon between.

    A name or code stands before what is the matter with it.
    """
    if said := _said_together(first, second, known):
        return said
    is_name = [term[:1].isupper() or any(map(str.isdigit, term)) for term in (first, second)]
    return ": ".join((second, first) if is_name == [False, True] else (first, second))


def _said_together(first: str, second: str, known: Vocabulary) -> str | None:
    """Return the words in which tickets say both terms, with function words alone between them.

    "VAT ID on the invoice" for "VAT ID" and "invoice". Of several what most tickets say, then the
    shortest; what denies, or is one of two opposites, is left out.
    """
    terms = [known.stems_of(term) for term in (first, second)]
    joints = known.functions - NEGATIONS[known.language] - OWNERS[known.language]
    found: Counter[str] = Counter()
    for ticket in known.tickets:
        for run in ticket.runs:
            for begin, end in _places_of_both(terms, joints, run, known):
                found[as_written(ticket, run[begin].start, run[end - 1].end)] += 1
    good = [said for said in found if not is_one_side(fold(said), known)]
    return min(good, key=lambda said: (-found[said], len(said), said), default=None)


def _places_of_both(
    terms: Sequence[Sequence[str]],
    joints: Collection[str],
    run: Sequence[Token],
    known: Vocabulary,
) -> Iterator[tuple[int, int]]:
    """Yield where both terms are in a run, in either order, with up to `MAX_JOINTS` between."""
    stems = [known.stem(token.key) for token in run]
    places = [
        [
            (at, at + len(term))
            for at in range(len(stems) - len(term) + 1)
            if stems[at : at + len(term)] == term
        ]
        for term in terms
    ]
    for earlier, later in (places, places[::-1]):
        for (begin, gap), (after, end) in product(earlier, later):
            between = run[gap:after]
            is_near = gap <= after and len(between) <= MAX_JOINTS
            if is_near and all(token.key in joints for token in between):
                yield begin, end
