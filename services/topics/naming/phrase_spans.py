"""Where the phrases of a clause begin and end, and how well they read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.topics.naming.headline_words import (
    ACTORS,
    ADJUNCTS,
    ANAPHORS,
    ARTICLES,
    ASKED,
    ASSENTS,
    AUXILIARIES,
    BEING,
    CIRCUMSTANCES,
    DAYS,
    FILLERS,
    GREETINGS,
    INFINITIVES,
    INVERSIONS,
    LINKS,
    NEGATIONS,
    OBJECTS,
    OPENERS,
    PARTICLES,
    PARTS,
    PEOPLE,
    PLEASE,
    QUESTIONS,
    REASONS,
    REPORTS,
    REQUESTS,
    SUBORDINATIONS,
    TRAILING,
    WISHES,
)
from services.topics.naming.tokens import MASKED, Token
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Words of a headline.
MIN_WORDS, MAX_WHOLE_WORDS = 2, 12
# Words of who reports something: "Hello, one customer says".
MAX_REPORT_WORDS = 4
# Letters of a number that may stand alone at the end of a clause.
MAX_SIGN = 2
# How well phrases read: whole clauses, clauses that are cut before a circumstance ("… since the
# update"), and noun phrases out of a clause.
WHOLE, CUT, NOUN = 1.0, 0.96, 0.9
# What is cut off should be a detail, no word that this share of the tickets have.
MIN_COMMON, CUT_COMMON = 0.4, 0.88
# What somebody wants to do, out of a sentence that says so: "I want to | close my account".
INNER = 0.98
# A whole sentence that begins with where or when something is: "in the warehouse nothing prints".
LED = 0.9


def spans_of(
    clause: Sequence[Token], start: int, last: int, known: Vocabulary, usage: Usage
) -> Iterator[tuple[int, int, float]]:
    """Yield where phrases begin and end, and how well they read."""
    if last - start + 1 < MIN_WORDS:
        return
    for begin, reads in _beginnings(clause, start, last, known):
        for end in _ends(clause, begin, last, known):
            if MIN_WORDS <= end - begin + 1 <= MAX_WHOLE_WORDS:
                yield begin, end, reads * _worth_of_end(clause, end, last, known)
    if _is_led_sentence(clause[start : last + 1], known, usage):
        yield start, last, LED
    begins = (at for at in range(start + 1, last) if _follows_article(clause, at, known))
    for begin in begins:
        yield from ((begin, end, NOUN) for end in _noun_ends(clause, begin, last, known, usage))


def _follows_article(clause: Sequence[Token], at: int, known: Vocabulary) -> bool:
    return clause[at - 1].key in ARTICLES[known.language]


def _worth_of_end(clause: Sequence[Token], end: int, last: int, known: Vocabulary) -> float:
    """Return how well a phrase ends: worse if what is cut off is what many tickets say."""
    rest = [one.key for one in clause[end + 1 : last + 1] if known.is_meaningful(one.key)]
    if end == last:
        return WHOLE
    return CUT_COMMON if any(known.share(word) >= MIN_COMMON for word in rest) else CUT


def bounds(text: str, clause: Sequence[Token], known: Vocabulary) -> tuple[int, int]:
    """Return the first and last word of a clause without what leads to it or follows it.

    `text` is that of the ticket.
    """
    language = known.language
    start, last = 0, len(clause) - 1
    for at in range(min(MAX_REPORT_WORDS, last)):
        if clause[at].key in PEOPLE and clause[at + 1].key in REPORTS[language]:
            start = min(at + 2, last)
            break
    # "Someone has …" begins with who does it.
    leading = FILLERS[language] - ASKED[language] | PLEASE
    if start == 0 and _asks(clause, known) and _is_marked(text, clause):
        leading = PLEASE
    while start < last and (clause[start].key in leading or _greets(clause, start)):
        start += 1
    trailing = (FILLERS[language] - ASSENTS) | DAYS[language]
    while last > start and (clause[last].key in trailing or _is_sign(clause[last].key, known)):
        last -= 1
    return start, last


def _asks(clause: Sequence[Token], known: Vocabulary) -> bool:
    """Say whether a clause begins as questions do: "qué …" and "por qué …", no "por favor"."""
    first, second, *_ = *(one.key for one in clause), MASKED
    questions = QUESTIONS[known.language]
    return first in questions and (first not in LINKS[known.language] or second in questions)


def _is_marked(text: str, clause: Sequence[Token]) -> bool:
    """Say whether a clause is written as a question, unlike "que" that goes on with another one."""
    begins = text[clause[0].start : clause[:2][-1].end].casefold()
    return "qué" in begins or text[clause[-1].end :].startswith("?")


def _greets(clause: Sequence[Token], at: int) -> bool:
    """Say whether a word belongs to the greeting before it: "hi there"."""
    return at > 0 and clause[at].key == "there" and clause[at - 1].key in GREETINGS


def _is_sign(word: str, known: Vocabulary) -> bool:
    """Say whether a word is a letter or number that one ticket has: "room B", "first, 1."."""
    return (
        len(word) <= MAX_SIGN and (word.isdigit() or len(word) == 1) and not known.is_shared(word)
    )


def _beginnings(
    clause: Sequence[Token], start: int, last: int, known: Vocabulary
) -> Iterator[tuple[int, float]]:
    """Yield where a phrase may begin, and how well it reads: with the clause, or what is done."""
    language, first, second = known.language, clause[start].key, clause[start + 1].key
    asks = first in AUXILIARIES[language] and second in ASKED[language]
    leading = CIRCUMSTANCES[language] | LINKS[language] | ADJUNCTS[language]
    leading |= SUBORDINATIONS[language] - QUESTIONS[language]
    is_bare = first in AUXILIARIES[language] and first not in QUESTIONS[language]
    is_article = _is_article(clause, start, known)
    # "Der Scanner scannt nicht", unlike "Name | der Firma".
    is_subject = is_article and first == "der"
    leads = first in leading and not (is_subject or _asks(clause[start:], known))
    is_led = leads or first in ANAPHORS[language] - ARTICLES[language] or is_bare
    if not (is_led or asks or first == MASKED):
        yield start + 1 if is_article else start, WHOLE
    if leads:
        return
    # "How do I | activate my card?", but not "I | lost my card" or "are you | sure".
    is_inverted = first in INVERSIONS[language] - BEING - OBJECTS
    for at in range(start + 1, last):
        before, key = clause[at - 1].key, clause[at].key
        is_done = before in INFINITIVES or (is_inverted and before in ACTORS[language])
        is_done |= before == "me" and clause[at - 2].key in REQUESTS
        barred = WISHES[language] | REQUESTS
        if is_done and is_said(key, known) and key not in barred:
            yield at, INNER
        if not {before, key} & (known.functions | ACTORS[language] | WISHES[language] | REQUESTS):
            return


def _is_led_sentence(tokens: Sequence[Token], known: Vocabulary, usage: Usage) -> bool:
    """Say whether words are a sentence that begins with where or when something is."""
    language, keys = known.language, [one.key for one in tokens]
    is_led = keys[0] in LINKS[language] | CIRCUMSTANCES[language]
    is_led &= len(keys) <= MAX_WHOLE_WORDS
    is_whole = is_said(keys[-1], known) or keys[-1] in PARTICLES[language]
    if not is_led or MASKED in keys or not is_whole:
        return False
    auxiliary = AUXILIARIES[language]
    if language != "de":
        is_done = any(known.stem(key) in usage.verbs for key in keys)
        # "Without" itself denies no verb.
        return is_done or not (auxiliary | NEGATIONS[language]).isdisjoint(keys[1:])
    # The verb follows the first noun, which has a capital.
    first = next((at for at, key in enumerate(keys) if key in known.nouns), len(keys))
    after = next((key for key in keys[first:] if key not in known.nouns), None)
    return after is not None and (after in auxiliary or after not in known.functions)


def _is_article(clause: Sequence[Token], at: int, known: Vocabulary) -> bool:
    """Say whether a clause begins with an article that the headline does without."""
    key, after = clause[at].key, clause[at + 1].key
    is_own = key in ARTICLES[known.language] - OPENERS[known.language]
    return is_own and is_said(after, known)


def _ends(clause: Sequence[Token], begin: int, last: int, known: Vocabulary) -> Iterator[int]:
    """Yield where a phrase may end: with the clause, or before a circumstance."""
    language = known.language
    cuts = LINKS[language] | CIRCUMSTANCES[language] | ADJUNCTS[language]
    cuts = (cuts | SUBORDINATIONS[language]) - PARTS[language]
    # "Is the door | in Berlin open", "there is a transaction | that I did not make": what is asked
    # or said is still to come. In German it is after any auxiliary: "kann man die Lampe | ohne Hub
    # betreiben".
    late = AUXILIARIES["de"] if language == "de" else frozenset()
    is_open = clause[begin].key in BEING | late | {"there"}
    for at in range(begin + 1, last + 1):
        if _is_hole(clause, at, known):
            return
        word = clause[at].key
        is_open = is_open or word in late
        if word in REPORTS[language] | SUBORDINATIONS[language]:
            continue
        if _is_begun(clause, at):
            continue
        may_end = at == last or (not is_open and clause[at + 1].key in cuts)
        if may_end and (is_said(word, known) or (at == last and word in PARTICLES[language])):
            yield at


def _is_begun(clause: Sequence[Token], at: int) -> bool:
    """Say whether a word only begins what is said: "the problem is that GCC"."""
    before = clause[at - 1].key
    return before in REASONS or (before in {"that", "que"} and clause[at - 2].key in BEING | {"be"})


def _is_hole(clause: Sequence[Token], at: int, known: Vocabulary) -> bool:
    """Say whether a masked number is missed: "after (12) days", but not "invoice (4711)"."""
    before, key = clause[at - 1].key, clause[at].key
    return key == MASKED and (before in known.functions or before == MASKED)


def is_said(word: str, known: Vocabulary) -> bool:
    """Say whether a word says something: no function word, unless it denies or is a particle."""
    return word != MASKED and (
        word not in known.functions or word in NEGATIONS[known.language] | TRAILING
    )


def _noun_ends(
    clause: Sequence[Token], begin: int, last: int, known: Vocabulary, usage: Usage
) -> Iterator[int]:
    """Yield where a noun phrase may end, which has no function words but those that join it."""
    joints = LINKS[known.language]
    if not is_said(clause[begin].key, known):
        return
    is_led = clause[begin - 1].key in joints and clause[begin].key in known.nouns
    for at in range(begin + 1, min(begin + MAX_WHOLE_WORDS, last + 1)):
        key, before = clause[at].key, clause[at - 1].key
        is_joint = key in joints or (key in ARTICLES[known.language] and before in joints)
        barred = known.functions | SUBORDINATIONS[known.language]
        if key == MASKED or (key in barred and not is_joint):
            return
        after = None if at == last else clause[at + 1].key
        is_closed = after is None or after in known.functions
        # "Im | Lager druckt …" goes on with who does it, unlike "mein | Konto gesperrt".
        is_verb = known.language == "de" and key not in known.nouns and not is_joint
        if is_verb and (is_led or not is_closed):
            return
        if is_closed and not is_joint and not (at < last and known.stem(key) in usage.verbs):
            yield at
