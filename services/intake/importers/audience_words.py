"""Words by which fields and their values say who may read something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from services.intake.importers.flags import flag
from services.intake.importers.records import normalized
from services.text.word_lists import words

# In the languages of `synonyms`, and in Polish, as `normalized` writes them.
PRIVATE = words(
    "private internal hidden hide confidential secret restricted isprivate isinternal"
    " privat privater private privates intern interne interner internes vertraulich versteckt"
    " privado privada privados privadas interno interna internos internas confidencial oculto"
    " oculta prive privee prives privees internals internally confidentiel privato privata privati"
    " riservato riservata nascosto nascosta reservado reservada vertrouwelijk verborgen besloten"
    " wewnetrzny wewnetrzna wewnetrzne prywatny prywatna"
)
WORK_NOTES = words("worknote worknotes worklog worklogs arbeitsnotiz arbeitsnotizen")
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
STAFF = words("staff team agent agents tech techs technician admin admins equipo personal equipe")
# What the team writes under these names is for the customer: "last staff reply".
SENT = words("reply replies response responses answer answers message messages")
# A tracker of tasks has comments on tasks.
COMMENTS = words("comment comments kommentar kommentare comentario comentarios commentaires")

PUBLIC = words(
    "public publicly ispublic visible isvisible published ispublished offentlich sichtbar publico"
    " publica publique pubblico pubblica visibile visivel publicado zichtbaar openbaar"
    " widoczny widoczne publiczny"
)
# Names of fields that say who may read something.
VISIBILITY = words("visibility sichtbarkeit visibilidad visibilidade visibilite visibilita")
# Those that say so of what is in it, as mails and classes of data do.
SENSITIVITY = words(
    "audience privacy confidentiality vertraulichkeit sensitivity confidencialidad confidentialite"
    " gevoeligheid riservatezza confidencialidade"
)
SHOWN_TO = frozenset({"visible to", "shown to", "sichtbar fur", "visible para", "visible pour"})
# What Mantis calls a visibility.
VIEWS = frozenset({"view state", "view status"})
# "comment_type" is one of them, "ticket_type" and "author_type" are not.
PARTS = words(
    "comment note message reply post entry article part activity event update response thread"
    " visibility access conversation item journal"
)
# What somebody may not see: a "LimitedVisibility".
LIMITED = WORK_NOTES | words("limited work whisper")
NOTE_NAMES = words("note notes notiz notizen nota notas")
# What one for the team is called: "staff-note", "staff only".
NOTES = NOTE_NAMES | {"only"}
# What a message for the team may be called beside these: "internal reply", "Mensaje interno".
MESSAGES = (PRIVATE | STAFF | LIMITED - {"limited"} | NOTES | COMMENTS | SENT) | words(
    "conversation post entry commentaire mensaje mensajes respuesta respuestas"
    " nachricht nachrichten antwort antworten reponse"
)
# Any other word for a visibility, such as a role in Jira, restricts it.
FOR_ALL = words(
    "public all any anyone everyone everybody external extern customer customers client clients"
    " user users requester visible shared world open published allusers offentlich alle publico"
    " publica todos cliente clientes kunde kunden normal default visibility"
)

# How people tick a box in a table.
_TICKS = frozenset({"x", "✓", "✔", "checked", "on"})
_TOKEN = re.compile(r"\w+|[&+/]")


def _any(some: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(some))})"


_HIDDEN, _SHOWN = _any(PRIVATE), _any(PUBLIC | words("external extern externe externo externos"))
_AND = r"(?:[&+/]|and|und|y|et|e|en)"
_BOTH = re.compile(rf"\b(?:{_HIDDEN} {_AND} {_SHOWN}|{_SHOWN} {_AND} {_HIDDEN})\b")
_DENIED = re.compile(rf"\b(?:not|non|no|nao|nicht|niet|keine?|pas) ({_HIDDEN}|{_any(PUBLIC)})\b")


@lru_cache(maxsize=4096)
def words_of_readers(value: str) -> frozenset[str]:
    """Return the words of a value that says who may read something.

    "Not confidential" and "internal and external" have "public" for them, "not public" "private".
    """
    said = " ".join(_TOKEN.findall(normalized(value)))
    said = _DENIED.sub(lambda match: "public" if match[1] in PRIVATE else "private", said)
    return frozenset(_BOTH.sub("public", said).split())


def marked(value: object) -> bool | None:
    """Return what a value of a flag says; a ticked box says yes, None is neither yes nor no."""
    return True if str(value).strip().lower() in _TICKS else flag(value)


def words_of(name: str) -> set[str]:
    """Return the words of a name, as `normalized`, or of a path."""
    return set(name.replace(".", " ").replace("/", " ").split())
