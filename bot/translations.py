"""What Déjà says in Slack, in German and Spanish. The English texts are the keys.

A text of several people is neutral: nobody is called by a title. `{names}` stand in all languages.
"""

from __future__ import annotations

# The columns.
GERMAN, SPANISH = 0, 1

TRANSLATIONS: dict[str, tuple[str, str]] = {
    # The answer in a thread.
    "Seen before?": ("Schon da gewesen?", "¿Ya visto?"),
    "Seen before": ("Schon da gewesen", "Ya visto"),
    "Answered before?": ("Schon beantwortet?", "¿Ya respondido?"),
    "Possible regression?": ("Wieder aufgetreten?", "¿Ha vuelto a pasar?"),
    "Related to an earlier ticket?": (
        "Verwandt mit einem früheren Ticket?",
        "¿Relacionado con un ticket anterior?",
    ),
    "Related to an earlier ticket": (
        "Verwandt mit einem früheren Ticket",
        "Relacionado con un ticket anterior",
    ),
    "Not seen before": ("Noch nicht da gewesen", "No visto antes"),
    "Same issue": ("Dasselbe Problem", "El mismo problema"),
    "Related": ("Verwandt", "Relacionado"),
    "Not a duplicate": ("Kein Duplikat", "No es duplicado"),
    "{decision} · with {ticket}": ("{decision} · mit {ticket}", "{decision} · con {ticket}"),
    "Undo": ("Rückgängig", "Deshacer"),
    "Use this answer": ("Diese Antwort verwenden", "Usar esta respuesta"),
    "Read more": ("Mehr lesen", "Leer más"),
    "Why?": ("Warum?", "¿Por qué?"),
    "Solved…": ("Gelöst …", "Resuelto…"),
    "Mute here": ("Hier stumm schalten", "Silenciar aquí"),
    "Unmute": ("Stummschaltung aufheben", "Reactivar"),
    "Cancel": ("Abbrechen", "Cancelar"),
    ":no_bell: Muted in this channel by {person}.": (
        ":no_bell: In diesem Channel stumm geschaltet von {person}.",
        ":no_bell: Silenciado en este canal por {person}.",
    ),
    "Mute Déjà in this channel?": ("Déjà hier stumm schalten?", "¿Silenciar a Déjà en este canal?"),
    "It will not answer new tickets here. /deja goes on working, and anyone can unmute it.": (
        (
            "Neue Tickets werden hier nicht mehr beantwortet. /deja geht weiterhin, und alle "
            "können die Stummschaltung aufheben."
        ),
        (
            "No responderá a nuevos tickets aquí. /deja sigue funcionando, y cualquiera puede "
            "reactivarlo."
        ),
    ),
    # What is known of a ticket.
    "very alike": ("sehr ähnlich", "muy parecido"),
    "alike": ("ähnlich", "parecido"),
    "a little alike": ("etwas ähnlich", "algo parecido"),
    "{likely} the same": ("zu {likely} dasselbe", "{likely} lo mismo"),
    "similarity {figure}": ("Ähnlichkeit {figure}", "similitud {figure}"),
    "one of {n} reports of the same issue": (
        "eine von {n} Meldungen desselben Problems",
        "uno de {n} avisos del mismo problema",
    ),
    "open": ("offen", "abierto"),
    "resolved": ("gelöst", "resuelto"),
    "somebody": ("jemand", "alguien"),
    "*First reported:* {ticket}": ("*Zuerst gemeldet:* {ticket}", "*Primer aviso:* {ticket}"),
    "*Solved:* {answer}": ("*Gelöst:* {answer}", "*Resuelto:* {answer}"),
    "did not work for {n} other": ("half in {n} anderen Fall nicht", "no sirvió en {n} caso más"),
    "did not work for {n} others": (
        "half in {n} anderen Fällen nicht",
        "no sirvió en otros {n} casos",
    ),
    "{n} different answers": ("{n} verschiedene Antworten", "{n} respuestas distintas"),
    "{span} earlier": ("{span} früher", "{span} antes"),
    "{span} ago": ("{span} her", "hace {span}"),
    "{span} apart": ("{span} auseinander", "con {span} de diferencia"),
    "{n} year": ("{n} Jahr", "{n} año"),
    "{n} years": ("{n} Jahre", "{n} años"),
    "{n} month": ("{n} Monat", "{n} mes"),
    "{n} months": ("{n} Monate", "{n} meses"),
    "{n} week": ("{n} Woche", "{n} semana"),
    "{n} weeks": ("{n} Wochen", "{n} semanas"),
    "{n} day": ("{n} Tag", "{n} día"),
    "{n} days": ("{n} Tage", "{n} días"),
    "{n} hour": ("{n} Stunde", "{n} hora"),
    "{n} hours": ("{n} Stunden", "{n} horas"),
    "minutes": ("Minuten", "minutos"),
    "{n} ticket": ("{n} Ticket", "{n} ticket"),
    "{n} tickets": ("{n} Tickets", "{n} tickets"),
    "{n} reports": ("{n} Meldungen", "{n} avisos"),
    # What solved it.
    "The same issue is solved": ("Dasselbe Problem ist gelöst", "El mismo problema está resuelto"),
    "Works": ("Hilft", "Funciona"),
    "Still broken": ("Hilft nicht", "Sigue fallando"),
    "Works here, too: this ticket is solved": (
        "Hilft auch hier: Dieses Ticket ist gelöst",
        "También funciona aquí: este ticket está resuelto",
    ),
    "Still broken: this ticket is another issue now": (
        "Hilft nicht: Dieses Ticket ist nun ein anderes Problem",
        "Sigue fallando: este ticket es ahora otro problema",
    ),
    "answer by {person} to {ticket}": (
        "Antwort von {person} auf {ticket}",
        "respuesta de {person} a {ticket}",
    ),
    "the answer to {ticket}": ("die Antwort auf {ticket}", "la respuesta a {ticket}"),
    "posted by {person}": ("gepostet von {person}", "publicado por {person}"),
    "The whole answer": ("Die ganze Antwort", "La respuesta completa"),
    "Solved": ("Gelöst", "Resuelto"),
    "Save": ("Speichern", "Guardar"),
    "What solved it?": ("Was hat es gelöst?", "¿Qué lo resolvió?"),
    "What others with the same problem should do": (
        "Was andere mit demselben Problem tun sollten",
        "Qué deberían hacer otros con el mismo problema",
    ),
    "Whoever asks the same is shown this answer.": (
        "Wer dasselbe fragt, bekommt diese Antwort zu sehen.",
        "Quien pregunte lo mismo verá esta respuesta.",
    ),
    "Stored: the ticket is solved. Whoever asks the same is shown this answer.": (
        "Gespeichert: Das Ticket ist gelöst. Wer dasselbe fragt, bekommt diese Antwort zu sehen.",
        "Guardado: el ticket está resuelto. Quien pregunte lo mismo verá esta respuesta.",
    ),
    "Stored: the ticket is solved. Mark the reply that solved it to keep that, too.": (
        (
            "Gespeichert: Das Ticket ist gelöst. Um auch die Lösung zu behalten, die Antwort "
            "markieren, die geholfen hat."
        ),
        (
            "Guardado: el ticket está resuelto. Marca la respuesta que lo resolvió para "
            "conservarla también."
        ),
    ),
    "I remember no ticket at the head of this thread.": (
        "Am Anfang dieses Threads steht kein Ticket, an das ich mich erinnere.",
        "No recuerdo ningún ticket al inicio de este hilo.",
    ),
    "Taken back.": ("Zurückgenommen.", "Retirado."),
    "That answer is gone.": ("Diese Antwort gibt es nicht mehr.", "Esa respuesta ya no existe."),
    (
        "Say which ticket of this channel and, if you like, what solved it: /deja resolve LINK "
        "restart the spooler. In its thread: @deja resolve restart the spooler."
    ): (
        (
            "Gebraucht wird ein Ticket dieses Channels und, wenn bekannt, was es gelöst hat: /deja "
            "resolve LINK Spooler neu starten. In seinem Thread: @deja resolve Spooler neu "
            "starten."
        ),
        (
            "Indica qué ticket de este canal y, si quieres, qué lo resolvió: /deja resolve LINK "
            "reiniciar la cola. En su hilo: @deja resolve reiniciar la cola."
        ),
    ),
    # Decisions.
    "Not stored: in this channel others decide. /deja settings says who may change that.": (
        (
            "Nicht gespeichert: In diesem Channel entscheiden andere. /deja settings sagt, wer das "
            "ändern darf."
        ),
        (
            "No guardado: en este canal deciden otras personas. /deja settings dice quién puede "
            "cambiarlo."
        ),
    ),
    "Not stored: that would put two tickets together that somebody ruled out.": (
        "Nicht gespeichert: Damit kämen zwei Tickets zusammen, die jemand auseinandergehalten hat.",
        "No guardado: uniría dos tickets que alguien descartó.",
    ),
    "I remember no such ticket that I may show here.": (
        "Ich erinnere mich an kein solches Ticket, das ich hier zeigen darf.",
        "No recuerdo ningún ticket así que pueda mostrar aquí.",
    ),
    "I do not remember this message as a ticket. Inspect this message says why.": (
        (
            "An diese Nachricht erinnere ich mich nicht als Ticket. „Inspect this message“ sagt, "
            "warum."
        ),
        "No recuerdo este mensaje como ticket. «Inspect this message» dice por qué.",
    ),
    "That ticket is gone, or you may not read it.": (
        "Dieses Ticket gibt es nicht mehr, oder es ist hier nicht lesbar.",
        "Ese ticket ya no existe o no puedes leerlo.",
    ),
    "Stored: they are the same issue. deja audit has it on record.": (
        "Gespeichert: Es ist dasselbe Problem. deja audit hält es fest.",
        "Guardado: son el mismo problema. Queda registrado en deja audit.",
    ),
    "A ticket is no duplicate of itself.": (
        "Ein Ticket ist kein Duplikat von sich selbst.",
        "Un ticket no es duplicado de sí mismo.",
    ),
    "Mark as duplicate of": ("Duplikat von", "Duplicado de"),
    "The earlier ticket": ("Das frühere Ticket", "El ticket anterior"),
    "A few words of the earlier ticket": (
        "Ein paar Wörter des früheren Tickets",
        "Unas palabras del ticket anterior",
    ),
    "You find what you may read. It can be undone in the thread.": (
        "Zu finden ist, was lesbar ist. Im Thread lässt es sich rückgängig machen.",
        "Encuentras lo que puedes leer. Se puede deshacer en el hilo.",
    ),
    # The weekly digest.
    "Pairs to check": ("Paare zum Prüfen", "Pares por revisar"),
    "Is this the same issue? Each answer teaches me what is, and when to be quiet.": (
        (
            "Ist das dasselbe Problem? Jede Antwort lehrt mich, was dasselbe ist und wann ich "
            "besser still bin."
        ),
        "¿Es el mismo problema? Cada respuesta me enseña qué lo es y cuándo callar.",
    ),
    "I am quiet in this channel, as too many of my flags were wrong. These answers help.": (
        (
            "In diesem Channel bin ich still, weil zu viele meiner Hinweise falsch waren. Diese "
            "Antworten helfen."
        ),
        (
            "En este canal guardo silencio, porque demasiados de mis avisos eran erróneos. Estas "
            "respuestas ayudan."
        ),
    ),
    "The tickets that I asked about here are gone.": (
        "Die Tickets, nach denen ich hier fragte, gibt es nicht mehr.",
        "Los tickets por los que pregunté aquí ya no existen.",
    ),
    "No more of these here": ("Hier nicht mehr fragen", "No preguntar más aquí"),
    "Bring them back": ("Wieder fragen", "Volver a preguntar"),
    ":no_bell: No more of these here, said {person}.": (
        ":no_bell: Hier nicht mehr fragen, sagte {person}.",
        ":no_bell: No preguntar más aquí, dijo {person}.",
    ),
    # Home.
    ":brain: *Déjà* remembers {tickets} that you may read.": (
        ":brain: *Déjà* erinnert sich an {tickets}, die hier lesbar sind.",
        ":brain: *Déjà* recuerda {tickets} que puedes leer.",
    ),
    "Asked most, and open": ("Am meisten gefragt, noch offen", "Lo más preguntado, abierto"),
    "Asked most, and solved": ("Am meisten gefragt, gelöst", "Lo más preguntado, resuelto"),
    "Press _Same issue_ on my answers, and what is asked most stands here.": (
        (
            "Wer auf meinen Antworten _Dasselbe Problem_ drückt, findet hier, was am meisten "
            "gefragt wird."
        ),
        "Pulsa _El mismo problema_ en mis respuestas, y aquí aparecerá lo más preguntado.",
    ),
    "For administrators": ("Für die Verwaltung", "Para administradores"),
    "*Judged by* the rule for a new team, until there are enough verdicts.": (
        "*Geurteilt wird* nach der Regel für neue Teams, bis es genug Urteile gibt.",
        "*Se juzga* con la regla para equipos nuevos hasta que haya bastantes veredictos.",
    ),
    "*Judged by* a model of {n} verdicts.": (
        "*Geurteilt wird* nach einem Modell aus {n} Urteilen.",
        "*Se juzga* con un modelo de {n} veredictos.",
    ),
    "*Judged by* a model of {n} verdicts, {right} right at the cut.": (
        "*Geurteilt wird* nach einem Modell aus {n} Urteilen, an der Schwelle zu {right} richtig.",
        "*Se juzga* con un modelo de {n} veredictos, {right} de acierto en el umbral.",
    ),
    "Waiting for a decision": ("Warten auf eine Entscheidung", "A la espera de una decisión"),
    "like": ("wie", "como"),
    "Channels": ("Channels", "Canales"),
    "muted": ("stumm geschaltet", "silenciado"),
    "quiet: too many wrong flags": (
        "still: zu viele falsche Hinweise",
        "en silencio: demasiados avisos erróneos",
    ),
    "… and {n} more: `deja budget` lists them all": (
        "… und {n} weitere: `deja budget` nennt alle",
        "… y {n} más: `deja budget` los lista todos",
    ),
    "Work: {waiting} waiting, {failed} failed": (
        "Aufgaben: {waiting} warten, {failed} gescheitert",
        "Tareas: {waiting} en espera, {failed} fallidas",
    ),
    # Help.
    "Déjà remembers your tickets": ("Déjà erinnert sich an Tickets", "Déjà recuerda tus tickets"),
    "When a new one was seen before, I say so in its thread.": (
        "War ein neues schon einmal da, sage ich es in seinem Thread.",
        "Cuando uno nuevo ya se vio antes, lo digo en su hilo.",
    ),
    "How to use Déjà": ("So geht Déjà", "Cómo usar Déjà"),
    "finds the most similar tickets": (
        "findet die ähnlichsten Tickets",
        "busca los tickets más parecidos",
    ),
    "finds what is like the one and not the other; words in quotes work too": (
        (
            "findet, was dem einen gleicht und dem anderen nicht; Wörter in Anführungszeichen "
            "gehen auch"
        ),
        "busca lo que se parece a uno y no al otro; también valen palabras entre comillas",
    ),
    "narrows it down": ("grenzt es ein", "acota la búsqueda"),
    "looks in the catalog": ("sucht im Katalog", "busca en el catálogo"),
    "keeps what solved a ticket of this channel": (
        "behält, was ein Ticket dieses Channels gelöst hat",
        "guarda lo que resolvió un ticket de este canal",
    ),
    "lists what waits for a decision": (
        "nennt, was auf eine Entscheidung wartet",
        "lista lo que espera una decisión",
    ),
    "tells what speaks for and against two tickets being the same": (
        "sagt, was dafür und dagegen spricht, dass zwei Tickets dasselbe sind",
        "dice qué hay a favor y en contra de que dos tickets sean el mismo",
    ),
    "sets how I behave in this channel": (
        "stellt ein, was ich in diesem Channel tue",
        "ajusta cómo me comporto en este canal",
    ),
    "tells what I remember, and how I am doing": (
        "sagt, woran ich mich erinnere und wie es mir geht",
        "dice qué recuerdo y cómo estoy",
    ),
    "shows this": ("zeigt dies", "muestra esto"),
    "*In a thread*, mention me: I look for what its first message resembles.": (
        "*In einem Thread* erwähnt, suche ich, wem seine erste Nachricht gleicht.",
        "*En un hilo*, mencióname: busco a qué se parece su primer mensaje.",
    ),
    (
        "*On an answer of mine*, press _Same issue_, _Related_ or _Not a duplicate_. A pair that "
        "you rule out never comes back, and every click can be undone. _Why?_ tells you the "
        "reasons."
    ): (
        (
            "*Auf meinen Antworten* stehen _Dasselbe Problem_, _Verwandt_ und _Kein Duplikat_. Ein "
            "verworfenes Paar kommt nie wieder, und jeder Klick lässt sich rückgängig machen. "
            "_Warum?_ nennt die Gründe."
        ),
        (
            "*En una respuesta mía*, pulsa _El mismo problema_, _Relacionado_ o _No es duplicado_. "
            "Un par descartado no vuelve nunca, y cada clic se puede deshacer. _¿Por qué?_ da las "
            "razones."
        ),
    ),
    # Commands.
    "The most similar tickets": ("Die ähnlichsten Tickets", "Los tickets más parecidos"),
    "The newest of these tickets": (
        "Die neuesten dieser Tickets",
        "Los más recientes de estos tickets",
    ),
    "Nothing like it is remembered. A few more words may help.": (
        "An nichts Ähnliches erinnere ich mich. Ein paar Wörter mehr helfen vielleicht.",
        "No recuerdo nada parecido. Unas palabras más pueden ayudar.",
    ),
    "Nothing like it is remembered.": (
        "An nichts Ähnliches erinnere ich mich.",
        "No recuerdo nada parecido.",
    ),
    "No ticket that you may read passes all of these filters.": (
        "Kein lesbares Ticket erfüllt alle diese Filter.",
        "Ningún ticket que puedas leer cumple todos estos filtros.",
    ),
    "Products": ("Produkte", "Productos"),
    "Nothing like it is in the catalog. A few more words may help.": (
        "Nichts dergleichen steht im Katalog. Ein paar Wörter mehr helfen vielleicht.",
        "No hay nada parecido en el catálogo. Unas palabras más pueden ayudar.",
    ),
    "out of stock": ("nicht vorrätig", "agotado"),
    "Suspected duplicates": ("Vermutete Duplikate", "Posibles duplicados"),
    "seen before as": ("schon da gewesen als", "ya visto como"),
    "Decide in their threads, where I answered.": (
        "Entschieden wird in ihren Threads, wo ich geantwortet habe.",
        "Decide en sus hilos, donde respondí.",
    ),
    "Nothing is waiting: all that I called duplicates is decided on.": (
        "Nichts wartet: Über alles, was ich Duplikat nannte, ist entschieden.",
        "Nada pendiente: todo lo que llamé duplicado está decidido.",
    ),
    "Share here": ("Hier teilen", "Compartir aquí"),
    "Only you see this. Shared, it names what everybody here may read.": (
        "Nur hier sichtbar, für niemanden sonst. Geteilt nennt es, was alle hier lesen dürfen.",
        "Solo tú ves esto. Al compartirlo, nombra lo que todos aquí pueden leer.",
    ),
    "{person} asked {command}": ("{person} fragte {command}", "{person} preguntó {command}"),
    "I am not in this channel. Invite me first, then share.": (
        "Ich bin nicht in diesem Channel. Erst einladen, dann teilen.",
        "No estoy en este canal. Primero invítame, luego comparte.",
    ),
    "I am off in this channel: nothing said here is remembered. /deja settings changes that.": (
        "In diesem Channel bin ich ausgeschaltet: Nichts wird gemerkt. /deja settings ändert das.",
        (
            "En este canal estoy apagado: no recuerdo nada de lo que se dice. /deja settings lo "
            "cambia."
        ),
    ),
    "I do not remember this thread's first message.": (
        "An die erste Nachricht dieses Threads erinnere ich mich nicht.",
        "No recuerdo el primer mensaje de este hilo.",
    ),
    "Say what to look for: /deja similar printer prints blank pages": (
        "Wonach suchen? Etwa: /deja similar Drucker druckt leere Seiten",
        "Di qué buscar: /deja similar la impresora saca hojas en blanco",
    ),
    "Say what to look for: /deja search printer in:#helpdesk is:open": (
        "Wonach suchen? Etwa: /deja search Drucker in:#helpdesk is:open",
        "Di qué buscar: /deja search impresora in:#helpdesk is:open",
    ),
    "Say what to look for: /deja product lamp for the garden": (
        "Wonach suchen? Etwa: /deja product Lampe für den Garten",
        "Di qué buscar: /deja product lámpara para el jardín",
    ),
    "There are no words in that to look for.": (
        "Darin stehen keine Wörter, nach denen sich suchen ließe.",
        "Ahí no hay palabras que buscar.",
    ),
    "Nothing is left to look for: both sides say the same.": (
        "Es bleibt nichts zu suchen: Beide Seiten sagen dasselbe.",
        "No queda nada que buscar: ambos lados dicen lo mismo.",
    ),
    "is:{value} makes no sense: it takes is:open or is:solved.": (
        "is:{value} gibt es nicht, nur is:open und is:solved.",
        "is:{value} no existe: admite is:open o is:solved.",
    ),
    "{value} is no day: write it as 2026-11-25.": (
        "{value} ist kein Tag: geschrieben wird er wie 2026-11-25.",
        "{value} no es un día: se escribe como 2026-11-25.",
    ),
    "Slack did not open the form of settings. Try again in a moment.": (
        "Slack hat das Formular der Einstellungen nicht geöffnet. Gleich noch einmal versuchen.",
        "Slack no abrió el formulario de ajustes. Inténtalo de nuevo en un momento.",
    ),
    (
        "Say which: /deja why with the links of two messages, or one for what is most alike to it. "
        "Ids of imported tickets work too."
    ): (
        (
            "Welche? /deja why mit den Links zweier Nachrichten, oder einer für das, was ihr am "
            "meisten gleicht. Ids importierter Tickets gehen auch."
        ),
        (
            "Di cuáles: /deja why con los enlaces de dos mensajes, o uno para lo que más se le "
            "parece. También valen ids de tickets importados."
        ),
    ),
    "Type /deja settings in the channel that it is for.": (
        "Geschrieben wird /deja settings in dem Channel, um den es geht.",
        "Escribe /deja settings en el canal del que se trata.",
    ),
    "What shall I look for?": ("Wonach soll ich suchen?", "¿Qué busco?"),
    "Find similar tickets": ("Ähnliche Tickets finden", "Buscar tickets parecidos"),
    "The newest open tickets": (
        "Die neuesten offenen Tickets",
        "Los tickets abiertos más recientes",
    ),
    "What waits for a decision": ("Was auf eine Entscheidung wartet", "Qué espera una decisión"),
    "What I can do": ("Was ich kann", "Qué sé hacer"),
    # Status.
    "Déjà's status": ("Wie es um Déjà steht", "Estado de Déjà"),
    "Remembered": ("Im Gedächtnis", "Recordado"),
    "{tickets} that you may read": ("{tickets}, die hier lesbar sind", "{tickets} que puedes leer"),
    "From this channel": ("Aus diesem Channel", "De este canal"),
    "Here": ("Hier", "Aquí"),
    "Work": ("Aufgaben", "Tareas"),
    "{n} waiting": ("{n} warten", "{n} en espera"),
    "off: nothing is remembered": ("aus: Nichts wird gemerkt", "apagado: no se recuerda nada"),
    "on request only": ("nur auf Anfrage", "solo a petición"),
    "answering": ("antwortet", "responde"),
    "answering what was seen before": (
        "antwortet, wenn etwas schon da war",
        "responde a lo ya visto",
    ),
    "quiet, because too many of my flags were wrong": (
        "still, weil zu viele meiner Hinweise falsch waren",
        "en silencio, porque demasiados de mis avisos eran erróneos",
    ),
    # Inspect this message.
    "What I made of this message": (
        "Was ich aus dieser Nachricht machte",
        "Qué hice con este mensaje",
    ),
    "I answered it.": ("Ich habe darauf geantwortet.", "Le respondí."),
    "*Most alike:* {ticket}": ("*Am ähnlichsten:* {ticket}", "*Lo más parecido:* {ticket}"),
    "/deja why with both links tells more": (
        "/deja why mit beiden Links sagt mehr",
        "/deja why con ambos enlaces dice más",
    ),
    "{n} messages in a row are one ticket.": (
        "{n} Nachrichten hintereinander sind ein Ticket.",
        "{n} mensajes seguidos son un solo ticket.",
    ),
    "This is the first.": ("Diese ist die erste.", "Este es el primero."),
    "The first of them": ("Die erste davon", "El primero de ellos"),
    "Split": ("Abtrennen", "Separar"),
    "Join again": ("Wieder verbinden", "Unir de nuevo"),
    "Split off by {person}: it is a ticket of its own.": (
        "Abgetrennt von {person}: Es ist ein eigenes Ticket.",
        "Separado por {person}: es un ticket propio.",
    ),
    "Split: it is a ticket of its own now.": (
        "Abgetrennt: Es ist nun ein eigenes Ticket.",
        "Separado: ahora es un ticket propio.",
    ),
    "Joined again: it is judged with the messages around it.": (
        "Wieder verbunden: Es wird mit den Nachrichten ringsum beurteilt.",
        "Unido de nuevo: se juzga con los mensajes de alrededor.",
    ),
    "I do not remember this message any more.": (
        "An diese Nachricht erinnere ich mich nicht mehr.",
        "Ya no recuerdo este mensaje.",
    ),
    "It is no ticket: {reason}.": ("Es ist kein Ticket: {reason}.", "No es un ticket: {reason}."),
    "I remember it as a ticket.": (
        "Ich erinnere mich daran als Ticket.",
        "Lo recuerdo como ticket.",
    ),
    (
        "I do not remember it. It was said before I came, while I was off, or it was taken back. A "
        "backfill brings back what was said before."
    ): (
        (
            "Ich erinnere mich nicht daran. Es wurde gesagt, bevor ich kam oder während ich "
            "ausgeschaltet war, oder es wurde zurückgenommen. Nachlesen holt zurück, was vorher "
            "gesagt wurde."
        ),
        (
            "No lo recuerdo. Se dijo antes de mi llegada, mientras estaba apagado, o se retiró. "
            "Leer el pasado recupera lo que se dijo antes."
        ),
    ),
    "There are no words in it to compare: a link or an emoji says nothing by itself.": (
        "Darin stehen keine Wörter zum Vergleichen: Ein Link oder ein Emoji allein sagt nichts.",
        "No hay palabras que comparar: un enlace o un emoji por sí solo no dice nada.",
    ),
    "I am off in this channel": (
        "In diesem Channel bin ich ausgeschaltet",
        "en este canal estoy apagado",
    ),
    "in this channel products are asked for": (
        "in diesem Channel geht es um Produkte",
        "en este canal se pregunta por productos",
    ),
    "I leave out {what}": ("ausgelassen werden {what}", "omito {what}"),
    "joins, topics and the like": ("Beitritte, Themen und dergleichen", "altas, temas y similares"),
    "messages of bots": ("Nachrichten von Bots", "mensajes de bots"),
    "replies in threads": ("Antworten in Threads", "respuestas en hilos"),
    "questions to Déjà": ("Fragen an Déjà", "preguntas a Déjà"),
    "messages without words": ("Nachrichten ohne Wörter", "mensajes sin palabras"),
    "it is small talk": ("es ist Geplauder", "es charla"),
    "it says “{said}”, which this channel leaves out": (
        "es enthält „{said}“, was dieser Channel auslässt",
        "dice «{said}», que este canal omite",
    ),
    "Nothing that everybody here may read is alike enough.": (
        "Nichts, was alle hier lesen dürfen, ist ähnlich genug.",
        "Nada que todos aquí puedan leer se parece lo bastante.",
    ),
    "Something is alike, but nothing was said of it.": (
        "Etwas ist ähnlich, aber es wurde nichts dazu gesagt.",
        "Algo se parece, pero no se dijo nada.",
    ),
    "In this channel I answer only who asks (mode: on request).": (
        "In diesem Channel antworte ich nur auf Fragen (Modus: auf Anfrage).",
        "En este canal respondo solo a quien pregunta (modo: a petición).",
    ),
    "In this channel I speak only of what was seen before (mode: quiet).": (
        "In diesem Channel spreche ich nur an, was schon da war (Modus: leise).",
        "En este canal hablo solo de lo ya visto (modo: discreto).",
    ),
    "I am muted in this channel.": (
        "In diesem Channel bin ich stumm geschaltet.",
        "Estoy silenciado en este canal.",
    ),
    "Too many of my flags here were wrong, so I am quiet for now.": (
        "Zu viele meiner Hinweise waren hier falsch, darum bin ich vorerst still.",
        "Demasiados de mis avisos aquí eran erróneos, así que por ahora callo.",
    ),
    "Of {all} tickets in a row I answer at most {answered}; these were closer.": (
        "Von {all} Tickets hintereinander beantworte ich höchstens {answered}; andere waren näher.",
        "De {all} tickets seguidos respondo como mucho a {answered}; otros se parecían más.",
    ),
    # Setting up.
    "Hello, I am Déjà. What shall I do here?": (
        "Hallo, ich bin Déjà. Was soll ich hier tun?",
        "Hola, soy Déjà. ¿Qué hago aquí?",
    ),
    (
        "I remember tickets, and say in the thread when one was seen before. Until somebody "
        "chooses I am off: nothing that is said here is kept."
    ): (
        (
            "Ich erinnere mich an Tickets und sage im Thread, wenn eines schon da war. Bis jemand "
            "wählt, bin ich ausgeschaltet: Nichts, was hier gesagt wird, wird gemerkt."
        ),
        (
            "Recuerdo tickets y digo en el hilo cuándo uno ya se vio. Hasta que alguien elija "
            "estoy apagado: no guardo nada de lo que se dice aquí."
        ),
    ),
    "Off": ("Aus", "Apagado"),
    "On request": ("Auf Anfrage", "A petición"),
    "Quiet": ("Leise", "Discreto"),
    "Full": ("Alles", "Completo"),
    "Nothing said here is remembered": (
        "Nichts, was hier gesagt wird, wird gemerkt",
        "No se recuerda nada de lo que se dice aquí",
    ),
    "Answer only commands and mentions": (
        "Nur auf Befehle und Erwähnungen antworten",
        "Responder solo a comandos y menciones",
    ),
    "Speak when a ticket was seen before": (
        "Sprechen, wenn ein Ticket schon da war",
        "Hablar cuando un ticket ya se vio",
    ),
    "Name tickets that are alike, too": (
        "Auch ähnliche Tickets nennen",
        "Nombrar también tickets parecidos",
    ),
    "Tickets": ("Tickets", "Tickets"),
    "Remember what is asked, and say what was seen before": (
        "Fragen merken und sagen, was schon da war",
        "Recordar lo que se pregunta y decir lo ya visto",
    ),
    "Answer questions with products of the catalog": (
        "Fragen mit Produkten des Katalogs beantworten",
        "Responder con productos del catálogo",
    ),
    "Stay off": ("Aus lassen", "Dejar apagado"),
    "Settings…": ("Einstellungen …", "Ajustes…"),
    "Change…": ("Ändern …", "Cambiar…"),
    "Whoever made this channel or invited me, and workspace admins, may choose.": (
        (
            "Wählen darf, wer diesen Channel angelegt oder mich eingeladen hat, und die Verwaltung "
            "des Workspace."
        ),
        "Puede elegir quien creó este canal o me invitó, y los administradores.",
    ),
    "Déjà is set to “{mode}” here": ("Déjà steht hier auf „{mode}“", "Déjà está aquí en «{mode}»"),
    "Close": ("Schließen", "Cerrar"),
    (
        "Only whoever made this channel or invited me, and workspace admins, may change how I "
        "behave here."
    ): (
        (
            "Nur wer diesen Channel angelegt oder mich eingeladen hat und die Verwaltung des "
            "Workspace dürfen ändern, was ich hier tue."
        ),
        (
            "Solo quien creó este canal o me invitó, y los administradores, pueden cambiar cómo me "
            "comporto aquí."
        ),
    ),
    "I am not in this channel. Invite me first, then set me up.": (
        "Ich bin nicht in diesem Channel. Erst einladen, dann einstellen.",
        "No estoy en este canal. Primero invítame, luego configúrame.",
    ),
    "How Déjà behaves in *{channel}*.": (
        "Was Déjà in *{channel}* tut.",
        "Cómo se comporta Déjà en *{channel}*.",
    ),
    "Mode": ("Modus", "Modo"),
    "What is asked here": ("Was hier gefragt wird", "Qué se pregunta aquí"),
    "Language": ("Sprache", "Idioma"),
    "Wrong flags you accept": ("Falsche Hinweise, die noch angehen", "Avisos erróneos aceptables"),
    "None": ("Keine", "Ninguno"),
    "{n} in ten": ("{n} von zehn", "{n} de cada diez"),
    "Déjà is quiet here when it cannot keep to it.": (
        "Lässt sich das nicht einhalten, ist Déjà hier still.",
        "Déjà calla aquí cuando no puede cumplirlo.",
    ),
    "Weekly digest": ("Wöchentliche Fragen", "Preguntas semanales"),
    "Ask about a few pairs on Mondays": (
        "Montags nach ein paar Paaren fragen",
        "Preguntar los lunes por unos pares",
    ),
    "Topics": ("Themen", "Temas"),
    "Tell on Mondays what people ask about": (
        "Montags sagen, wonach gefragt wird",
        "Decir los lunes qué se pregunta",
    ),
    "Tell when something is asked more than usual": (
        "Sagen, wenn etwas öfter gefragt wird als sonst",
        "Avisar cuando algo se pregunta más de lo habitual",
    ),
    "On Mondays from {hour}; nothing from {start} to {end} ({zone}).": (
        "Montags ab {hour} Uhr; nichts von {start} bis {end} Uhr ({zone}).",
        "Los lunes desde las {hour}; nada de {start} a {end} ({zone}).",
    ),
    "On Mondays from {hour}, the rest at any time ({zone}).": (
        "Montags ab {hour} Uhr, das andere jederzeit ({zone}).",
        "Los lunes desde las {hour}, lo demás a cualquier hora ({zone}).",
    ),
    "Who may decide": ("Wer entscheiden darf", "Quién puede decidir"),
    "Everybody in the channel": ("Alle im Channel", "Todos en el canal"),
    "Messages that are no tickets": (
        "Nachrichten, die keine Tickets sind",
        "Mensajes que no son tickets",
    ),
    "lunch is here": ("das Essen ist da", "ya llegó la comida"),
    "One phrase a line. Thanks and greetings are left out anyway.": (
        "Eine Wendung je Zeile. Dank und Grüße werden ohnehin ausgelassen.",
        "Una frase por línea. Gracias y saludos se omiten de todos modos.",
    ),
    "Remember what was said before": (
        "Frühere Nachrichten nachlesen",
        "Recordar lo que se dijo antes",
    ),
    "The last {n} days": ("Die letzten {n} Tage", "Los últimos {n} días"),
    "Nothing for now": ("Vorerst nichts", "Nada por ahora"),
    "Nothing is answered that is read so. Once is enough.": (
        "Was so gelesen wird, wird nicht beantwortet. Einmal genügt.",
        "No se responde a lo que se lee así. Con una vez basta.",
    ),
    "Choose one.": ("Bitte eines wählen.", "Elige uno."),
    "At most {most} phrases; these are {n}.": (
        "Höchstens {most} Wendungen; das sind {n}.",
        "Como mucho {most} frases; estas son {n}.",
    ),
    "At most {most} letters a phrase: {phrase}…": (
        "Höchstens {most} Buchstaben je Wendung: {phrase}…",
        "Como mucho {most} letras por frase: {phrase}…",
    ),
    "Reading the past of this channel …": (
        "Lese nach, was in diesem Channel war …",
        "Leyendo el pasado de este canal…",
    ),
    "Read the past of this channel": (
        "Nachgelesen, was in diesem Channel war",
        "Leído el pasado de este canal",
    ),
    "{messages} messages read, {tickets} tickets remembered": (
        "{messages} Nachrichten gelesen, {tickets} Tickets gemerkt",
        "{messages} mensajes leídos, {tickets} tickets recordados",
    ),
    "Asked for by {person}.": ("Auf Wunsch von {person}.", "Lo pidió {person}."),
    # Why.
    "For": ("Dafür", "A favor"),
    "Against": ("Dagegen", "En contra"),
    "{cut} is the cut here": ("die Schwelle ist hier {cut}", "el umbral aquí es {cut}"),
    "no percentage before your verdicts have taught me one": (
        "keine Prozente, bevor Urteile sie mich gelehrt haben",
        "sin porcentaje hasta que vuestros veredictos me lo enseñen",
    ),
    "They name different codes: {ours} and {theirs}": (
        "Sie nennen verschiedene Codes: {ours} und {theirs}",
        "Nombran códigos distintos: {ours} y {theirs}",
    ),
    "They name different versions: {ours} and {theirs}": (
        "Sie nennen verschiedene Versionen: {ours} und {theirs}",
        "Nombran versiones distintas: {ours} y {theirs}",
    ),
    "They name different products or models: {ours} and {theirs}": (
        "Sie nennen verschiedene Produkte oder Modelle: {ours} und {theirs}",
        "Nombran productos o modelos distintos: {ours} y {theirs}",
    ),
    "They name different platforms: {ours} and {theirs}": (
        "Sie nennen verschiedene Plattformen: {ours} und {theirs}",
        "Nombran plataformas distintas: {ours} y {theirs}",
    ),
    "One says the opposite: {ours} and {theirs}": (
        "Eines sagt das Gegenteil: {ours} und {theirs}",
        "Uno dice lo contrario: {ours} y {theirs}",
    ),
    "{names} and {n} more": ("{names} und {n} mehr", "{names} y {n} más"),
    "nothing": ("nichts", "nada"),
    "Close in meaning: similarity {figure}": (
        "Nah im Sinn: Ähnlichkeit {figure}",
        "De sentido cercano: similitud {figure}",
    ),
    "Not close in meaning: similarity {figure}": (
        "Nicht nah im Sinn: Ähnlichkeit {figure}",
        "De sentido lejano: similitud {figure}",
    ),
    "In both: {words}": ("In beiden: {words}", "En ambos: {words}"),
    "Little in both: {words}": ("Wenig in beiden: {words}", "Poco en ambos: {words}"),
    "No word that says anything is in both": (
        "Kein Wort, das etwas sagt, steht in beiden",
        "Ninguna palabra que diga algo está en ambos",
    ),
    "Only in the first: {words}": ("Nur im ersten: {words}", "Solo en el primero: {words}"),
    "Only in the second: {words}": ("Nur im zweiten: {words}", "Solo en el segundo: {words}"),
    "Much the same title": ("Fast derselbe Titel", "Casi el mismo título"),
    "Different titles": ("Verschiedene Titel", "Títulos distintos"),
    "Both name {codes}": ("Beide nennen {codes}", "Ambos nombran {codes}"),
    "Each has figures that the other has not": (
        "Jedes hat Zahlen, die das andere nicht hat",
        "Cada uno tiene cifras que el otro no tiene",
    ),
    "Nearly one price": ("Fast derselbe Preis", "Casi el mismo precio"),
    "Different prices": ("Verschiedene Preise", "Precios distintos"),
    "Crowded: many tickets are much like these": (
        "Gedrängt: Viele Tickets gleichen diesen sehr",
        "Muy poblado: muchos tickets se parecen a estos",
    ),
    "Crowded: many products are much like these": (
        "Gedrängt: Viele Produkte gleichen diesen sehr",
        "Muy poblado: muchos productos se parecen a estos",
    ),
    "Few tickets are like these": (
        "Wenige Tickets gleichen diesen",
        "Pocos tickets se parecen a estos",
    ),
    "Few products are like these": (
        "Wenige Produkte gleichen diesen",
        "Pocos productos se parecen a estos",
    ),
    "Written {span} apart": ("{span} auseinander geschrieben", "Escritos con {span} de diferencia"),
    "One person wrote both": ("Eine Person schrieb beide", "Una persona escribió ambos"),
    "Two people wrote them": ("Zwei Personen schrieben sie", "Los escribieron dos personas"),
    "{by} decided on {day}: the same issue.": (
        "{by} entschied am {day}: dasselbe Problem.",
        "{by} decidió el {day}: el mismo problema.",
    ),
    "{by} decided on {day}: related.": (
        "{by} entschied am {day}: verwandt.",
        "{by} decidió el {day}: relacionado.",
    ),
    "{by} decided on {day}: not a duplicate.": (
        "{by} entschied am {day}: kein Duplikat.",
        "{by} decidió el {day}: no es duplicado.",
    ),
    "Both are among {n} reports of one issue.": (
        "Beide sind unter {n} Meldungen eines Problems.",
        "Ambos están entre {n} avisos de un mismo problema.",
    ),
    "Called the same: {likely} likely, and the cut is {cut}.": (
        "Als dasselbe gemeldet: zu {likely} wahrscheinlich, die Schwelle ist {cut}.",
        "Considerados lo mismo: {likely} probable, y el umbral es {cut}.",
    ),
    (
        "Called alike: {likely} likely the same, over the cut of {cut}, but what contradicts is "
        "never called the same."
    ): (
        (
            "Als ähnlich gemeldet: zu {likely} dasselbe, über der Schwelle von {cut}, doch was "
            "sich widerspricht, wird nie dasselbe genannt."
        ),
        (
            "Considerados parecidos: {likely} probable, sobre el umbral de {cut}, pero lo que se "
            "contradice nunca se llama lo mismo."
        ),
    ),
    "Called alike: {likely} likely the same, and the cut is {cut}.": (
        "Als ähnlich gemeldet: zu {likely} dasselbe, die Schwelle ist {cut}.",
        "Considerados parecidos: {likely} probable, y el umbral es {cut}.",
    ),
    "Not called alike, which takes {least}: {likely} likely the same, and the cut is {cut}.": (
        (
            "Nicht als ähnlich gemeldet, wozu {least} nötig sind: zu {likely} dasselbe, die "
            "Schwelle ist {cut}."
        ),
        "No considerados parecidos, que exige {least}: {likely} probable, y el umbral es {cut}.",
    ),
    "{called} It lacks {lacking} log-odds; {crossing}": (
        "{called} Es fehlen {lacking} Log-Odds; {crossing}",
        "{called} Faltan {lacking} log-odds; {crossing}",
    ),
    "{names} would have given as much.": ("{names} hätten genügt.", "{names} habría bastado."),
    "{first} or {rest}": ("{first} oder {rest}", "{first} o {rest}"),
    "the same words": ("dieselben Wörter", "las mismas palabras"),
    "the same title": ("derselbe Titel", "el mismo título"),
    "the same codes": ("dieselben Codes", "los mismos códigos"),
    "a shared code": ("ein gemeinsamer Code", "un código compartido"),
    "no figures that differ": ("keine abweichenden Zahlen", "ninguna cifra distinta"),
    "the same price": ("derselbe Preis", "el mismo precio"),
    "no pair reaches it, the model is never surer than {likely}.": (
        "kein Paar erreicht sie, das Modell ist nie sicherer als {likely}.",
        "ningún par lo alcanza, el modelo nunca está más seguro que {likely}.",
    ),
    "words, titles and codes would not have changed that.": (
        "Wörter, Titel und Codes hätten daran nichts geändert.",
        "palabras, títulos y códigos no lo habrían cambiado.",
    ),
    "no single thing would have done, {name} would have made it {likely}.": (
        "nichts allein hätte genügt, {name} hätte {likely} ergeben.",
        "nada por sí solo habría bastado, {name} lo habría dejado en {likely}.",
    ),
    "Called the same: both say the same in the same words.": (
        "Als dasselbe gemeldet: Beide sagen dasselbe mit denselben Wörtern.",
        "Considerados lo mismo: ambos dicen lo mismo con las mismas palabras.",
    ),
    "Called alike: similarity is {figure}, and it takes {least}.": (
        "Als ähnlich gemeldet: Die Ähnlichkeit ist {figure}, nötig sind {least}.",
        "Considerados parecidos: la similitud es {figure}, y hacen falta {least}.",
    ),
    "Not called alike: similarity is {figure}, and it takes {least}.": (
        "Nicht als ähnlich gemeldet: Die Ähnlichkeit ist {figure}, nötig sind {least}.",
        "No considerados parecidos: la similitud es {figure}, y hacen falta {least}.",
    ),
    "{alike} Not called the same: {missing}.": (
        "{alike} Nicht als dasselbe: {missing}.",
        "{alike} No lo mismo: {missing}.",
    ),
    "they contradict each other": ("Sie widersprechen sich", "se contradicen"),
    "that takes {least}, and the same words": (
        "dazu sind {least} nötig und dieselben Wörter",
        "eso exige {least} y las mismas palabras",
    ),
    "they do not say it in the same words": (
        "Sie sagen es nicht mit denselben Wörtern",
        "no lo dicen con las mismas palabras",
    ),
    "An item cannot be compared with itself.": (
        "Etwas lässt sich nicht mit sich selbst vergleichen.",
        "Un elemento no se puede comparar consigo mismo.",
    ),
    "There is nothing to compare: one of the two has no words, or is not embedded yet.": (
        (
            "Es gibt nichts zu vergleichen: Eines von beiden hat keine Wörter oder ist noch nicht "
            "eingelesen."
        ),
        "No hay nada que comparar: uno de los dos no tiene palabras o aún no está leído.",
    ),
    "A ticket and a product are not compared.": (
        "Ein Ticket und ein Produkt werden nicht verglichen.",
        "Un ticket y un producto no se comparan.",
    ),
    # Topics.
    "There is no such topic. See the list of topics for their numbers.": (
        "Dieses Thema gibt es nicht. Die Liste der Themen nennt ihre Nummern.",
        "No existe ese tema. La lista de temas muestra sus números.",
    ),
    "A topic needs a name.": ("Ein Thema braucht einen Namen.", "Un tema necesita un nombre."),
    "The name of a topic has at most {n} characters.": (
        "Der Name eines Themas hat höchstens {n} Zeichen.",
        "El nombre de un tema tiene como máximo {n} caracteres.",
    ),
    "Nobody has moved this ticket.": (
        "Niemand hat dieses Ticket verschoben.",
        "Nadie ha movido este ticket.",
    ),
    "Another topic has that name.": (
        "So heißt schon ein anderes Thema.",
        "Otro tema ya se llama así.",
    ),
    "A topic cannot be joined with itself.": (
        "Ein Thema lässt sich nicht mit sich selbst verbinden.",
        "Un tema no se puede unir consigo mismo.",
    ),
    "This topic has too few different tickets to be split.": (
        "Dieses Thema hat zu wenige verschiedene Tickets, um es zu teilen.",
        "Este tema tiene muy pocos tickets distintos para dividirlo.",
    ),
    "There is no such ticket.": ("Dieses Ticket gibt es nicht.", "No existe ese ticket."),
    "The workspace was forgotten meanwhile.": (
        "Der Workspace wurde inzwischen vergessen.",
        "El espacio de trabajo se ha olvidado mientras tanto.",
    ),
    "There is no ticket to group.": (
        "Es gibt kein Ticket zu gruppieren.",
        "No hay ningún ticket que agrupar.",
    ),
    "Others are grouping the same tickets. Try again in a moment.": (
        "Dieselben Tickets werden gerade gruppiert. Bitte gleich noch einmal versuchen.",
        "Ya se están agrupando los mismos tickets. Inténtalo de nuevo en un momento.",
    ),
    "Topics are made of what all members read: they are for members alone.": (
        "Themen entstehen aus dem, was alle Mitglieder lesen: Sie sind nur für Mitglieder.",
        "Los temas se hacen con lo que leen todos los miembros: son solo para miembros.",
    ),
    "I am grouping the tickets. The summary follows here.": (
        "Ich gruppiere die Tickets. Die Übersicht folgt hier.",
        "Estoy agrupando los tickets. El resumen llegará aquí.",
    ),
    (
        "Say what to group, or nothing for all: /deja cluster 30d #helpdesk 12 takes "
        "the last 30 days of one channel in 12 topics."
    ): (
        (
            "Sag, was gruppiert werden soll, oder nichts für alles: /deja cluster 30d "
            "#helpdesk 12 nimmt die letzten 30 Tage eines Channels in 12 Themen."
        ),
        (
            "Di qué agrupar, o nada para todo: /deja cluster 30d #helpdesk 12 toma los "
            "últimos 30 días de un canal en 12 temas."
        ),
    ),
    "I am not in this channel. Invite me first.": (
        "Ich bin nicht in diesem Channel. Lade mich erst ein.",
        "No estoy en este canal. Invítame primero.",
    ),
    "new": ("neu", "nuevo"),
    "grown": ("gewachsen", "ha crecido"),
    "shrunk": ("geschrumpft", "se ha reducido"),
    "split": ("geteilt", "dividido"),
    "merged": ("vereint", "unido"),
    "What people ask about": ("Wonach gefragt wird", "Sobre qué se pregunta"),
    "No two tickets are about the same: there are no topics.": (
        "Keine zwei Tickets handeln vom selben: Es gibt keine Themen.",
        "No hay dos tickets sobre lo mismo: no hay temas.",
    ),
    "Nothing was grouped yet, or not since readers changed: type /deja cluster.": (
        (
            "Noch nichts gruppiert, oder nicht, seit sich die Leser geändert haben: /deja "
            "cluster eingeben."
        ),
        "Aún no se ha agrupado nada, o no desde que cambiaron los lectores: escribe /deja cluster.",
    ),
    "Nothing is asked more often than usual.": (
        "Nichts wird öfter gefragt als sonst.",
        "No se pregunta nada más de lo habitual.",
    ),
    "Whatever is asked more than once has an answer.": (
        "Alles, was mehrmals gefragt wird, hat eine Antwort.",
        "Todo lo que se pregunta más de una vez tiene respuesta.",
    ),
    "Open": ("Öffnen", "Abrir"),
    "A map of {n} topics: {topics}": (
        "Eine Karte mit {n} Themen: {topics}",
        "Un mapa de {n} temas: {topics}",
    ),
    "*{title}*: {n} in seven days, usually {expected} ({times}); day by day {days}": (
        "*{title}*: {n} in sieben Tagen, sonst {expected} ({times}); Tag für Tag {days}",
        "*{title}*: {n} en siete días, normalmente {expected} ({times}); día a día {days}",
    ),
    (
        "Listed where chance alone would bring so many in at most one of {n} weeks, weekdays "
        "taken into account, and {people} people or more asked."
    ): (
        "Aufgeführt, wo der Zufall allein in höchstens einer von {n} Wochen so viele brächte, "
        "Wochentage eingerechnet, und mindestens {people} Personen gefragt haben.",
        "Se muestra cuando el azar por sí solo traería tantos como mucho en una de cada {n} "
        "semanas, teniendo en cuenta los días de la semana, y preguntan {people} personas o más.",
    ),
    (
        "{quality} of what its tickets resemble is in this topic. {purity} of them are clearly "
        "nearer to it than to any other."
    ): (
        "{quality} dessen, was seinen Tickets ähnelt, ist in diesem Thema. {purity} von ihnen sind "
        "ihm deutlich näher als jedem anderen.",
        "El {quality} de lo que se parece a sus tickets está en este tema. El {purity} de ellos "
        "está claramente más cerca de él que de cualquier otro.",
    ),
    "*{title}*: {n} open, waiting {span}. For an FAQ: _{question}_": (
        "*{title}*: {n} offen, Wartezeit {span}. Für eine FAQ: _{question}_",
        "*{title}*: {n} abiertos, espera {span}. Para una FAQ: _{question}_",
    ),
    "Asked more than usual": ("Öfter gefragt als sonst", "Se pregunta más de lo habitual"),
    "Asked again and not answered": (
        "Wieder gefragt und nicht beantwortet",
        "Se pregunta de nuevo y sin respuesta",
    ),
    "since {day}": ("seit {day}", "desde {day}"),
    "Trends": ("Trends", "Tendencias"),
    "… and {n} more": ("… und {n} weitere", "… y {n} más"),
    "Hide": ("Ausblenden", "Ocultar"),
    "Another name": ("Ein anderer Name", "Otro nombre"),
    "This topic is hidden, here and in later runs.": (
        "Dieses Thema ist ausgeblendet, hier und künftig.",
        "Este tema está oculto, aquí y en adelante.",
    ),
    "shared by {person}": ("geteilt von {person}", "compartido por {person}"),
    "In {n} themes: {themes}": ("In {n} Bereichen: {themes}", "En {n} áreas: {themes}"),
    "{share} solved": ("{share} gelöst", "{share} resueltos"),
    "usually in {span}": ("meist in {span}", "normalmente en {span}"),
    "{n} more topics in the picture": ("{n} weitere Themen im Bild", "{n} temas más en la imagen"),
    "as many topics as asked for": (
        "so viele Themen wie gewünscht",
        "tantos temas como se pidieron",
    ),
    "{n} fits nowhere": ("{n} passt nirgends", "{n} no encaja en ninguno"),
    "{n} fit nowhere": ("{n} passen nirgends", "{n} no encajan en ninguno"),
    "gone: {topics}": ("verschwunden: {topics}", "desaparecidos: {topics}"),
    "groups the tickets into topics, with a map": (
        "gruppiert die Tickets in Themen, mit einer Karte",
        "agrupa los tickets en temas, con un mapa",
    ),
    "lists the topics": ("listet die Themen auf", "muestra los temas"),
    "tells what is asked more than usual, and what nobody answers": (
        "sagt, was öfter gefragt wird als sonst und was niemand beantwortet",
        "dice qué se pregunta más de lo habitual y qué nadie responde",
    ),
    (
        "That did not work: something is wrong on my side, and I gave up after several tries. "
        "It is on record for whoever runs me. Please try it again later."
    ): (
        "Das hat nicht geklappt: Bei mir stimmt etwas nicht, und ich habe nach mehreren Versuchen "
        "aufgegeben. Es ist für die Verwaltung vermerkt. Bitte später noch einmal versuchen.",
        "No ha funcionado: algo va mal por mi parte y he desistido tras varios intentos. Queda "
        "registrado para quien me administra. Inténtalo más tarde.",
    ),
}
