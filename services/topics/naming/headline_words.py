"""Words that say where the parts of a sentence begin and end, in English, German and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from services.text.folding import fold
from services.text.function_words import Language

_Words = Mapping[Language, frozenset[str]]


def _folded(en: str, de: str, es: str) -> _Words:
    lists: dict[Language, str] = {"en": en, "de": de, "es": es}
    return {language: frozenset(map(fold, text.split())) for language, text in lists.items()}


# A noun phrase begins after one of these.
ARTICLES = _folded(
    "a an the my our your his her their its this that these those",
    "der die das dem den des ein eine einen einem einer eines mein meine meinen meinem meiner "
    "unser unsere unseren unserem unserer dieser diese dieses diesen diesem im am zum "
    "zur beim vom ins",
    "el la los las un una unos unas mi mis su sus tu tus nuestro nuestra nuestros nuestras este "
    "esta estos estas ese esa esos esas al del",
)
# They join two parts of one noun phrase.
LINKS = _folded(
    "of for in on at",
    "von vom für im in am an auf bei beim zum zur des der",
    "de del en para por al",
)
# They begin another clause, which is no part of a headline.
CONJUNCTIONS = _folded(
    "and but or because since when while after before until if though although so that which who "
    "where unless whether than i we you he she they it there what how why can could will would "
    "should may might must like today tomorrow yesterday tonight now please thanks",
    "und aber oder weil seit wenn als nachdem bevor bis ob obwohl dass welche welcher wo sondern "
    "denn ich wir du ihr sie er es was wie warum kann können könnte soll muss heute gestern "
    "morgen jetzt bitte danke",
    "y e pero o porque desde cuando mientras despues antes hasta si aunque que donde sino yo "
    "nosotros ellos como puede pueden hoy ayer ahora gracias",
)
# After one of these a subject is no beginning: "how long does | the transfer take".
INVERSIONS = _folded(
    "is are was were do does did can could will would should may might have has had what how when "
    "where why which who",
    "ist sind war waren kann können könnte wird werden hat haben soll darf muss was wie wann wo "
    "warum wer welche",
    "es son esta estan puede puedo pueden hay como cuando donde que cual quien por",
)
# Before a circumstance of what is said: "but after | download no player …".
CIRCUMSTANCES = _folded(
    "after before since without until during despite about",
    "nach vor seit ohne bis während trotz",
    "sin tras desde hasta durante",
)
# Before what somebody does or wants to do: "I want to | dispute the charge".
ACTORS = _folded("i we you to", "ich wir zu", "yo nosotros puedo quiero")
NEGATIONS = _folded(
    "no not never cannot can't won't doesn't don't isn't aren't didn't wasn't without",
    "nicht kein keine keinen keinem nie niemals ohne",
    "no nunca jamas sin ningun ninguna",
)
PARTICLES = ({"on", "off"}, {"up", "down"}, {"in", "out"}, {"an", "aus"}, {"hoch", "runter"})
# They belong to the verb before them: "shut down", "was paid twice".
TRAILING = frozenset(["up", "down", "off", "out", "away", "back", "over", "twice", "zweimal"])
# Whose a thing is belongs to one ticket: "chime for his doorbell".
OWNERS = _folded(
    "my mine our your his her their its",
    "mein meine meinen meinem meiner meines unser unsere unserem unseren unserer dein deine deinen "
    "deinem deiner sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer",
    "mi mis su sus tu tus nuestro nuestra nuestros nuestras",
)
# Who reports a ticket is not what it is about.
PEOPLE = frozenset().union(
    *_folded(
        "customer customers client clients user users",
        "kunde kunden kundin kundinnen nutzer",
        "cliente clientes clienta usuario usuarios",
    ).values()
)
AND: Mapping[Language, str] = {"en": "and", "de": "und", "es": "y"}
