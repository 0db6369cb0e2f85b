"""Who may read a reply, everybody or only the team, by its fields and the name of its column.

In doubt it is not public: a note among agents must not become an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.intake.importers.flags import flag
from services.intake.importers.records import is_empty, normalized
from services.intake.importers.synonyms import SYNONYMS
from services.intake.importers.ticket_paths import is_of_ticket
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
# What is said of the work, and not to the customer.
_WORK = words(
    "work worknote worknotes worklog worklogs time times timesheet timesheets audit audits"
    " rating ratings survey surveys checklist checklists todo todos"
    " arbeit arbeitsnotiz arbeitsnotizen zeit zeiten zeiterfassung bewertung bewertungen umfrage"
    " checkliste checklisten trabajo tiempo tiempos auditoria valoracion"
    " valoraciones calificacion calificaciones encuesta encuestas travail temps"
    " evaluation evaluations"
)
_TASKS = words("task tasks subtask subtasks aufgabe aufgaben tarea tareas tache taches")
STAFF = words("staff team agent agents tech techs technician admin admins equipo personal equipe")
# What the team writes under these names is for the customer: "last staff reply".
_SENT = words("reply replies response responses answer answers message messages")
# A tracker of tasks has comments on tasks.
COMMENTS = words("comment comments kommentar kommentare comentario comentarios commentaires")

PUBLIC = words(
    "public publicly ispublic visible isvisible published ispublished offentlich sichtbar publico"
    " publica publique pubblico pubblica visibile visivel publicado zichtbaar openbaar"
    " widoczny widoczne publiczny"
)
# Names of fields that say who may read something.
VISIBILITY = words("visibility sichtbarkeit visibilidad visibilidade visibilite visibilita")
_ACCESS = words("access audience privacy confidentiality scope acceso zugriff") | words(
    "sensitivity vertraulichkeit confidencialidad confidentialite gevoeligheid"  # as mails say it
)
# Names of fields that say to whom something went; a word for the team alone means nobody else.
_RECIPIENTS = words("recipients recipient")
_AUDIENCES = VISIBILITY | _ACCESS | _RECIPIENTS | words("channel element kind type tipo art typ")
# "comment_type" is one of them, "ticket_type" and "author_type" are not.
_PARTS = words(
    "comment note message reply post entry article part activity event update response thread"
    " visibility access conversation item journal"
)
# What somebody may not see: a "LimitedVisibility".
LIMITED = words("limited work worknote worknotes worklog whisper")
# What one for the team is called: "staff-note".
NOTES = words("note notes only notiz nota")
# Any other word for a visibility, such as a role in Jira, restricts it.
FOR_ALL = words(
    "public all any anyone everyone everybody external extern customer customers client clients"
    " user users requester visible shared world open published allusers offentlich alle publico"
    " publica todos cliente clientes kunde kunden normal default visibility"
)
# Numbers and names of what is private are no flags: "internal_id": 1.
_NO_FLAGS = words("id ids key number no nr count user author by at date")
# Parts of a conversation that nobody wrote for the customer.
_SILENT = words(
    "lineitem assignment close open away_mode_assignment snoozed unsnoozed forwardedlog"
    " note_and_reopen timer_unsnooze conversation_rating_changed"
    " quick_reply attribute_collected system internal-note navigation system_message"
)


def kind_of(fields: Mapping[str, Any]) -> str:
    """Return what a conversation calls the part that a reply is."""
    return str(fields.get("part type") or fields.get("type") or "").lower()


_OWN_KINDS = ("part type", "type")
# Where others have the kind of a reply.
_KINDS = ("kind", "message type", "comment type", "entry type", "role", "content.type")
# What calls itself a note is for the team: "conversation_note".
_NOTE_KIND = re.compile(r"[a-z][ _-]notes?$")


def is_public(fields: Mapping[str, Any]) -> bool:
    """Say whether a reply is for the customer, and not a note among agents."""
    kinds = _kinds(fields)
    is_draft = str(fields.get("state") or "").lower() == "draft"
    return not (is_draft or _are_notes(kinds, fields) or kinds & _SILENT) and not any(
        says_private(name, fields[name]) for name in names_telling(tuple(fields))
    )


def is_note(fields: Mapping[str, Any]) -> bool:
    """Say whether a part of a conversation calls itself a note of the team."""
    return _are_notes(_kinds(fields), fields)


def _are_notes(kinds: set[str], fields: Mapping[str, Any]) -> bool:
    is_one = any(kind == "note" or _NOTE_KIND.search(kind) for kind in kinds)
    return is_one or ("n" in kinds and "poster" in fields)  # osTicket has M, R and N


def _kinds(fields: Mapping[str, Any]) -> set[str]:
    """Return what a part of a conversation is called, by any of the fields that may say it."""
    found = names_of_kind(tuple(fields))
    others = (str(fields[name] or "").lower() for name in found if name not in _OWN_KINDS)
    return {kind_of(fields), *others} if found else set()


# All rows and replies of a file have the same few sets of names.
@lru_cache(maxsize=256)
def names_of_kind(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields that may say what kind of a part something is."""
    return tuple(one for one in names if one in _OWN_KINDS or one in _KINDS)


def is_note_of_team(fields: Mapping[str, Any]) -> bool:
    """Say whether a part calls itself a note of the team; a ticket may be of a credit note."""
    said = (_words(normalized(kind)) for kind in _kinds(fields) if _NOTE_KIND.search(kind))
    are_of_team = any(one & (PRIVATE | STAFF | _WORK) for one in said)
    return are_of_team or ("poster" in fields and is_note(fields))


@lru_cache(maxsize=256)
def names_telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some names of fields that may say who may read something."""
    return tuple(one for one in names if _is_yes_private(one) is not None or _tells_audience(one))


def are_replies_public(fields: Mapping[str, Any], *, of_rows: bool = False) -> bool:
    """Say whether replies in the columns of a row may be read, as others say: "Comment public".

    Where each row has a reply of its own (`of_rows`), all that it says is of this.
    """
    if of_rows:
        return is_public(fields)
    names = names_telling(tuple(fields))
    return not any(says_private(name, fields[name]) for name in names if _tells_of_replies(name))


def is_part_public(column: str, fields: Mapping[str, Any]) -> bool:
    """Say whether a text in an object of its own is for all, by what stands beside it there.

    So a comment does that is not in a list: "comment.body" beside "comment.public". `fields` are
    those of the row; what a whole ticket says of itself says nothing of its text.
    """
    return all(_is_object_public(one, column, fields) for one in _objects_around(column))


@lru_cache(maxsize=1024)
def _objects_around(column: str) -> tuple[str, ...]:
    """Return the objects that a column's text is in, other than the ticket, by their paths."""
    *above, last = normalized(column).split(".")
    paths = (".".join(above[: end + 1]) for end in range(len(above)))
    return tuple(one for one in paths if not is_of_ticket(f"{one}.{last}"))


def _is_object_public(path: str, column: str, fields: Mapping[str, Any]) -> bool:
    start = f"{path}."
    inner = {name[len(start) :]: one for name, one in fields.items() if name.startswith(start)}
    if "." in normalized(column)[len(start) :]:  # another object in it speaks of itself
        inner = {name: one for name, one in inner.items() if "." not in name}
    is_reply = bool(_OBJECTS & _words(path.rpartition(".")[2]))
    # What has a title is a ticket in an object of another name.
    return (not is_reply and not _TITLES.isdisjoint(inner)) or is_public(inner)


@lru_cache(maxsize=4096)
def _tells_of_replies(name: str) -> bool:
    return bool(_words(name) & _REPLIES)


_REPLIES = words("comment note message reply article response kommentar comentario commentaire")
_TITLES = frozenset(SYNONYMS["title"])
# Objects of one reply, or of an answer.
_OBJECTS = _REPLIES | words(
    "answer resolution solution antwort losung nachricht respuesta solucion mensaje notiz nota"
    " reponse comments notes"
)


@lru_cache(maxsize=1024)
def is_public_name(name: str) -> bool:
    """Say whether a column of this name may hold what the team tells the customer."""
    said = _words(normalized(name))
    if said & (PRIVATE | _WORK):
        return False
    if said & _TASKS:
        return bool(said & (_SENT | COMMENTS))
    return not said & STAFF or bool(said & _SENT)


def is_name_of_team(name: str) -> bool:
    """Say whether a column of this name holds what the team writes for itself: "Internal notes".

    A longer name may be a question of a form, about what is private.
    """
    said = _words(normalized(name))
    is_note = bool(said & _NOTE_NAMES and said & (STAFF | _WORK))
    return len(said) <= MAX_NAME_WORDS and (is_note or bool(said & (PRIVATE | _WORK_NOTES)))


MAX_NAME_WORDS = 3
_WORK_NOTES = words("worknote worknotes worklog worklogs arbeitsnotiz arbeitsnotizen")


def kinds_of(columns: Sequence[str], *, are_known: bool) -> list[tuple[str, str]]:
    """Return columns of replies with what `is_public_name` should read of each.

    Notes that stand beside posts or messages are what the team writes for itself, unless the tool
    is known, as GitLab calls comments notes.
    """
    named = [(column, normalized(column)) for column in columns]
    if are_known or all(_NOTE_NAMES & _words(name) for _, name in named):
        return named
    return [(one, "internal" if _NOTE_NAMES & _words(name) else name) for one, name in named]


_NOTE_NAMES = words("note notes notiz notizen nota notas")


def says_private(name: str, value: object) -> bool:
    """Say whether a field says that not all may read what it belongs to."""
    yes_is_private, is_audience = _is_yes_private(name), _tells_audience(name)
    if is_empty(value) or isinstance(value, list | dict):
        return False
    if yes_is_private is not None and (is_yes := flag(value)) is not None:
        return is_yes is yes_is_private
    if yes_is_private and str(value).strip().lower() in _TICKS:
        return True
    return is_audience and _is_for_some(name, str(value))


# What nobody wrote, or nobody has sent yet, or a moderator hides.
_UNSHOWN = frozenset({"system", "is system", "is note", "draft", "is draft", "is minimized"})
# How people tick a box in a table.
_TICKS = frozenset({"x", "✓", "✔", "checked", "on"})


@lru_cache(maxsize=4096)
def _is_yes_private(name: str) -> bool | None:
    """Say whether "yes" in a field means private, or public; None if it is not such a flag."""
    said = _words(name)
    if said & _NO_FLAGS:
        return None
    # "visible to staff only" does not say that all see it.
    is_for_staff = "only" in said and bool(said & STAFF)
    if said & PRIVATE or is_for_staff or name in _UNSHOWN:
        return True
    return False if said & PUBLIC else None


# Who alone reads a comment, in Jira's XML.
_LEVELS = frozenset({"grouplevel", "rolelevel"})
# What Mantis calls them.
_VIEWS = frozenset({"view state", "view status"})
# Names of fields that say who sees something.
_SHOWN_TO = frozenset({"visible to", "shown to", "sichtbar fur", "visible para", "visible pour"})


@lru_cache(maxsize=4096)
def _tells_audience(name: str) -> bool:
    """Say whether a field is such as `visibility`, `comment type` or `visibility.type`."""
    if (
        name in _LEVELS or name.removesuffix(".name") in {"view state", "view status"} | _SHOWN_TO
    ):  # Mantis
        return True
    *before, last = name.replace(".", " ").replace("$", "").split() or [""]
    is_named = last in _AUDIENCES or name == "visibility.value"
    return is_named and _PARTS.issuperset(before)


def _is_for_some(name: str, value: str) -> bool:
    said = _words(normalized(value).replace("-", " "))
    if said & (PRIVATE | LIMITED) or (said & STAFF and said & NOTES):
        return True
    named = _words(name)
    if name in _LEVELS:
        return not said & FOR_ALL
    if named & _RECIPIENTS:
        return said <= STAFF
    if named & _ACCESS or name in _SHOWN_TO:
        return bool(said & STAFF)
    # A number is a code that may say either: in Re:amaze, 1 is for the team.
    is_yes = flag(value) is True and not value.strip().isdigit()
    return bool(named & VISIBILITY) and not is_yes and not said & FOR_ALL


def _words(name: str) -> set[str]:
    return set(name.replace(".", " ").replace("/", " ").split())
