"""Says whether a short message states a matter: "the door to the archive jams".

The lists of `services.text.talk` know what says nothing whatever stands beside it. What else people
say around a team's work has no list: "can somebody bring the beamer to room 3" names things and is
no ticket, "two people get the same table" names none and is one. A linear model tells them apart by
words, pairs of words and n-grams of characters. It was fitted by `python -m benchmarks.fit_matter`
to messages that were written for it; `python -m benchmarks talk` says how well it does on others.
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

from services.text.asked_words import asks_about_words
from services.text.failures import names_failure
from services.text.folding import fold, without_apostrophes
from services.text.follow_ups import kind_of_talk
from services.text.talk import (
    KEPT_TEXTS,
    MAX_TALK_WORDS,
    clauses,
    clauses_with_matter,
    has_matter,
    is_own_question,
    share_listed,
    uses_of,
)
from services.text.talk_words import Use

# Of so few words the lists know more than n-grams do.
MAX_FEW_WORDS = 4
# But a plain statement about a thing may be a matter in few words: "two are missing". It is asked
# for less certainty than other messages of its length.
MIN_STATED_WORDS, MAX_STATED_WORDS = 3, 6

# Below it a message is talk. A ticket that is lost costs more than chatter that is kept.
MIN_PROBABILITY = 0.1
# From it on a message is a ticket although the lists say that each of its words says nothing: "I
# get every mail twice". Of what people ask for themselves, less is enough.
CERTAIN, CERTAIN_OF_OWN = 0.8, 0.7
# Of a plain statement, too. Of the cuts from .3 to .8 it keeps most everyday tickets before talk
# begins to pass.
CERTAIN_OF_STATED = 0.5
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
# Who speaks of themselves, or to others, makes no plain statement about a thing.
_PERSON = re.compile(
    r"\b(?:i|im|ive|we|you|sorry|apolog\w+|ich|wir|du|ihr|entschuldig\w*|yo|les|perd[oó]n"
    r"|disculp\w+)\b",
    re.IGNORECASE,
)
_TO_PEOPLE = Use.PLEASE | Use.THANKS | Use.ASSENT | Use.LABELS | Use.ABSENCE | Use.LEAVE | Use.NAMES
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

    Whichever says more counts: the whole, or what is left without the clauses that the lists know
    to say nothing ("hi, …, thanks!").
    """
    whole, said = readings(text)
    if not said:
        return _says_something_on_the_whole(text, whole)
    if _is_foreign(whole) or share_listed(text) < MIN_LISTED:
        return True
    if names_failure(" ".join(_WORD.findall(fold(without_apostrophes(said))))):
        return True
    # Who says "please" may wrap up two words in courtesies; what else stands around few is talk.
    asked = said if uses_of(text) & Use.PLEASE else whole
    is_short = len(_WORD.findall(asked)) <= MAX_FEW_WORDS
    return is_short or any(probability(one) >= MIN_PROBABILITY for one in {whole, said})


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
    if asks_about_words(text):
        return True
    if _is_foreign(whole):
        return False
    length = len(_WORD.findall(whole))
    is_short = length <= MAX_FEW_WORDS
    may_be_stated = MIN_STATED_WORDS <= length <= MAX_STATED_WORDS
    # What ends with a colon announces something: "here are the details:".
    is_statement = may_be_stated and not text.endswith(":") and _is_plain_statement(whole)
    if is_short and not is_statement:
        return False
    likely = probability(whole)
    # "Still broken" states something, too, of the ticket before it.
    if is_statement and likely >= CERTAIN_OF_STATED and kind_of_talk(whole) is None:
        return True
    return not is_short and likely >= (CERTAIN_OF_OWN if is_own_question(whole) else CERTAIN)


def _is_plain_statement(text: str) -> bool:
    """Say whether a text may be about a thing: "two are missing", not "I see", "thanks, all"."""
    return "?" not in text and not _PERSON.search(text) and not uses_of(text) & _TO_PEOPLE


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
    return Weights.from_bytes(files("services.text").joinpath(_WEIGHTS).read_bytes())
