"""The phrases of a ticket that may be a headline: questions, clauses and noun phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.topics.naming.headline_words import (
    ACTORS,
    ADJUNCTS,
    ANAPHORS,
    ARTICLES,
    ASKED,
    AUXILIARIES,
    CIRCUMSTANCES,
    CONJUNCTIONS,
    COORDINATIONS,
    DAYS,
    INVERSIONS,
    LINKS,
    NEGATIONS,
    OPENERS,
    PEOPLE,
    QUESTIONS,
    REPORTS,
    TRAILING,
)
from services.topics.naming.tokens import MASKED, Token, TokenisedText
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Words of a headline, and of a whole question or sentence.
MIN_WORDS, MAX_WORDS, MAX_WHOLE_WORDS = 2, 8, 10
# Words of a label that stands before a colon: "Label printer: prints every label twice".
MAX_LABEL_WORDS = 4
# How well phrases read: whole sentences and questions, clauses that are cut before a circumstance
# ("… since the update"), and noun phrases, which may lack what is the matter.
WHOLE, CUT, NOUN = 1.0, 0.85, 0.7
# A thing without what is the matter with it is worth less, and so is what is not said at once, in
# the first clause, the second, or a later one.
BARE, LATER = 0.45, (1.0, 0.9, 0.75)
# What is cut off should be one ticket's detail, no word that this share of the tickets have.
MIN_COMMON, CUT_COMMON = 0.4, 0.7

# What follows belongs to the clause before: a quotation, a part in brackets, a number.
_LEADS_ON = re.compile(r"""\s*(?:["'“„«(\[#€$£%]|:\s)""")
_SENTENCE_END = re.compile(r"[.!?…\n]")


@dataclass(frozen=True)
class Phrase:
    """Words of a ticket that can stand alone, and how well they read, from 0 to 1.

    `says_matter` is false for a thing without what is the matter with it. `is_sentence` is true for
    a whole question or sentence.
    """

    tokens: Sequence[Token]
    worth: float
    says_matter: bool = True
    is_sentence: bool = False

    @property
    def key(self) -> str:
        """The words by which equal phrases are counted."""
        return " ".join(token.key for token in self.tokens)


def phrases(ticket: TokenisedText, known: Vocabulary, usage: Usage) -> Iterator[Phrase]:
    """Yield the questions, clauses and noun phrases of a ticket.

    Masked words are skipped, but no sentence ends before one: "jammed on (4711)".
    """
    before: list[Token] = []
    for number, whole in enumerate(ticket.runs):
        run = [token for token in whole if token.key != MASKED]
        place = LATER[min(number, len(LATER) - 1)]
        gaps = _gaps(whole, known)
        is_ended = whole[-1].key != MASKED and not _LEADS_ON.match(ticket.text, whole[-1].end)
        if run and is_ended and not gaps and _is_sentence(ticket.text, before, run, known):
            yield Phrase(run, WHOLE * place, is_sentence=True)
        for start, end in _spans(run, known, usage, is_ended=is_ended):
            phrase = run[start : end + 1]
            if any(phrase[0].start < gap < phrase[-1].end for gap in gaps):
                continue
            is_clause = _begins_clause(run, start, known)
            is_whole = is_clause and end + 1 == len(run) and is_ended
            says_matter = _has_predicate(ticket, phrase, known, usage if is_clause else None)
            worth = place * (WHOLE if is_whole else CUT if is_clause else NOUN)
            worth *= (1.0 if says_matter else BARE) * _worth_of_rest(run[end + 1 :], known)
            yield Phrase(phrase, worth, says_matter)
            if is_whole and _is_label(ticket.text, before, run[start]):
                yield Phrase([*before, *phrase], worth, says_matter)
        before = list(whole)


def _worth_of_rest(rest: Sequence[Token], known: Vocabulary) -> float:
    """Return what a phrase is worth whose clause goes on: less if many tickets say so, too."""
    common = (one.key not in known.empty and known.share(one.key) >= MIN_COMMON for one in rest)
    return CUT_COMMON if any(common) else 1.0


def _gaps(whole: Sequence[Token], known: Vocabulary) -> list[int]:
    """Return where a masked number is missed: "after (12) days", but not "invoice (4711)"."""
    return [
        token.start
        for before, token in pairwise(whole)
        if token.key == MASKED and (before.key in known.functions or before.key == MASKED)
    ]


def _has_predicate(
    ticket: TokenisedText, phrase: Sequence[Token], known: Vocabulary, usage: Usage | None
) -> bool:
    """Say whether a phrase says what is the matter with a thing.

    Only clauses have verbs, which `usage` tells; a noun phrase ends before its own.
    """
    auxiliary = AUXILIARIES[known.language] | NEGATIONS[known.language] | TRAILING
    if any(token.key in auxiliary for token in phrase):
        return True
    if usage is None:
        return False
    if known.language == "de":
        return any(
            ticket.text[token.start].islower()
            for token in phrase[1:]
            if token.key not in known.functions and token.key.isalpha()
        )
    return any(known.stem(token.key) in usage.verbs for token in phrase)


def _is_label(text: str, before: Sequence[Token], first: Token) -> bool:
    """Say whether words are a short label before a colon, which names what the rest is about."""
    if not 0 < len(before) <= MAX_LABEL_WORDS or any(one.key == MASKED for one in before):
        return False
    return text[before[-1].end : first.start].strip() == ":"


def _is_sentence(
    text: str, before: Sequence[Token], run: Sequence[Token], known: Vocabulary
) -> bool:
    """Say whether a run is a whole short question, or a sentence that stands alone."""
    begin = before[-1].end if before else 0
    gap = text[begin : run[0].start]
    starts = not before or _SENTENCE_END.search(gap) is not None
    ends = text[run[-1].end :].lstrip()[:1] in {"", "?", ".", "!"}
    is_short = MIN_WORDS < len(run) <= MAX_WHOLE_WORDS
    language = known.language
    opens = run[0].key in QUESTIONS[language] | OPENERS[language]
    barred = DAYS[language] | (ANAPHORS[language] - ARTICLES[language])
    if is_short and run[0].key in AUXILIARIES[language] and run[1].key in ASKED[language]:
        return False
    return starts and ends and is_short and opens and barred.isdisjoint(one.key for one in run)


def _spans(
    run: Sequence[Token], known: Vocabulary, usage: Usage, *, is_ended: bool
) -> Iterator[tuple[int, int]]:
    """Yield where clauses and noun phrases begin and end, without function words before them."""
    links = LINKS[known.language]
    conjunctions = CONJUNCTIONS[known.language] | DAYS[known.language]
    for start in range(len(run)):
        if run[start].key in known.empty | links or _reports(run, start, known):
            continue
        is_clause = _begins_clause(run, start, known)
        if not (is_clause or run[start - 1].key in ARTICLES[known.language]):
            continue
        for end in range(start, min(start + MAX_WORDS, len(run))):
            key = run[end].key
            if key in conjunctions or _is_loose_number(run, start, end, known):
                break
            is_function = key in known.functions and key not in NEGATIONS[known.language]
            is_link = key in links or (
                key in ARTICLES[known.language] and run[end - 1].key in links
            )
            if is_function and not (is_clause or is_link):
                break
            if end - start + 1 >= MIN_WORDS and _may_end(
                run, start, end, known, usage, is_ended=is_ended
            ):
                yield start, end


def _reports(run: Sequence[Token], start: int, known: Vocabulary) -> bool:
    """Say whether a clause begins with who reports it: "customer says"."""
    who, does = (
        [token.key for token in run[start : start + 2]] if start + 1 < len(run) else ("", "")
    )
    return who in PEOPLE and does in REPORTS[known.language]


def _begins_clause(run: Sequence[Token], start: int, known: Vocabulary) -> bool:
    """Say whether a clause begins with a word: after nothing, or after who does or reports it."""
    reported = [at for at in range(start - 1) if _reports(run, at, known)]
    before = [token.key for token in run[reported[-1] + 2 if reported else 0 : start]]
    if before and before[-1] in ACTORS[known.language]:
        return True
    inverted = INVERSIONS[known.language]
    leading = CIRCUMSTANCES[known.language] | LINKS[known.language]
    if not leading.isdisjoint(before):
        return False
    return all(key in known.functions and key not in inverted for key in before)


def _is_loose_number(run: Sequence[Token], start: int, at: int, known: Vocabulary) -> bool:
    """Say whether a word is a number that belongs to no word before it, as in "set to 200"."""
    if not run[at].key.isdigit():
        return False
    return at == start or run[at - 1].key not in known.names


def _may_end(
    run: Sequence[Token], start: int, end: int, known: Vocabulary, usage: Usage, *, is_ended: bool
) -> bool:
    """Say whether a phrase may end with a word: at the end, or before a circumstance."""
    word = run[end].key
    if end + 1 == len(run):
        is_said = word not in known.functions and (word not in known.empty or known.is_shared(word))
        return is_ended and (is_said or word in TRAILING)
    after = run[end + 1].key
    if after in TRAILING or after in NEGATIONS[known.language]:
        return False
    if word in TRAILING:
        return run[end - 1].key not in known.functions
    if word in known.empty:
        return False
    is_thing = all(one.key not in known.functions for one in run[start : end + 1])
    if after in AUXILIARIES[known.language]:
        return is_thing
    language = known.language
    cuts = LINKS[language] | CIRCUMSTANCES[language] | CONJUNCTIONS[language] | ADJUNCTS[language]
    return after in cuts - COORDINATIONS[language] and word in usage.closing
