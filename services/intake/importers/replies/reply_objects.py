"""What an object says of a reply: its text, who wrote it and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.intake.importers.audience.reply_audience import is_public, is_public_name
from services.intake.importers.records import flat, is_empty, normalized
from services.intake.importers.vocabulary.flags import flag
from services.text.markup.wiki_text import is_document
from services.text.words.word_lists import words

Fields = Mapping[str, Any]

# Names are as `normalized` writes them, the first one that an object has counts.
_TEXTS = (
    "plain body", "body text", "body", "text", "html body", "comment", "content", "message",
    "comment body", "text body", "note", "thetext", "value", "notes", "contents", "cooked",
    "msg", "comment content", "message parts", "parts", "content html", "body html",
    "rendered body", "comment text", "reply text", "message text", "note text", "memo text",
    "detailed description", "t note", "kommentar", "nachricht", "antwort", "inhalt", "texto",
    "comentario", "mensaje", "contenido", "respuesta", "contenu", "commentaire", "testo",
    "messaggio", "commento", "mensagem", "conteudo", "tekst", "bericht", "reactie",
)  # fmt: skip
# What the object of a text calls the text.
PARTS_OF_TEXT = ("content", "text", "plain", "body", "value", "raw")
_AUTHORS = (
    "author id", "author", "user", "created by", "fullname", "creator", "user id", "from",
    "sender id", "sender", "owner", "username", "user name", "nickname", "who", "by",
    "sys created by", "reporter", "commented by", "posted by", "written by", "sent by", "added by",
    "author name", "author email", "from address", "fromaddress", "sender full name",
    "sender email",
    "createdby", "created by id", "submitted by", "sender name", "comment author",
    "createdbyid", "u", "from field", "initiator", "actor name", "actor id", "person email",
    "person id", "actor", "submitter", "autor", "verfasser", "absender", "auteur", "autore",
    "remitente",
    "mittente", "afzender", "von", "agent name", "staff name", "member", "user full name",
)  # fmt: skip
_PARTS_OF_PERSON = (
    "name", "n", "display name", "full name", "login", "username", "email", "id", "user id",
    "handle", "user.display name", "user.id",
)  # fmt: skip
_TEXT_PATHS = tuple(
    path for name in _TEXTS for path in (name, *(f"{name}.{part}" for part in PARTS_OF_TEXT))
)
_AUTHOR_PATHS = [(name, *(f"{name}.{part}" for part in _PARTS_OF_PERSON)) for name in _AUTHORS]
_TIMES = (
    "created at", "created", "created date", "date", "time", "timestamp", "bug when", "created on",
    "create time", "creation date", "comment date", "created datetime", "created date time",
    "sent at", "ts", "sys created on", "created time", "createddate", "created utc",
    "date submitted", "submitted at", "message date", "messagedate", "date sent",
    "commented at", "commented time",
    "posted at", "posted on", "post time", "time created", "timestamp ms", "create at", "dateline",
    "date created", "datecreated",
    "creationdate", "creationtime", "inserted at", "delivered at", "create date time",
    "submit date", "comment time", "fecha", "datum", "erstellt", "erstellt am", "creado",
)  # fmt: skip
# What has a title of its own is a task or a file, no reply.
_TITLES = frozenset({"title", "summary", "label", "filename", "file name"})

_INCOMING = frozenset({"inbound", "incoming", "is inbound", "from customer"})
_OUTGOING = frozenset({"outbound", "outgoing", "is agent", "from agent", "is staff"})
_ROLES = frozenset(
    {
        "from",
        "role", "sender type", "author type", "user type", "sender", "speaker", "direction",
        "author association", "actor type", "message direction", "initiator",
    }
)  # fmt: skip
_TEAM = words(
    "agent support staff admin bot operator representative rep assistant team outbound outgoing out"
    " team_member teammate user_agent system"
)
# Who writes for a repository of GitHub; members of a forum ask there.
_ASSOCIATED = words("owner member collaborator")
_CUSTOMERS = words(
    "customer client requester end-user enduser visitor guest inbound incoming in lead contact"
)
_PEOPLE = _TEAM | _CUSTOMERS
_KINDS = _PEOPLE | _ASSOCIATED | {"user"}
_ACCEPTED = frozenset({"is answer", "is accepted", "accepted answer", "accepted"})


@dataclass(frozen=True)
class _Names:
    """Which fields of an object may say what of a reply, those that count before others first."""

    texts: tuple[str, ...]
    authors: tuple[tuple[str, ...], ...]
    times: tuple[str, ...]
    roles: tuple[str, ...]


# All replies of a file have the same few sets of fields, and all names are many.
@lru_cache(maxsize=256)
def _names_in(fields: tuple[str, ...]) -> _Names:
    own = frozenset(fields)
    authors = (tuple(one for one in paths if one in own) for paths in _AUTHOR_PATHS)
    return _Names(
        tuple(path for path in _TEXT_PATHS if path in own),
        tuple(filter(None, authors)),
        tuple(name for name in _TIMES if name in own),
        tuple(one for one in fields if one in _INCOMING | _OUTGOING or _names_role(one)),
    )


def fields_of(value: Mapping[str, Any]) -> Fields:
    """Return the fields of a reply by their names as `normalized`; inner ones have dots.

    Jira lists what its apps say of a comment: `{"key": "sd.public.comment", "value": {…}}`.
    """
    if len(value) == 1:  # {"note": {…}}
        (only,) = value.values()
        value = only if isinstance(only, Mapping) and only else value
    listed = value.get("properties")
    told = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    value = {**{str(one.get("key")): one.get("value") for one in told}, **value}
    return {normalized(path): inner for path, inner in flat(value).items()}


def is_reply(value: object) -> bool:
    """Say whether an object is what somebody wrote to a ticket, known by what it has."""
    if not isinstance(value, Mapping):
        return False
    fields = fields_of(value)
    if text_of(fields) is None or _TITLES.intersection(fields):
        return False
    # A name may be that of the author, or of a task.
    is_known = "name" not in fields and time_of(fields) is not None
    return is_known or bool(authors_of(fields)) or is_of_team(fields) is not None


def text_of(fields: Fields) -> Any:
    """Return the text of a reply as it is written; None if it has none."""
    for path in _names_in(tuple(fields)).texts:
        value = fields[path]
        if (isinstance(value, str) and not is_empty(value.strip())) or is_document(value):
            return value
        if isinstance(value, list) and (parts := parts_of_text(value)):
            return parts
    return None


def parts_of_text(parts: list[Any]) -> list[Any]:
    """Return the texts of a message that is written in parts, as Freshchat and models of language.

    Those are `[{"text": {"content": "It jams."}}, {"image": …}]`; a part that is a string is one
    of a text with formats. None of a list in which any part is something else.
    """
    if not all(isinstance(one, str | Mapping) for one in parts):
        return []
    found = [one if isinstance(one, str) else _own_text(flat(one)) for one in parts[:_MAX_PARTS]]
    return [one for one in found if isinstance(one, str) and not is_empty(one.strip())]


# A message has a few.
_MAX_PARTS = 100


def _own_text(part: Fields) -> Any:
    return next((part[name] for name in _PART_TEXTS if isinstance(part.get(name), str)), None)


_PART_TEXTS = ("text.content", "text.body", "text.value", "text", "content", "value")


def authors_of(fields: Fields) -> list[str]:
    """Return what the author of a reply is called: a name first, then ids; none if not known."""
    for paths in _names_in(tuple(fields)).authors:
        found = [str(fields[one]) for one in paths if _is_name(fields[one])]
        if found and found[0].lower() not in _KINDS:
            return found
    # A name alone may be that of a task.
    name = fields.get("name")
    return [str(name)] if _is_name(name) and is_of_team(fields) is not None else []


def requesters_of(fields: Fields, author: str) -> frozenset[str]:
    """Return the ids of who reported a ticket, by its fields; if it has none, their name."""
    found = (fields.get(name) for name in _REQUESTERS)
    ids = frozenset(str(one) for one in found if one not in (None, ""))
    return ids or frozenset(filter(None, [author]))


_REQUESTERS = ("requester id", "submitter id", "customer id", "caller id")


def first_authors(value: object, kind: str = "") -> frozenset[str]:
    """Return what the author of the first public one of some replies of a `kind` is called."""
    if not is_public_name(kind):
        return frozenset()
    objects = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    public = (fields for one in objects if is_public(fields := fields_of(one)))
    return frozenset(authors_of(next(public, {})))


def _is_name(value: object) -> bool:
    return isinstance(value, str | int) and not is_empty(value)


def time_of(fields: Fields) -> Any:
    """Return the time of a reply as it is written; None if it has none."""
    times = _names_in(tuple(fields)).times
    return next((fields[name] for name in times if not is_empty(fields[name])), None)


def is_accepted(fields: Fields) -> bool:
    """Say whether the source itself calls a reply the answer."""
    return any(flag(fields[name]) is True for name in _ACCEPTED & fields.keys())


def is_of_team(fields: Fields) -> bool | None:
    """Say whether the team wrote a reply or a row; None where its fields do not say."""
    for name in _names_in(tuple(fields)).roles:
        value = fields[name]
        if name in _INCOMING and (said := flag(value)) is not None:
            return not said
        if name in _OUTGOING and (said := flag(value)) is not None:
            return said
        if isinstance(value, str) and _names_role(name):
            word = value.strip().lower()
            if word in _ASSOCIATED and name.rpartition(".")[2] == "author association":
                return True
            if word in _PEOPLE or (word == "user" and name in _ROLES):  # GitHub's agents are users
                return word in _TEAM
    return None


def _names_role(name: str) -> bool:
    """Say whether a column holds roles, such as `direction`, `author.type`, `creator.role.type`."""
    if "." not in name:
        return name in _ROLES
    person, _, last = name.removesuffix(".type").rpartition(".")
    return last in _ROLES or (name.endswith(".type") and not person and last in _AUTHORS)
