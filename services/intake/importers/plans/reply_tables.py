"""Tables of replies beside those of tickets: which they are, and what names the tickets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePath
from typing import Any

from services.errors import InputError
from services.intake.importers.inputs import Input
from services.intake.importers.layouts.corpora import STACK_EXCHANGE_OTHERS
from services.intake.importers.plans.table_columns import read_columns
from services.intake.importers.recognition import ReadOptions, Table, recognize
from services.intake.importers.records import Record, is_empty, normalized, raw_id
from services.intake.importers.vocabulary.synonyms import SYNONYMS
from services.text.words.word_lists import words

# Rows by which a file is known.
_SAMPLE = 50
# Columns that name the ticket of a reply, as `normalized` writes them: first GitHub's addresses.
_TICKETS = (
    "issue", "pull request", "ticket id", "issue id", "case id", "conversation id", "incident id",
    "request id", "task id", "ticket number", "case number", "ticket key", "issue key", "ticket",
    "ticketid", "caseid", "issueid", "conversationid", "thread id", "topic id", "discussion id",
    "question id", "chat id", "work item id", "bug id", "card id", "parent id", "parentid",
    "post id", "element id",
)  # fmt: skip
TEXTS = frozenset(
    words("body text comment content message note notes commentbody textbody htmlbody")
    | {"comment body", "text body", "html body", "plain body", "body text", "body html"}
    | words("kommentar antwort nachricht comentario respuesta mensaje commentaire reponse reply")
    | {"comment text", "reply text", "comments"}
)
# ServiceNow's journal has "value" beside what names the ticket; other tables with one have tags,
# fields or a history.
_OF_JOURNAL = "element id"
# What is no link to a ticket: the reply's own id, who wrote it, and when.
_OWN = frozenset({*SYNONYMS["author"], *SYNONYMS["created"]}) | {
    "id", "#", "comment id", "reply id", "message id", "note id", "commentid",
}  # fmt: skip
# The share of a column's values that are ids of tickets, from which it names them.
MOSTLY = 0.9
_NAME = re.compile(
    r"comment|repl(?:y|ies)|notes?\b|messages?\b|articles?\b|thread|conversation|answer|response|journal"
    r"|kommentar|antwort|comentario|respuesta|commentaire",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReplyFile:
    """A file of replies; `links` are the columns that name their tickets, the first one counts."""

    name: str
    table: Table
    links: Sequence[str]


def texts_in(names: Iterable[str]) -> list[str]:
    """Return the names of columns that have the texts of replies."""
    names = [*names]
    return [one for one in names if one in TEXTS or (one == "value" and _OF_JOURNAL in names)]


def beside(file: str, table: str) -> str:
    """Return what a table is called that its file has beside another one."""
    return f"{file}: {table}"


def names_of(values: Mapping[str, Any], id_: str | None) -> list[str]:
    """Return what replies may call the ticket of a row: its address, its id."""
    named = {name.lower(): value for name, value in values.items() if len(name) <= MAX_KEY}
    address = named.get("html_url")
    key = named.get("sys_id") or named.get("id")
    whole = named.get("name")  # Reddit names a post by its kind, too: t3_abc1
    whole = whole if isinstance(whole, str) and key and whole.endswith(f"_{key}") else None
    names = (address, id_, key, whole)
    return [str(one) for one in names if isinstance(one, str | int) and one != ""]


# Characters of the names that `names_of` looks for.
MAX_KEY = len("html_url")


def reply_files(inputs: Sequence[Input], options: ReadOptions) -> list[ReplyFile]:
    """Return the tables of inputs whose rows are replies to the tickets of another one."""
    tables: list[tuple[Table, Mapping[str, set[str]]]] = []
    for one in inputs:
        if one.kind in ("file", "sheet"):
            with suppress(InputError):
                tables += [(table, _columns(table)) for table in _tables(recognize(one, options))]
    of_tickets = [table for table, columns in tables if _are_tickets(columns)]
    ids = _TicketIds(of_tickets, options)
    found: list[ReplyFile] = []
    for table, columns in tables if of_tickets else ():
        if _are_tickets(columns) or not texts_in(columns):
            continue
        if STACK_EXCHANGE_OTHERS.fits(frozenset(columns)):
            continue
        is_named = not _is_titled(columns) and _NAME.search(stem(table.name)) is not None
        if is_named and not columns.keys().isdisjoint(_TICKETS):
            found.append(ReplyFile(table.name, table, _TICKETS))
        elif (link := _link(columns, ids)) is not None:
            found.append(ReplyFile(table.name, table, (link,)))
    return found


def _is_titled(columns: Mapping[str, set[str]]) -> bool:
    """Say whether rows have titles of their own, as tickets have."""
    names = {name.rpartition(".")[2] for name in columns if name.startswith(_OF_TICKETS)}
    return not (columns.keys() | names).isdisjoint(SYNONYMS["title"])


# Objects that hold a ticket's fields: of Jira, Azure DevOps, HubSpot.
_OF_TICKETS = ("fields.", "properties.", "attributes.")


def _are_tickets(columns: Mapping[str, set[str]]) -> bool:
    """Say whether rows are tickets: titled, and no mails to tickets, which say where they went."""
    # GLPI calls a ticket's title its name.
    is_named = "name" in columns and not columns.keys().isdisjoint(SYNONYMS["status"])
    has_title = _is_titled(columns) or (is_named and bool(texts_in(columns)))
    return has_title and columns.keys().isdisjoint(_MAIL)


_MAIL = frozenset(
    {
        "incoming", "inbound", "is incoming", "is inbound", "direction", "from address",
        "fromaddress",
    }
)  # fmt: skip


def _tables(table: Table) -> Iterator[Table]:
    """Yield a table, and those beside it in the same file."""
    yield table
    for name, read in table.beside.items():
        yield Table(beside(table.name, name), table.format, read)


def stem(name: str) -> str:
    """Return what a file or a sheet is called, without its folder and form."""
    return PurePath(name.rpartition(": ")[2]).stem.replace("_", " ")


def _columns(table: Table) -> dict[str, set[str]]:
    """Return the first values of each column that has some, by its name as `normalized`."""
    found: dict[str, set[str]] = defaultdict(set)
    records = (one for one in table.read() if isinstance(one, Record))
    for record in islice(records, _SAMPLE):
        for name, value in record.values.items():
            if not is_empty(value):
                found[normalized(name)].add(str(value).strip())
    return found


@dataclass(frozen=True)
class _TicketIds:
    """What replies may call the tickets of tables; these are read once, if anybody asks."""

    tables: Sequence[Table]
    options: ReadOptions

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name for table in self.tables for name in _ids(table, self.options))


def _link(columns: Mapping[str, set[str]], ids: _TicketIds) -> str | None:
    """Return the column whose values are ids of tickets; None unless exactly one is such."""
    links = [
        name
        for name, values in columns.items()
        if name not in _OWN and name not in TEXTS
        and len(values & ids.names) >= MOSTLY * len(values)
    ]  # fmt: skip
    return links[0] if len(links) == 1 else None


def _ids(table: Table, options: ReadOptions) -> list[str]:
    """Return what replies may call the tickets of a table; nothing if it cannot be read."""
    with suppress(InputError):
        columns = read_columns(table, options).mapping.get("id", ())
        rows = (one for one in table.read() if isinstance(one, Record))
        return [name for row in rows for name in names_of(row.values, raw_id(row, columns))]
    return []
