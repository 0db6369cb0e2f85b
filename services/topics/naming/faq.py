"""Wordings for an FAQ: the sentence of a topic's tickets that says most about it, and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from services.text.cleaning.boilerplate import without_boilerplate
from services.text.comparing.terms import terms
from services.text.small_talk.instructions import tells_what_to_do
from services.text.small_talk.talk import has_matter, is_addressee, is_courtesy, uses_of
from services.text.small_talk.talk_words import Use
from services.text.words.plain import plain_text, shorten, with_capital
from services.topics.naming.tokens import stop_word_languages

# Characters of a ticket that are read, and of a wording.
MAX_READ, MAX_LENGTH = 1_000, 150

# Characters of an answer, and its words at least: "Done." and "fixed, thanks" answer nobody else.
MAX_ANSWER, MIN_ANSWER_WORDS = 400, 2

# A question wins over the best sentence if it has this share of its title words.
MIN_QUESTION_SHARE = 0.5

# Words of a first clause that may be left out if it says nothing about the topic; a longer clause
# may be a condition.
MAX_LEAD_WORDS = 2

# The number of a step ends none: "2. Open the app."
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\b\d\.)(?<!\b\d\d\.)\s+|(?<=[。！？])|\n+")
# What separates a greeting or a farewell from the rest.
_CLAUSE = re.compile(r"(?:[,;:!]|\s[-–—])\s+(?=\S)")


def question_of(texts: Sequence[str], names: Iterable[str]) -> str:
    """Return the sentence that says most about a topic, preferably a question; "" for none.

    `texts` are the topic's representatives, the best first, and `names` its title and terms. A
    sentence is better the more words it shares with these; of equal ones the first wins. It has no
    greeting, and is cut between words to `MAX_LENGTH`.
    """
    topic_words = _topic_words(names)
    shared: dict[str, int] = {}
    for text in texts:
        for sentence in _sentences(text, topic_words):
            shared.setdefault(sentence, len(topic_words.intersection(terms(sentence))))
    most = max(shared.values(), default=0)
    good = [sentence for sentence, count in shared.items() if count >= MIN_QUESTION_SHARE * most]
    best = max(
        good,
        key=lambda one: (most > 0 and one[-1] in "?？", len(one) <= MAX_LENGTH, shared[one]),
        default="",
    )
    return shorten(best, MAX_LENGTH)


def heading_of(sentence: str) -> str:
    """Return a sentence as a heading: no full stop, and a capital unless a name begins it."""
    return with_capital(plain_text(sentence).removesuffix("."))


def answer_of(resolution: str) -> str:
    """Return the first sentences of an answer without small talk; "" if it says nothing.

    Whole sentences up to `MAX_ANSWER` characters; a first one that is longer is cut at a word.
    """
    kept: list[str] = []
    for sentence in _sentences(plain_text(resolution), set()):
        if kept and len(" ".join([*kept, sentence])) > MAX_ANSWER:
            break
        kept.append(sentence)
    answer = " ".join(kept)
    says_much = has_matter(answer) and len(terms(answer)) >= MIN_ANSWER_WORDS
    says_much = says_much or tells_what_to_do(answer)
    return shorten(answer, MAX_ANSWER) if says_much else ""


def shared_words(text: str, names: Iterable[str]) -> int:
    """Return how many of the distinctive words of a topic's title and terms a text has."""
    return len(_topic_words(names).intersection(terms(text)))


def _topic_words(names: Iterable[str]) -> set[str]:
    return set(terms(" ".join(names))) - stop_word_languages().keys()


def _sentences(text: str, topic_words: set[str]) -> Iterator[str]:
    """Return the sentences of a ticket without small talk."""
    for sentence in _SENTENCE.split(without_boilerplate(text)):
        line = " ".join(sentence.split())
        rest = "" if is_courtesy(line) else _without_greeting(line, topic_words)
        if terms(rest) and not is_courtesy(rest):
            yield rest


def _without_greeting(sentence: str, topic_words: set[str]) -> str:
    """Return a sentence without the small talk at its beginning and end."""
    while (clause := _CLAUSE.search(sentence)) and _is_lead(
        sentence[: clause.end()], sentence[clause.end() :], topic_words
    ):
        sentence = sentence[clause.end() :]
    clauses = list(_CLAUSE.finditer(sentence))
    while clauses and is_courtesy(sentence[clauses[-1].end() :]):
        sentence = sentence[: clauses.pop().start()]
    word, _, rest = sentence.partition(" ")
    if not rest or not is_courtesy(word) or not uses_of(word) & (Use.GREETINGS | Use.THANKS):
        return sentence
    # The people who are greeted: "Hi folks how do I …".
    word, _, after = rest.partition(" ")
    greeted = set(terms(word))
    is_name = greeted.isdisjoint(topic_words) and greeted.isdisjoint(stop_word_languages())
    return after if after and (is_name or is_addressee(word)) else rest


def _is_lead(start: str, rest: str, topic_words: set[str]) -> bool:
    """Say whether the first clause only leads to the rest: "Quick question, is …"."""
    if is_courtesy(start):
        return True
    if topic_words.isdisjoint(terms(rest)) or not topic_words.isdisjoint(terms(start)):
        return False
    return start.rstrip().endswith(":") or len(start.split()) <= MAX_LEAD_WORDS
