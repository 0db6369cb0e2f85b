"""Tickets about everyday things, in words that people also chat in: "I get every mail twice".

Mails, meetings, lunch and holidays are talked about all day, so they say nothing by themselves. A
clause of such words is a ticket where it asks how to do something, or says that something is too
much, twice, late, gone, wrong or not as it should be. Each kind is listed in English, German and
Spanish, without accents and apostrophes.
"""

from __future__ import annotations

import re

_EN_A = r"(?:a|an|the|my|our|all)"
_DE_A = r"(?:ein|eine|einen|einem|einer|der|die|das|den|dem|mein\w*|unser\w*|alle)"
_ES_A = r"(?:un|una|el|la|los|las|mi|mis|nuestr[oa]s?)"

# What people ask how to do about each other, and not about a thing.
_EN_SOCIAL = r"(?:help|know|join|call|reach|say|feel|thank|meet|support|get (?:to|there|into))"
_DE_SOCIAL = r"(?:helfen|unterstutzen|erreichen|beitreten|teilnehmen|kommen|danken|sagen)"
_ES_SOCIAL = r"(?:ayudar|apoyar|llegar|unir|contactar|saber|decir|agradecer)"

_EN_DEGREES = (
    r"(?:fast|slow|loud|quiet|big|large|small|high|low|bright|dark|hot|cold|warm|hard|soft|short"
    r"|heavy|wide)"
)
_DE_DEGREES = (
    r"(?:schnell|langsam|laut|leise|gross|klein|hoch|tief|niedrig|hell|dunkel|heiss|kalt|warm|hart"
    r"|weich|kurz|schwer|breit)"
)
_ES_DEGREES = (
    r"(?:rapid|lent|alt|baj|grand|pequen|fuert|oscur|calient|fri|dur|cort|pesad|anch)[aeo]s?"
)
# "Wrong channel, sorry", "falscher Chat".
_PLACES = (
    r"(?:channel|thread|chat|window|person|button|place|group|kanal|fenster|knopf|ort|gruppe|canal"
    r"|hilo|ventana|persona|grupo|lugar)"
)

_KINDS = (
    # How it is done.
    rf"how (?:do|can|could|should|would) (?:i|we|you|one) (?!{_EN_SOCIAL}\b)\w+ (?:\w+ )?{_EN_A}\b",
    rf"how to (?!{_EN_SOCIAL}\b)\w+ (?:\w+ )?{_EN_A}\b",
    rf"wie (?:kann|konnen|konnte|soll) (?:ich|wir|man) (?!.*\b{_DE_SOCIAL}\b)"
    r"(?:\w+ ){1,5}\w+e?n\b",
    rf"wie \w+e?n? (?:ich|wir|man) (?:\w+ )?{_DE_A} \w+(?!.*\b{_DE_SOCIAL}\b)",
    rf"como (?:puedo|podemos|se puede|hago para) (?!{_ES_SOCIAL})\w+ (?:\w+ )?{_ES_A}\b",
    rf"como (?!{_ES_SOCIAL})\w+[oe] (?:a )?{_ES_A}\b",
    r"where (?:do|can) (?:i|we) (?:see|check) (?:my|our)\b",
    r"wo (?:sehe|sehen) (?:ich|wir) (?:meine?|unsere?)\b",
    r"donde (?:veo|vemos|puedo ver) (?:mis|nuestr[oa]s)\b",
    # It is too much of something.
    r"(?<!it )(?<!that )(?<!this )(?:is|are|was|were|runs?|looks?) (?:way |far )?"
    rf"too {_EN_DEGREES}",
    r"(?:gets?|getting|receive|receiving|pays?|paid|charged) (?:way |far )?"
    r"too (?:many|few|much|little)",
    rf"(?:ist|sind|war|lauft|laufen|steht|sieht) (?:\w+ ){{0,2}}(?:viel )?zu {_DE_DEGREES}",
    r"(?:bekomme|bekommen|kriege|kriegen|erhalte|erhalten) (?:\w+ ){0,2}zu (?:viel|wenig)e?",
    rf"(?:es|son|esta|estan|va|van|suena|se ve) (?:muy|demasiado) {_ES_DEGREES}",
    r"(?:recibo|recibimos|llegan) (?:demasiad[oa]s|muy poc[oa]s)",
    # It comes twice, or late.
    r"(?:gets?|getting|receives?|sent|answers|replies|posts|shows|shown|charged|listed|has|comes) "
    r"(?:\w+ ){0,3}(?:twice|double)",
    r"(?:antwortet|kommt|kommen|bekomme|erhalte|stehen|steht|zeigt|berechnet|geschickt) "
    r"(?:\w+ ){0,3}(?:doppelt|zweimal)|doppelt (?:berechnet|abgebucht|geschickt|angezeigt)",
    r"(?:responde|contesta|recibo|llega|llegan|sale|salen|aparece|cobraron|tiene) "
    r"(?:\w+ ){0,3}(?:dos veces|dobles?|duplicad[oa]s?|repetid[oa]s?)",
    r"(?:mails?|messages?|reminders?|notifications?|alerts?) (?:\w+ ){0,2}(?:late|delayed)",
    r"(?:mails?|nachrichten?|erinnerung(?:en)?|meldung(?:en)?) (?:\w+ ){0,2}(?:zu spat|verspatet)",
    r"(?:correos?|mensajes?|recordatorios?|avisos?) (?:\w+ ){0,2}tarde",
    r"(?:minutes?|hours?|days?) (?:off|ahead|behind)$",
    r"(?:minuten?|stunden?) (?:vor|nach)$|^(?:die )?(?:uhr|zeit) \w+ falsch",
    r"(?:horas?|minutos?) (?:adelantad|atrasad)[oa]",
    # It goes to people it is not for.
    r"(?:was|were|got|gets|is|are) sent to (?:everyone|everybody|all)",
    r"(?:fue|fueron|llego|llegaron|se envio) a tod[oa]s",
    r"(?:outside|externals?|guests?|strangers?) can (?:\w+ )?(?:read|see|open)",
    r"(?:fremde|externe|gaste) konnen (?:\w+ ){1,3}(?:lesen|sehen|offnen)",
    r"(?:de fuera|extern[oa]s|invitad[oa]s) pueden? (?:leer|ver|abrir)",
    r"(?:is|are) (?:somebody|someone) elses?|somebody else s$|(?:somebody|someone) else gets my",
    r"(?:jemand anders|jemand anderes|andere) (?:bekommt|bekommen|kriegt|sieht|sehen) mein\w*",
    r"(?:otra persona|otros) (?:recibe|reciben|ve|ven) mis?|mis? \w+ es de otra persona",
    # What is one's own is gone, or not as it should be.
    r"(?:my|our|yesterdays?|all) (?:\w+ ){1,3}(?:is|are|was|were|has|have) (?:all )?"
    r"(?:gone|missing|lost)",
    r"(?:meine?|unsere?|die|alle) (?:\w+ ){1,3}(?:ist|sind|war|waren) (?:alle )?(?:weg|verloren)",
    r"(?:my|our) (?:\w+ )?\w+ (?:is|are|was|were|does|do|did) ?(?:nt|not)\b",
    r"(?:meine?|unsere?) \w+ (?:\w+ ){1,3}nicht (?!da\b|dabei\b|im buro\b)\w+",
    # What people look at is not seen or heard.
    r"(?:cant|cannot|can not) (?:see|read|hear|edit|answer) (?:the|my|our|any|other|others|me)"
    r"(?! (?:point|problem|reason|difference|issue|time|link))",
    r"(?:sehe|sehen|hore|horen) (?:ich |wir )?keine? "
    r"(?!\w*(?:problem|grund|fehler|sinn|unterschied))\w+",
    r"(?:horen|hort|sehen|sieht) mich (?:\w+ )?nicht",
    r"no (?:veo|vemos|oigo|leo) (?:el|la|los|las|mis?) (?!problema|error|motivo|caso|enlace)\w+",
    r"no me (?:oyen|escuchan|ven)$",
    r"no (?:puedo|podemos|se puede) (?:abrir|ver|descargar|guardar|responder|comentar)"
    r"(?! (?:ahora|hoy|eso|esto))",
    # At a wrong time, or of a wrong kind.
    rf"(?:at|on|in|to|has|have|shows?|gets?|got|with) the wrong (?!{_PLACES})\w+",
    rf"(?:zur|zum|am|im|mit|hat|haben|bekommt|geht an) (?:\w+ )?falschen? (?!{_PLACES})\w+",
    rf"(?!{_PLACES})\w+ (?:equivocad|incorrect)[oa]s?$",
)
_TICKET = re.compile(r"\b(?:" + "|".join(_KINDS) + r")(?!\w)")


def is_everyday_ticket(clause: str) -> bool:
    """Say whether folded words of a clause are a ticket, though each says nothing by itself."""
    return _TICKET.search(clause) is not None
