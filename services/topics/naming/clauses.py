"""The phrases of a ticket that may be a headline: questions, clauses and noun phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.text.words.function_words import Language
from services.topics.naming.denials import loses_sense
from services.topics.naming.headline_words import (
    ANAPHORS,
    ARTICLES,
    ASKERS,
    AUXILIARIES,
    CONTRASTS,
    NEGATIONS,
    OBJECTS,
    OPENERS,
    OWNERS,
    PARTICLES,
    PLEASE,
    PLURAL_VERBS,
    QUESTIONS,
    SINGULAR,
    TRAILING,
)
from services.topics.naming.phrase_spans import MIN_WORDS, WHOLE, bounds, spans_of
from services.topics.naming.readability import is_code
from services.topics.naming.tokens import MASKED, Token, TokenisedText
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Words of a label that stands before a colon: "Label printer: prints every label twice".
MAX_LABEL_WORDS = 4
# A code that so many of the tickets have is no detail of one of them.
MIN_CODE_SHARE = 0.5
# Words of a question up to who does something: "which of my phones do you".
MAX_ASKING = 6
# What a phrase loses that says not what is the matter, that needs the sentence before, or that asks
# somebody or says whose a thing of one ticket is.
BARE, POINTING, ASKING = 0.86, 0.75, 0.95
# What a phrase loses below the first line of its ticket, which is a heading in mail and in forms.
BELOW = 0.8
# What a clause loses that begins as a question does, but within a sentence: ", which are all …".
RELATIVE = 0.75
# What a phrase loses that leads to the lines below it: "Steps to reproduce:".
LEADING = 0.7
# What a phrase loses that grants something before the matter: "plays in the app, but …".
CONCEDED = 0.8

# A clause goes on after these marks, which quote something or belong to a number.
_GOES_ON = re.compile(r"""[ \t]*["'“”„«»‘’`%€$£#+~*]+[ \t]*|(?<=\bvs)\. """)
_COMMA = re.compile(r",[ \t]*")
# "Abzusagen": the "zu" of a verb with a particle is within it.
_WITH_PARTICLE = tuple(f"{particle}zu" for particle in sorted(PARTICLES["de"]))
_APOSTROPHES = frozenset("'’")
_DASH = re.compile(r"\s+[-–—]+\s+")
_LABEL = re.compile(r"\s*:\s+|\s+[-–—]+\s+")
_LEAD = re.compile(r"[ \t]*:[ \t]*\n")
_WITHIN = re.compile(r"[\w)\"'”’],?[ \t]*$")


@dataclass(frozen=True)
class TicketPhrase:
    """Words of a ticket that can stand alone, and how well they read, from 0 to 1.

    `says_matter` is false for a thing without what is the matter with it. `is_sentence` is true for
    a question or sentence that begins as it does. `wording` is how the words are written where they
    are not as in their ticket, and `whole` the phrase of the ticket that they are out of.
    """

    tokens: Sequence[Token]
    worth: float
    says_matter: bool = True
    is_sentence: bool = False
    wording: str | None = None
    whole: TicketPhrase | None = None

    @property
    def key(self) -> str:
        """The words by which equal phrases are counted."""
        return " ".join(token.key for token in self.tokens)


def phrases(ticket: TokenisedText, known: Vocabulary, usage: Usage) -> Iterator[TicketPhrase]:
    """Yield the questions, clauses and noun phrases of a ticket.

    Masked words are skipped, but nothing ends before one, or has one after a function word: "empty
    after (12) days".
    """
    label: Sequence[Token] = ()
    end = 0
    heading = known.end_of_heading(ticket)
    for clause, after in pairwise([*clauses_of(ticket), []]):
        is_labelled = _LABEL.fullmatch(ticket.text, end, clause[0].start) is not None
        first, final = bounds(ticket.text, clause, known)
        for start, last, reads in spans_of(clause, first, final, known, usage):
            tokens = clause[start : last + 1]
            is_all = reads == WHOLE and len(tokens) > MIN_WORDS
            says_matter = is_all or _has_predicate(ticket, tokens, known, usage)
            is_reversed = loses_sense(clause, start, last, known.language, is_thing=not says_matter)
            if is_reversed or _is_cut_word(ticket.text, tokens):
                continue
            is_sentence = start == first and tokens[0].key in (
                QUESTIONS[known.language] | OPENERS[known.language]
            )
            worth = reads * (1.0 if says_matter or is_sentence else BARE)
            worth *= _alone(tokens, known) * (BELOW if tokens[0].start > heading else 1.0)
            if is_sentence and _is_relative(ticket, clause, tokens, known):
                worth *= RELATIVE
            if not CONTRASTS.isdisjoint(one.key for one in [*clause[last + 1 :], *after[:1]]):
                worth *= CONCEDED
            if _LEAD.match(ticket.text, clause[-1].end):
                worth *= LEADING
            yield TicketPhrase(_unmasked(tokens), worth, says_matter, is_sentence)
            if start == 0 and is_labelled and _is_label(label, known):
                yield TicketPhrase(_unmasked([*label, *tokens]), worth, says_matter)
        label, end = clause, clause[-1].end


def _is_label(label: Sequence[Token], known: Vocabulary) -> bool:
    """Say whether words before a colon name what several tickets are about.

    A version, file or address names what half of them are about, or it is one of many.
    """

    def names_many(word: str) -> bool:
        is_one_of_many = is_code(word) and known.share(word) < MIN_CODE_SHARE
        return known.is_shared(word) and not is_one_of_many

    is_said = any(known.is_meaningful(one.key) for one in label)
    return (
        0 < len(label) <= MAX_LABEL_WORDS
        and is_said
        and all(one.key in known.functions or names_many(one.key) for one in label)
    )


def _is_cut_word(text: str, tokens: Sequence[Token]) -> bool:
    """Say whether a phrase begins after an apostrophe or ends at one: "I'm | waiting"."""
    ends = (tokens[0].start - 1, tokens[0].start - 2), (tokens[-1].start - 1, tokens[-1].start - 2)
    return any(
        at >= 1 and text[at] in _APOSTROPHES and text[before].isalnum() for at, before in ends
    )


def _unmasked(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.key != MASKED]


def clauses_of(ticket: TokenisedText) -> Iterator[list[Token]]:
    """Yield the clauses of a ticket: its runs, joined where only a quotation separates them.

    Or where German needs a comma: "es ist unmöglich, den Vertrag zu kündigen".
    """
    clause: list[Token] = []
    for run in ticket.runs:
        if clause and not _goes_on(ticket.text, clause, run):
            yield clause
            clause = []
        for token in run:
            if clause and _DASH.fullmatch(ticket.text, clause[-1].end, token.start):
                yield clause
                clause = []
            clause.append(token)
    if clause:
        yield clause


def _goes_on(text: str, clause: Sequence[Token], run: Sequence[Token]) -> bool:
    """Say whether a run belongs to the clause before it."""
    gap = clause[-1].end, run[0].start
    is_joined = _is_infinitive(text, run) and _COMMA.fullmatch(text, *gap)
    return bool(is_joined or _GOES_ON.fullmatch(text, *gap))


def _is_infinitive(text: str, run: Sequence[Token]) -> bool:
    """Say whether a run ends as a German infinitive does: "zu kündigen", "abzusagen"."""
    verb = run[-1]
    is_verb = verb.key.endswith("n") and text[verb.start].islower()
    is_led = any(one.key == "zu" for one in run[-2:-1])
    return is_verb and (is_led or verb.key.startswith(_WITH_PARTICLE))


def _alone(tokens: Sequence[Token], known: Vocabulary) -> float:
    """Return how well a phrase is understood without the sentences around it."""
    language, keys = known.language, [one.key for one in tokens]
    pronouns = ANAPHORS[language] - ARTICLES[language]
    # "This phrase" says what it means, and "this is wrong" does not.
    shown = (ANAPHORS[language] & ARTICLES[language]) - OWNERS[language] - {"that"}
    bare = {
        one
        for one, after in pairwise([*keys, MASKED])
        if after == MASKED or after in known.functions
    }
    if not pronouns.isdisjoint(keys) or not shown.isdisjoint(bare):
        return POINTING
    asking = (OWNERS[language] & ANAPHORS[language]) | PLEASE
    return 1.0 if asking.isdisjoint(keys) else ASKING


def _is_relative(
    ticket: TokenisedText, clause: Sequence[Token], tokens: Sequence[Token], known: Vocabulary
) -> bool:
    """Say whether a clause begins as a question does, but within a sentence: ", which are …"."""
    begins = tokens[0].key in QUESTIONS[known.language] and not asks(ticket, tokens)
    return begins and _WITHIN.search(ticket.text, 0, clause[0].start) is not None


def asks(ticket: TokenisedText, tokens: Sequence[Token]) -> bool:
    """Say whether a phrase ends a question."""
    return ticket.text[tokens[-1].end :].lstrip("\"'”’ ").startswith("?")


def is_question(words: Sequence[str], language: Language) -> bool:
    """Say whether words begin as a question does: "how long does", "can I", "what's".

    Or "how many cards can I": a verb of the first words stands before who does something.
    """
    first, second, third = (*words, "", "", "")[:3]
    verbs, askers = AUXILIARIES[language], ASKERS[language] | ARTICLES[language]
    if first in verbs:
        # A Spanish statement begins with its verb as well: "hay un cargo".
        subjects = ASKERS[language] if language == "es" else askers
        agrees = first not in PLURAL_VERBS or second not in SINGULAR
        return first in QUESTIONS[language] and second in subjects and agrees
    asked = first.removesuffix("'s")
    if asked not in QUESTIONS[language]:
        return False
    if asked != first or second in verbs:
        return True
    is_inverted = any(
        verb in verbs and who in ASKERS[language] for verb, who in pairwise(words[2:MAX_ASKING])
    )
    is_of_a_thing = first in OBJECTS | {"how"} and second not in askers
    return is_of_a_thing and (third in verbs or is_inverted)


def _has_predicate(
    ticket: TokenisedText, tokens: Sequence[Token], known: Vocabulary, usage: Usage
) -> bool:
    """Say whether a phrase says what is the matter with a thing."""
    auxiliary = AUXILIARIES[known.language] | NEGATIONS[known.language] | TRAILING
    if any(token.key in auxiliary for token in tokens):
        return True
    if known.language == "de":
        return any(
            ticket.text[token.start].islower()
            for token in tokens[1:]
            if token.key not in known.functions and token.key.isalpha()
        )
    return any(known.stem(token.key) in usage.verbs for token in tokens)
