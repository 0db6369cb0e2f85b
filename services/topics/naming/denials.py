"""What a phrase must not lose where it is cut: a denial, a limit, or the direction of its verb.

"Druckt" out of "im Lager druckt nichts" says the reverse of its ticket, and so does "lamp turns"
out of "the lamp turns itself on".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from services.text.words.function_words import Language
from services.topics.naming.headline_words import (
    FAILING,
    LINKS,
    NEGATIONS,
    PARTICLES,
    SUBORDINATIONS,
    folded_lists,
)
from services.topics.naming.tokens import Token

# They leave little of what is said: "only one | prints".
_LIMITS = folded_lists("only", "nur bloß lediglich", "solo solamente unicamente")
# They follow the verb that they deny, so that what stands before one is not only a thing.
_AFTER_VERBS = folded_lists(
    "nothing nobody none no neither nowhere only",
    "",
    "nada nadie ningun ninguna ninguno solo solamente",
)
# Another clause begins with one of these, and what it denies is another matter.
_BREAKS = folded_lists(
    "and or that which who whom whether if so then how what where why",
    "und oder dass ob falls sodass damit wie was wo wann warum wieso wer welche welcher welches",
    "y e o u que si donde como cual quien",
)


def loses_sense(
    clause: Sequence[Token], begin: int, end: int, language: Language, is_thing: bool
) -> bool:
    """Say whether the words `begin` to `end` of a clause lose what turns their sense.

    A thing loses nothing by what is said of it: "sensor | does not report".
    """
    breaks = _BREAKS[language] | SUBORDINATIONS[language]
    keys = [one.key for one in clause]
    before = list(takewhile(lambda key: key not in breaks, reversed(keys[:begin])))
    after = list(takewhile(lambda key: key not in breaks, keys[end + 1 :]))
    if is_thing:
        # "Scanner reads | nothing", "doorbell rings | for nobody" are no things.
        first = after[1:2] if after and after[0] in LINKS[language] else after[:1]
        return not _AFTER_VERBS[language].isdisjoint(first)
    denying = NEGATIONS[language] | FAILING[language] | _LIMITS[language]
    is_denied = not denying.isdisjoint([*before, *after])
    return is_denied or (bool(after) and after[-1] in PARTICLES[language])
