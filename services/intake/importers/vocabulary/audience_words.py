"""Words by which fields and their values say who may read something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.flags import flag
from services.text.words.word_lists import words

# In the languages of `synonyms`, and in Polish, as `normalized` writes them, and in all genders.
# What only a few may read; all who work there may read what is internal.
CONFIDENTIAL = words(
    "confidential vertraulich vertrauliche vertraulicher vertrauliches confidencial confidenciales"
    " confidenciais confidentiel confidentielle confidentiels confidentielles"
    " riservato riservata riservati riservate vertrouwelijk vertrouwelijke poufny poufna poufne"
)
SECRET = words(
    "secret secrete secretes geheim geheime geheimer geheimes secreto secreta secretos secretas"
    " segreto segreta segreti segrete"
)
PRIVATE = (CONFIDENTIAL | SECRET) | words(
    "private internal hidden hide invisible restricted"
    " privat privaten privater privates intern interne internen interner internes versteckt"
    " versteckte versteckter verstecktes unsichtbar unsichtbare unsichtbarer unsichtbares"
    " privado privada privados privadas interno interna internos internas oculto oculta ocultos"
    " ocultas prive privee prives privees internals internally privato privata privati interni"
    " nascosto nascosta nascosti nascoste reservado reservada verborgen besloten"
    " wewnetrzny wewnetrzna wewnetrzne prywatny prywatna prywatne"
)
# Dynamics calls the notes of its users annotations.
WORK_NOTES = words(
    "worknote worknotes worklog worklogs arbeitsnotiz arbeitsnotizen annotation annotations"
)
# What is said of the work, and not to the customer.
WORK = WORK_NOTES | words(
    "work time times timesheet timesheets audit audits"
    " rating ratings survey surveys checklist checklists todo todos"
    " arbeit zeit zeiten zeiterfassung bewertung bewertungen umfrage"
    " checkliste checklisten trabajo tiempo tiempos auditoria valoracion"
    " valoraciones calificacion calificaciones encuesta encuestas travail temps"
    " evaluation evaluations"
)
TASKS = words("task tasks subtask subtasks aufgabe aufgaben tarea tareas tache taches")
STAFF = words(
    "staff team agent agents tech techs technician technicians admin admins equipo personal equipe"
    " engineer engineers analyst analysts operator operators techniker tecnico tecnicos technicien"
    " techniciens"
    " mitarbeiter bearbeiter agenten agente agentes colleagues kollegen backoffice"
)
# What the team writes under these names is for the customer: "last staff reply".
SENT = words(
    "reply replies response responses answer answers message messages antwort antworten"
    " nachricht nachrichten respuesta respuestas mensaje mensajes"
)
# A tracker of tasks has comments on tasks.
COMMENTS = words("comment comments kommentar kommentare comentario comentarios commentaires")

REMARKS = words(
    "remark remarks bemerkung bemerkungen anmerkung anmerkungen observacion observaciones remarque"
    " remarques osservazione osservazioni opmerking opmerkingen observacao observacoes"
)

PUBLIC = words(
    "public publicly visible publish published offentlich sichtbar publico"
    " publica publique pubblico pubblica visibile visivel publicado zichtbaar openbaar"
    " widoczny widoczna widoczne publiczny publiczna publiczne"
)
# Names of fields that say who may read something.
VISIBILITY = words(
    "visibility sichtbarkeit visibilidad visibilidade visibilite visibilita zichtbaarheid"
    " widocznosc"
)
# Those that say so of what is in it, as mails and classes of data do.
SENSITIVITY = words(
    "audience privacy confidentiality vertraulichkeit vertraulichkeitsstufe sensitivity"
    " confidencialidad confidentialite gevoeligheid riservatezza confidencialidade"
)
SHOWN_TO = frozenset(
    {
        "visible to",
        "viewable by",
        "readable by",
        "shown to",
        "shared with",
        "who can see",
        "who can view",
        "who can read",
        "sichtbar fur",
        "lesbar fur",
        "geteilt mit",
        "wer sieht das",
        "wer darf das sehen",
        "wer darf das lesen",
        "visible para",
        "compartido con",
        "quien puede ver",
        "quien puede leer",
        "quien lo ve",
        "visible pour",
        "partage avec",
    }
)
# What Mantis calls a visibility.
VIEWS = frozenset({"view state", "view status"})
# "comment_type" is one of them, "ticket_type" and "author_type" are not.
PARTS = words(
    "comment note message reply post entry article part activity event update response thread view"
    " security group"
    " visibility access conversation item journal"
)
# What somebody may not see: a "LimitedVisibility".
LIMITED = WORK_NOTES | words("limited work whisper")
NOTE_NAMES = words("note notes notiz notizen nota notas notitie notities notatka notatki")
# What one for the team is called: "staff-note", "staff only".
NOTES = NOTE_NAMES | {"only"}
# What people write to each other.
WRITTEN = (NOTE_NAMES | COMMENTS | SENT) | words(
    "conversation post entry commentaire mensaje mensajes respuesta respuestas"
    " nachricht nachrichten antwort antworten reponse commento commenti messaggio messaggi"
    " mensagem mensagens resposta respostas opmerking opmerkingen komentarz komentarze"
)
# What a message for the team may be called: "internal reply", "Mensaje interno".
MESSAGES = PRIVATE | STAFF | LIMITED - {"limited"} | NOTES | WRITTEN
# Any other word for a visibility, such as a role in Jira, restricts it.
FOR_ALL = PUBLIC | words(
    "all any anyone everyone everybody external extern customer customers client clients"
    " user users requester requesters shared world open allusers alle todos tous toutes tutti"
    " iedereen wszyscy cliente clientes clienti klant klanten kunde kunden klient klienci"
    " normal default visibility"
)

# Whoever is named with one of these reads it, and nobody else: "Board only".
ONLY = words("only nur solo solamente seulement uniquement")
TO = words("to from for by fur von para por pour voor")

# How people tick a box in a table.
_TICKS = frozenset({"x", "✓", "✔", "checked", "on"})
_TOKEN = re.compile(r"\w+|[&+/]")


def _any(some: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(some))})"


_HIDDEN, _SHOWN = _any(PRIVATE), _any(PUBLIC | words("external extern externe externo externos"))
_AND = r"(?:[&+/]|and|und|y|et|e|en)"
_BOTH = re.compile(rf"\b(?:{_HIDDEN} {_AND} {_SHOWN}|{_SHOWN} {_AND} {_HIDDEN})\b")
_FOR_CUSTOMERS = rf"{_any(TO)} (?:(?:the|den|die|el|la|los|las|les) )?{_any(FOR_ALL)}"
_DENIED_WORDS = rf"({_HIDDEN}|{_any(PUBLIC)}|{_FOR_CUSTOMERS})\b"
_DENIED = re.compile(rf"\b(?:not|non|no|nao|nicht|niet|keine?|pas) {_DENIED_WORDS}")
# In a name, "no" is a number: "No. interno", unlike in "No para clientes".
_DENIED_IN_NAME = re.compile(
    rf"\b(?:(?:not|non|nicht|niet|keine?|pas) {_DENIED_WORDS}|no ({_FOR_CUSTOMERS})\b)"
)
# What a flag may be, behind its name: "Private (Y/N)".
_CHOICES = re.compile(r"\b(?:y|yes|j|ja|s|si|o|oui|true) ?/ ?(?:n|no|nein|non|false)\b")
# Words without a space between them, such as "isprivate", "hiddenfromuser", "internalnote".
_JOINED = re.compile(
    rf"(is)?({_HIDDEN}|{_any(PUBLIC)})({_any(TO)})?({_any(FOR_ALL | STAFF | NOTES | COMMENTS)})?"
    rf"|({_any(STAFF)})({_any(NOTE_NAMES)})"
)


@lru_cache(maxsize=4096)
def words_of_readers(value: str) -> frozenset[str]:
    """Return the words of a value that says who may read something.

    "Not confidential" and "internal and external" have "public" for them, "not public" "private".
    """
    said = " ".join(_TOKEN.findall(normalized(value)))
    return frozenset(_BOTH.sub("public", _without_denials(said, _DENIED)).split())


def _without_denials(said: str, denied: re.Pattern[str]) -> str:
    return denied.sub(lambda match: "public" if match[1] in PRIVATE else "private", said)


def marked(value: object) -> bool | None:
    """Return what a value of a flag says; a ticked box says yes, None is neither yes nor no."""
    return True if str(value).strip().lower() in _TICKS else flag(value)


@lru_cache(maxsize=4096)
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, as `normalized`, or of a path, also those without a space.

    Of what is denied it has the contrary: "private" for "not visible" and "not for customers".
    """
    found: list[str] = []
    for word in _WORD.findall(_CHOICES.sub("", name)):
        joined = _JOINED.fullmatch(word)
        found += filter(None, joined.groups()) if joined else [word]
    return frozenset(_without_denials(" ".join(found), _DENIED_IN_NAME).split())


_WORD = re.compile(r"\w+")
