"""Words that say where the parts of a sentence begin and end, in English, German and Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from services.text.words.folding import fold
from services.text.words.function_words import Language
from services.text.words.word_lists import words as words_of

_Words = Mapping[Language, frozenset[str]]


def folded_lists(en: str, de: str, es: str) -> _Words:
    """Return lists of words by language, folded."""
    lists: dict[Language, str] = {"en": en, "de": de, "es": es}
    return {language: frozenset(map(fold, text.split())) for language, text in lists.items()}


# A noun phrase begins after one of these.
ARTICLES = folded_lists(
    "a an the my our your his her their its this that these those",
    "der die das dem den des ein eine einen einem einer eines mein meine meinen meinem meiner "
    "unser unsere unseren unserem unserer dieser diese dieses diesen diesem im am zum "
    "zur beim vom ins",
    "el la los las un una unos unas mi mis su sus tu tus nuestro nuestra nuestros nuestras este "
    "esta estos estas ese esa esos esas al del",
)
# They join two parts of one noun phrase.
LINKS = folded_lists(
    "of for in on at",
    "von vom für im in am an auf bei beim zum zur des der",
    "de del en para por al",
)
# They begin another clause, which is no part of a headline.
CONJUNCTIONS = folded_lists(
    "and but or because when while if though although so that which who "
    "where unless whether than i we you he she they it there what how why can could will would "
    "should may might must today tomorrow yesterday tonight now please thanks",
    "und aber oder weil wenn als nachdem bevor ob obwohl dass welche welcher wo sondern "
    "denn ich wir du ihr sie er es was wie warum kann können könnte soll muss heute gestern "
    "morgen jetzt bitte danke",
    "y e pero o porque cuando mientras despues antes si aunque que donde sino yo "
    "nosotros ellos como puede pueden hoy ayer ahora gracias",
)
# After one of these a subject is no beginning: "how long does | the transfer take".
INVERSIONS = folded_lists(
    "is are was were do does did can could will would should may might have has had what how when "
    "where why which who",
    "ist sind war waren kann können könnte wird werden hat haben soll darf muss was wie wann wo "
    "warum wer welche",
    "es son esta estan puede puedo pueden hay como cuando donde que cual quien por",
)
# A whole question begins with one of these.
QUESTIONS = folded_lists(
    "how what when where why which who whom whose can could do does did is are was were has have "
    "will would should may am",
    "wie wieviel wieviele was wann wo woher wohin wodurch wofür womit wonach woran worauf woraus "
    "worüber wovon wozu warum wieso weshalb wer wem wen wessen welche welchem welchen welcher "
    "welches kann können könnte darf muss ist sind hat haben wird gibt",
    "como cuando donde adonde que cual cuales quien quienes cuanto cuanta cuantos cuantas por "
    "puedo puede pueden hay es son esta estan",
)
# A whole sentence that stands alone begins with one of these.
OPENERS = folded_lists(
    "i we there my our",
    "ich wir man es mein meine unser unsere",
    "no me nos se mi nuestro nuestra tengo tenemos estoy",
)
# A sentence with one of these cannot be understood without the one before.
ANAPHORS = folded_lists(
    "it its this that these those they them their he him his she her there's",
    "er sie ihn ihm ihr es dies dieses diese das davon dabei damit daran",
    "esto eso ello ellos ellas lo la",
)
# A clause may be cut before one of these, besides links, circumstances and conjunctions.
ADJUNCTS = folded_lists(
    "with by from into via per again still anymore already even every",
    "mit von aus per wieder noch jeden jede immer",
    "con por hacia otra cada",
)
# Who is asked to look at something; that somebody is asked says nothing of the matter.
ASKED = folded_lists(
    "you somebody someone anybody anyone please", "jemand mir uns bitte du ihr", "alguien me nos"
)
# What people who report for others do: "customer says | the lock has empty batteries".
REPORTS = folded_lists(
    "says said reports reported writes wrote asks complains tells told",
    "sagt meldet schreibt fragt berichtet",
    "dice pregunta escribe comenta informa",
)
# When a single ticket was written.
DAYS = folded_lists(
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lunes martes miercoles jueves viernes sabado domingo",
)
# What follows one of these is what somebody does, or does not.
SUBJECTS = folded_lists(
    "i we you they he she it who to can can't cannot could couldn't will won't would wouldn't "
    "should shouldn't must do don't does doesn't did didn't please",
    "ich wir er sie es man",
    "yo no se me nos te le les para al puedo puede pueden quiero",
)
AUXILIARIES = folded_lists(
    "is isn't are aren't was wasn't were weren't be been being am has hasn't have haven't had do "
    "does doesn't don't did didn't can can't cannot could will won't would should may might must",
    "ist sind war waren wird werden wurde wurden hat haben hatte hatten kann konnen konnte soll "
    "sollen muss mussen darf will lässt",
    "es son esta estan fue fueron era ha han hay puede pueden puedo tiene tienen",
)
# Before a circumstance of what is said: "but after | download no player …".
CIRCUMSTANCES = folded_lists(
    "after before since without until during despite about",
    "nach vor seit ohne bis während trotz",
    "sin tras desde hasta durante",
)
# Before what somebody does or wants to do: "I want to | dispute the charge".
ACTORS = folded_lists("i we you to", "ich wir zu", "yo nosotros puedo quiero")
NEGATIONS = folded_lists(
    "no not never cannot can't won't doesn't don't isn't aren't didn't wasn't without nothing "
    "nobody none neither nowhere hardly barely scarcely couldn't wouldn't shouldn't haven't "
    "hasn't hadn't weren't mustn't needn't",
    "nicht kein keine keinen keinem keiner keines keins nie niemals ohne nichts nix niemand "
    "niemanden niemandem nirgends nirgendwo weder kaum",
    "no nunca jamas sin ningun ninguna ninguno nada nadie tampoco ni apenas",
)
# They say of what somebody does that it does not happen: "unable to log in", "stopped working".
FAILING = folded_lists(
    "unable impossible refuses refuse refused fails fail failed failing forgot forget unwilling "
    "hard difficult stopped stops",
    "unmöglich weigert weigern geweigert vergessen unfähig schwer schwierig",
    "imposible dificil olvide niega",
)
# Two directions each, of which one name says both.
DIRECTIONS = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("on", "off"),
        ("an", "aus"),
        (
            "up more increase raise louder brighter brighten lighten hoch lauter heller",
            "down less decrease lower reduce quieter dim dimmer darker runter leiser dunkler",
        ),
    )
)
# They belong to the verb before them: "shut down", "was paid twice".
TRAILING = words_of("up down off out away back over twice zweimal mehr anymore")
# The last word of a clause may belong to its verb: "turns itself | on", "geht im Flur | aus".
PARTICLES = folded_lists(
    "on off out up down away in over",
    "an aus ab auf zu ein hoch runter raus rein los weg zurück",
    "",
)
# Whose a thing is belongs to one ticket: "chime for his doorbell".
OWNERS = folded_lists(
    "my mine our your his her their its",
    "mein meine meinen meinem meiner meines unser unsere unserem unseren unserer dein deine deinen "
    "deinem deiner sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer",
    "mi mis su sus tu tus nuestro nuestra nuestros nuestras",
)
# Who reports a ticket is not what it is about.
PEOPLE = frozenset().union(
    *folded_lists(
        "customer customers client clients user users",
        "kunde kunden kundin kundinnen nutzer",
        "cliente clientes clienta usuario usuarios",
    ).values()
)
AND: Mapping[Language, str] = {"en": "and", "de": "und", "es": "y"}
# What begins or ends a clause and says nothing of the matter.
FILLERS = folded_lists(
    "hi hello hey dear sorry please pls thanks again anyone anybody somebody someone still also "
    "so now then just already yet anymore today tomorrow yesterday tonight too well ok okay "
    "fyi btw urgent help hmm vs versus etc actually currently really because but that and or",
    "hallo moin hi bitte danke wieder nochmal auch so jetzt dann schon noch heute gestern morgen "
    "jemand leider eben mal ok ja und oder aber denn weil dass sondern",
    "hola buenas buenos perdon por favor gracias otra vez tambien ya ahora hoy ayer alguien "
    "y e o u pero porque que sino",
)
GREETINGS = words_of("hi hello hey")
# They begin a clause that hangs on another one.
SUBORDINATIONS = folded_lists(
    "because when while if though although since that as but until whenever",
    "weil wenn als nachdem bevor ob obwohl dass sondern aber denn sobald",
    "porque cuando mientras aunque que sino pero si",
)
# A whole clause follows them, of which the first word alone says nothing.
REASONS = words_of("because dass weil porque")
# They join a part to its whole, which is no circumstance: "a lot | of fees".
PARTS = folded_lists("of", "von vom des der", "de del")
# They ask for what is done, which is then no whole phrase without them: "what style do I | use".
OBJECTS = words_of("what which who whom was wen welche welchen welcher welches que cual quien")
# They ask where something is, or when it comes.
PLACE_QUESTIONS = words_of("where when wo wann donde cuando")
# Who follows the verb of a question, besides articles: "can we", "is there".
ASKERS = folded_lists("i we you they he she it there", "ich wir man es er sie", "yo")
# These verbs ask nothing of such a subject: "have a question", "do it again".
PLURAL_VERBS, SINGULAR = words_of("do have"), words_of("a an this that it its he she")
# What is the matter follows one of these: "plays in the app, but not on the phone".
CONTRASTS = words_of("but however aber pero")
# What somebody wants is what follows them: "I want to | order a card".
WISHES = folded_lists(
    "want wants wanted need needs like wish try trying tried going would able unable have m d ve "
    "ll think know wonder wondering understand realize realized learned suppose",
    "möchte möchten will wollen würde muss versuche brauche",
    "quiero quiere quisiera necesito intento tengo",
)
PLEASE = words_of("please bitte")
# They begin a clause without saying anything, and end one with what is the matter: "is not ok".
ASSENTS = words_of("ok okay well ja")
# What somebody does follows one of these.
INFINITIVES = words_of("to zu puedo puede quiero")
# "Help me | close my account".
REQUESTS = words_of("help tell show give let")
BEING = words_of("is are am was were ist sind bin war waren es son esta estan")
# They say that something is the matter, or asked, but neither with what nor what.
MATTERS = folded_lists(
    "error errors bug bugs problem problems issue issues question questions trouble failure "
    "warning thing things way ways",
    "fehler problem probleme frage fragen störung störungen ding dinge",
    "error errores problema problemas pregunta preguntas duda dudas fallo fallos cosa cosas",
)
