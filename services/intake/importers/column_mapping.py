"""Which columns give which fields: by the layout, by what columns are called, by what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.intake.importers.columns import Column, share
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.records import normalized
from services.intake.importers.states import is_medium, says_nothing, state_of
from services.intake.importers.synonyms import FIELDS, SYNONYMS, Field, spellings_of
from services.text.word_lists import words

# A column of long texts is taken for the text of tickets from this mean number of characters and
# words on, if no other column comes near.
MIN_TEXT_LENGTH = 25
MIN_TEXT_WORDS = 4
CLEARLY_LONGER = 1.5

# An id is a word or two, such as "INC 7"; a column named "case" may hold what the case is about.
MAX_ID_WORDS = 2.5

# A column whose values are this often of a kind is of that kind.
MOSTLY = 0.5

# Names of columns that hold dates of something else than the ticket's beginning.
_OTHER_TIMES = words(
    "due updated modified resolved solved closed close response reply replied first last"
    " purchase purchased birth sla deadline end ended expires expiry warranty completed assigned"
    " changed viewed fallig faellig aktualisiert geandert gelost geschlossen erledigt antwort"
    " kauf kaufdatum geburtsdatum ende vencimiento actualizado actualizada actualizacion"
    " modificado resuelto cierre resolucion respuesta compra nacimiento fin ultima ultimo limite"
    " until bis hasta"
)
_ID_NAMES = words("id key number no nr nummer num code numero clave ref reference")
# Objects that hold a ticket's fields.
_WRAPPERS = words(
    "ticket issue case incident request conversation fields field properties attributes data"
    " details detail record item node payload content info values current source meta metadata"
)

Mapping_ = dict[Field, tuple[str, ...]]


def map_columns(
    columns: Mapping[str, Column], layout: Layout, given: Mapping[Field, tuple[str, ...]]
) -> Mapping_:
    """Return the columns that give each field, the preferred one first.

    What is `given` by the user holds; then the layout's columns, those of known names, and where a
    field has none, what the columns hold. A later column fills a row whose first is empty.
    """
    mapping: Mapping_ = dict(given)
    taken = {name for names in given.values() for name in names}
    by_name: dict[str, list[Column]] = {}
    inner: dict[str, list[Column]] = {}
    for column in columns.values():
        name = normalized(column.name)
        by_name.setdefault(name, []).append(column)
        for path in _inner_names(name):
            inner.setdefault(path, []).append(column)
    for field in FIELDS:
        if field in mapping:
            continue
        listed = layout.columns.get(field)
        names = listed if listed is not None else SYNONYMS[field]
        found = [one for name in names for one in by_name.get(name, ()) if one.name not in taken]
        if listed is None:
            found = found or [one for name in names for one in inner.get(name, ())]
            found = [one for one in found if is_plausible(field, one) and one.name not in taken][:1]
        if found:
            mapping[field] = tuple(one.name for one in found)
            taken.update(mapping[field])
    _by_content(columns, layout, mapping, taken)
    return mapping


def _inner_names(name: str) -> list[str]:
    """Return the names by which a column is known if none is called like that."""
    *above, last = name.split(".")
    if above and last in _PERSON_NAMES and above[-1] in SYNONYMS["author"]:
        return [above[-1]]
    if above and last in _TEXT_NAMES and above[-1] in SYNONYMS["text"]:
        return [above[-1]]
    if above:
        return [last] if _is_of_ticket(name) else []
    return spellings_of(name)[1:]


# What the object of a person calls the person.
_PERSON_NAMES = words("name display_name full_name username login email mail") | {
    "display name", "full name"
}  # fmt: skip


# What the object of a text calls the text.
_TEXT_NAMES = words("text body plain content value")


def _is_of_ticket(path: str) -> bool:
    """Say whether a path in nested objects leads into the ticket, not to a person or a product."""
    above = set(path.split(".")[:-1])
    return bool(above) and above <= _WRAPPERS


def is_plausible(field: Field, column: Column) -> bool:
    """Say whether a column may be what its name says."""
    if not column.values:
        return field in {"id", "title", "text", "answer", "status"}
    checks = {
        "id": lambda: column.mean_words <= MAX_ID_WORDS and not _counts_rows(column),
        "title": lambda: column.numbers < MOSTLY and column.dates < MOSTLY,
        "text": lambda: column.numbers < MOSTLY and column.dates < MOSTLY,
        "created": lambda: _holds_times(column),
        "resolved": lambda: _holds_times(column),
        "status": lambda: column.dates < MOSTLY,
        "answer": lambda: column.dates < MOSTLY and column.numbers < MOSTLY,
        "url": lambda: share(column.texts, lambda text: text.strip().startswith("http")) > MOSTLY,
        "channel": lambda: share(column.texts, is_medium) < MOSTLY,
        "replies": lambda: column.numbers < MOSTLY,
    }
    check = checks.get(field)
    return check is None or bool(check()) or _is_named_so(field, column)


def _counts_rows(column: Column) -> bool:
    """Say whether a column only numbers the rows of a file; another file has the same numbers."""
    numbers = (str(number) for number in range(1, len(column.texts) + 1))
    return column.name.strip() == "#" and column.texts == list(numbers)


def _is_named_so(field: Field, column: Column) -> bool:
    """Say whether a column has Déjà's own name for a field: bad values are told then."""
    words = share(list(map(str, column.values)), _is_flag)
    return (
        field in {"created", "resolved", "url"} and normalized(column.name) == field and not words
    )


def _is_flag(text: str) -> bool:
    return text.lower() in {"true", "false", "yes", "no", "0", "1"} or state_of(text) is not None


def _holds_times(column: Column) -> bool:
    return column.dates > 0 or column.numbers > MOSTLY


def _by_content(
    columns: Mapping[str, Column], layout: Layout, mapping: Mapping_, taken: set[str]
) -> None:
    rest = [one for one in columns.values() if one.name not in taken and one.values]
    if "text" not in mapping and "text" not in layout.columns and len(columns) > 1:
        text = _longest(rest)
        if text is not None:
            mapping["text"] = (text.name,)
            rest.remove(text)
    if "title" not in mapping and "title" not in layout.columns:
        _take_title(rest, mapping)
    if "created" not in mapping and "created" not in layout.columns:
        dates = [one for one in rest if one.dates > MOSTLY and not one.words & _OTHER_TIMES]
        if len(dates) == 1:
            mapping["created"] = (dates[0].name,)
    if "id" not in mapping and "id" not in layout.columns:
        ids = [one for one in rest if one.is_unique and one.words & _ID_NAMES]
        if ids:
            mapping["id"] = (ids[0].name,)


# What lists of tasks call their titles, and other tables people or products.
_NAMES = frozenset(
    {"name", "task", "item", "aufgabe", "vorgang", "nombre", "tarea", "nom", "tache"}
)
# A person has two names, rarely more.
MIN_TITLE_WORDS = 2.5


def _take_title(rest: list[Column], mapping: Mapping_) -> None:
    if not _take_name(rest, mapping):
        _take_matter(rest, mapping)


def _take_name(rest: list[Column], mapping: Mapping_) -> bool:
    """Take a column of names as the title, if they are titles; return whether there is one."""
    for column in rest:
        is_named = normalized(column.name) in _NAMES and column.dates < MOSTLY
        has_phrases = share(column.texts, _is_phrase) > MOSTLY
        if is_named and (column.mean_words >= MIN_TITLE_WORDS or has_phrases):
            mapping["title"] = (column.name,)
            rest.remove(column)
            return True
    return False


# What a form calls the matter where another column has the details.
_MATTERS = words(
    "issue problem question request query inquiry complaint anliegen anfrage frage problema"
    " pregunta consulta solicitud demande probleme"
)


def _take_matter(rest: list[Column], mapping: Mapping_) -> None:
    """Take a column of matters as the title beside one of texts: "Issue" beside "Details"."""
    for column in rest:
        is_named = normalized(column.name) in _MATTERS and not column.holds_choices
        if is_named and is_plausible("title", column) and mapping.get("text"):
            mapping["title"] = (column.name,)
            rest.remove(column)
            return


def _is_phrase(text: str) -> bool:
    """Say whether a text has a word that no person is called: "Printer jam"."""
    return any(word.islower() and len(word) > 2 for word in text.split()[1:] if word not in _OF)  # noqa: PLR2004 - "de", "la"


_OF = words("von van der den del della dos das ter ten bin ibn zur zum")


def _longest(columns: Sequence[Column]) -> Column | None:
    """Return the column of long texts; None if there is none, or several are as long."""
    texts = [
        one
        for one in columns
        if one.mean_words >= MIN_TEXT_WORDS
        and one.mean_length >= MIN_TEXT_LENGTH
        and one.dates < MOSTLY
        and len(one.texts) > one.rows * MOSTLY
    ]
    texts.sort(key=lambda one: -one.mean_length)
    if len(texts) > 1 and texts[0].mean_length < CLEARLY_LONGER * texts[1].mean_length:
        return None
    return texts[0] if texts else None


def holds_outcomes(column: Column) -> bool:
    """Say whether a column named like an answer holds words for states instead."""
    words = [text for text in column.texts if not says_nothing(text)]
    if not words:
        return False
    return column.holds_choices or share(words, state_of) > MOSTLY
