"""Questions about words: '"talk to" or "talk with"?', "what does pending mean?".

What is asked about may be a word that says nothing by itself, as in talk. English, German, Spanish.
"""

from __future__ import annotations

import re

from services.text.words.folding import fold

# Longer texts ask about more than a word.
_QUOTED = (
    r"(?:\"[^\"\n]{1,40}\"|[“„][^“”\n]{1,40}[“”]|«[^«»\n]{1,40}»"
    r"|(?<!\w)['‘‚][^'‘’\n]{1,40}['’‘](?!\w))"
)
# Two of them to choose from: '"me" or "I"', '«por» y cuándo «para»'.
_CHOICE = re.compile(
    rf"{_QUOTED}[,:]? ?(?:or|vs\.?|versus|and|oder|und|o|u|y|e|/|[—–-])"
    rf" ?(?:\w+ ){{0,5}}{_QUOTED}"
)
# What somebody said is talk: 'did you say "today" or "tomorrow"?'
_SAID = re.compile(
    r"\b(?:said|says|wrote|writes|did (?:you|he|she|they|i) (?:say|write|mean)"
    r"|(?:keeps?|kept|was|were|been) (?:saying|writing)|(?<!do )they (?:\w+ )?(?:say|write)"
    r"|gesagt|geschrieben|(?:sagte?|schreibt|schrieb)(?! man)|meint|meinst"
    r"|(?:sagt|schrieb)en|du (?:sagst|schreibst)"
    r"|dij\w+|dice[ns]?(?<!se dice)(?<!se dicen)|escrib\w+(?<!se escribe)|puso"
    r"|dicho|diciendo|decia[ns]?)\b"
)
_NO_WORD = (
    r"(?:a|all|any|anything|das|denn|der|die|dies\w*|du|each|ell[ao]s?|er|es|es[aeo]s?|est[aeo]s?"
    r"|everybody|everyone|everything|he|hier|i|ihr|it|jetzt|man|nun|one|she|sie|so|that|the|these"
    r"|they|this|those|todo|uste\w*|we|you|yo)\b"
)
_ANY_WORD = rf"(?:{_QUOTED}|(?!{_NO_WORD})\w[\w/&.-]*)"
_KINDS = (
    # What a word means, or how it is answered.
    rf"what (?:does|do|did) (?:the (?:word |term |status )?)?{_ANY_WORD} mean",
    rf"what(?: is|['’` ]?s) (?:the meaning of |meant by ){_QUOTED}",
    rf"was (?:bedeute[nt]+ {_ANY_WORD}|heiss(?:t|en) {_QUOTED})",
    rf"que (?:significan?|quieren? decir) {_ANY_WORD}",
    rf"how (?:do|does|should|can) (?:i|we|you|one) (?:answer|reply|respond)(?: to)? {_QUOTED}",
    rf"wie (?:antwort\w+|reagier\w+) (?:ich|man|wir) auf {_QUOTED}",
    rf"como (?:se )?(?:respond|contest)\w+ (?:a )?{_QUOTED}",
    # When it is used, and whether it is right.
    r"when (?:(?:do|should|can|must) (?:i|we|you|one)|to) (?:use|say|write) (?!it |this |that )",
    r"wann (?:benutzt|nimmt|sagt|schreibt|verwendet) man ",
    r"cuando se (?:dice|escribe|pone|usa|utiliza)n? ",
    rf"(?:may|can|should|could) (?:i|we|you|one) (?:say|write) {_QUOTED}",
    rf"(?:correct|right|wrong|okay|ok) to (?:say|write|use) {_QUOTED}",
    rf"(?:sagt|schreibt) man {_QUOTED}",
    rf"(?:richtig|falsch|korrekt),? {_QUOTED} zu (?:sagen|schreiben)",
    rf"(?:in)?correcto (?:decir|escribir) {_QUOTED}",
    rf"se (?:dice|escribe)n? {_QUOTED}",
)
_ASKED = re.compile(r"\b(?:" + "|".join(_KINDS) + ")")


def asks_about_words(text: str) -> bool:
    """Say whether a text asks what words mean, when they are used, or which are right."""
    folded = fold(text)
    if _ASKED.search(folded):
        return True
    return _CHOICE.search(folded) is not None and not _SAID.search(folded)
