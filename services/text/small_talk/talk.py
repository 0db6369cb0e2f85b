"""Talk: texts that say nothing of a matter ("any update on this?", "thanks!", "see screenshot").

A text has a matter if a word is left without those of `talk.toml`, single letters and figures,
times of day, links, mentions and emoji. Words are read clause by clause, each in one language.
Scripts other than Latin always have a matter.

What kind of talk a text is follows from the uses of its words (`uses_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import or_

from services.text.small_talk.failures import names_failure
from services.text.small_talk.talk_words import LANGUAGES, Use, Word, is_pair, read_word
from services.text.words.folding import fold, without_apostrophes
from services.text.words.hinted_patterns import HintedPattern
from services.text.words.patterns import EMOJI_CODES, HINTED_LINK, TIMES
from services.text.words.word_lists import words as words_of

# A longer text says something, even in words that say nothing by themselves ("what is right, I may
# not come or I might not come?").
MAX_TALK_WORDS = 40

# The last texts that a function has read: an import asks about the messages of a batch, at most
# 2,048, and those near them, several times, and a comparison about the same candidates.
KEPT_TEXTS = 4096

# A longer courtesy says something besides.
MAX_COURTESY_WORDS = 8

_POLITE = Use.GREETINGS | Use.THANKS
_COURTESY = _POLITE | Use.PLEASE | Use.ASSENT | Use.APOLOGY
# What may stand beside a subject: "Network problem", "Hello, a question about my order".
_HEADING = int(_POLITE | Use.PLEASE | Use.LABELS | Use.CONNECTIVES | Use.SUBJECTS)
_NAMED = int(Use.THINGS | Use.ABSENCE | Use.LEAVE | Use.CHAT)
# Words of all other uses say nothing whatever stands beside them.
_ALWAYS = int(~(Use.SUBJECTS | Use.THINGS | Use.ABSENCE | Use.LEAVE | Use.CHAT | Use.NAMES))

# What only a name follows: "vg max", "atte. Gómez".
_SIGN_OFFS = words_of("lg vg bg hg glg mfg gruss grusse gruesse atte saludos regards rgds kr br")

# What the English list has from German and Spanish.
_BORROWED = frozenset(["adios", "danke", "gracias", "hallo", "hola"])

_WORD = re.compile(r"\w+(?:[.\-_/:#+]\w+)*")
_PART = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_CLAUSE_END = re.compile(r"[.,;:!?]+(?=\s|$)|[()…–—¿¡\"“”„|]+|\s-+\s")
# People, groups and channels as Slack writes them, and as it shows them; the one emoji that is a
# letter.
_MENTION = re.compile(r"<[@#!][^<>\s]*>|(?<!\S)@[\w.\-]+|(?<!\S)#[a-z][\w\-]*|ℹ", re.IGNORECASE)
_MARK = re.compile("[@#ℹ]|<!")
# What is attached, in Spanish: "captura de pantalla".
_SCREENSHOT = re.compile(r"\b(?:capturas?|fotos?) (?:de|a) (?:la |mi )?pantalla\b", re.IGNORECASE)
# "¡Qué calor!", "qué pena me da": whatever is exclaimed, in Spanish.
_EXCLAIMED = re.compile(
    r"que \w+(?: (?:hace|hizo|me da|da|(?:mas|tan) \w+))?(?: (?:hoy|eso|esto|todo))?"
)
# A number that names an error counts, however short: the clause is not a listed word.
_ERROR_NUMBER = HintedPattern(
    re.compile(r"\b(?:error|code|codigo|fehler|fehlercode|fallo|exit)\W{0,3}\d"),
    ("error", "code", "codigo", "fehler", "fallo", "exit"),
)

_QUESTION = re.compile(
    r"(?:\w+ )?(?:how|where|who|which|why|what|wie|wo|wer|was|welche[rs]?|warum|como|donde|quien"
    r"|cual|cuant[oa]s?|que)\b"
)
# "How do I request PTO", "darf ich im Homeoffice arbeiten": what a person may or must do.
_OWN_QUESTION = re.compile(
    r"\b(?:(?:can|could|may|should|do|must|am|shall) i|(?:kann|darf|muss|soll|sollte|konnte) ich"
    r"|puedo|podria)\b"
)
# "How long do we keep the logs?": what a team does, or may do.
_TEAM_QUESTION = re.compile(
    r"\b(?:how (?:long|often|many|much) (?:\w+ )?(?:do|can|may|should) we (?!have|meet|need|wait)"
    r"|are we allowed to|wie (?:lange?|oft|viele?) (?!hab|wart|brauch)\w+en wir (?!noch|uns)"
    r"|(?:cada cuanto|cuanto tiempo) (?!mas|llev|ten|esper)\w+mos)\b"
)


@lru_cache(maxsize=KEPT_TEXTS)
def has_matter(text: str) -> bool:
    """Say whether a text says anything of a matter."""
    return next(clauses_with_matter(text), None) is not None


def clauses_with_matter(text: str, split: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the clauses of a text that say anything of a matter, each with the mark at its end.

    Of a long text that is all after the first `MAX_TALK_WORDS` words. `split` is its `clauses`,
    where they are known.
    """
    read = 0
    before: Sequence[Word] = ()
    for clause in clauses(text) if split is None else split:
        words = _words(clause)
        if not words:
            continue
        read += len(words)
        if read > MAX_TALK_WORDS or not _is_empty(words, before, text):
            yield clause
        before = words


def names_something(text: str) -> bool:
    """Say whether a text names anything, be it a thing that people talk about: "wine?"."""
    return has_matter(text) or any(
        not use & _ALWAYS for word in _words(text) for use in word.uses if use
    )


def uses_of(text: str) -> Use:
    """Return all uses of the listed words of a text, in the language that knows most of them."""
    words = [word for word in _words(text) if len(word.text) > 1]
    by_language = [[word.uses[language] for word in words] for language, _ in enumerate(LANGUAGES)]
    best = max(by_language, key=lambda uses: sum(use is not None for use in uses))
    return Use(reduce(or_, (use or 0 for use in best), 0))


def share_listed(split: Iterable[str]) -> float:
    """Return the share of the words of some clauses that the language lists which lists most."""
    words = [word for clause in split for word in _words(clause)]
    return max(_listed(words)) / max(len(words), 1)


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that list most words of a text; several if they list as many.

    What English has from another one ("danke") counts for that one alone.
    """
    words = _words(text)
    listed = dict(zip(LANGUAGES, _listed(words), strict=True))
    listed["en"] -= sum(word.folded in _BORROWED for word in words)
    most = max(listed.values())
    return tuple(language for language, number in listed.items() if most and number == most)


def is_call_for_help(text: str) -> bool:
    """Say whether a text only calls for help: "help", "Hilfe bitte", "¡ayuda!".

    A word that is a function word in another language calls for none: "it rings".
    """
    words = _words(text)
    uses = [_uses_anywhere(word) for word in words]
    return (
        0 < len(words) <= MAX_COURTESY_WORDS
        and "?" not in text
        and any(use & Use.HELP and not use & Use.FUNCTION for use in uses)
        and all(use & (Use.HELP | Use.PLEASE | Use.GREETINGS | Use.FUNCTION) for use in uses)
    )


def is_courtesy(text: str) -> bool:
    """Say whether a text only greets, thanks, agrees or apologises: "Hi all", "thanks a lot"."""
    words = _words(text)
    if not words or len(words) > MAX_COURTESY_WORDS or "?" in text:
        return False
    uses = [_uses_anywhere(word) for word in words]
    return all(use & (_COURTESY | Use.FUNCTION | Use.HELP | Use.NAMES) for use in uses) and any(
        use & _COURTESY and not use & Use.FUNCTION for use in uses
    )


def is_own_question(text: str) -> bool:
    """Say whether a text asks what its writer may do, or how: "how do I …", "darf ich …"."""
    return _OWN_QUESTION.search(fold(text)) is not None


def is_team_question(text: str) -> bool:
    """Say whether a text asks what its writer's team does or may do: "how long do we keep it?"."""
    return _TEAM_QUESTION.search(fold(text)) is not None


def is_addressee(word: str) -> bool:
    """Say whether a word after a greeting is who it is addressed to: "hi there", "hola equipo"."""
    return fold(word) == "there" or bool(_uses_anywhere(read_word(word)) & Use.GREETINGS)


def clauses(text: str) -> Iterator[str]:
    """Yield the clauses of a text, each with its mark, without links, mentions and emoji codes."""
    for line in text.splitlines():  # line by line: most texts say something in the first
        rest = _MENTION.sub(" ", line) if _MARK.search(line) else line
        if ":" in rest:
            rest = HINTED_LINK.sub(" ", EMOJI_CODES.sub(" ", rest))
        start = 0
        for end in _CLAUSE_END.finditer(rest):
            if end.start() > start:
                yield rest[start : end.end()]
            start = end.end()
        yield rest[start:]


# Whoever asks what a message is about asks several times, in other ways.
@lru_cache(maxsize=KEPT_TEXTS)
def _words(clause: str) -> tuple[Word, ...]:
    """Return the words of a clause without times of day; codes stay whole ("E-4")."""
    clause = without_apostrophes(clause)
    if "antalla" in clause:
        clause = _SCREENSHOT.sub("captura", clause)
    if not _DIGIT.search(clause):
        return tuple(map(read_word, _PART.findall(clause)))
    if _ERROR_NUMBER.search(fold(clause)):
        return (read_word(clause),)
    clause = TIMES.sub(" ", clause)
    words: list[Word] = []
    for match in _WORD.finditer(clause):
        word = match.group()
        is_code = _DIGIT.search(word) is not None and not word.isdigit()
        words += map(read_word, [word] if is_code else _PART.findall(word))
    return tuple(words)


def _is_empty(words: Sequence[Word], before: Sequence[Word], text: str) -> bool:
    """Say whether a clause is talk; `before` is the clause before it in `text`."""
    clause = " ".join(word.folded for word in words)
    if "?" not in text and _EXCLAIMED.fullmatch(clause):
        return not names_failure(clause)
    for language, _ in enumerate(LANGUAGES):
        uses = []
        for at, word in enumerate(words):
            use = word.uses[language]
            if not (use or 0) & _ALWAYS and _is_paired(words, at, language):
                use = int(Use.FUNCTION)
            if use is None and _is_name(words, at, before, language):
                use = int(Use.FUNCTION)
            if use is None:
                break
            uses.append(use)
        else:
            if all(use & _ALWAYS for use in uses) or _says_nothing(words, uses, text):
                return not names_failure(clause)
    return False


def _says_nothing(words: Sequence[Word], uses: Sequence[int], text: str) -> bool:
    """Say whether the words that depend on the rest of the clause say nothing there."""
    together = reduce(or_, uses)
    is_heading = all(use & _HEADING for use in uses)
    # "no email", "Kühlschrank kaputt"; "Zoom problem", "Frage zum Urlaub".
    # English trouble counts in every language, as people mix them: "no email".
    trouble = together | reduce(or_, (word.uses[0] or 0 for word in words))
    has_trouble = bool(trouble & (Use.TROUBLE | Use.CHANGES))
    is_about_named = has_trouble or (
        bool(together & Use.LABELS) and all(use & (_NAMED | _HEADING) for use in uses)
    )
    clause = " ".join(word.folded for word in words)
    is_own = _OWN_QUESTION.search(clause) is not None
    is_question = is_own or "?" in text or _QUESTION.match(clause) is not None
    return all(
        use & _ALWAYS
        or (use & Use.SUBJECTS and is_heading)
        or (use & Use.THINGS and not is_about_named)
        or (use & Use.CHAT and not is_about_named and not is_own)
        # "assigned to Pedro"; but "set up email for Jessica".
        or (use & Use.NAMES and not together & Use.THINGS)
        or (use & Use.ABSENCE and not is_about_named and not is_question)
        or (use & Use.LEAVE and together & Use.PRESENCE and not is_about_named and not is_question)
        for use in uses
    )


def _is_paired(words: Sequence[Word], at: int, language: int) -> bool:
    """Say whether a word is talk beside its neighbour: "screen shot"."""
    word = words[at].folded
    return (at > 0 and is_pair(language, words[at - 1].folded, word)) or (
        at + 1 < len(words) and is_pair(language, word, words[at + 1].folded)
    )


def _is_name(words: Sequence[Word], at: int, before: Sequence[Word], language: int) -> bool:
    """Say whether a clause ends with the name of who is greeted or thanked: "Thanks, Maria"."""
    word = words[at].text
    if at != len(words) - 1 or not word.isalpha():
        return False
    if at == 1 and words[0].folded in _SIGN_OFFS:
        return True
    uses = [one.uses[language] or 0 for one in (words[:at] or before)]
    if not any(use & _POLITE and not use & Use.FUNCTION for use in uses):
        return False
    # "Danke dir Anna"
    near = uses[-1] if len(uses) == 1 or not uses[-1] & Use.FUNCTION else uses[-2]
    if word.istitle():
        return not at or bool(near & (_POLITE | Use.CHAT))
    return at > 0 and bool(near & Use.THANKS)


def _listed(words: Sequence[Word]) -> list[int]:
    """Return how many of the words each language lists."""
    return [sum(word.uses[at] is not None for word in words) for at, _ in enumerate(LANGUAGES)]


def _uses_anywhere(word: Word) -> int:
    return reduce(or_, (use or 0 for use in word.uses))
