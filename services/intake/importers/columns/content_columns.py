"""Which columns give the fields that no name tells: by what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.intake.importers.audience.reply_audience import is_name_of_team, is_public_name
from services.intake.importers.columns.plausible_columns import (
    MOSTLY,
    are_keys,
    counts_rows,
    is_plausible,
)
from services.intake.importers.columns.sampled_columns import Column, share, unspaced
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.records import normalized
from services.intake.importers.replies.reply_lists import names_kinds
from services.intake.importers.replies.reply_objects import is_reply
from services.intake.importers.vocabulary.audience_words import FOR_ALL, PUBLIC, WRITTEN
from services.intake.importers.vocabulary.states import state_of
from services.intake.importers.vocabulary.synonyms import ID_ENDS, ID_WORDS, Mapping_
from services.text.words.word_lists import words

# What lists of tasks call their titles, and other tables people or products.
_NAMES = frozenset(
    {"name", "task", "item", "aufgabe", "vorgang", "nombre", "tarea", "nom", "tache"}
)
# A person has two names, rarely more.
MIN_TITLE_WORDS = 2.5

# A column of long texts is taken for the text of tickets from this mean number of characters and
# words on, if no other column comes near.
MIN_TEXT_LENGTH = 25
MIN_TEXT_WORDS = 4
CLEARLY_LONGER = 1.5
# Texts of people are four fifths letters, lists of dates a quarter.
MIN_LETTERS = 0.5
# Long names of teams come again in every other row.
MIN_DIFFERENT = 0.5

# Names of columns that hold dates of something else than the ticket's beginning.
_OTHER_TIMES = words(
    "due updated modified resolved solved closed close response reply replied first last"
    " purchase purchased birth sla deadline end ended expires expiry warranty completed assigned"
    " changed viewed fallig faellig aktualisiert geandert gelost geschlossen erledigt antwort"
    " kauf kaufdatum geburtsdatum ende vencimiento actualizado actualizada actualizacion"
    " modificado resuelto cierre resolucion respuesta compra nacimiento fin ultima ultimo limite"
    " until bis hasta"
)
# What the word for a ticket's number begins with: "Vorgangsnummer".
_NUMBERED = words(
    "ticket vorgang vorgangs fall anfrage anfragen meldung meldungs melde storung storungs auftrags"
    " antrags problem incident case request record issue bug call referenz fehler beschwerde"
    " reklamations lauf akten service sr"
)
# Who and what has numbers of its own, which come again in the next ticket about it. Those of
# products are left out, as they are the ids in a catalog.
_NUMBERED_OTHERS = words(
    "customer client account user employee staff person personnel member contact company vendor"
    " supplier phone telephone mobile cell fax serial order invoice contract device machine room"
    " building floor office site location branch store cost center centre postal zip house street"
    " license tracking shipment kunde kunden mitarbeiter personal person firma telefon handy mobil"
    " serien bestell rechnung vertrag gerat raum zimmer gebaude standort filiale plz postleitzahl"
    " lizenz cliente usuario empleado empresa telefono serie pedido factura contrato equipo sala"
    " edificio tienda utilisateur employe entreprise commande facture contrat salle magasin"
)


def add_by_content(
    columns: Mapping[str, Column], layout: Layout, mapping: Mapping_, taken: set[str]
) -> None:
    rest = [one for one in columns.values() if one.name not in taken and one.values]
    _take_replies(rest, layout, mapping)
    if "title" not in mapping and "title" not in layout.columns:
        _take_name(rest, mapping)
    if "text" not in mapping and "text" not in layout.columns and len(columns) > 1:
        titles = [columns[name].texts for name in mapping.get("title", ())]
        others = [one for one in rest if one.texts not in titles and not _is_of_person(one)]
        text = _longest([one for one in others if not is_name_of_team(one.name)])
        if text is not None:
            mapping["text"] = (text.name,)
            rest.remove(text)
    if "title" not in mapping and "title" not in layout.columns:
        _take_title(rest, mapping, [*columns])
    _take_unnamed(rest, layout, mapping)


def _take_unnamed(rest: list[Column], layout: Layout, mapping: Mapping_) -> None:
    """Take the time, the id and the state of a ticket."""
    if "created" not in mapping and "created" not in layout.columns:
        dates = [one for one in rest if one.dates > MOSTLY and not one.words & _OTHER_TIMES]
        if len(dates) == 1:
            mapping["created"] = (dates[0].name,)
    if "id" not in mapping and "id" not in layout.columns:
        _take_id(rest, mapping)
    if "status" not in mapping and "status" not in layout.columns:
        states = [one for one in rest if _is_nameless(one) and share(one.texts, state_of) == 1.0]
        if len(states) == 1:
            mapping["status"] = (states[0].name,)


def _is_of_person(column: Column) -> bool:
    """Say whether a column says something of a person, in an object of theirs: "user.bio"."""
    above, _, last = normalized(column.name).rpartition(".")
    return above.rpartition(".")[2] in _PEOPLE and last in _ABOUT_PEOPLE


_PEOPLE = words("user person profile account author customer contact requester member employee")
_ABOUT_PEOPLE = words("bio about biography headline signature notes note address status")


def _take_id(rest: list[Column], mapping: Mapping_) -> None:
    # In an object of a person or a team, an id is that of others.
    own = (one for one in rest if one.is_unique and not _IS_PATH.search(one.name))
    ids = [one for one in own if _is_named_id(one) or _is_serial(one)]
    if ids:
        mapping["id"] = (ids[0].name,)


_IS_PATH = re.compile(r"\.\S")


def _is_named_id(column: Column) -> bool:
    if column.words == {"#"}:  # it may count the rows
        return False
    if column.words & _NUMBERED_OTHERS:
        return False
    # SAP calls the number of a "Meldung" so.
    is_numbered = are_keys(column) and column.words <= _NUMBERED and not counts_rows(column)
    return is_numbered or bool(column.words & ID_WORDS) or any(map(_numbers_tickets, column.words))


def _numbers_tickets(word: str) -> bool:
    return any(word.endswith(end) and word.removesuffix(end) in _NUMBERED for end in ID_ENDS)


def _take_replies(rest: list[Column], layout: Layout, mapping: Mapping_) -> None:
    """Take columns of objects that people wrote, under any name.

    A layout lists those that its tool has, but not every file has these. What the team writes for
    itself is none: internal notes, hours of work, tasks.
    """
    listed = layout.columns.get("replies")
    if listed == () or (listed and "replies" in mapping):
        return
    others = [one for one in rest if normalized(one.name) not in layout.notes]
    journals = [one for one in others if share(one.texts, names_kinds) > MOSTLY]
    for column in [one for one in others if is_public_name(one.name) or one in journals]:
        is_sent = _is_for_customers(column) and column.mean_words >= MIN_TEXT_WORDS
        if is_sent or column in journals or _lists_replies(column):
            mapping["replies"] = (*mapping.get("replies", ()), column.name)
            rest.remove(column)


def _lists_replies(column: Column) -> bool:
    objects = [one for value in column.values if isinstance(value, list) for one in value]
    seen = objects[:_SEEN_REPLIES]
    return sum(map(is_reply, seen)) > MIN_REPLIES * len(seen)


def _is_for_customers(column: Column) -> bool:
    """Say whether a column has what the team sent: "Antwort an Kunde", "Public notes"."""
    said = column.words
    is_sent = said & _SENT_TO and said & FOR_ALL
    return bool(said & _WRITTEN and (is_sent or said & PUBLIC))


_SENT_TO = words("to for an fur para al a pour au facing")
_WRITTEN = WRITTEN | words("answer solution resolution log suivi suivis followup followups")

# Objects of a column by which it is known, and the share of replies among them: what happened to a
# ticket may be told between them.
_SEEN_REPLIES = 50
MIN_REPLIES = 0.2


def _is_serial(column: Column) -> bool:
    """Say whether a column without a name has a number for each row, and not just its place."""
    return _is_nameless(column) and column.numbers == 1.0 and not counts_rows(column)


def _is_nameless(column: Column) -> bool:
    return column.name.startswith("column ")


def _take_title(rest: list[Column], mapping: Mapping_, order: Sequence[str]) -> None:
    if not _take_matter(rest, mapping):
        _take_phrases(rest, mapping, order)


def _take_phrases(rest: list[Column], mapping: Mapping_, order: Sequence[str]) -> None:
    """Take the only column of different phrases as the title, if it stands before the texts."""
    text = next(iter(mapping.get("text", ())), None)
    if text is None:
        return
    before = {*order[: order.index(text)]}
    phrases = [one for one in rest if one.name in before and _has_titles(one)]
    if len(phrases) == 1:
        mapping["title"] = (phrases[0].name,)
        rest.remove(phrases[0])


def _has_titles(column: Column) -> bool:
    return (
        column.mean_words >= MIN_PHRASE_WORDS
        and len(column.texts) > column.rows * MOSTLY
        and len(set(column.texts)) > MOSTLY_DIFFERENT * len(column.texts)
        and column.dates < MOSTLY
        and share(column.texts, _is_phrase) > MOSTLY
        and not column.words & _NO_TITLES
    )


# Titles have more than one word each, and hardly ever come again.
MIN_PHRASE_WORDS = 2
MOSTLY_DIFFERENT = 0.8
_NO_TITLES = words(
    "address adresse direccion location place ort standort reason cause grund ursache motivo note"
    " notes solution losung solucion action steps browser device"
)


def _take_name(rest: list[Column], mapping: Mapping_) -> None:
    """Take a column of names as the title, if they are titles."""
    for column in rest:
        is_named = normalized(column.name) in _NAMES and column.dates < MOSTLY
        has_phrases = share(column.texts, _is_phrase) > MOSTLY
        if is_named and (column.mean_words >= MIN_TITLE_WORDS or has_phrases):
            mapping["title"] = (column.name,)
            rest.remove(column)
            return


# What a form calls the matter where another column has the details.
_MATTERS = words(
    "issue problem question request query inquiry complaint anliegen anfrage frage problema"
    " pregunta consulta solicitud demande probleme"
)


def _take_matter(rest: list[Column], mapping: Mapping_) -> bool:
    """Take a column of matters as the title beside one of texts: "Issue" beside "Details"."""
    for column in rest:
        is_named = normalized(column.name) in _MATTERS and not column.holds_choices
        if is_named and is_plausible("title", column) and mapping.get("text"):
            mapping["title"] = (column.name,)
            rest.remove(column)
            return True
    return False


def _is_phrase(text: str) -> bool:
    """Say whether a text has a word that no person is called: "Printer jam"."""
    later = (word for word in text.split()[1:] if word not in _OF)
    is_phrase = any(word.islower() and len(word) > MAX_PARTICLE for word in later)
    return is_phrase or unspaced(text) > MAX_NAME_LENGTH


# Characters of a person's name in Japanese, Chinese or Thai; that of a Thai may have more.
MAX_NAME_LENGTH = 5
# "de", "la"
MAX_PARTICLE = 2
_OF = words("von van der den del della dos das ter ten bin ibn zur zum")


def _longest(columns: Sequence[Column]) -> Column | None:
    """Return the column of long texts; None if there is none, or several are as long.

    Of these the first one counts that asks for the matter, as a form does.
    """
    texts = [
        one
        for one in columns
        if one.mean_words >= MIN_TEXT_WORDS
        and one.mean_length >= MIN_TEXT_LENGTH
        and one.dates < MOSTLY
        and one.letters > MIN_LETTERS
        and len(one.texts) > one.rows * MOSTLY
        and len(set(one.texts)) > MIN_DIFFERENT * len(one.texts)
    ]
    longest = max((one.mean_length for one in texts), default=0.0)
    long = [one for one in texts if longest < CLEARLY_LONGER * one.mean_length]
    asking = [one for one in long if one.words & _ASK_FOR_MATTER] if len(long) > 1 else long
    return asking[0] if asking else None


# What the question for the matter has, and hardly one for a wish or a remark.
_ASK_FOR_MATTER = _MATTERS | words(
    "wrong happened happening happens trouble error fault difficulty difficulties describe help"
    " passiert schiefgelaufen fehler stoerung storung beschreibe beschreiben helfen pasado paso"
    " ocurrio ocurrido error fallo ayudar ayuda describe describa passe arrive erreur panne aider"
)
