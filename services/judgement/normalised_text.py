"""What a text says, whatever words it says it in.

Left out are greetings, neutral function words, short forms and "can you tell me"; endings are cut
(Snowball's stemmers; Porter, "An algorithm for suffix stripping", 1980). A word counts
unless it is known to carry no meaning, so an unknown language is judged more strictly, never less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.text.cleaning.boilerplate import without_boilerplate
from services.text.comparing.terms import has_digit, terms
from services.text.small_talk.talk import KEPT_TEXTS
from services.text.words.folding import fold
from services.text.words.function_words import (
    DECIDING,
    NEUTRAL,
    NUMERALS,
    Language,
    language_of,
)
from services.text.words.hinted_patterns import HintedPattern
from services.text.words.stems import stem

# With fewer meaningful words a text says too little: two tickets of the one word "VPN" may be about
# anything, and "what is it" is not "what does it do".
MIN_WORDS = 2
# This many words in all are enough where they are the same word for word: "what is a monitor".
MIN_VERBATIM = 3

# Stems kept in memory, of words that were met before.
MAX_STEMS = 50_000

_APOSTROPHES = re.compile(r"[’‘`´ʼ]")
# What short forms and turns of phrase stand for, each with and without its apostrophe.
_SHORT_FORMS = tuple(
    (HintedPattern(re.compile(pattern), marks), full)
    for pattern, marks, full in (
        (r"\bcan(?:'?t|not)\b", ("can't", "cant", "cannot"), "can not"),
        (r"\bwon'?t\b", ("won't", "wont"), "will not"),
        (
            r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should)n'?t\b",
            (
                "n't", "dont", "esnt", "didnt", "isnt", "asnt", "arent", "werent", "avent", "hadnt",
                "uldnt",
            ),
            r"\1 not",
        ),
        (
            r"\b(what|where|how|who|that|it|there|here|when|why)'?s\b",
            ("'s", "hats", "its", "heres", "hows", "whos", "whens", "whys"),
            r"\1 is",
        ),
        (r"'ll\b", ("'ll",), " will"),
        (r"'(?:d|ve|re|s|m)\b", ("'",), ""),
        (r"\bunable to\b", ("unable",), "not able to"),
        (
            r"\bis (?:there|their) (?:a|any|some) (?:way|possibility) (?:to|of)\b",
            ("is the",),
            "how can",
        ),
        (r"\bis it possible (?:for (?:me|us) )?to\b", ("is it",), "can"),
        (
            r"\b(?:gibt es|existiert) eine moglichkeit,?\b(.{1,80}?)\bzu\b",
            ("moglichkeit",),
            r"wie kann\1",
        ),
        (r"\bist es moglich,?\b(.{1,80}?)\bzu\b", ("moglich",), r"kann\1"),
        (r"\bhay (?:alguna?|una) (?:manera|forma) de\b", ("manera", "forma"), "como puedo"),
        (r"\bes posible\b", ("posible",), "puedo"),
        (r"\bpor que\b", ("por que",), "porque"),
        (r"\bvom\b", ("vom",), "von"),
        (r"\baufs\b", ("aufs",), "auf"),
    )
)  # fmt: skip
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
    r"|(?:kann|konnte|kannst|konntest|konnt|konntet) (?:mir |uns )?(?:bitte )?"
    r"(?:mir |uns |jemand |du |ihr )*(?:bitte )?(?:sagen|helfen|erklaren|zeigen)"
    r"|(?:ich|wir) (?:mochte|mochten|wurde|wurden|wollen|will|muss|mussen)"
    r"(?: (?:gerne?|bitte))*(?: wissen)?"
    r"|(?:weiss|weisst) (?:jemand|du)|(?:viele|vielen) (?:grusse|dank)|danke im voraus"
    r"|(?:me )?(?:puede|puedes|podria|podrias|pueden)(?: alguien)?"
    r" (?:decir|ayudar|explicar|indicar|mostrar)(?:me|nos)?(?: (?:a|con))?"
    r"|(?:quiero|quisiera|necesito|queremos|necesitamos)(?: saber)?|alguien sabe|(?:me )?gustaria"
    r"|muchas gracias|gracias de antemano|buenos dias|buenas (?:tardes|noches)"
    r")\b"
)

# Who is greeted, and who signs: "Hi Anna,", "Thanks, Tom". Looked for at the start and at the end.
_GREETED = re.compile(
    r"^\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|moin|servus|liebe[rs]?"
    r"|guten (?:morgen|tag|abend)|hola|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]s?)"
    r"(?: [@\w.-]++){0,3}[ \t]*[,!:\n–-]+",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\b(?:(?:thanks|thank you|regards|cheers|best wishes)(?: in advance| a lot| so much)?"
    r"|(?:dank|danke)(?: im voraus| dir| euch)?|gr[uü](?:ß|ss)e?|lg|vg|mfg"
    r"|gracias(?: de antemano)?|saludos?(?: cordiales)?)"
    r"[ \t,.!:\n–-]+(?:@?[\w-]++[ \t]*+){0,3}[.!\s]*$",
    re.IGNORECASE,
)
MAX_COURTESY = 80

_ALIKE = {"which": "what", "could": "can", "may": "can", "might": "can", "konnte": "kann"}
_ASKING = frozenset({"how", "where", "who", "when", "wie", "wo", "wann", "como", "donde", "cuando"})
# "How can I" is "how do I" and "how to"; "can I" without such a word is a question of its own.
_ABLE = frozenset({"can", "able", "kann", "konnen", "puedo", "puede", "podemos", "pueden"})
# These stand before or after what they belong to: "turn off the light", "turn the light off".
MOVABLE = _ASKING | frozenset(
    {"why", "on", "off", "up", "down", "back", "out", "warum", "auf", "zu", "ab", "porque"}
)
_AS_THEY_ARE = frozenset({"windows", "news", "goods", "customs"})

_WORD = re.compile(r"[^\W_]+")
# Signs that belong to a word or figure: C++, C#, 100%, $5, -3.
SIGN = HintedPattern(
    re.compile(r"(?<=\w)[+#%*]+|[#$€£¥@](?=\w)|(?<![\w.])[-+](?=\d)"),
    hint=re.compile(r"[+#%*$€£¥@]|-\d"),
)
# "Desk A", "plan B"; "I" is none, and neither is a letter of a text in capitals.
_LETTER = re.compile(r"(?<=[^\W_] )[A-HJ-Z](?=[\s,.;:!?)]|$)")
# Between two words a space is a matter of spelling ("top up", "e-mail"), between figures it is not.
_SPELLING = re.compile(r"(?<!\d) | (?!\d)")

_FIRST = frozenset({"i", "we", "me", "us", "ich", "wir", "mir", "mich", "uns", "yo", "nosotros"})
_SECOND = frozenset({"you", "du", "ihr", "dir", "dich", "euch", "tu", "ti", "ustedes"})


@dataclass(frozen=True)
class NormalisedText:
    """What a text says: its distinctive words in order, its signs, and who does it to whom.

    `content` are those of them that are no function words; `whole` are all words, `letters` single
    ones that name something.
    """

    words: tuple[str, ...]
    content: tuple[str, ...]
    whole: tuple[str, ...]
    signs: tuple[str, ...]
    persons: tuple[int, ...]
    letters: frozenset[str] = frozenset()

    @property
    def spelled(self) -> str:
        """The words in one, however they are spaced."""
        return _SPELLING.sub("", " ".join(self.words))

    @property
    def unmoved(self) -> tuple[str, ...]:
        """The words that cannot stand elsewhere."""
        return tuple(word for word in self.words if word not in MOVABLE)

    @property
    def figures(self) -> frozenset[str]:
        """The words that count or name one of several."""
        counting = (word for word in self.words if has_digit(word) or word in NUMERALS)
        return self.letters.union(counting)


def say_enough(one: NormalisedText, other: NormalisedText) -> bool:
    """Say whether there are words enough in two texts to say that they say the same."""
    if not one.content or not other.content:
        return False
    if min(len(set(one.words)), len(set(other.words))) >= MIN_WORDS:
        return True
    return one.whole == other.whole and len(one.whole) >= MIN_VERBATIM


def without_courtesies(text: str) -> str:
    """Return a text without a greeting at its start and thanks at its end, and whom they name."""
    greeted = _GREETED.search(text[:MAX_COURTESY])
    rest = text[greeted.end() :] if greeted else text
    signed = _SIGNED.search(rest, max(len(rest) - MAX_COURTESY, 0))
    rest = rest[: signed.start()] if signed else rest
    return rest if any(character.isalnum() for character in rest) else text


@lru_cache(KEPT_TEXTS)
def normalise(text: str, language: Language | None = None) -> NormalisedText:
    """Return what a ticket says; without a language, in that of its function words."""
    read = without_boilerplate(without_courtesies(text))
    plain = fold(_APOSTROPHES.sub("'", read))  # folded, one of them ("´") is a space
    for short, full in _SHORT_FORMS:
        plain = short.sub(full, plain)
    plain = _OPENINGS.sub(" ", " ".join(plain.split()))
    found = terms(plain)
    language = language or language_of(found)
    words = tuple(_meaningful_words(found, language))
    return NormalisedText(
        words=words,
        content=tuple(word for word in words if word not in DECIDING[language]),
        whole=tuple(_WORD.findall(fold(text))),
        signs=tuple(SIGN.findall(plain)),
        persons=tuple(
            1 if word in _FIRST else 2 for word in found if word in _FIRST or word in _SECOND
        ),
        letters=frozenset() if text.isupper() else frozenset(_LETTER.findall(text)),
    )


def normalise_pair(ours: str, theirs: str) -> tuple[NormalisedText, NormalisedText]:
    """Return what two tickets say, in the language of most of their function words."""
    language = language_of(_WORD.findall(fold(f"{ours}\n{theirs}")))
    return normalise(ours, language), normalise(theirs, language)


def _meaningful_words(found: Sequence[str], language: Language) -> Iterator[str]:
    words = [_ALIKE.get(word, word) for word in found]
    empty = NEUTRAL[language] | _ABLE if _ASKING.intersection(words) else NEUTRAL[language]
    last = ""
    for word in words:
        if word in empty:
            continue
        is_whole = word in DECIDING[language] or word in NUMERALS
        stemmed = word if is_whole else stem_of(word, language)
        # "my my card" is a slip of the hand; "5 5" is not.
        if stemmed != last or has_digit(stemmed):
            yield stemmed
        last = stemmed


@lru_cache(MAX_STEMS)
def stem_of(word: str, language: Language) -> str:
    """Return a folded word without its endings; figures and codes are left as they are."""
    if word in _AS_THEY_ARE or has_digit(word):
        return word
    return stem(word, language)
