"""Service desks of large companies: ServiceNow, TOPdesk, BMC Remedy."""

from __future__ import annotations

from services.intake.importers.layouts.layout import Layout, Values, marks
from services.intake.importers.vocabulary.synonyms import Field

SERVICENOW = Layout(
    "servicenow",
    "ServiceNow",
    (
        marks("number", "short description"),
        marks("number", "kurzbeschreibung"),
        marks("numero", "descripcion breve"),
    ),
    {
        "id": ("number", "numero"),
        "title": ("short description", "kurzbeschreibung", "descripcion breve"),
        "text": ("description", "beschreibung", "descripcion"),
        "created": ("opened at.value", "opened at", "opened", "sys created on.value",
                    "sys created on", "created", "geoffnet", "abierto"),
        "resolved": ("resolved at.value", "resolved at", "resolved", "closed at.value", "closed at",
                     "closed", "gelost", "geschlossen"),
        "status": ("state", "incident state", "status", "estado"),
        "outcome": ("close code", "resolution code"),
        "answer": ("close notes", "resolution notes", "losungshinweise", "notas de resolucion"),
        "author": ("caller id", "caller", "opened by", "sys created by"),
        "replies": ("comments", "additional comments", "comments and work notes", "work notes"),
        "channel": (),
    },
    {"1": "open", "2": "open", "3": "pending", "6": "resolved", "7": "closed", "8": "closed"},
)  # fmt: skip
NO_TICKETS = "entries of ServiceNow's journal, imported without their tickets"


def _skip_entry(_values: Values) -> str:
    return NO_TICKETS


SERVICENOW_JOURNAL = Layout(
    "servicenow",
    "ServiceNow, the journal of its tickets",
    (marks("element", "element id", "value"),),
    skip=_skip_entry,
)
TOPDESK = Layout(
    "topdesk",
    "TOPdesk",
    (marks("number", "brief description"),),
    {
        "id": ("number",),
        "title": ("brief description",),
        "text": ("request",),
        "created": ("call date", "creation date"),
        "resolved": ("completed date", "closed date"),
        "status": ("processing status.name", "processing status", "status"),
        "author": ("caller.dynamic name", "caller.email", "caller"),
        "answer": (),
        "replies": ("action",),
        "channel": (),
    },
)
_REMEDY: dict[Field, tuple[str, ...]] = {
    "id": ("incident number",),
    "title": ("description", "summary"),
    # So it is called there.
    "text": ("detailed decription", "detailed description", "notes"),
    "created": ("submit date", "reported date"),
    "resolved": ("last resolved date", "closed date"),
    "status": ("status",),
    "answer": ("resolution",),
}
REMEDY = Layout(
    "remedy",
    "BMC Remedy",
    (
        marks("incident number", "detailed decription"),
        marks("values.incident number", "values.detailed decription"),
    ),
    {field: (*names, *(f"values.{one}" for one in names)) for field, names in _REMEDY.items()},
)
LAYOUTS = (SERVICENOW, SERVICENOW_JOURNAL, TOPDESK, REMEDY)
