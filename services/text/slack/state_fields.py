"""Fields of apps that only hold a ticket's state: who has it, how urgent it is, since when.

"Priority: High" stands on every post of a help desk's app and makes unlike tickets look alike.
"""

from __future__ import annotations

import re

from services.text.words.folding import fold

_NAMES = frozenset(
    fold(name.strip())
    for name in """
    status|state|priority|severity|urgency|assignee|assigned to|assigned|assigned agent|agent
    |owner|reporter|reported by|requester|requested by|submitted by|submitter|created by|opened by
    |created|created at|created on|opened|opened at|updated|updated at|last updated|due|due date
    |due by|resolved at|closed at|date|time|sla|queue|ticket id|ticket number|ticket #|id|key
    |issue key|case number|issue type|ticket type|source|followers|watchers|satisfaction
    |resolution due
    |zustand|prioritat|prioritaet|dringlichkeit|schweregrad|zustandig|zugewiesen an
    |zugewiesen|bearbeiter|bearbeiterin|verantwortlich|melder|gemeldet von|erstellt|erstellt am
    |erstellt von|aktualisiert|zuletzt geandert|fallig|fallig am|datum|uhrzeit
    |ticketnummer|vorgangsnummer
    |estado|prioridad|gravedad|severidad|urgencia|asignado a|asignado|responsable|agente
    |informador|solicitante|solicitado por|reportado por|creado|creado el|creado por|actualizado
    |vencimiento|vence|fecha|hora|numero de ticket|numero de caso
    """.replace("\n", "").split("|")
)
# A value of more words says something: "Status: the line has been dead". Numbers do not count.
MAX_STATE_WORDS = 4
# Longer lines are prose, or made to keep a pattern busy.
MAX_LINE = 300

_MARKS = re.compile(r"[*_~`]+|<@[^>]*>")
_PIECES = re.compile(r"(\s+[|•·]\s+)")
_FIELD = re.compile(
    r"\s*(?:[-•>]\s*|:[a-z0-9_+-]+:\s*)*([^:：\n]{1,40}?)\s*[:：](?!//)(.*)", re.DOTALL
)
_WORD = re.compile(r"[^\W\d_]\w*")


def is_state_field(name: str, value: str) -> bool:
    """Say whether a field of this name and value only holds a state."""
    bare = fold(" ".join(_MARKS.sub("", name).replace(":", " ").split()))
    return bare in _NAMES and len(_WORD.findall(_MARKS.sub("", value))) <= MAX_STATE_WORDS


def without_state_lines(text: str) -> str:
    """Return what an app wrote without the lines ("Priority: High") that only hold a state.

    A name may also stand on a line of its own above its value, as in a section's fields.
    """
    lines = text.split("\n")
    kept, index = [], 0
    while index < len(lines):
        below = lines[index + 1] if index + 1 < len(lines) else ""
        if _is_heading(lines[index]) and is_state_field(lines[index], below):
            index += 2
            continue
        line = _without_state_pieces(lines[index])
        kept += [line] if line.strip() or not lines[index].strip() else []
        index += 1
    return "\n".join(kept).strip("\n")


def _is_heading(line: str) -> bool:
    bare = _MARKS.sub("", line[:MAX_LINE]).strip()
    return bool(bare) and ":" not in bare.rstrip(":") and is_state_field(bare, "")


def _without_state_pieces(line: str) -> str:
    """Return a line without pieces such as "Status: Open" of "Status: Open | Product: Router"."""
    if len(line) > MAX_LINE:
        return line
    pieces = _PIECES.split(line)
    kept: list[str] = []
    for index in range(0, len(pieces), 2):
        if _is_state(pieces[index]):
            continue
        kept += [pieces[index - 1], pieces[index]] if kept else [pieces[index]]
    return "".join(kept)


def _is_state(piece: str) -> bool:
    match = _FIELD.match(_MARKS.sub("", piece))
    return match is not None and is_state_field(match[1], match[2])
