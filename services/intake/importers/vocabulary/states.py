"""Words for the state of a ticket, in the languages that trackers speak."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.flags import flag
from services.text.words.folding import fold
from services.text.words.word_lists import words

State = Literal["open", "pending", "resolved", "closed"]

_WORDS: dict[State, str] = {
    "open": "open, opened, new, to do, todo, backlog, in progress, work in progress, in review,"
    " reopened, re-opened, active, assigned, unassigned, started, triage, accepted, unresolved,"
    " selected for development, ready, not started,"
    " working on it, doing, next up, unconfirmed, confirmed,"
    " offen, neu, in bearbeitung, zugewiesen, wiedereröffnet,"
    " wieder geöffnet, zu erledigen, in arbeit, aktiv, geöffnet, unerledigt, abierto, abierta,"
    " nuevo, nueva, en curso, en progreso, en proceso, asignado, asignada, por hacer, reabierto,"
    " reabierta, sin resolver, ouvert, ouverte, nouveau, nouvelle, en cours, à faire, à traiter,"
    " submitted, planned, triggered, acknowledged, angemeldet, registered,"
    " nicht begonnen, sin empezar, sin comenzar, pas commencé,"
    " en traitement, affecté, assigné, réouvert, aberto,"
    " aberta, novo, em andamento, em atendimento, em aberto, reaberto, aperto, aperta, nuovo,"
    " nuova,"
    " in lavorazione, nieuw, in behandeling, in uitvoering, heropend, toegewezen,"
    " en cours de traitement, escalated, eskaliert, escalado, escalada, escalade,"
    " testing, in test, qa, not resolved, not solved, not fixed, not done, nicht gelöst,"
    " nicht erledigt, nicht behoben, no resuelto, no resuelta, non résolu, ungelöst",
    "pending": "pending, hold, on hold, on-hold, waiting, snoozed, blocked, deferred, postponed,"
    " awaiting reply, awaiting customer, stuck,"
    " wartend, wartet, in wartestellung, angehalten, ausstehend,"
    " zurückgestellt, blockiert, pendiente, en espera, bloqueado, aplazado, en attente, pendente,"
    " aguardando, in attesa, sospeso, wachtend, wacht op klant, on hold klant",
    "resolved": "resolved, solved, done, fixed, completed, complete, answered, finished, verified,"
    " problem solved, gelöst,"
    " erledigt, behoben, fertig, abgeschlossen, beantwortet, resuelto, resuelta, solucionado,"
    " solucionada, hecho, hecha, completado, completada, finalizado, finalizada, terminado,"
    " terminada, corregido, listo, lista, résolu, résolue, terminé, résolvido, resolvido,"
    " traité, traitée, concluído, concluída, solucionada, risolto, risolta, completato, opgelost,"
    " afgehandeld, gereed, afgerond, fertiggestellt, beendet",
    "closed": "closed, closed complete, closed incomplete, closed skipped, won't do, wont do,"
    " won't fix, wontfix, will not fix, cannot reproduce, can't reproduce, not reproducible,"
    " works for me, worksforme, works as designed, by design, as designed, duplicate, declined,"
    " rejected, cancelled, canceled, invalid, not a bug, not planned, obsolete, outdated, archived,"
    " spam, deleted, incomplete, abandoned, withdrawn, expired, merged, stale, no response,"
    " geschlossen, zu, abgebrochen, abgelehnt, storniert, duplikat, wird nicht erledigt,"
    " wird nicht behoben, nicht reproduzierbar, kann nicht reproduziert werden, verworfen,"
    " ungültig, archiviert, cerrado, cerrada, cancelado, cancelada, rechazado, rechazada,"
    " duplicado, duplicada, no se hará, no se corregirá, no reproducible,"
    " no se puede reproducir, descartado, descartada, archivado, archivada, fermé, fermée, annulé,"
    " annulée, doublon, rejeté, rejetée, clôturé, clôturée, clos, close, abandonné, fechado,"
    " fechada, encerrado, encerrada, chiuso, chiusa, annullato, annullata, gesloten, afgesloten,"
    " geannuleerd, afgemeld, afgewezen, zurückgewiesen",
}
STATES: dict[str, State] = {
    fold(word.strip()): state for state, words in _WORDS.items() for word in words.split(",")
}
# What fills a field of an answer and says neither a state nor an answer.
_NOTHING = words(
    "- -- n/a na k.a. none null nil no nan . tbd ? x keine nichts ninguno ninguna unbekannt unknown"
    " unspecified"
) | {
    "not set", "nicht gesetzt", "sin definir", "non defini", "not assigned", "nicht zugewiesen",
    "sin asignar", "non attribue", "not available", "not specified",
}  # fmt: skip
_STARTS: tuple[tuple[str, State], ...] = (
    ("waiting ", "pending"),
    ("awaiting ", "pending"),
    ("wartet auf", "pending"),
    ("warten auf", "pending"),
    ("esperando ", "pending"),
    ("pending ", "pending"),
    ("on hold", "pending"),
    ("en espera ", "pending"),
    ("pendiente ", "pending"),
    ("en attente ", "pending"),
    ("in attesa ", "pending"),
    ("aguardando ", "pending"),
    ("in progress", "open"),
    ("in bearbeitung", "open"),
    ("closed", "closed"),
    ("geschlossen", "closed"),
    ("erfolgreich geschlossen", "closed"),
    ("erfolglos geschlossen", "closed"),
    ("cerrad", "closed"),
    ("cancelado por", "closed"),
    ("cancelada por", "closed"),
    ("cancelled by", "closed"),
    ("canceled by", "closed"),
    ("storniert durch", "closed"),
    ("storniert von", "closed"),
    ("resolved", "resolved"),
    ("solved", "resolved"),
)
# Signs and numbers before a state: "✅ Done", "3 - In progress", "(6) Resolved".
_NUMBER = re.compile(r"^[^\w\s]*\s*(?:\(?\d{1,2}\s*[-–.:)]+\s*)?(?=[^\W\d])")
_DETAIL = re.compile(r"\s*[(\[].*$|[\s.!:;,]+$")
# A longer text is no word for a state, whatever it begins with.
MAX_STATE_LENGTH = 40


def state_of(word: str) -> State | None:
    """Return the state that a word names; None where it names none."""
    return _state_of(word) if word and len(word) <= 2 * MAX_STATE_LENGTH else None


@lru_cache(maxsize=1024)
def _state_of(word: str) -> State | None:
    bare = _NUMBER.sub("", word.strip().replace("’", "'").replace("_", " "))
    plain = fold(_DETAIL.sub("", bare))
    if len(plain) > MAX_STATE_LENGTH:
        return None
    found = STATES.get(plain)
    if found is None:
        found = next((state for start, state in _STARTS if plain.startswith(start)), None)
        if found is not None and len(plain.split()) > 4:  # noqa: PLR2004 - a sentence
            return None
    return found


def says_nothing(text: str) -> bool:
    """Say whether a text fills a field and says nothing: "n/a", "-"."""
    return fold(text.strip()) in _NOTHING or not any(map(str.isalnum, text))


# Boxes that people tick when a ticket is done, and how.
_BOXES: dict[str, State] = {
    **dict.fromkeys(words("closed is_closed cerrado geschlossen"), "closed"),
    **dict.fromkeys(
        words(
            "resolved is_resolved solved is_solved done is_done completed is_completed fixed"
            " is_fixed erledigt ist_erledigt gelost ist_gelost resuelto resuelta hecho"
        ),
        "resolved",
    ),
}
# How people tick a box, besides saying yes.
_TICKS = words("x ✓ ✔ ✅ ☑")


# What may only say that a ticket was not deleted: Basecamp's "active", beside "completed": true.
WEAK_STATES = frozenset({"active"})


def ticked_state(values: Mapping[str, object]) -> State | None:
    """Return the state that a ticked box gives a row without a word for it; None if none does."""
    for name, value in values.items():
        state = _BOXES.get(normalized(name).replace(" ", "_"))
        if state and (flag(value) is True or str(value).strip().lower() in _TICKS):
            return state
    return None


# Media by which tickets arrive. Such a word names no Slack channel.
MEDIA = words(
    "email e-mail mail web chat phone call telephone voice portal api form web_form webform widget"
    " twitter x facebook whatsapp sms mobile messenger instagram social self-service self_service"
    " helpdesk_portal slack teams web_widget feedback_widget live_chat social_media walk-in other"
    " telefon anruf post brief formular personlich correo telefono llamada formulario presencial"
    " web_service mobile_sdk native_messaging"
)


def is_medium(word: str) -> bool:
    """Say whether a word names a medium, such as "email"."""
    return fold(word.strip()).rpartition("::")[2].replace(" ", "_") in MEDIA
