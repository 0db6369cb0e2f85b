"""Paths in nested objects that lead to a ticket's own fields, not to a person or a product."""

from __future__ import annotations

from services.text.words.word_lists import words

# Objects that hold a ticket's fields.
WRAPPERS = words(
    "ticket issue case incident request conversation fields field properties attributes data"
    " details detail record item node payload content info values current source meta metadata"
    " thread annotations links customfields"
) | {"custom fields", "custom field"}
# How Azure DevOps begins the names of fields: `Microsoft.VSTS.Common.ClosedDate`.
_NAMESPACES = words("system microsoft vsts common tcm")


def is_of_ticket(path: str) -> bool:
    """Say whether a path, with names as `normalized` writes them, leads into the ticket."""
    *above, _ = path.split(".")
    if above[:1] == ["fields"] and _NAMESPACES.issuperset(above[1:]):
        return True
    return bool(above) and WRAPPERS.issuperset(above)
