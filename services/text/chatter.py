"""Chatter: clauses that say nothing of a matter, whatever they name ("how was your trip to Rome?").

People at work greet from places, ask about holidays, collect for presents, share food, are late
because of a train and pass questions on. Such a clause is told by how it begins, and has a few
words more, none of which is trouble or what support is mostly asked for. Each kind is listed in
English, German and Spanish, without accents and apostrophes.
"""

from __future__ import annotations

import re

# What is named: a word or two after an article; or up to four words.
_A_NAME = (
    r"(?: (?:the|your|my|our|a|an|der|die|das|den|dem|dein\w*|euer|eure\w*|el|la|los|las|un|una"
    r"|tu|tus|su|sus))?(?: \w+){1,2}"
)
_FEW = r"(?: \w+){1,4}"
# Who is wished something.
_TO_ALL = (
    r"(?: (?:to|for|and|all|you|your|everyone|everybody|folks|team"
    r"|guys|both|families|family|euch|und|an"
    r"|alle\w*|eur\w+|dir|deine\w*|ihnen|famili\w+|zusammen|a|y|para|tod\w+|equipo|gente|vosotros"
    r"|ustedes|prospero|ano|nuevo))*"
)

_EN_TEAM = (
    r"(?:vendor|supplier|manufacturer|provider|carrier|devs?|developers?|backend|ops|infra|legal"
    r"|finance|accounting|hr|(?:\w+ )?(?:team|guys|folks|people|department))"
)
_DE_TEAM = (
    r"(?:hersteller\w*|lieferant\w*|dienstleister\w*|entwickl\w+|\w*abteilung|buchhaltung|it|edv"
    r"|kolleg\w+|(?:\w+ )?team\w*)"
)
_ES_TEAM = (
    r"(?:proveedor(?:es)?|fabricante|desarroll\w+|devs|finanzas|rrhh|legal|contabilidad"
    r"|companer[oa]s|area \w+|(?:equipo|departamento)(?: de \w+)?)"
)

# What makes it a matter all the same.
_MATTERS = (
    r"not|dont|cant|isnt|wont|doesnt|didnt|without|broken|wrong|errors?|problems?|issues?|bugs?"
    r"|nicht|keine?\w*|ohne|kaputt|falsche?\w*|\w*fehler\w*|defekte?\w*|probleme?|storung\w*"
    r"|no|sin|rot[oa]s?|mal|errores|problemas?|fall[ao]s?|averia\w*"
    r"|internet|wifi|wlan|vpn|\w*net(?:z|work)\w*|systeme?s?"
    r"|sistemas?|servers?|servidor(?:es)?|apps?"
    r"|laptops?|pcs?|portatil(?:es)?|printers?|\w*drucker|impresoras?|log ?ins?|accounts?"
    r"|\w*kont(?:o|en)"
    r"|cuentas?|passw\w+|contrasenas?|outlook|excel|toner|software|website|webseite|updates?"
)

_KINDS = (
    # Greetings and wishes.
    rf"(?:greetings|hello|hi|regards|cheers) from{_A_NAME}",
    rf"(?:viele |liebe |beste |schone )?gr(?:u|ue)(?:ss|sz)e? (?:aus|vom|von|an){_A_NAME}",
    rf"(?:un )?saludos? (?:cordial(?:es)? )?(?:desde|a|para){_A_NAME}",
    rf"(?:happy|merry)(?: \w+){{1,2}}{_TO_ALL}",
    rf"(?:frohe?s?|frohliche?n?|gesegnete|besinnliche)(?: \w+){{1,2}}{_TO_ALL}",
    rf"(?:muy )?feli(?:z|ces)(?: \w+){{1,2}}{_TO_ALL}",
    rf"(?:enjoy|have an? (?:great|good|nice|lovely|fun|safe|fab)){_A_NAME}",
    rf"(?:all the best|best of luck|good luck) (?:in|with|for|on|at){_FEW}",
    rf"(?:congrats|congratulations|grats|well done|kudos|shout ?out|applause) (?:on|for|to){_FEW}",
    rf"(?:alles gute|viel (?:spass|gluck|erfolg)|(?:herzlichen )?gluckwunsch)"
    rf" (?:in|im|bei|beim|fur|zu|zur|zum|mit){_FEW}",
    rf"(?:ein )?(?:grosses |dickes )?(?:lob|applaus) (?:an|ans|fur){_FEW}",
    rf"(?:disfrut\w+|much[oa]s? (?:suerte|exitos?|animo)|felicidades|enhorabuena|felicitaciones"
    rf"|(?:un )?aplauso) (?:a|al|de|del|por|en|con|mucho){_FEW}",
    rf"(?:so |very |really )*sorry (?:for|about) (?:the|your|my|all the|that){_FEW}",
    rf"(?:entschuldigt?|sorry|tut mir leid) (?:fur|wegen){_FEW}",
    rf"(?:perdon|disculpas?|disculpen|perdonen|lo siento) (?:por|x){_FEW}",
    rf"(?:thank you|thanks|thx|ty|cheers|props)(?: \w+){{0,2}} for"
    rf" (?:coming|joining|bringing|organi[sz]ing|inviting|sharing|the (?:great|lovely|nice)){_FEW}",
    r"(?:my |our |deepest |sincere |heartfelt )*(?:condolences|sympathy|sympathies)(?: to .*)?",
    r"(?:mein |unser |herzliches |aufrichtiges )*beileid(?: \w+){0,4}",
    r"(?:mi |nuestro |mis |nuestras |mas |sentid[oa]s? "
    r"|sinceras )*(?:pesame|condolencias)(?: \w+){0,4}",
    # What was it like, and who saw it?
    rf"how (?:was|were) (?:your|ur|the|everyones|yalls){_FEW}",
    rf"(?:did|has|have) (?:you|u|ya|any ?one|any ?body|everyone|yall)(?: guys| all)?"
    rf" (?:watch|catch|watched|caught){_FEW}",
    rf"wie (?:war|waren|wars|liefs|lief) (?:denn |so )*(?:der"
    rf"|die|das|dein|deine|euer|eure|es|bei|in"
    rf"|im|am|auf)?{_FEW}",
    r"habt ihr (?:gestern |schon )*(?:den|die|das) \w+(?: \w+){0,2} (?:gesehen|geschaut|geguckt)",
    rf"(?:que tal|como (?:estuv\w+|te fue|les fue|os fue|fue|fueron|te ha ido|la pasaron))"
    rf" (?:el|la|los|las|tus?|sus?|vuestr[oa]s?|por|en|con){_FEW}",
    r"(?:viste|vieron|visteis|habeis visto|has visto|han visto) (?:el|la|los) \w+(?: \w+){0,2}"
    r" (?:anoche|ayer)",
    # Who comes along, and who wants some?
    r"(?:who|whos|any ?one|any ?body|any1|any of you)(?: else)?(?: (?:is|s))?"
    rf" (?:up for|down for|in for|keen on|keen for|fancy|fancies|coming to|want|wants|wanna){_FEW}",
    rf"(?:hat jemand|hat wer|wer hat|habt ihr|hast du)(?: \w+)? (?:lust|bock) auf{_FEW}",
    rf"wer (?:\w+ )?(?:kommt|geht) (?:\w+ )?(?:mit )?(?:zum|zur|auf|in die|ins|in den){_FEW}",
    r"wer (?:will|mochte|mag) (?:noch |was |ein |eine |einen )*\w+",
    rf"(?:quien|quienes|alguien) (?:se )?(?:apunta|anima|suma|viene|quiere)n?"
    rf"(?: (?:a|al|para|por|con))?{_A_NAME}",
    r"(?:what|whats|what s|what is)(?: \w+)? for (?:lunch|dinner|breakfast|tea)(?: \w+)?",
    r"(?:was|wo) (?:\w+ ){0,3}(?:zu|zum) (?:essen|mittag|fruhstuck)(?: \w+)?",
    r"que (?:hay|toca|tenemos)(?: hoy)? (?:de|para) (?:menu|comer"
    r"|comida|cenar|almorzar|almuerzo)(?: \w+)?",
    # There is something to eat.
    r"(?:(?:there s|there is|theres|there are) (?:still |some |plenty of )*"
    r"(?:leftover|leftovers|free|fresh|home ?made|spare)|i brought|ive brought|i ve brought|i left"
    r"|ive left)(?: \w+){1,4} (?:in the (?:kitchen|break ?room|pantry|lounge|canteen)"
    r"|on the kitchen table|(?:by|near|next to) the (?:coffee machine"
    r"|kettle|sink|printer))(?: for \w+)?",
    r"(?:(?:ich |wir )?(?:hab|habe|haben))(?: \w+){1,4} (?:mitgebracht|gebacken)(?: \w+){0,3}",
    r"(?:traje|traigo|trajimos|he traido|hemos traido|dejo|deje|les dejo|os dejo)"
    r"(?: \w+){1,3} (?:en la (?:cocina|mesa|sala)|para (?:todos|compartir|picar))",
    r"(?:who s|whos|who is|who|wer|quien) (?:is )?(?:bringing|brings|bringt|bringst|trae|traera)"
    r"(?: \w+){1,4}(?: mit)?",
    r"(?:has )?(?:any ?one|any ?body|somebody|someone) (?:got|have|has) an? (?:spare )?\w+"
    r"(?: charger| cable)? (?:i can borrow|to spare|to lend|for me)",
    r"kann mir (?:jemand|wer) (?:ein\w* |kurz |mal |bis \w+ )*\w+ (?:leihen|borgen|ausleihen)",
    r"alguien (?:me|nos) (?:presta|puede prestar|deja) (?:un |una |el |la )*\w+",
    # Presents and cards.
    rf"(?:we |were |we are |im |i am |i m |we re )*(?:collecting|chipping in) for{_FEW}",
    r"(?:please |pls |everyone |don ?t forget to |remember to )*sign (?:the |a |\w+s |\w+ s |this )"
    r"(?:\w+ )?card(?: for(?: \w+){1,3})?",
    rf"(?:wir |ich )*(?:sammeln|sammle|sammelt|legen zusammen) (?:\w+ )?(?:fur|zum){_FEW}",
    r"(?:bitte |alle |noch )*(?:unterschreib\w* )?(?:auf |die |der )*\w*karte(?: \w+){0,2}"
    r" unterschreiben",
    rf"(?:estamos |vamos a )?(?:juntando|recolectando"
    rf"|juntamos)(?: dinero| plata| algo)? para{_FEW}",
    r"(?:por favor )?firm\w+ (?:todos )?(?:la )?(?:tarjeta"
    r"|postal) (?:de|del|para|por)(?: \w+){1,3}",
    # The weather.
    r"(?:its|it|s|is|so|too|way|really|very|pretty|this|bit|super|absolutely|a|ugh|man) "
    r"(?:\w+ )?(?:hot|cold|warm|humid|freezing|boiling|wet|pouring"
    r"|grey|gray|chilly|gorgeous|raining"
    r"|miserable)(?: down)? (?:outside|out there|today|this morning)(?: \w+)?",
    r"(?:es |ist |ganz |schon |viel |zu |so |echt |das |mir |boah |puh |wieder )*"
    r"(?:heiss|kalt|warm|schwul|nass|grau|windig|trub|glatt) (?:heute|draussen)(?: \w+)?",
    r"(?:vaya|menudo|menuda) (?:dia|tarde|tiempo|clima|frio|calor"
    r"|tormenta|lluvia|viento)(?: \w+){0,3}",
    r"(?:que |hace |hoy |mucho |tanto |tremendo |un )+(?:frio|calor|tormenta|lluvia|viento|solazo)"
    r"(?: (?:hace|hoy|afuera|fuera|ayer))*(?: que te mueres)?",
    # Late, or on the way.
    r"(?:my |the |our )?(?:train|bus|tram|tube|metro|subway|ferry)s?(?: (?:is|s|was|got|has been))?"
    r"(?: \w+)? (?:cancelled|canceled|delayed|late|stuck|stopped|full)(?: again)?",
    r"(?:die |der |mein |meine )?(?:bahn|zug|bus|s bahn|u bahn|tram|strassenbahn)(?: \w+){0,2}"
    r" (?:ausgefallen|fallt aus|verspatung|verspatet|stecken|steht|streikt|streik)(?: \w+)?",
    r"(?:el |mi )?(?:tren|metro|bus|autobus|colectivo|tranvia)(?: \w+){1,3}"
    r" (?:retraso|retrasado|demorado|tarde|parado|cancelado|atraso)",
    rf"(?:im |i am |i m )?(?:on (?:my|the) way|omw|off|heading|headed) to{_A_NAME}",
    r"(?:ich |bin |sitze |stehe )*(?:auf dem weg|unterwegs) (?:zum|zur|nach|ins"
    r"|in die)(?: \w+){1,2}",
    r"(?:estoy |estare |me voy |salgo |ya )*de vacaciones(?: (?:hasta|desde|del|toda"
    r"|esta))?(?: \w+){0,3}",
    rf"(?:ya )?(?:voy|estoy) (?:de )?(?:camino|rumbo) (?:a|al|de){_A_NAME}",
    # A question is passed on.
    rf"(?:i |im |i m |ill |i ll |ive |i ve |we |were |weve |have |has |been |just |it s |its |am )*"
    rf"(?:check|ask|talk|spoke|speak|escalat|pass|hand|reassign|reach|rais|wait)(?:e|s|ed|d|ing)?"
    rf"(?: (?:it|this|that|out|back|on|over))* (?:(?:with|to|on|for) )?(?:the |our "
    rf"|their )?{_EN_TEAM}",
    rf"(?:ich |wir |hab |habe |habs |haben |es |das |das |ist "
    rf"|liegt |geht |gebe |leite |frage |jetzt"
    rf" |nun |schon |mal |gerade |warte )+(?:an|bei|beim|ans|auf) (?:die |das |den |dem |der )?"
    rf"{_DE_TEAM}(?: (?:weiter|weitergegeben|weitergeleitet|gegeben|eskaliert|ubergeben|nach))?",
    rf"(?:he |se |ya |lo |la |los |yo |voy a |estoy |hemos )*(?:pas"
    rf"|deriv|escal|consult|pregunt|esper"
    rf")(?:o|e|ado|ando|ar|amos|arlo)(?: (?:esto|eso|lo))? (?:a|al"
    rf"|con)(?: los| las| la| el)? {_ES_TEAM}",
    # Who is there, and who waits for an answer.
    r"(?:is|s) \w+ (?:in|around)(?: (?:today|tomorrow|this week|yet|at all))?",
    r"ist \w+ (?:heute |schon |gerade |noch |morgen )*(?:da|im haus|im buro|im dienst)",
    r"esta \w+ (?:hoy|por ahi|por aqui|en la oficina)|cuando (?:vuelve"
    r"|regresa|llega) (?!el|la|mi)\w+",
    r"(?:the |my |our )?(?:customer|client|boss|manager)s?(?: (?:is|are|s|keeps?))?(?: \w+)?"
    r" (?:waiting|asking|nagging|angry|annoyed|chasing|impatient|breathing down \w+ neck)(?: \w+)?",
    r"(?:der |die |mein |meine |unser )?(?:kund\w+|chef\w*)(?: (?:ist|wird|sitzt|macht))?(?: \w+)?"
    r" (?:wartet|warten|fragt|nervt|drangelt|druck|im nacken|sauer|ungeduldig)(?: schon)?",
    r"(?:el |la |mi |los )?(?:client|jef)\w+ (?:me |nos |ya "
    r"|esta |sigue |lo )*(?:esper|apur|pregunt"
    r"|presion|enojad|molest|impacient)\w+",
    # Meetings, and whose cup it was.
    r"(?:the |unser |das |die |der |la |el )?(?:meeting|call|standup|daily|retro|sync|termin"
    r"|besprechung|reunion|junta)s?(?: \w+){1,3} (?:in|to|en|nach) (?:room|raum|sala"
    r"|zoom)(?: \w+)?",
    r"who (?:stole|ate|took|drank|nicked|has|finished|moved)(?: all)? (?:my|the last)(?: \w+){1,2}",
    r"wer hat (?:mein\w*|den letzten|die letzte)(?: \w+){1,2}"
    r" (?:geklaut|gegessen|genommen|getrunken|aufgegessen)",
    r"quien (?:se )?(?:llevo|comio|tomo|bebio|robo|ha comido|ha cogido)"
    r" (?:mi|el ultimo|la ultima)(?: \w+){1,2}",
    r"how(?: s| is|s) (?:the|your)(?: new)? (?:house|flat|apartment"
    r"|baby|family|wife|husband|dog|cat"
    r"|place|garden|knee|back|hangover)",
    # The channel and its messages.
    r"(?:commenting|posting|replying|kommentiere|schreibe|comento"
    r"|escribo) (?:so|damit|para)(?: \w+){1,6}",
    r"(?:subscribing|bookmarking|following|saving)(?: (?:this|here|along|too|for|later))*",
    r"(?:(?:can|could) (?:an? |any |the )?(?:mod|admin|moderator|someone|somebody|you)s? )?"
    r"(?:please |pls |plz )?(?:remove|delete|pin|unpin|close|lock) (?:this|my|that|the)"
    r"(?: last)? (?:post|message|thread|comment)(?: please| pls)?",
    r"(?:bitte )?(?:losch\w*|entfern\w*) (?:meinen|meine|den|die)(?: letzten?)?"
    r" (?:beitrag|nachricht|post|kommentar)(?: bitte)?",
    r"kann (?:das|den|die)(?: \w+)? (?:ein|der|jemand)(?: \w+)? (?:entfernen|loschen|anpinnen)",
    r"(?:borr|elimin|quit)\w+ (?:mi|este|el)(?: ultimo)? (?:mensaje|post|comentario|hilo)"
    r"(?: (?:porfa|por favor))?",
    r"que lo (?:quite|borre|elimine|fije) (?:un|el|algun) (?:admin|mod)\w*",
    r"(?:just |moving |pushing |sending )*(?:bump\w*|this|back)(?: this| back| up)* to the top",
    # Jokes, and nothing but a test.
    rf"why did (?:the|a) \w+ (?:cross|go|sit|quit|bring){_FEW}",
    rf"what do you (?:call|get (?:if|when)){_FEW}",
    rf"(?:sabe[ns]|sabeis|conocen) (?:aquel|el chiste|el del){_FEW}",
    r"(?:test\w*|prueba|probando)(?: (?:\d+|eins|zwei|drei|uno|dos|tres|one|two|three))+",
)
# One more who has it, and where.
_SAME = re.compile(
    r"(?:(?:the |das |el |lo )?(?:same|gleich\w*|selb\w*|mism[oa])(?: \w+){0,2}|ditto|dito|igual)"
    r" (?:over )?(?:here|hier|aqui|aca) (?:in|from|aus|bei|en|desde) \w+"
)
_CHATTER = re.compile(
    r"(?:(?:so|and|but|ok|okay|well|also|hey|hi|all|und|aber|na|ja|hallo|moin|y|pero|bueno|hola|hoy"
    r"|heute|today|guys|team|everyone|folks|leute|gente|chicos|equipo) )*"
    rf"(?:{'|'.join(_KINDS)})"
)
_MATTER = re.compile(rf"(?<!\S)(?:{_MATTERS})(?!\S)")


def is_chatter(clause: str) -> bool:
    """Say whether the folded words of a clause are chatter as a whole, if none names trouble."""
    if _SAME.fullmatch(clause):
        return True
    # Hardly any clause of a ticket begins like chatter, so trouble is looked for last.
    return _CHATTER.fullmatch(clause) is not None and _MATTER.search(clause) is None
