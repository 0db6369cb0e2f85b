"""Says whether a short message states a matter: "the door to the archive jams".

The lists of `services.text.small_talk.talk` know what says nothing whatever stands beside it. What
else people say around a team's work has no list: "can somebody bring the beamer to room 3" names
things and is no ticket, "two people get the same table" names none and is one. A linear model tells
them apart by words, pairs of words and n-grams of characters. It was fitted by `python -m
benchmarks.fit_matter` to messages that were written for it; `python -m benchmarks talk` says how
well it does on others.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, pairwise

import regex

from services.text.small_talk.asked_words import asks_about_words
from services.text.small_talk.failures import names_failure
from services.text.small_talk.follow_ups import kind_of_talk
from services.text.small_talk.talk import (
    KEPT_TEXTS,
    MAX_TALK_WORDS,
    clauses,
    clauses_with_matter,
    has_matter,
    is_own_question,
    is_team_question,
    share_listed,
    uses_of,
)
from services.text.small_talk.talk_words import Use
from services.text.words.folding import fold, without_apostrophes

# Of so few words the lists know more than n-grams do.
MAX_FEW_WORDS = 4

# Below it a message is talk. A ticket that is lost costs more than chatter that is kept.
MIN_PROBABILITY = 0.12
# Of up to so many words: "calls drop after a minute" has little to go by.
MAX_SHORT_WORDS, MIN_PROBABILITY_OF_SHORT = 6, 0.05
# What is left without its greetings and thanks says less than the whole: a dog that is the cutest
# thing ever is a dog. Of .3, .5, .7 and .9 it keeps most tickets of those that drop enough talk.
MIN_PROBABILITY_OF_REST = 0.7
# From it on a message is a ticket although the lists say that each of its words says nothing: "two
# are missing". Of .4, .5 and .6 it loses fewest tickets before more talk passes.
LIKELY = 0.5
# Fewer words say nothing of a thing and of what is the matter with it.
MIN_LIKELY_WORDS = 3
# What asks others or apologises mostly says something of a ticket before it: "who does this now?".
# So does a follow-up ("it works again"); what only sounds like one does so in more words.
CERTAIN = 0.8

# A message of which the lists have fewer words may be in any language. Of 505 in twenty others 4%
# have so many, of the talk in English, German and Spanish that is dropped 95%.
MIN_LISTED = 0.6

# Features are counted by their hashes: the weights are one small array, and quote nobody.
BUCKETS = 1 << 17
GRAM_SIZES = range(2, 6)

# Words whose n-grams are kept, of at most so many characters: some kilobytes each.
KEPT_WORDS, MAX_KEPT = 4096, 20

_WEIGHTS = "matter.weights.gz"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_APOLOGY = re.compile(
    r"\b(?:sorry|apolog\w+|entschuldig\w*|perd[oó]n\w*|disculp\w+)\b", re.IGNORECASE
)
# "Same problem in store 4": whoever names a place reports what has to be put right there as well.
_SAME_ELSEWHERE = re.compile(
    r"\b(?:same|gleiche[nrs]?|(?:das|der|die)?selbe[nrs]?|misma|mismo)"
    r" (?:problem|issue|error|fault|trouble|fehler|storung|problema|fallo|falla|averia)"
    r" (?:\w+ )?(?:in|at|on|with|im|am|an|auf|bei|beim|mit|en|con) "
)
# "Which product?" asks back: whoever has a matter names it. Of public questions and tickets none is
# of this form.
_ASKS_BACK = re.compile(
    r"(?:(?:and|in|on|for|from|with|und|auf|bei|mit|von|y|en|de|con) )?"
    r"(?:which|what|welche[rsnm]?|que|cual(?:es)?)"
    r"(?: (?!(?:is|are|does|do|if|about|ist|sind|es|son|hace|hay|pasa|significa)\b)[^\W\d]+){1,2}"
    r" ?\?+"
)
_OTHER_SCRIPT = regex.compile(r"[\p{Letter}--\p{Latin}]", regex.VERSION1)


@dataclass(frozen=True)
class Weights:
    """A linear model: the log odds of a matter are `bias` plus `scale` times what `of` sums up."""

    bias: float
    scale: float
    of: array[int]

    def to_bytes(self) -> bytes:
        """Return the model as it is stored."""
        head = json.dumps({"bias": self.bias, "scale": self.scale}).encode()
        return gzip.compress(head + b"\n" + self.of.tobytes(), mtime=0)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Weights:
        """Return a stored model."""
        head, _, weights = gzip.decompress(stored).partition(b"\n")
        return cls(**json.loads(head), of=array("b", weights))

    def probability(self, text: str) -> float:
        """Return the probability that a message states a matter, from 0 to 1."""
        odds = self.bias
        for buckets in features(text):
            if buckets:
                # Each kind of feature is a vector of length 1.
                total = sum(map(self.of.__getitem__, buckets))
                odds += self.scale * total / math.sqrt(len(buckets))
        return 1 / (1 + math.exp(-odds))


def may_state_matter(text: str) -> bool:
    """Say whether a text may say what it is about: in a word that says something, or on the whole.

    Whatever `states_matter` keeps may.
    """
    return has_matter(text) or _says_something_on_the_whole(text, _joined(clauses(text)))


@lru_cache(maxsize=KEPT_TEXTS)
def states_matter(text: str) -> bool:
    """Say whether a message says what it is about.

    What counts is the whole, or what is left without the clauses that the lists know to say nothing
    ("hi, …, thanks!") if that is likely to be a ticket by itself.
    """
    if _ASKS_BACK.fullmatch(fold(text).strip("¿¡ ")):
        return False
    split = list(clauses(text))
    whole = _joined(split)
    # One clause shows it: most clauses of a long text need not be read.
    if not has_matter(text):
        return _says_something_on_the_whole(text, whole)
    if _is_foreign(whole) or share_listed(split) < MIN_LISTED:
        return True
    said = _joined(clauses_with_matter(text, split))
    words = " ".join(_WORD.findall(fold(without_apostrophes(said))))
    if names_failure(words) or _SAME_ELSEWHERE.search(words):
        return True
    # Who says "please" may wrap up two words in courtesies; what else stands around few is talk.
    asked = said if said == whole or uses_of(text) & Use.PLEASE else whole
    length = len(_WORD.findall(asked))
    needed = MIN_PROBABILITY_OF_SHORT if length <= MAX_SHORT_WORDS else MIN_PROBABILITY
    if length <= MAX_FEW_WORDS or probability(whole) >= needed:
        return True
    return said != whole and probability(said) >= MIN_PROBABILITY_OF_REST


def readings(text: str) -> tuple[str, str]:
    """Return the clauses of a text as one line: all, and those that the lists leave."""
    split = list(clauses(text))
    return _joined(split), _joined(clauses_with_matter(text, split))


def probability(text: str) -> float:
    """Return the probability that a message states a matter by the stored model, from 0 to 1."""
    return _weights().probability(text)


def features(text: str) -> tuple[set[int], set[int]]:
    """Return the buckets of a text's words and pairs of words, and of its n-grams of characters."""
    normalised = _DIGIT.sub("0", unicodedata.normalize("NFKC", text).lower())
    tokens = _TOKEN.findall(normalised)
    pairs = (f"{first} {second}" for first, second in pairwise(tokens))
    grams = map(_gram_buckets, normalised.split())
    return {_bucket("w", one) for one in (*tokens, *pairs)}, set(chain.from_iterable(grams))


def _is_foreign(whole: str) -> bool:
    """Say whether the model has not learned from such texts."""
    return len(_WORD.findall(whole)) > MAX_TALK_WORDS or _has_other_script(whole)


def _has_other_script(text: str) -> bool:
    return not text.isascii() and _OTHER_SCRIPT.search(text) is not None


def _says_something_on_the_whole(text: str, whole: str) -> bool:
    """Say whether a text is a matter although each of its words says nothing by itself.

    `whole` is the text as one line.
    """
    # "How long do we keep it?" asks for no news.
    if asks_about_words(text) or is_team_question(text):
        return True
    length = len(_WORD.findall(whole))
    # What ends with a colon announces something: "here are the details:".
    if length < MIN_LIKELY_WORDS or text.endswith(":") or _is_foreign(whole):
        return False
    likely = probability(whole)
    if likely < LIKELY:
        return False
    if kind_of_talk(whole) is not None:
        return likely >= CERTAIN and length > MAX_FEW_WORDS
    return likely >= CERTAIN or not _is_to_others(text)


def _is_to_others(text: str) -> bool:
    """Say whether a text asks others ("is it done?", not "how do I …") or apologises to them."""
    return ("?" in text and not is_own_question(text)) or _APOLOGY.search(text) is not None


def _joined(parts: Iterable[str]) -> str:
    # What a message or a clause ends with says nothing of it; a question or an exclamation may.
    return " ".join(part.strip() for part in parts).strip().rstrip(" .,;:")


def _gram_buckets(word: str) -> tuple[int, ...]:
    """Return the buckets of a word's n-grams; most words were in another message before."""
    return _kept_buckets(word) if len(word) <= MAX_KEPT else _buckets_of(word)


@lru_cache(maxsize=KEPT_WORDS)
def _kept_buckets(word: str) -> tuple[int, ...]:
    return _buckets_of(word)


def _buckets_of(word: str) -> tuple[int, ...]:
    padded = f" {word} "
    return tuple(
        _bucket("c", padded[start : start + size])
        for size in GRAM_SIZES
        for start in range(len(padded) - size + 1)
    )


def _bucket(kind: str, gram: str) -> int:
    return zlib.crc32(f"{kind}{gram}".encode()) % BUCKETS


@cache
def _weights() -> Weights:
    return Weights.from_bytes(files("services.text.small_talk").joinpath(_WEIGHTS).read_bytes())
