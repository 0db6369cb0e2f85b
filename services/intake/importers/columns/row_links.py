"""Rows that belong to another row of their table, as a column of any name says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from services.intake.importers.columns.mail_columns import TO, names_people
from services.intake.importers.layouts.corpora import MAIL
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.records import Record, normalized, raw_id
from services.intake.importers.replies.reply_objects import authors_of, is_of_team
from services.intake.importers.replies.reply_titles import bare_title
from services.intake.importers.vocabulary.synonyms import Mapping_
from services.text.words.word_lists import words

# What the name of a column has that names what a row replies to, and what it has not.
_LINKS = words("reply replied response reference conversation thread discussion parent root")
_MAIL_IDS = {"message id", "internet message id", "entry id", "mail id", "email id"}
# What names the topic of a post or the conversation of a message, and no other row.
_TOPIC_TITLES = {"topic title", "thread title"}
_TOPICS = {"topic id", "conversation id", "thread id", "conversation slug", "topic slug"}
_CONVERSATIONS = {
    "topic id", "conversation id", "thread id", "chat id", "ticket id", "case id", "issue id",
    "discussion id",
}  # fmt: skip
# What says so too beside numbers that begin anew in each conversation.
_WHOLES = _CONVERSATIONS | words(
    "conversation chat thread ticket case discussion session dialog dialogue request incident issue"
    " konversation unterhaltung vorgang fall anfrage sitzung conversacion caso incidencia hilo"
    " solicitud demande"
)
_OTHERS = words("count number category type status group level department score time date")
# The share of its values that are ids of rows; what a reply answers may be missing.
MOSTLY = 0.9
# The share of the rows so named that reply to nothing, or name themselves. Numbers that are ids of
# something else are ids of rows by chance, and these name others then.
MIN_ROOTS = 0.3


def find_parents(sample: Sequence[Record], mapping: Mapping_) -> tuple[str, ...]:
    """Return the column by which replies name the row that they reply to; none if there is none.

    Rows with titles of their own are no replies: a task below another one is a task.
    """
    rows = {raw_id(record, mapping.get("id", ())): record for record in sample}
    rows.pop(None, None)
    for name in _names(sample, mapping) if len(rows) > 1 else ():
        said = set(normalized(name).replace(".", " ").split())
        if said & _LINKS and not said & _OTHERS and _links(name, sample, rows, mapping):
            return (name,)
    return ()


def may_repeat_titles(layout: Layout, mapping: Mapping_, columns: Iterable[str]) -> bool:
    """Say whether rows are mails, of which one with "Re:" before its subject answers another one.

    What has an id of its own that is no mail's is a ticket, whatever its subject begins with; so is
    what goes to nobody.
    """
    ids = {normalized(name) for name in mapping.get("id", ())}
    are_mails = layout is TABLE and "title" in mapping and ids <= _MAIL_IDS
    return layout is MAIL or (are_mails and any(names_people(one, TO) for one in columns))


def find_topic(sample: Sequence[Record], mapping: Mapping_) -> tuple[str, ...]:
    """Return the column with the topic of each post of a forum; none if there is none.

    All posts of a topic have its title there, or none. Messages of a chat have no titles.
    """
    titles = mapping.get("title", ())
    if "id" not in mapping and titles and normalized(titles[0]) in _TOPIC_TITLES:
        return titles[:1]
    wanted = _TOPICS if titles else _CONVERSATIONS | _WHOLES
    for name in _names(sample, mapping):
        if _spaced(name) in _WHOLES and _is_numbered_within(name, sample, mapping):
            return (name,)
        if _spaced(name) not in wanted:
            continue
        if _spaced(name) not in _TOPICS | _CONVERSATIONS and not _has_keys(name, sample):
            continue  # "Vorgang" may say what kind of ticket it is
        names = partial(_names_topics, mapping=mapping) if titles else _names_conversations
        if names(name, sample):
            return (name,)
    return ()


def _spaced(name: str) -> str:
    """Return a name as `normalized`, with a space for what may stand for one: `threadid`."""
    return re.sub(r"\.|(?<=[a-z])(?=id$)", " ", normalized(name)).replace("  ", " ")


def _is_numbered_within(name: str, sample: Sequence[Record], mapping: Mapping_) -> bool:
    """Say whether ids come again, and each once in the rows that have the same value here."""
    ids = [raw_id(record, mapping.get("id", ())) for record in sample]
    wholes = [raw_id(record, (name,)) for record in sample]
    pairs = set(zip(wholes, ids, strict=True))
    return None not in {*ids, *wholes} and len(set(ids)) < len(sample) == len(pairs)


def _has_keys(name: str, sample: Sequence[Record]) -> bool:
    values = [raw_id(record, (name,)) or "" for record in sample]
    return all(any(map(str.isdigit, one)) and len(one.split()) == 1 for one in values)


def _names_conversations(name: str, sample: Sequence[Record]) -> bool:
    """Say whether rows with the same value were mostly written by several people."""
    writers: defaultdict[str | None, list[str]] = defaultdict(list)
    for record in sample:
        wrote = authors_of(record.named) or [str(is_of_team(record.named))]
        writers[raw_id(record, (name,))].append(wrote[0])
    several = [one for value, one in writers.items() if value is not None and len(one) > 1]
    return None not in writers and 2 * sum(len(set(one)) > 1 for one in several) > len(several)


def _names(sample: Sequence[Record], mapping: Mapping_) -> list[str]:
    taken = {name for field in mapping if field != "id" for name in mapping[field]}
    names = dict.fromkeys(name for record in sample for name in record.values)
    return [name for name in names if name not in {*taken, *mapping.get("id", ())[:1]}]


def _links(
    name: str, sample: Sequence[Record], rows: dict[str | None, Record], mapping: Mapping_
) -> bool:
    ids = mapping.get("id", ())
    named = [record for record in sample if raw_id(record, (name,)) is not None]
    known = [record for record in named if raw_id(record, (name,)) in rows]
    replies = [one for one in known if raw_id(one, (name,)) != raw_id(one, ids)]
    has_titles = any(raw_id(record, mapping.get("title", ())) for record in replies)
    if not replies or has_titles or len(known) < MOSTLY * len(named):
        return False
    above = {raw_id(record, (name,)) for record in replies}
    roots = [one for one in above if raw_id(rows[one], (name,)) in (None, one)]
    return len(roots) >= MIN_ROOTS * len(above)


def _names_topics(name: str, sample: Sequence[Record], mapping: Mapping_) -> bool:
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for record in sample:
        if (topic := raw_id(record, (name,))) is not None:
            titles[topic].add(bare_title(raw_id(record, mapping.get("title", ())) or ""))
    return len(titles) < len(sample) and all(len(one - {""}) == 1 for one in titles.values())
