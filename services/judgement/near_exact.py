"""Near-exact: the one rule by which "duplicate" is said before a team has given verdicts.

Similar is not the same: in every language model "the client crashed the server" and "the server
crashed the client" are nearly one vector, and so are two bug reports of one template. So a cosine
alone never says it. Two tickets are one said twice where what they say is the same word for word
once the words that say nothing are left out (greetings, articles, auxiliaries, "can you tell me"),
in the same order, with the same figures, signs and denials. What may differ is listed here, and all
else forbids: an unknown language is judged the more strictly, never the more loosely.

How often it is right on the public sets: `python -m benchmarks cold`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.text.boilerplate import without_boilerplate
from services.text.folding import fold
from services.text.identifiers import contradictions, identifiers
from services.text.terms import has_digit, terms

ItemKind = Literal["ticket", "product"]

# Cosines of all-MiniLM-L6-v2. With the same words said, less than this is another kind of sentence:
# an order instead of a question, or words in another sense.
MIN_SIMILARITY = 0.85
# So alike a text with one word more is only where that word adds nothing: "the minimum age", "get
# spread". Words that matter ("admin users", "foreign fees", "not") cost more.
ONE_MORE_SIMILARITY = 0.97

# With fewer words that say something the others decide: "what is it" is not "what does it do".
MIN_TELLING = 3
# In a longer text one word is too little of it to show in the cosine.
MAX_ONE_MORE_LENGTH = 12

# Shorter ones tell plans, types and grades apart: "plan B", "type II".
MIN_ONE_MORE_LENGTH = 3

MIN_PLURAL_LENGTH = 4

_APOSTROPHES = re.compile(r"[’‘`´ʼ]")
# What short forms stand for, each with and without its apostrophe.
_SHORT_FORMS = (
    (re.compile(r"\bcan(?:'?t|not)\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (
        re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should)n'?t\b"),
        r"\1 not",
    ),
    (re.compile(r"\b(what|where|how|who|that|it|there|here|when|why)'?s\b"), r"\1 is"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'(?:d|ve|re|s|m)\b"), ""),
)
# What one says before one says what it is about.
_OPENINGS = re.compile(
    r"\b(?:"
    r"(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody) (?:please |kindly )?"
    r"(?:tell|help|explain|show|let|advise|inform)(?: (?:to|me|us|with|know|out))*"
    r"|(?:i|we) (?:would |should )?(?:like|love|want|need|wish) (?:to )?(?:know(?: |$))?"
    r"|(?:do|does) (?:you|someone|somebody|anyone|anybody) know"
    r"|(?:tell|help|show) (?:me|us)"
    r"|good (?:morning|afternoon|evening|day)|guten (?:tag|morgen|abend)|por favor"
    r"|(?:many )?(?:thanks|thank you)(?: in advance)?"
    r")\b"
)

# Words that say nothing of their own, English, German, Spanish and French. None of them is a word
# of weight in another of the four ("die", "la", "est", "son"), denies, counts, asks or directs.
_EMPTY = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "i", "we", "you", "me", "us", "my", "our",
    "your", "it", "its", "there", "is", "are", "am", "be", "been", "being", "was", "were", "do",
    "does", "did", "doing", "have", "has", "had", "get", "got", "gets", "of", "for", "to", "and",
    "so", "just", "also", "still", "again", "currently", "actually", "really", "very", "already",
    "yet", "now", "hi", "hello", "hey", "dear", "please", "kindly", "pls", "thanks", "thank",
    "guys", "help", "urgent", "asap", "der", "das", "dem", "den", "des", "ein", "eine", "einen",
    "einem", "einer", "ich", "wir", "mein", "meine", "meinen", "meiner", "unser", "unsere", "ist",
    "sind", "habe", "haben", "bitte", "danke", "hallo", "und", "el", "un", "una", "mi", "mis",
    "gracias", "hola", "le", "les", "une", "mes", "je", "nous", "bonjour", "merci",
})  # fmt: skip
_ALIKE = {"which": "what", "could": "can", "may": "can", "might": "can"}
_ASKING = frozenset({"how", "where", "what", "who", "when"})
# "How can I" is "how do I" and "how to"; "can I" without such a word is a question of its own.
_ABLE = frozenset({"can", "able"})
# These stand before or after what they belong to: "turn off the light", "turn the light off".
_MOVABLE = _ASKING | {"why", "on", "off", "up", "down", "back", "out", "in"}
# One of these more is another thing said, however alike.
_DECIDING = _MOVABLE | frozenset({
    "not", "no", "never", "none", "nothing", "without", "only", "except", "but", "or", "if",
    "than", "from", "before", "after", "over", "under", "into", "one", "two", "three", "once",
    "twice", "first", "last", "second", "third", "next", "all", "some", "other", "another",
    "partly", "nicht", "kein", "keine", "keinen", "nie", "ohne", "nur", "oder", "von", "vor",
    "nach", "sin", "nunca", "solo", "pas", "jamais", "sans",
})  # fmt: skip
_NO_PLURALS = frozenset({"windows", "news", "goods", "customs"})

# Signs that belong to a word or figure: C++, C#, 100%, $5, -3.
_SIGN = re.compile(r"(?<=\w)[+#%*]+|[#$€£¥@](?=\w)|(?<![\w.])[-+](?=\d)")
# Between two words a space is a matter of spelling ("top up", "e-mail"), between figures it is not.
_SPELLING = re.compile(r"(?<!\d) | (?!\d)")

_FIRST, _SECOND = frozenset({"i", "we", "me", "us"}), frozenset({"you"})


@dataclass(frozen=True)
class NormalisedText:
    """What a text says: its telling words in order, its signs, and who does it to whom."""

    words: tuple[str, ...]
    signs: tuple[str, ...]
    persons: tuple[int, ...]

    @property
    def spelled(self) -> str:
        """The words in one, however they are spaced."""
        return _SPELLING.sub("", " ".join(self.words))

    @property
    def unmoved(self) -> tuple[str, ...]:
        """The words that cannot stand elsewhere."""
        return tuple(word for word in self.words if word not in _MOVABLE)


def is_near_exact(ours: str, theirs: str, similarity: float, kind: ItemKind = "ticket") -> bool:
    """Say whether two texts are one ticket, or one product, said twice.

    `similarity` is their raw cosine, of the best chunk pair. Products are one only where all words
    are the same: one letter more is another model, and what a name leaves out is another edition.
    """
    if similarity < MIN_SIMILARITY:
        return False
    if kind == "product":
        return _is_spelled_alike(ours, theirs)
    one, other = normalise(ours), normalise(theirs)
    if not one.words or not other.words or one.signs != other.signs:
        return False
    return terms(ours) == terms(theirs) or (
        min(len(set(one.words)), len(set(other.words))) >= MIN_TELLING
        and not _swap_roles(one, other)
        and (
            _is_equal(one, other)
            or (
                similarity >= ONE_MORE_SIMILARITY
                and _is_one_more(one.words, other.words)
                and not contradictions(identifiers(ours), identifiers(theirs))
            )
        )
    )


def normalise(text: str) -> NormalisedText:
    """Return what a ticket says, without what it says it with."""
    plain = _APOSTROPHES.sub("'", fold(without_boilerplate(text)))
    for short, full in _SHORT_FORMS:
        plain = short.sub(full, plain)
    plain = _OPENINGS.sub(" ", " ".join(plain.split()))
    found = terms(plain)
    return NormalisedText(
        words=tuple(_telling(found)),
        signs=tuple(_SIGN.findall(plain)),
        persons=tuple(
            1 if word in _FIRST else 2 for word in found if word in _FIRST or word in _SECOND
        ),
    )


def _telling(found: Sequence[str]) -> Iterator[str]:
    words = [_ALIKE.get(word, word) for word in found]
    empty = _EMPTY | _ABLE if _ASKING.intersection(words) else _EMPTY
    last = ""
    for word in (_singular(word) for word in words if word not in empty):
        # "my my card" is a slip of the hand; "5 5" is not.
        if word != last or has_digit(word):
            yield word
        last = word


def _singular(word: str) -> str:
    """Return the word without a plural's ending.

    Harman, "How Effective Is Suffixing?" (1991), the S stemmer.
    """
    if (
        len(word) < MIN_PLURAL_LENGTH
        or not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
        or word in _NO_PLURALS
        or has_digit(word)
    ):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]


def _is_spelled_alike(ours: str, theirs: str) -> bool:
    one, other = (
        NormalisedText(tuple(terms(text)), tuple(_SIGN.findall(fold(text))), ())
        for text in (ours, theirs)
    )
    return bool(one.words) and one.signs == other.signs and one.spelled == other.spelled


def _is_equal(one: NormalisedText, other: NormalisedText) -> bool:
    if one.spelled == other.spelled:
        return True
    return one.unmoved == other.unmoved and sorted(one.words) == sorted(other.words)


def _swap_roles(one: NormalisedText, other: NormalisedText) -> bool:
    """Say whether "I" and "you" change places: "can I call you", "can you call me"."""
    both = {1, 2}
    return set(one.persons) == set(other.persons) == both and one.persons != other.persons


def _is_one_more(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether the one has one word more than the other, and it is one that may differ."""
    fewer, more = sorted((ours, theirs), key=len)
    if len(more) != len(fewer) + 1 or len(more) > MAX_ONE_MORE_LENGTH:
        return False
    at = next(
        (n for n, (mine, yours) in enumerate(zip(fewer, more, strict=False)) if mine != yours),
        len(fewer),
    )
    extra = more[at]
    return (
        more[at + 1 :] == fewer[at:]
        and len(extra) >= MIN_ONE_MORE_LENGTH
        and extra not in _DECIDING
        and not has_digit(extra)
    )
