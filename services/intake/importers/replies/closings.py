"""Comments that only say that a ticket was closed or solved, and not what helped.

Help desks write them where nobody answered, and people where they tidy up.
"""

from __future__ import annotations

import re

from services.intake.importers.replies.pointers import NOUN

# "Closed due to inactivity", "See ticket 99": no more than this is said, in as many characters.
MAX_CLOSING = 120
_WHOSE = rf"(?:(?:the|this|das|der|die|dieser?|dieses|el|la|este|esta|le|ce) )?(?:{NOUN} )"
_AUXILIARY = r"(?:is|was|has been|been|wurde|wird|ist|ha sido|fue|se|a été|est) "
_WE = r"(?:(?:we|i) |(?:we are|we['’]re|i am|i['’]m) |wir |ich )"
_CLOSED = (
    r"(?:clos(?:ed|ing)|geschlossen|schlie(?:ß|ss)en?|cerrad[oa]|cierr[ao]|cerramos|clôturée?"
    r"|fermée?)\b"
)
# Nobody answered: whatever is said besides is no answer either.
_UNANSWERED = (
    r"(?:inactiv\w*|no (?:response|reply|answer|activity|feedback)|not respond\w*|not heard back"
    r"|not (?:received|had|got) (?:a|any) (?:response|reply|answer|feedback)|inaktiv\w*"
    r"|(?:keiner?|mangels|fehlender) (?:rückmeldung|antwort|reaktion)"
    r"|(?:falta|sin) (?:de )?respuesta|(?:sans|(?:l['’])?absence de) réponse)\b"
)
# Whoever closed a valve or a window may say these of it, too.
_HOW = (
    r"(?:by (?:the )?(?:requester|user|customer|system|caller|agent)|automatically|as requested"
    r"|(?:as )?stale|lack of (?:response|reply|answer|activity|feedback)|auf wunsch|automatisch"
    r"|(?:vom|durch den) (?:kunden|nutzer|anwender|benutzer)"
    r"|por el (?:usuario|cliente|sistema)|automáticamente)\b"
)
# Of what else such a sentence is made; a verb or a thing of its own is more than a closing.
_JOINING = (
    r"(?:\d+|due|to|because|of|as|since|for|after|there|was|has|have|had|been|we|i|he|she|they|did"
    r"|it|this|the|a|any|further|more|from|with|at|requester|user|customer|reporter|system|agent"
    r"|request|days?|weeks?|hours?|attempts?|reminders?|received|got|get"
    r"|wegen|aufgrund|nach|da|weil|von|vom|der|die|das|des|dem|ein|eine|einer|es|seit|kam|kunden?"
    r"|nutzers?|anwenders?|benutzers?|systems?|wir|haben|erhalten|bekommen|tagen?|wochen|stunden"
    r"|por|debido|al?|la|el|los|del?|tras|después|ya|que|no|hubo|hay|ha|habido|recibimos|hemos"
    r"|recibido|cliente|usuario|sistema|solicitante|días|semanas|horas"
    rf"|pour|cause|faute|le|après|car|en|client|utilisateur|jours|semaines|heures|{NOUN})\b"
)
_JOINED = rf"(?:[ ,:;()–-]+{_JOINING})*?"
_REST = r"[^.!?\n]*"
_ENDS = r"[ )]*[.!]?"
_CLOSING = re.compile(
    rf"(?:{_WHOSE}|{_WE})?(?:{_AUXILIARY})?(?:auto(?:matically)?[ -]?)?{_CLOSED}{_JOINED}"
    rf"(?:[ ,:;()–-]+{_UNANSWERED}{_REST}|[ ,:;()–-]+{_HOW}{_JOINED}){_ENDS}"
    rf"|{_WHOSE}{_AUXILIARY}(?:{_JOINING} )*?"
    rf"(?:{_UNANSWERED}{_REST} |{_HOW}{_JOINED} ){_CLOSED}[.!]?",
    re.IGNORECASE,
)
_MATTER = rf"(?:{NOUN}|problem|error|fault|störung|fehler|problema|problème)"
_THE = r"(?:(?:the|this|your|das|der|die|dieser?|dieses|den|ihr|el|la|su|este|esta|le|ce) )?"
_ALREADY = r"(?:(?:now|already|all|jetzt|nun|bereits|schon|ya|maintenant|déjà) )?"
_ENDED = (
    r"(?:closed|completed|done|finished|fixed|resolved|solved|sorted(?: out)?|abgeschlossen|behoben"
    r"|erledigt|gelöst|geschlossen|cerrad[oa]|resuelt[oa]|solucionad[oa]|clos|clôturée?|résolue?)"
)
_HAVING = r"(?:(?:have|has|haben|habe|hemos|se) )?"
_DONE = re.compile(
    rf"{_THE}{_MATTER} (?:{_AUXILIARY}|está |esta |konnte )?{_ALREADY}{_ENDED}"
    rf"(?: now| already| werden)?{_ENDS}"
    rf"|(?:{_WE})?{_HAVING}(?:{_ENDED}|solucionó|resolvió) {_THE}{_MATTER}{_ENDS}"
    rf"|(?:{_WE})?(?:habe|haben) {_THE}{_MATTER} {_ENDED}{_ENDS}"
    rf"|{_CLOSED} (?:before|bevor) {_REST}{_ENDS}",
    re.IGNORECASE,
)
# That something helped, and not what.
_HELP = (
    r"(?:answer|assistance|details|fix|help|info(?:rmation)?|instructions?|resolution|solution"
    r"|support|work[ -]?around)"
)
_PERSON = r"(?:caller|client|customer|requester|user)"
_GIVEN = re.compile(
    rf"(?:applied|gave|given|offered|provided|shared)(?: (?:him|her|them|(?:the )?{_PERSON}))?"
    rf"(?: (?:a|an|the|some))? {_HELP}(?: (?:to|for|with) (?:the )?{_PERSON})?{_ENDS}"
    rf"|(?:(?:a|the) )?{_HELP} (?:was |has been )?(?:applied|given|provided|shared)"
    rf"(?: (?:to|for|with) (?:the )?{_PERSON})?{_ENDS}"
    r"|(?:die )?(?:anleitung|info(?:rmation(?:en)?)?|lösung|work[ -]?around)"
    r"(?: (?:an (?:den )?|dem )(?:anwender|kunden|nutzer))?"
    rf" (?:wurde )?(?:erklärt|gegeben|geschickt|mitgeteilt){_ENDS}"
    r"|se (?:le )?(?:brindó|dio|entregó|proporcionó)(?: (?:la|una))?"
    r" (?:asistencia|ayuda|información|solución|soporte)(?: al (?:cliente|usuario))?"
    rf"{_ENDS}",
    re.IGNORECASE,
)
_SEE = re.compile(
    r"(?:please )?(?:see|siehe|s\.|vgl\.?|véase|ver|voir)(?: also| auch| también| aussi)?:? "
    rf"(?:(?:the )?{NOUN}(?: (?:nr|no|number|n[uú]m)\.?)? ?#?\d+|#\d+|[A-Z][A-Z0-9_]+-?\d+)[.!]?",
    re.IGNORECASE,
)


def only_closes(text: str) -> bool:
    """Say whether a text only says that its ticket was closed or helped, or where it goes on."""
    said = text.strip()
    patterns = (_CLOSING, _DONE, _GIVEN, _SEE)
    return len(said) <= MAX_CLOSING and any(one.fullmatch(said) is not None for one in patterns)
