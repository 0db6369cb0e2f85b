"""Failures named in words that say nothing each by itself: "can't get in", "se cierra solo".

A clause of such words is talk, unless it says what fails: who does not get in, what is not seen or
heard, what does not open, what happens by itself, what is gone. What stays vague is talk: "it does
not work", "geht nicht", "sale error". Each kind is listed in English, German and Spanish, without
accents and apostrophes.
"""

from __future__ import annotations

import re
from functools import cache

# What a clause may end with.
_EN_END = r"(?= (?:anymore|any more|again|at all|today|now|since|for me|for us|properly)\b|$)"
_DE_END = r"(?= (?:mehr|heute|seit|gerade|jetzt|richtig|bei (?:mir|uns))\b|$)"
_ES_END = r"(?= (?:mas|hoy|desde|ahora|bien|ya)\b|$)"

_CANNOT = r"(?:cant|cannot|couldnt|can not|unable to|not able to|no ?(?:one|body) can)"
_WILL_NOT = r"(?:wont|will not|doesnt|does not|didnt|did not|refuses to|cant get it to)"
_KANN_NICHTS = r"(?:kann|konnen|kannst|konnte|konnten) (?:\w+ ){0,2}(?:nichts|nix|niemanden|keinen)"
_NO_DEJA = (
    r"no (?:(?:se|me|nos|le|les) )?"
    r"(?:dejan?|permiten?|puedo|podemos|puede|pueden|logro|logramos|consigo|conseguimos)"
)

_KINDS = (
    # Nobody gets in, or out.
    rf"{_CANNOT} (?:get|sign) (?:back )?(?:in|into|through)"
    r"(?! (?:touch|time|details?|contact|today|tomorrow|this|before|until|to (?:the|my) office))",
    r"komm\w* (?:wir )?(?:\w+ )?nicht (?:mehr )?(?:rein|hinein|raus|drauf|durch)"
    r"(?! (?:ins?|zum?)\b)",
    r"nicht (?:mehr )?(?:reinkommen|reinkomme|reinkommt)",
    r"lasst (?:mich|uns) (?:\w+ )?nicht (?:mehr )?(?:rein|raus|hinein|drauf|weiter\w*|zuruck)",
    rf"{_NO_DEJA} (?:entrar|acceder|ingresar|salir de)",
    # Nobody gets at what is theirs.
    rf"{_CANNOT} get (?:back )?(?:at|to) (?:my|our) "
    r"(?:stuff|things|files?|e ?mails?|data|messages|drafts?|inbox|documents?|photos|account)",
    r"komm\w* (?:\w+ ){0,5}nicht (?:mehr )?an (?:meine?n?|unsere?n?|die) "
    r"(?:sachen|daten|dateien|e?mails?|nachrichten|dokumente|fotos|unterlagen|konto)",
    # It asks for the same again.
    r"it (?:still |always |just )?(?:asks|wants) (?:\w+ ){0,6}"
    r"(?:again and again|over and over|every (?:single )?time)",
    r"es fragt (?:\w+ ){0,5}(?:immer wieder|jedes ?mal|standig|dauernd)",
    r"(?:me|nos) (?:lo )?pide (?:\w+ ){0,5}(?:una y otra vez|cada vez|a cada rato)",
    # Nobody gets on.
    rf"(?:{_WILL_NOT} let|(?:isnt|not) letting) (?:me|us|anyone|people) (?:continue|proceed"
    r"|finish|go (?:on|back|forward|further)|move on|get past|do anything"
    r"|(?:back )?in(?! (?:on|the)\b))",
    r"no (?:me|nos|le|les) (?:dejan?|permiten?|esta dejando) "
    r"(?:seguir|continuar|avanzar|retroceder|terminar|finalizar|elegir|pasar (?:de|al?)\b)",
    # Whoever was in is thrown out.
    r"(?:gets?|getting|got|am|im|is|being|keeps?|kept) (?:\w+ ){0,2}"
    r"(?:kick|logg|sign|thr[oe]w)(?:ed|ing|s|n)? (?:me |us |everyone )?out"
    r"(?= (?:of|all|every|again|after|as|when|while|constantly)\b|$)",
    r"(?:werde|werden|wurde|wurden|wird man|fliege|fliegen|flieg) (?:\w+ ){0,2}"
    r"(?:rausgeworfen|rausgeschmissen|abgemeldet|ausgeloggt|raus)",
    r"(?:me|nos|le|les) (?:saca|bota|expulsa|echa|esta sacando|esta botando|sigue sacando)"
    r"(?= (?:de|solo|cada|todo|al|a|siempre)\b|$)",
    # Nothing is seen or heard, or nobody.
    rf"{_CANNOT} (?:see|hear|send|print|open|save|close|delete|download|upload|reach|call) "
    r"(?:anything|anyone|anybody|us|me)(?! (?:wrong|new|else|about|in|on|today|now)\b)",
    r"(?:sehe|sieht|sehen|hore|hort|horen) (?:\w+ )?(?:nichts|nix|niemanden|keinen)"
    r"(?! (?:neues|davon|dazu|falsches|auffalliges|mehr (?:dazu|davon)))",
    rf"{_KANN_NICHTS} (?:mehr )?"
    r"(?:sehen|horen|senden|schicken|offnen|drucken|speichern|loschen|schliessen|anklicken)",
    r"(?:hort|sieht) (?:mich|uns) (?:\w+ )?(?:nicht|niemand|keiner)",
    r"no (?:(?:se|me|nos) )?"
    r"(?:ve|veo|vemos|ven|oye|oyen|oigo|oimos|escucha|escuchan|escucho|escuchamos)"
    r" (?:a )?(?:nada|nadie)(?! (?:mal|raro|nuevo|por|de|aqui|aca))",
    rf"no se (?:oyen?|escuchan?|ven?|conectan?){_ES_END}",
    # What is started does not happen.
    rf"{_WILL_NOT} (?:turn|switch|power|boot|open|close|send|print|save|load|charge)"
    rf"(?: (?:on|off|up|down))?{_EN_END}",
    r"(?:never|not|isnt|arent|wasnt|nothing (?:is|gets|was)) "
    rf"(?:sending|sent|printing|printed|saving|saved|opening|closing|loading|charging){_EN_END}",
    r"(?:sendet|senden|offnet|offnen|schliesst|schliessen|druckt|speichert|ladt|verschickt)"
    rf" (?:\w+ )?(?:nicht|nichts|nix|nie){_DE_END}",
    r"geht (?:\w+ ){0,2}nicht (?:mehr )?(?:an|auf|aus|zu|weg)$",
    r"lasst sich (?:\w+ ){0,2}nicht (?:mehr )?(?:ganz |richtig )?(?:offnen|schliessen|loschen"
    r"|starten|senden|verschicken|speichern|drucken|andern|bearbeiten|auswahlen|anklicken|ausfullen"
    r"|einschalten|ausschalten|bewegen|teilen|kopieren|aktualisieren|installieren|hochladen)",
    r"no (?:se )?(?:abren?|cierran?|guardan?|envian?|mandan?|imprimen?|cargan?|prenden?|encienden?"
    rf"|apagan?|borran?|suben?|bajan?)(?: nada)?{_ES_END}",
    rf"{_NO_DEJA} (?:enviar|mandar|abrir|cerrar|borrar|eliminar|guardar|subir|bajar|cambiar"
    r"|compartir|imprimir|responder)(?:l[oae]s?|me|nos)? ?(?:nada)?$",
    # Nothing arrives.
    r"nothing (?:arrives?|arrived|comes? (?:in|through)|came (?:in|through)|goes out|shows? up)",
    r"(?:kommt|kommen|kam) (?:\w+ ){0,3}(?:nichts|nix) (?:mehr )?(?:an|rein|durch)$",
    r"no (?:(?:me|nos|le|les) )?(?:llega|llegan|llego|entra|sale|aparece) (?:nada|ningun[oa]?)",
    # It happens by itself, or again and again.
    r"keeps? (?:on )?(?:hanging|closing|restarting|rebooting"
    r"|disconnecting|dropping|freezing|opening"
    r"|turning (?:on|off)|switching|stopping|coming back|going (?:off|down)|changing|deleting)",
    r"(?:closes?|restarts?|reboots?|opens?|stops?|changed?|changes|turns? (?:on|off)|sends?"
    r"|disconnects?|drops?) (?:\w+ )?(?:by (?:it|them)sel(?:f|ves)|on its own"
    r"|all the time|constantly|every (?:few|minute|hour|time))",
    r"(?:schaltet|schalten|meldet|loggt|schliesst|beendet|offnet|verbindet|trennt) "
    r"(?:sich|mich|uns) (?:\w+ ){0,3}(?:ab|aus|an|ein|selbst|selber|alleine?)$",
    r"(?:startet|starten) (?:\w+ ){0,3}neu$",
    r"(?:geht|gehen) (?:\w+ )?(?:von selbst|von alleine?|dauernd|standig|immer wieder) "
    r"(?:aus|an|auf|zu)",
    r"se (?:me |nos )?(?:cierra|apaga|prende|reinicia|desconecta|borra|bloquea|cuelga|traba|sale"
    r"|abre|cambia|corta|para|detiene)n? (?:\w+ )?(?:sol[oa]s?|todo el (?:tiempo|rato|dia)"
    r"|a cada rato|cada (?:rato|vez|hora|minuto)|siempre|constantemente|seguido|al \w+[aei]r)",
    r"(?:turns?|switch(?:es)?|shuts?|powers?|locks?) (?:itself|themselves) (?:on|off|down|out)",
    # It comes off.
    rf"(?:came|comes|fell|falls|popped|pops|snapped|snaps|broke) (?:right |clean )?off{_EN_END}",
    r"(?:ist|sind) (?:\w+ ){0,3}(?:abgefallen|abgebrochen|abgegangen)$",
    r"se (?:me |nos )?(?:salio|salieron|solto|soltaron|desprendio|zafo|partio) "
    r"(?:el|la|los|las|un|una|uno|dos) \w+",
    # It runs, but not as it should.
    r"(?:works?|runs?|turns?|goes|counts|plays|spins) (?:\w+ )?(?:backwards?|upside down|inside out"
    r"|sideways|in reverse|(?:in )?the wrong way|in circles)",
    r"(?:works?|runs?) (?:only|just) (?:once|half|halfway|on one side)$",
    r"(?:lauft|laufen) (?:\w+ ){0,2}(?:aus|uber|voll|leer|heiss|ruckwarts)$",
    r"(?:klappt|klappen) (?:\w+ ){0,2}(?:zusammen|zu|um|weg|runter|ein)$",
    r"(?:lauft|laufen|funktioniert|funktionieren|dreht|fahrt|zahlt) (?:sich )?(?:\w+ )?"
    r"(?:ruckwarts|(?:verkehrt|falsch) ?(?:herum|rum)|im kreis|auf dem kopf)",
    r"(?:geht|gehen) (?:\w+ )?(?:dauernd |standig |sofort )?wieder (?:aus|zu|weg|ab|runter)$",
    r"(?:funciona|funcionan|anda|andan|va|van|gira|giran|cuenta|corre) (?:\w+ )?"
    r"(?:al reves|hacia atras|boca abajo|de lado|a medias|a tirones"
    r"|(?:muy|demasiado|tan|super) (?:lent[oa]s?|despacio))",
    r"(?:funcionan?|andan?|van?) (?:solo |solamente )?una vez$",
    r"se (?:me |nos )?(?:para|apaga|cae|sale|rompe|calienta|atasca|moja|quema|suelta|tuerce)n? "
    r"(?:\w+ )?(?:cuando|al \w+[aei]r|si |en cuanto|con (?:el|la|los|las) )",
    r"ya se (?:me |nos )?(?:sale|cae|para|quema|rompe|moja|suelta|apaga)n?$",
    # It is too hot to work there.
    r"too (?:hot|cold|warm|loud|noisy|dark|bright|stuffy) (?:\w+ )?(?:in|at|on|here|upstairs)\b",
    r"zu (?:heiss|kalt|warm|laut|dunkel|hell|stickig|feucht) (?:\w+ )?(?:im|in|auf|am|hier)\b",
    r"demasiad[oa] (?:calor|frio|ruido|luz) (?:\w+ )?(?:en|aqui|aca)\b",
    # It begins again, or shows what was.
    r"(?:jumps?|jumped|goes|returns?|resets?) (?:\w+ )?(?:back )?to the (?:start|beginning|top)",
    r"(?:springt|springen|kehrt|wirft (?:mich|uns)) (?:\w+ ){0,3}(?:an|zum|auf) (?:den )?anfang",
    r"(?:vuelve|vuelven|regresa|regresan|salta|saltan) (?:\w+ )?al? (?:principio|inicio)",
    r"(?:shows|zeigt|muestra) (?:\w+ ){0,2}(?:yesterday|gestern|ayer)(?: an)?$",
    # It does not fit, or comes at the wrong time.
    r"too (?:small|big|short|long|tight|wide|loose) (?:for|on) (?:me|him|her|us|my)",
    r"(?:mir|uns|ihm|ihr) (?:viel )?zu (?:klein|gross|kurz|lang|eng|weit)",
    r"(?:me|nos|le) quedan? (?:\w+ )?(?:pequen|chic|grande|cort|larg|anch|estrech|apretad|floj)\w*",
    r"(?:closes|opens|stops|starts) too (?:early|late|soon)",
    r"(?:schliesst|offnet|startet|stoppt) (?:\w+ )?zu (?:fruh|spat)",
    r"(?:cierra|abre|para|arranca) (?:demasiado|muy) (?:pronto|temprano|tarde)",
    # It is gone.
    r"(?:was|were|got|been) (?:\w+ )?(?:cancell?ed|deleted)",
    r"(?:it|which|this) (?:has )?(?:\w+ )?(?:deleted|erased|wiped) (?:everything|all|my|our)",
    r"wurden? (?:\w+ ){0,2}(?:abgesagt|storniert|geloscht)",
    r"alles (?:\w+ ){0,2}(?:geloscht|verschwunden|leer|weiss|schwarz|verloren)",
    r"(?:fue|fueron) (?:cancelad|borrad|eliminad)[oa]s?",
    r"se (?:me |nos |le |les )?(?:borro|borraron|perdio|perdieron|elimino|eliminaron) tod[oa]s?",
    r"(?:me|nos) (?:(?:ha|han) )?(?:borro|borraron|borrado|elimino|eliminado)"
    r" (?:tod[oa]s?|el|la|los|las|mis?)",
    r"tod[oa]s? (?:esta |sale |aparece |quedo )?(?:en blanco|en negro|borrad[oa]|vaci[oa])",
    # It comes twice, or with nothing in it.
    r"(?:shows?|opens?|arrives?|comes?|sends?|rings?|starts?|plays?|prints?|loads?|saves?"
    r"|zeigt|zeigen|offnet|kommt|kommen|erscheint|erscheinen|klingelt|lautet|startet|spielt|druckt"
    r"|ladt|speichert|sendet|schickt|bucht"
    r"|muestran?|aparecen?|llegan?|salen?|envian?|mandan?|suenan?|arrancan?|inician?|imprimen?"
    r"|cargan?|guardan?|cobran?|cobro|cobraron) (?:\w+ ){0,3}"
    r"(?:twice|double|doppelt|zweimal|duplicad[oa]s?|repetid[oa]s?|dos veces|nichts|nothing)",
    r"(?:pdf|datei|anhang|seite|e?mail|dokument|bild|formular) (?:ist |sind )?(?:\w+ )?leer$",
    r"no (?:se )?(?:abren?|cargan?|llegan?|envian?) (?:el|la|los"
    r"|las|mis?) (?:adjunt|archiv|enlace|link"
    r"|imagen|foto|video|correo|documento|formulario)\w*",
    # What is owed does not come; when somebody is there.
    r"points? (?:were )?not (?:added|counted)|puntos no (?:sumad|contad|abonad)os"
    r"|^opening (?:hours|times)$",
    # A message that looks like a trap, or none where one is due.
    r"(?:weird|strange|odd|dodgy|fishy) (?:e ?mails?|mails?|messages?|links?|attachments?|calls?)",
    r"(?:komisch|seltsam|merkwurdig)\w* (?:e ?mails?|mails?|nachrichten?|links?|anhange?|anrufe?)",
    r"(?:mensaje|correo|mail|link|enlace|llamada|archivo)s? (?:muy )?(?:rar|extran)[oa]s?",
    r"(?:no|keine?|sin|ningun[oa]?) push(?: (?:messages?|nachrichten?|mensajes?|mehr|anymore))?$",
    # What arrives in the wrong place, or without a part of it.
    r"(?:to|in|into|im|a|en|al) (?:my |the |meinem |mein |el |la )?(?:spam|junk)",
    r"(?:ein |das )?teil fehlt$|^(?:wrong|low) resolution$|^resolucion (?:incorrecta|mala|baja)$",
    # An error at a step that is named.
    r"(?:error|errors) (?:when|while|on|upon|after) (?:i |we |you )?"
    r"(?:open|sav|send|clos|chang|load|print|start|shar|join|delet|submitt?)(?:ing|e|s)?\b",
    r"fehler (?:beim|nach dem) (?!lesen|testen|warten|schauen)\w+en",
    r"error al (?!ver|leer|probar|parecer)\w+[aei]r",
    # A machine, or paper, that is called like what is said in talk.
    r"(?:an?|the|my|your|our|which|any|another|every|what kind of) atm(?:s| s)?",
    r"(?:accept|cash|deposit|bounc)(?:s|ing|ed)? (?:a |my |the )?checks?",
    # When a shop or an office is open.
    r"(?:are|be) (?:you|we|they) (?:guys |all |still )?open(?! (?:to|for (?:a|an)) )",
    r"(?:you|we|they) (?:will )?be open(?! (?:to|for (?:a|an)) )",
    r"(?:habt|haben|hat) (?:ihr|sie|der|die|das) (?:\w+ ){0,3}(?:offen|geoffnet)$",
    r"que (?:hora|dias?) (?:\w+ )?(?:abren?|abris|cierran?|estan? abiert[oa]s?)",
    # Whoever pays wants it to end.
    r"(?:want|wants|need|like|wish) to cancel(?!.* (?:meeting|call|sync|standup|lunch|demo))",
    r"(?:will|wollen|mochte|mochten|wurde gerne?) (?:\w+ ){0,2}(?:kundigen|stornieren)",
    r"(?:quiero|queremos|quisiera|quisieramos|necesito|necesitamos|deseo) "
    r"(?:cancelar|darme de baja|dar de baja)(?!.* (?:reunion|llamada|junta|cita|sesion))",
)


def names_failure(clause: str) -> bool:
    """Say whether folded words of a clause, which all say nothing by themselves, name a failure."""
    return " " in clause and _failure().search(clause) is not None  # no single word does


@cache
def _failure() -> re.Pattern[str]:
    """Return the pattern; compiling it takes longer than all other patterns that a start needs."""
    return re.compile(r"\b(?:" + "|".join(_KINDS) + r")(?!\w)")
