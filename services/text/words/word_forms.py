"""The regular forms of English, German and Spanish verbs and adjectives.

More forms come out than people use ("gebestätigt"): those are never met. An entry is an infinitive
or a basic form. Further stems follow after slashes ("contar/cuent", "sehen/sieh/sah/gesehen"); a
bar marks the part of a German verb that can stand apart ("an|schauen").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from services.text.words.folding import fold

_VOWELS = "aeiou"
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

_GERMAN_VERB = "|e|st|est|t|et|en|n|te|ete|test|etest|ten|eten|tet|etet|s|es|ts|ets"
_GERMAN_ADJECTIVE = "|e|en|em|er|es|ere|eren|erem|erer|eres|ste|sten|ster|stes|este|esten|ester"
_SPANISH_FUTURE = "e|as|a|emos|eis|an|ia|ias|iamos|iais|ian"
_SPANISH_AR = (
    "o|as|a|amos|ais|an|e|es|emos|eis|en|aste|asteis|aron|aba|abas|abamos|abais|aban|ara|aras|aramos"
    "|arais|aran|ase|ases|asen|ad|ando|ado|ada|ados|adas"
)
_SPANISH_ER = (
    "o|es|e|emos|eis|en|imos|is|a|as|amos|ais|an|i|iste|io|isteis|ieron|ia|ias|iamos|iais|ian|iera"
    "|ieras|ieramos|ieran|iese|iesen|ed|id|iendo|yendo|ido|ida|idos|idas"
)
_SPANISH_SUPERLATIVE = "isimo|isima|isimos|isimas"
_SPANISH_ADJECTIVE = f"o|a|os|as|amente|ito|ita|itos|itas|{_SPANISH_SUPERLATIVE}"
# How the last letter of a stem is spelled before e or i.
_SPANISH_SPELLING = {"c": "qu", "g": "gu", "z": "c"}
# What Spanish infinitives, gerunds and imperatives may end with: "pasármelo", "miradlo".
_SPANISH_PRONOUNS = ("me", "te", "se", "lo", "la", "le", "nos", "os", "los", "las", "les")


def spellings(word: str) -> Iterator[str]:
    """Return a word without case and accents; with ä, ö or ü also as ae, oe or ue."""
    lowered = word.lower()
    if word.isascii():  # most are, and folding is slow
        yield lowered
        return
    yield fold(word)
    if any(letter in lowered for letter in "äöü"):
        yield fold(lowered.translate(_DIGRAPHS))


def verb_forms(language: str, entry: str) -> Iterator[str]:
    """Return the forms of a verb of the language "en", "de" or "es", without accents."""
    return _VERBS[language](entry)


def adjective_forms(language: str, entry: str) -> Iterator[str]:
    """Return the forms of an adjective of the language "en", "de" or "es", without accents."""
    return _ADJECTIVES[language](entry)


def hasty_forms(word: str) -> Iterator[str]:
    """Return a word with two neighbouring letters swapped or one left out, but not the first."""
    for at in range(1, len(word)):
        yield f"{word[:at]}{word[at + 1 :]}"
        yield f"{word[: at - 1]}{word[at]}{word[at - 1]}{word[at + 1 :]}"


def without_pronouns(word: str) -> Iterator[str]:
    """Return a Spanish word without the one or two pronouns that it may end with."""
    for pronoun in _SPANISH_PRONOUNS:
        if word.endswith(pronoun):
            rest = word.removesuffix(pronoun)
            yield rest
            yield from (rest.removesuffix(one) for one in _SPANISH_PRONOUNS if rest.endswith(one))


def _english_verb(entry: str) -> Iterator[str]:
    stem = entry[:-1] if entry.endswith(("e", "y")) else entry
    yield from (entry, f"{entry}s", f"{stem}ing", f"{stem}ed")
    if entry.endswith(("y", "ee")):
        yield from (f"{entry}ing", f"{stem}ies", f"{stem}ied", f"{entry}ed")
    elif entry[-1] not in _VOWELS:
        yield from (f"{entry}es", f"{entry}{entry[-1]}ed", f"{entry}{entry[-1]}ing")


def _german_verb(entry: str) -> Iterator[str]:
    infinitive, *stems = entry.split("/")
    prefix, _, base = infinitive.rpartition("|")
    stem = base.removesuffix("n").removesuffix("e")
    forms = [own + ending for own in (stem, *stems) for ending in _endings(own)]
    forms += [f"ge{stem}t", f"ge{stem}et", f"zu{base}"]
    for form in forms:
        yield from spellings(form)
        if prefix:
            yield from spellings(prefix + form)


def _endings(stem: str) -> list[str]:
    """Return the endings of a German stem; participles have none."""
    is_participle = stem.startswith("ge") and stem.endswith("en")
    return [""] if is_participle else _GERMAN_VERB.split("|")


def _spanish_verb(entry: str) -> Iterator[str]:
    infinitive, *stems = fold(entry).split("/")
    endings = (_SPANISH_AR if infinitive.endswith("ar") else _SPANISH_ER).split("|")
    yield infinitive
    yield from (infinitive + ending for ending in _SPANISH_FUTURE.split("|"))
    for stem in (infinitive[:-2], *stems):
        yield from (_spelled(stem, ending, infinitive[-3:]) + ending for ending in endings)


def _spelled(stem: str, ending: str, infinitive_end: str) -> str:
    """Return a Spanish stem as it is spelled before an ending: "busc-o", "busqu-e"."""
    last = stem[-1:]
    if infinitive_end.endswith("ar") and ending[0] in "ei" and last in _SPANISH_SPELLING:
        return stem[:-1] + _SPANISH_SPELLING[last]
    if infinitive_end in {"ger", "gir"} and ending[0] in "oa" and last == "g":
        return f"{stem[:-1]}j"
    return stem


def _english_adjective(entry: str) -> Iterator[str]:
    yield from (entry, f"{entry}ly")


def _german_adjective(entry: str) -> Iterator[str]:
    stem = entry.removesuffix("e")
    for form in (entry, *(stem + ending for ending in _GERMAN_ADJECTIVE.split("|"))):
        yield from spellings(form)


def _spanish_adjective(entry: str) -> Iterator[str]:
    word = fold(entry)
    stem = word[:-1] if word.endswith(("o", "e")) else word
    yield from (word, f"{word}s", f"{word}es", f"{word}mente")
    endings = _SPANISH_ADJECTIVE if word.endswith("o") else _SPANISH_SUPERLATIVE
    yield from (_spelled(stem, ending, "ar") + ending for ending in endings.split("|"))


_Forms = Mapping[str, Callable[[str], Iterator[str]]]
_VERBS: _Forms = {"en": _english_verb, "de": _german_verb, "es": _spanish_verb}
_ADJECTIVES: _Forms = {
    "en": _english_adjective,
    "de": _german_adjective,
    "es": _spanish_adjective,
}
