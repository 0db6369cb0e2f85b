"""Which columns give which fields: by the layout, by what columns are called, by what they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from services.intake.importers.columns.content_columns import add_by_content
from services.intake.importers.columns.plausible_columns import is_plausible
from services.intake.importers.columns.sampled_columns import Column
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.records import normalized
from services.intake.importers.replies.reply_objects import PARTS_OF_TEXT
from services.intake.importers.vocabulary.synonyms import (
    FIELDS,
    SYNONYMS,
    Field,
    Mapping_,
    spellings_of,
)
from services.intake.importers.vocabulary.ticket_paths import WRAPPERS, is_of_ticket
from services.text.words.word_lists import words


def map_columns(
    columns: Mapping[str, Column], layout: Layout, given: Mapping[Field, tuple[str, ...]]
) -> Mapping_:
    """Return the columns that give each field, the preferred one first.

    What is `given` by the user holds; then the layout's columns, those of known names, and where a
    field has none, what the columns hold. A later column fills a row whose first is empty.
    """
    mapping: Mapping_ = dict(given)
    taken = {name for names in given.values() for name in names}
    by_name, inner = _named(columns)
    for field in FIELDS:
        if field in mapping:
            continue
        found = _found(field, layout, (by_name, inner), taken)
        if found:
            mapping[field] = tuple(one.name for one in _exact(field, found, columns))
            taken.update(mapping[field])
    if not layout.columns:
        _take_slack_threads(by_name, mapping, taken)
    if layout.columns.get("replies") != () and "replies" not in given:
        _add_numbered(columns, mapping, taken)
    add_by_content(columns, layout, mapping, taken)
    if "text" not in layout.columns:
        found = [one for name in (*SYNONYMS["text"], *_NOTES) for one in by_name.get(name, ())]
        # Azure DevOps describes a bug by how to reproduce it, and others in words.
        described = [one for name in SYNONYMS["text"] for one in inner.get(name, ())]
        found += [one for one in described if normalized(one.name).startswith("fields.")]
        taken.update(*mapping.values())
        rest = [one for one in found if one.name not in taken and is_plausible("text", one)]
        mapping["text"] = (*mapping.get("text", ()), *(one.name for one in rest))
    return mapping


def _found(
    field: Field, layout: Layout, named: tuple[_ByName, _ByName], taken: set[str]
) -> list[Column]:
    """Return the columns that give a field by what they are called, other than those `taken`."""
    by_name, inner = named
    listed = layout.columns.get(field)
    names = listed if listed is not None else SYNONYMS[field]
    found = [one for name in names for one in by_name.get(name, ()) if one.name not in taken]
    if listed is not None:
        is_elsewhere = not found and listed and field in _ELSEWHERE
        return _others(field, by_name, taken) if is_elsewhere else found
    if not any(one.values for one in found):
        found = [one for name in names for one in inner.get(name, ())] or found
    return [one for one in found if is_plausible(field, one) and one.name not in taken][:1]


# Fields that another export of a tool may call otherwise than its layout does.
_ELSEWHERE: frozenset[Field] = frozenset({"title", "text", "created", "resolved", "author"})
# What a text has at least, where only its name tells that it is one: "Issue" may be a choice.
_MIN_TEXT_WORDS = 3


def _others(field: Field, by_name: _ByName, taken: set[str]) -> list[Column]:
    """Return the column that gives a field by its name alone; none if none is sure to."""
    named = [one for name in SYNONYMS[field] for one in by_name.get(name, ())]
    free = [one for one in named if one.name not in taken and one.values]
    if field == "text":
        free = [one for one in free if one.mean_words >= _MIN_TEXT_WORDS]
    return [one for one in free if is_plausible(field, one)][:1]


# "Comment 2", "Comment.1" as pandas writes it, "Comment 1 Body".
_NUMBERED = re.compile(r"(?P<name>.*[^ .#])[ .#]*\b\d{1,3}(?: (?:body|text))?")


def _add_numbered(columns: Mapping[str, Column], mapping: Mapping_, taken: set[str]) -> None:
    """Take columns of replies that are numbered: one for each reply."""
    found = [
        one.name
        for one in columns.values()
        if one.name not in taken
        and (named := _NUMBERED.fullmatch(normalized(one.name)))
        and named["name"] in SYNONYMS["replies"]
        and one.mean_words >= _MIN_REPLY_WORDS
        and is_plausible("replies", one)
    ]
    if found:
        mapping["replies"] = (*mapping.get("replies", ()), *found)
        taken.update(found)


# "Comment 1" may be who wrote it.
_MIN_REPLY_WORDS = 2


def _take_slack_threads(by_name: _ByName, mapping: Mapping_, taken: set[str]) -> None:
    """Take a message's time as its id, as Slack does, where another column names that of a thread.

    Without such a column it is none: two tickets of one second are two.
    """
    times, threads = by_name.get("ts"), by_name.get("thread ts")
    if times and threads and not ("id" in mapping or "parent" in mapping):
        mapping["id"], mapping["parent"] = (times[0].name,), (threads[0].name,)
        mapping.setdefault("created", mapping["id"])
        taken.update(mapping["id"], mapping["parent"])


# What says something of a ticket that has no description.
_NOTES = words("notes note notiz notizen bemerkung bemerkungen notas observaciones remarks remark")


def _exact(field: Field, found: list[Column], columns: Mapping[str, Column]) -> list[Column]:
    """Return columns of dates, exact values before what is shown to people."""
    if field not in ("created", "resolved"):
        return found
    raw = [columns[name] for one in found if (name := f"{one.name}.value") in columns]
    return [*(one for one in raw if one not in found), *found]


_ByName = dict[str, list[Column]]


def _named(columns: Mapping[str, Column]) -> tuple[_ByName, _ByName]:
    """Return columns by their names, and by those that count if no column is called like that."""
    by_name: _ByName = {}
    inner: _ByName = {}
    prefix = _shared_prefix([normalized(name) for name in columns])
    for column in columns.values():
        name = normalized(column.name)
        if prefix and name.startswith(prefix):
            for one in spellings_of(name.removeprefix(prefix)):
                inner.setdefault(one, []).append(column)
        for one in {name, _shown_as(name)}:
            by_name.setdefault(one, []).append(column)
        for path in _inner_names(name):
            inner.setdefault(path, []).append(column)
    return by_name, inner


def _shared_prefix(names: Sequence[str]) -> str:
    """Return the word that nearly all columns begin with, as in many databases: "ows_Title"."""
    firsts = Counter(found[0] for name in names if (found := _PREFIX.match(name)))
    first, number = max(firsts.items(), key=lambda one: one[1], default=("", 0))
    return first if number >= max(MIN_PREFIXED, MOSTLY_PREFIXED * len(names)) else ""


_PREFIX = re.compile(r"\w+[ .](?=\w)")
MIN_PREFIXED = 3
MOSTLY_PREFIXED = 0.75

# What the object of a state calls the state.
_LABELS = words("name label title") | {"display name"}


def _shown_as(name: str) -> str:
    """Return the name of a column; that of a state's label is the state's: `status.name`."""
    above, _, last = name.rpartition(".")
    return above if last in _LABELS and above in SYNONYMS["status"] else name


# "Nr. / No." is no path.
_PATH = re.compile(r"\.(?=\S)")


def _inner_names(name: str) -> list[str]:
    """Return the names by which a column is known if none is called like that."""
    *above, last = _PATH.split(name)
    is_link = above[:1] == ["links"] and last == "title"  # of HAL: OpenProject's
    if above and (last in _PERSON_NAMES or is_link) and above[-1] in SYNONYMS["author"]:
        return [above[-1]]
    if above and last in _LABELS | {"value"} and above[-1] in SYNONYMS["status"]:
        return [above[-1]] if WRAPPERS.issuperset(above[:-1]) else []
    if above and last in PARTS_OF_TEXT and above[-1] in OF_TEXTS:
        return [above[-1]]
    if above:
        return [last] if is_of_ticket(name) else []
    return spellings_of(name)[1:]


# What the object of a person calls the person.
_PERSON_NAMES = words("name username login email mail") | {"display name", "full name"}


OF_TEXTS = frozenset((*SYNONYMS["text"], *SYNONYMS["answer"]))
