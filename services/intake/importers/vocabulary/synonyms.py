"""What columns are called in the files of many tools.

In English, German, Spanish and French, and as usual in Italian, Portuguese and Dutch.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.audience_words import (
    NOTE_NAMES,
    PRIVATE,
    STAFF,
    WORK,
    WORK_NOTES,
    words_of,
)
from services.text.words.word_lists import words

Field = Literal[
    "id", "title", "text", "created", "resolved", "status", "answer", "author", "url", "channel",
    "replies", "parent", "outcome",
]  # fmt: skip

FIELDS: tuple[Field, ...] = get_args(Field)

# The columns that give each field, the preferred one first.
Mapping_ = dict[Field, tuple[str, ...]]

# The first name that a file has wins. Left out on purpose: "name" (of a customer, as a rule),
# "updated" and "due" (no time of creation), "type" and "category".
_NAMES: dict[Field, str] = {
    "id": "id readable, id, ticket id, issue key, key, ticket number, case number,"
    " incident number, number, iid,"
    " ticket no, ticket nr, ticket #, ticket, case no, case #, case, bug id, case id,"
    " issue id, record id, request id, session id, chat id, thread id, task id, #,"
    " ticket#, no ticket, request number, incident id, conversation id, message id, external id,"
    " reference, ref, no, nr, uuid, guid,"
    " ticketnummer, ticket-id, vorgangsschlüssel, vorgangsnummer, vorgangs-id, fallnummer, nummer,"
    " kennung, schlüssel, anfragenummer, clave de incidencia, clave, número de ticket,"
    " nro, id de ticket, id del ticket, número do chamado, numero ticket, id de la incidencia,"
    " número de caso, número, folio, código,"
    " numéro, numéro de ticket, identifiant, no de ticket, no de caso,"
    " no de incidencia, numéro de demande, no de demande, numéro d'incident, référence, réf,"
    " störungsnummer, auftragsnummer, gid, question id, meldungsnummer, ticketnumber, casenumber,"
    " numero ticket, id ticket, numero richiesta, protocolo, chamado, no do chamado, id do ticket,"
    " meldingnummer, meldingsnummer, meldnummer, zaaknummer, incidentnummer, display id, displayid,"
    " slug, fingerprint",
    "title": "title, subject, summary, ticket subject, ticket name, ticket title, issue title,"
    " short description, headline, topic, betreff, titel, zusammenfassung, thema, überschrift,"
    " kurzbeschreibung, bezeichnung, asunto, assunto, oggetto, título, resumen, tema,"
    " descripción breve, objet,"
    " sujet, titre, intitulé, titolo, argomento, onderwerp, korte omschrijving, samenvatting,"
    " kurztext, task name, card name, short desc, worum geht es, was ist dein anliegen,"
    " topic title, thread title",
    "text": "text, description, body, content, ticket description, issue description, message,"
    " description text, plain body, body text, ticket text, problem description,"
    " consumer complaint narrative, complaint narrative, narrative, complaint,"
    " details, detail, question, problem, issue, inquiry, request, query, long description,"
    " beschreibung, nachricht, inhalt, problembeschreibung, anfrage, frage, meldung, anliegen,"
    " nachrichtentext, descripción, mensaje, contenido, detalles, detalle, consulta, pregunta,"
    " problema, cuerpo, texto, message text, contenu, demande, fehlerbeschreibung, sachverhalt,"
    " descrição, descrizione, testo, messaggio, richiesta, mensagem, solicitação, detalhes,"
    " raw, cooked, symptom, symptome, síntoma,"
    " omschrijving, beschrijving, bericht, verzoek, toelichting, vraag, probleem, langtext,"
    " encoded, problem beschreibung, fehler beschreibung,"
    " initial description, detailed description,"
    " first message body,"
    " descripción del problema, primer mensaje, corps, texte, détails, problème, first message,"
    " initial request, initial message, original message, first comment, article, first article,"
    " artikel, desc, long desc, repro steps, steps to reproduce, was ist los, was ist"
    " passiert, what happened, what is the problem, what is the issue, qué pasó, qué ha pasado,"
    " descrição do problema, descrição problema, problema descrição, problema relatado, relato,"
    " descripción problema, descripción del error, descripción error, problem details,"
    " first post, selftext, post text, post raw, pagetext, message parts, msg, review,"
    " review text, reseña, avis",
    "created": "created timestamp, created datetime, created, created at,"
    " created on, created time, created date, create date, asked at, asked on, added at, added on,"
    " date added, hinzugefügt am, gefragt am, agregado el, añadido el, preguntado el,"
    " creation date, creation time, date created, createdate, opened at, opened, opened on,"
    " date opened, open date, submitted at, submitted on, submitted, submit date, reported at,"
    " reported on, received at, received, date received, ticket created, posted at, sent at, sent,"
    " created at (utc), timestamp, datetime, date, time, erstellt, erstellt am, erstelldatum,"
    " erstellungsdatum, angelegt am, erfasst am, eröffnet am, eröffnet, gemeldet am,"
    " eingegangen am, eingang, eingangsdatum, datum, zeitpunkt, creado, creada, creado el,"
    " creada el, fecha de creación, fecha creación, fecha de apertura, fecha de alta, fecha,"
    " fecha y hora, abierto el, fecha de registro, fecha de ingreso, fecha de solicitud,"
    " fecha del reporte, date de création, créé le, créé, date d'ouverture, ouvert le,"
    " data de abertura, data de criação, data apertura, data di apertura, data creazione,"
    " date d'enregistrement, date de la demande, eröffnungsdatum, meldedatum, anlagedatum,"
    " angelegt, erfasst, angefragt, started at, start date, published, published at, logged at,"
    " logged on, raised on, zeitstempel, marca temporal, horodateur, date reported,"
    " date submitted, submission date, date entered, created utc, date sent, createdon,"
    " createddate, date occurred, dateoccurred,"
    " data abertura, data abert, data do chamado, data criação, aberto,"
    " fecha detección, fecha de detección, data de detecção, detected at, detected on,"
    " fecha incidencia, fecha de la incidencia, fecha del incidente, fecha reporte,"
    " anmeldedatum, request time, requested at, requested on, request date, post time, first seen,"
    " start time, startzeit, hora de inicio, heure de début, creationtime, create at, dateline,"
    " anrufbeginn, gesprächsbeginn, call start, call start time, call date, hora de llamada,"
    " submit time, inserted at, starts at, date ouverture, date création, date de début, créé,"
    " aperto il, creato il, data creazione, aberto em, criado em, data de criação, aangemaakt,"
    " aangemaakt op,"
    " aanmaakdatum, aangemeld op, meldingsdatum, geopend op, ingediend op, datum aangemaakt,"
    " reported, meldezeitpunkt, eingegangen, registrado el, fecha de recepción",
    "resolved": "resolved timestamp, solved timestamp, closed timestamp, resolved, resolved at,"
    " solved date, solved on, solved, closed datetime,"
    " resolved time, resolved on, resolved date, solved at,"
    " resolution date, resolutiondate, closed at, closed time, closed on, closed date, close date,"
    " date closed, date resolved, closed, completed, completed at, closed at (utc), erledigt,"
    " erledigt am, gelöst am, gelöst, geschlossen am, abgeschlossen am, lösungsdatum,"
    " dateclosed, abschlussdatum, resuelta, resuelto, resuelto el, cerrado el, fecha de resolución,"
    " fecha de cierre, fecha resolución, fecha cierre, cerrado, cerrada, résolu le, fermé le,"
    " date de clôture, date de résolution, date de fermeture, clôturé le, clos le, last closed at,"
    " close at, geschlossen, schließdatum, fecha de solución, fecha solución,"
    " fecha corrección, fecha de corrección,"
    " fecha corrección real, fixed at, fixed on, date fixed, resuelto en, schließzeit,"
    " ticket closed time, completion date, date completed, finished at,"
    " data de fechamento, data de encerramento, data chiusura, data di chiusura,"
    " close time, completed time, completed date, date solved, closeddate, closedon, fermé, résolu,"
    " resolved date time, closed date time, completed date time, solvedate, closedate,"
    " date clôture, date résolution, date fin, chiuso il, risolto il, fechado em, resolvido em,"
    " encerrado em, data da solução, data solução, data de solução, data fechamento, data fecha,"
    " data de conclusão, data conclusão, concluído em, data de resolução,"
    " gesloten op, afgesloten op, opgelost op, afgemeld op,"
    " gereed op, datum gereed, complete date, sluitdatum, datum gesloten",
    "status": "status name, statustitle, status title, status label,"
    " status, state, ticket status, issue status, current status, case status,"
    " incident state, ticket state, stage, ticketstatus, zustand, stand, bearbeitungsstatus,"
    " status reason, current state, situação, stato, progress, statuscode, statecode, estado,"
    " estado del ticket,"
    " situación, estatus, état, statut, statut du ticket, stato ticket, situação do chamado,"
    " case state, bearbeitungsstand, vorgangsstatus, estado de la incidencia, estado del caso,"
    " estado actual,"
    " state type",
    "answer": "answer, resolution, resolution notes, resolution note, solution, close notes,"
    " closing notes, resolution text, resolution summary, accepted answer, best answer,"
    " agent response, agent reply, response, reply, fix, antwort, lösung, lösungsbeschreibung,"
    " close description, company reply, owner reply, reply text, response text,"
    " solução, soluzione, risposta, resposta, oplossing, antwoord, actie, how was it solved,"
    " official response, official answer, reply content,"
    " how was it fixed, wie wurde es gelöst, cómo se resolvió, lösungstext, abschlussnotiz,"
    " respuesta, solución, resolución,"
    " notas de resolución,"
    " notas de cierre, solution apportée, réponse, lösungsnotiz, lösungsweg, lösungshinweis,"
    " resolution description, resolution details, resolution comment, developer reply text,"
    " developer reply, developer response, solución aplicada, comentario de cierre,"
    " note de résolution, root cause and resolution, closing note, erledigungsvermerk,"
    " abschlussvermerk, solución dada, nota de cierre, observaciones de cierre,"
    " what was done, was wurde gemacht, was haben wir gemacht, maßnahme, qué se hizo,"
    " action taken, actions taken, corrective action, corrective actions,"
    " korrekturmaßnahme, korrekturmaßnahmen, ergriffene maßnahmen, durchgeführte maßnahmen,"
    " acción correctiva, acciones correctivas, acciones realizadas, medidas tomadas,"
    " ação realizada, ações realizadas, ação tomada, resumo da ação, solução aplicada,"
    " suggested response, suggested reply, suggested answer, suggested resolution,"
    " recommended resolution, canned response, canned reply, base response, resposta base,"
    " resposta sugerida, resposta padrão, respuesta base, respuesta sugerida, antwortvorschlag,"
    " lösungsvorschlag, réponse suggérée",
    "author": "author, requester, reporter, asked by, raised by, requested for,"
    " requester name, customer name, customer, contact name,"
    " contact, from, full name, created by, creator, submitter, submitted by, opened by,"
    " reported by, caller, user, username, author username, autor, melder, ersteller, absender,"
    " kunde, gemeldet von, erstellt von, anforderer, informador, solicitante, cliente, creador,"
    " remitente, reportado por, creado por, auteur, demandeur, rapporteur, expéditeur, créé par,"
    " anfragender, antragsteller, einreicher, usuario, usuario solicitante,"
    " nome requerente, nombre del cliente, nombre del solicitante,"
    " utilisateur, client, customer user, customeruser, your name, ihr name, dein name, tu nombre,"
    " su nombre, votre nom, contact handle, requester email, customer email, email address,"
    " from: (name), von: (name), de: (nombre), e-mail-adresse, correo electrónico, adresse e-mail,"
    " author id, user name, author name, sender name, sender email, requested by,"
    " reporter name, creator name, submitter name, client name, employee name, user email,"
    " reporter email, creator email, submitter email, client email, employee email,"
    " started by, richiedente, autore, mittente, requerente, remetente, aanmelder, aanvrager,"
    " klant,"
    " gemeld door, ingediend door, aangemaakt door, req name, requestors, requestor, anmelder,"
    " request user,"
    " sender full name,"
    " suppliedname, kundenname, fullname, visitor name, visitor, person email, nickname, reviewer,"
    " sender, profile full name, customer display name,"
    " what's your name, wie heißt du, wie heißen sie, cómo te llamas, email, e-mail, correo,"
    " courriel, von",
    "url": "html url, web url, app url, links.html.href, url, link, permalink, perma url,"
    " ticket url, ticket link, issue url, enlace, vínculo, lien, permalink url, card url,"
    " link.href",
    "channel": "channel, slack channel, kanal, canal",
    "replies": "comments, comment, replies, conversations, additional comments, thread, messages,"
    " kommentare, kommentar, antworten, comentarios, comentario, respuestas, commentaires,"
    " last notes, last note, last staff reply, last agent reply, last agent message,"
    " public reply, public comment, public comments, reply to customer, öffentliche antwort,"
    " antwort an kunden, respuesta pública, comentario público,"
    " last public reply, last reply, last teammate reply, last agent message body, last post,"
    " latest reply, aktion, latest comment,"
    " commenti, comentários, reacties, opmerkingen,"
    " letzte kommentare, últimas notas, conversation, konversation, conversación, transcript,"
    " chat transcript, conversation transcript,"
    " chat history, chat log, transkript, chatverlauf, gesprächsverlauf, transcripción,"
    " historial de chat, transcription,"
    " comments.comment, replies.reply, notes.note, messages.message, thread.message",
    "parent": "in response to tweet id, in reply to, in reply to id, reply to id,"
    " in reply to status id, parent message id, tmid",
    "outcome": "disposition, outcome, call outcome, ergebnis, resultado, résultat, close code,"
    " closure code, resolution code, resolution type, lösungscode, código de cierre",
}  # fmt: skip

SYNONYMS: dict[Field, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(normalized(name) for name in names.split(",") if name.strip()))
    for field, names in _NAMES.items()
}
# All of them: what a header has, and hardly any other row.
KNOWN_NAMES = frozenset(name for names in SYNONYMS.values() for name in names)

# What a column's name may begin or end with and say no more by: "Conversation state".
_ENTITY = (
    r"(?:ticket|issue|case|review|post|incident|request|conversation|bug|defect|task|inquiry|vorgangs?|anfrage"
    r"|fall|caso|incidencia|solicitud|incident|demande|chamado|reclamo|reclamação)"
)
_ABOUT_ENTITY = re.compile(
    rf"^{_ENTITY}[ .:'s]*? (?=\w)"
    rf"| (?:of the|des|der|del|de la|du|do|da|de l'|de) ?{_ENTITY}s?$"
)


def spellings_of(column: str) -> list[str]:
    """Return a column's name as names are compared, then without what says no more by it."""
    name = normalized(column)
    bare = _without_remark(name)
    # One header for two languages: "Betreff / Subject".
    parts = [part.strip(" .:") for part in name.split(" / ")] if " / " in name else []
    said = name.split()
    half = said[: len(said) // 2]  # GLPI names a field's group, too: "Solution - Solution"
    parts += [" ".join(half)] if half and half * 2 == said else []
    return list(dict.fromkeys([name, _ABOUT_ENTITY.sub("", name), bare, *parts]))


def _without_remark(name: str) -> str:
    """Return a name without what stands in brackets behind it, unless that names who reads it."""
    remark = _REMARK.search(name)
    if remark is None:
        return name
    bare, said = name[: remark.start()], words_of(remark[0])
    is_of_team = said & (PRIVATE | STAFF | WORK_NOTES) or (said & WORK and said & NOTE_NAMES)
    return name if is_of_team and bare in _SAID else bare


# What people say in a ticket. A number, a date or a state may be read by all.
_SAID = frozenset(
    name for field in ("title", "text", "answer", "replies") for name in SYNONYMS[field]
)

# Words for an id or a number, and how longer ones end: "Vorgangsnummer".
ID_WORDS = words("id key number no nr nummer num code numero clave ref reference #")
ID_ENDS = ("nummer", "number")


# What stands in brackets behind a name: the zone of its times, how long a text may be, that a form
# wants it filled. A unit or a count says that it is something else.
_REMARK = re.compile(
    r" \((?!(?:in )?(?:[hdsm]|min|sec|hrs?|hours?|minutes?|seconds?|days?|weeks?|stunden|minuten"
    r"|tage|horas|minutos|dias|heures|jours|count|number|total|anzahl|ids?|old|alt|previous)\b"
    r"|[%#])[^()]*\)$"
)


# Where headers are in these languages, 4/5/2026 is the fourth of May.
_DAY_FIRST = (
    "erstellt, erstellt am, erstelldatum, erstellungsdatum, datum, betreff, beschreibung,"
    " zusammenfassung, eingangsdatum, erledigt, creado, creada, fecha, fecha de creación, asunto,"
    " descripción, resumen, resuelta, fecha de apertura, fecha de resolución, fecha de cierre,"
    " date de création, objet, titre, date d'ouverture, date de clôture, date de résolution,"
    " demandeur, fecha de registro, fecha de ingreso, fecha de solicitud, fecha de solución,"
    " eröffnungsdatum, meldedatum, schließdatum, erfasst, angelegt am, gemeldet am,"
    " geschlossen am, gelöst am, data de abertura, data de fechamento, data apertura,"
    " data chiusura, descrição, descrizione, oggetto, richiedente, assunto, omschrijving,"
    " onderwerp,"
    " aangemaakt op, gesloten op, date ouverture, date création, créé, créé le, aberto em,"
    " criado em, data abertura, data abert, data do chamado, data da solução,"
    " fecha detección, fecha de detección, fecha incidencia, fecha reporte, fecha de corrección,"
    " data fecha, data de conclusão, data de resolução, aberto,"
    " meldung, meldungsdatum, aanmaakdatum, korte omschrijving, datum gereed"
)
_DAY_FIRST_NAMES = frozenset(normalized(name) for name in _DAY_FIRST.split(","))


def is_day_first_name(column: str) -> bool:
    """Say whether a column's name is in a language whose dates begin with the day."""
    return normalized(column) in _DAY_FIRST_NAMES
