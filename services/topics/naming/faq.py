"""The wording of an entry of an FAQ: the sentence of a topic's tickets that says most of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from services.text.boilerplate import without_boilerplate
from services.text.cleaning import headline
from services.text.small_talk import is_addressed, why_chitchat
from services.text.terms import terms
from services.topics.naming.tokens import languages_of_stops

# What of a ticket is read, and what an entry has at most, in characters.
MAX_READ, MAX_LENGTH = 1_000, 150

# A question is taken that says this share of what the best sentence says.
ENOUGH = 0.5

# Words of a clause that may be left out where it says nothing of the topic; a longer one may be a
# condition.
SHORT = 2

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
# A greeting or a farewell is parted from what is said by one of these.
_CLAUSE = re.compile(r"(?:[,;:!]|\s[-–—])\s+(?=\S)")


def question_of(texts: Sequence[str], names: Iterable[str]) -> str:
    """Return the sentence that says most of a topic, a question where there is one; "" for none.

    `texts` are the tickets that show the topic best, the best first, and `names` its title and
    terms. A sentence says the more the more words of these it has; of those that say the same the
    first ticket's is taken. Greetings are left out, and what is longer than `MAX_LENGTH` is cut
    between words.
    """
    telling = set(terms(" ".join(names))) - languages_of_stops().keys()
    said: dict[str, int] = {}
    for text in texts:
        for sentence in _sentences(text, telling):
            said.setdefault(sentence, len(telling.intersection(terms(sentence))))
    most = max(said.values(), default=0)
    enough = [sentence for sentence, much in said.items() if much >= ENOUGH * most]
    best = max(
        enough,
        key=lambda one: (most > 0 and one[-1] in "?？", len(one) <= MAX_LENGTH, said[one]),
        default="",
    )
    return headline(None, best, MAX_LENGTH)


def _sentences(text: str, telling: set[str]) -> Iterator[str]:
    """Return the sentences of a ticket that say something, without greetings and thanks."""
    for sentence in _SENTENCE.split(without_boilerplate(text)):
        said = _without_greeting(" ".join(sentence.split()), telling)
        if terms(said) and why_chitchat(said) is None:
            yield said


def _without_greeting(sentence: str, telling: set[str]) -> str:
    """Return a sentence without the small talk that it begins and ends with."""
    while (clause := _CLAUSE.search(sentence)) and _leads(
        sentence[: clause.end()], sentence[clause.end() :], telling
    ):
        sentence = sentence[clause.end() :]
    clauses = list(_CLAUSE.finditer(sentence))
    while clauses and why_chitchat(sentence[clauses[-1].end() :]):
        sentence = sentence[: clauses.pop().start()]
    word, _, rest = sentence.partition(" ")
    if not rest or why_chitchat(word) is None:
        return sentence
    # Whom a greeting is for: "Hi folks how do I …".
    word, _, after = rest.partition(" ")
    whom = set(terms(word))
    is_name = whom.isdisjoint(telling) and whom.isdisjoint(languages_of_stops())
    return after if after and (is_name or is_addressed(word)) else rest


def _leads(start: str, rest: str, telling: set[str]) -> bool:
    """Say whether what begins a sentence only leads to the rest: "Quick question, is …"."""
    if why_chitchat(start):
        return True
    if telling.isdisjoint(terms(rest)) or not telling.isdisjoint(terms(start)):
        return False
    return start.rstrip().endswith(":") or len(start.split()) <= SHORT
