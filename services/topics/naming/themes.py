"""Titles of themes, which are topics of one subject: by the things that all their tickets name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from services.text.comparing.terms import has_digit
from services.text.words.folding import fold
from services.text.words.function_words import DECIDING, LANGUAGES, NEUTRAL, Language
from services.text.words.word_lists import words as words_of
from services.topics.grouping.knn_graph import IntArray
from services.topics.naming.distinctive_words import TopicWords, read_topics
from services.topics.naming.headline_words import (
    ACTORS,
    AND,
    ARTICLES,
    AUXILIARIES,
    CIRCUMSTANCES,
    CONJUNCTIONS,
    PEOPLE,
    QUESTIONS,
    SUBJECTS,
)
from services.topics.naming.titles import TopicName, names_of_topics
from services.topics.naming.usage import runs_in

# A theme is named by two of its terms, "cameras and motion", if none is longer than a name.
MAX_TERMS, MAX_WORDS = 2, 2

_PREPOSITIONS = words_of("with by via from into mit von per con por")
# What follows one of these is what something does or is like: "already belongs", "so slow", "en
# blanco".
_ADVERBS = words_of(
    "so too very super really quite pretty always already never still not sehr zu echt immer schon "
    "nie nicht muy tan demasiado siempre ya nunca no en"
)
_BEGINNINGS = {language: articles | _PREPOSITIONS for language, articles in ARTICLES.items()}
_DOING = {one: AUXILIARIES[one] | SUBJECTS[one] | ACTORS[one] | _ADVERBS for one in LANGUAGES}
_ENDS = {
    one: NEUTRAL[one] | DECIDING[one] | AUXILIARIES[one] | CONJUNCTIONS[one] | CIRCUMSTANCES[one]
    for one in LANGUAGES
}

# Of so many terms the first things are taken.
MAX_CANDIDATES = 20


def name_themes(
    texts: Sequence[str],
    labels: IntArray,
    themes: Sequence[int],
    hidden: Sequence[bool],
    spoken: Sequence[Language | None] = (),
) -> dict[int, str]:
    """Return the titles of themes by number: the things that set each apart from the others.

    `labels`, `(n,)`, are the topics of the tickets, -1 for none. `themes` and `hidden`,
    `(topics,)`, are the theme of each topic and whether somebody hid it; hidden topics name no
    theme. If each topic is a theme of its own, themes have the titles of topics and nothing is
    returned. `spoken` are the languages of the tickets' channels, if known.
    """
    numbers, places = np.unique(np.array(themes, dtype=np.int64), return_inverse=True)
    if len(numbers) == len(themes):
        return {}
    theme_of_topic = np.where(hidden, -1, places)
    # The label -1 reads the theme of the last topic, which `where` then drops.
    theme_of_ticket = np.where(labels >= 0, theme_of_topic[labels], -1)
    read = read_topics(texts, theme_of_ticket, spoken=spoken)
    names = names_of_topics(read, MAX_CANDIDATES)
    titles = {
        int(number): _title(name, _things(words, name.language))
        for number, words, name in zip(numbers, read, names, strict=False)
    }
    return {number: title for number, title in titles.items() if title}


def _title(name: TopicName, things: Collection[str]) -> str:
    """Return the first terms that do not repeat each other, as "train" and "train ticket" do.

    Nobody reads aloud more than two of them.
    """
    chosen: list[str] = []
    for term in name.terms:
        words = fold(term).split()
        # "Reset mail" is a mail, "motivo de la llamada" a reason.
        head = words[0 if name.language == "es" else -1]
        is_new = not any(_share_stem(term, other) for other in chosen)
        if len(words) <= MAX_WORDS and is_new and head in things and fold(term) not in PEOPLE:
            chosen.append(term)
    return f" {AND[name.language]} ".join(chosen[:MAX_TERMS] or _first_word(name, things))


def _first_word(name: TopicName, things: Collection[str]) -> list[str]:
    """Return the first thing among the words of all terms; without one, the first word."""
    words = [word for term in name.terms for word in term.split() if fold(word) not in PEOPLE]
    return [word for word in words if fold(word) in things][:1] or words[:1]


def _things(topic: TopicWords, language: Language) -> set[str]:
    """Return the words that may name a thing in the tickets of a language.

    Not what somebody does ("to cancel"), what something is ("is slow") or is like ("a disposable
    card") more often than it ends a phrase ("the stock price", "by email") or has a capital amid a
    sentence. A German noun always has one. Codes and figures name no thing, either.
    """
    evidence: Counter[str] = Counter()
    for text, run in runs_in(topic.tickets, language):
        keys = [token.key for token in run]
        evidence.update(dict.fromkeys(keys, 0))
        # The first word of a clause has a capital in any case.
        for at, token in enumerate(run[1:], 1):
            has_capital = text[token.start].isupper()
            ends_phrase = language != "de" and _ends_phrase(keys, at, language)
            is_other = _is_done(keys, at, language) or _is_likeness(keys, at, language)
            evidence[token.key] += (has_capital or ends_phrase) - is_other
    least = 1 if language == "de" else 0
    return {word for word, count in evidence.items() if count >= least and not has_digit(word)}


def _ends_phrase(keys: Sequence[str], at: int, language: Language) -> bool:
    """Say whether a word is the last one after an article or a preposition: "the stock price"."""
    begins = not _BEGINNINGS[language].isdisjoint(keys[max(at - 2, 0) : at])
    return begins and _is_last(keys, at, language)


def _is_done(keys: Sequence[str], at: int, language: Language) -> bool:
    """Say whether a word is what somebody does, or something is: "to cancel", "is slow"."""
    # "Can covid …?": what follows in a question is who does it.
    asks = at == 1 or keys[at - 2] in QUESTIONS[language]
    return keys[at - 1] in _DOING[language] and not asks


def _is_likeness(keys: Sequence[str], at: int, language: Language) -> bool:
    """Say whether a word tells what the next one is like: "a disposable card"."""
    return keys[at - 1] in ARTICLES[language] and not _is_last(keys, at, language)


def _is_last(keys: Sequence[str], at: int, language: Language) -> bool:
    return at + 1 == len(keys) or keys[at + 1] in _ENDS[language]


def _share_stem(term: str, other: str) -> bool:
    """Say whether a word of one term begins with a word of the other: "alarm" and "alarms"."""
    return any(
        one.startswith(two) or two.startswith(one)
        for one in fold(term).split()
        for two in fold(other).split()
    )
