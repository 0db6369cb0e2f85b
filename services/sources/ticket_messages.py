"""What programs send: one ticket, or a list of tickets, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr, ValidationError

from models.types import safe_text
from services.errors import InputError
from services.intake.importers.rows.row_ids import MAX_ID_LENGTH

# A long ticket with its replies has some ten thousand characters.
MAX_BODY_BYTES = 500_000
MAX_TICKETS = 100

# Objects in objects; nobody's tickets are deeper.
MAX_DEPTH = 20

TicketJson = dict[str, Any]
_Time = StrictStr | StrictInt | float | None


class _Ticket(BaseModel):
    """The fields that Déjà reads. Others are kept with the ticket."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    id: StrictStr | StrictInt
    deleted: StrictBool = False
    title: StrictStr | None = None
    text: StrictStr | None = None
    status: StrictStr | None = None
    answer: StrictStr | None = None
    author: StrictStr | None = None
    url: StrictStr | None = None
    created_at: _Time = None
    resolved_at: _Time = None
    updated_at: _Time = None
    replies: list[Any] | None = None


def read_tickets(body: bytes) -> list[TicketJson]:
    """Return the tickets of a message in order, one for each id. Raises `InputError`.

    A later ticket of the same id replaces the earlier one; one without title and text changes it.
    """
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InputError("the body is not JSON in UTF-8") from None
    if isinstance(data, Mapping) and "tickets" in data:
        data = data["tickets"]
    found = data if isinstance(data, list) else [data]
    if len(found) > MAX_TICKETS:
        raise InputError(f"there are {len(found)} tickets; send {MAX_TICKETS} at most at a time")
    tickets: dict[str, TicketJson] = {}
    for number, one in enumerate(found, 1):
        ticket = _checked(one, number)
        id_ = str(ticket["id"])
        before = tickets.pop(id_, None)
        is_change = before is not None and is_only_a_change(ticket)
        tickets[id_] = {**before, **ticket} if before is not None and is_change else ticket
    return list(tickets.values())


def is_only_a_change(ticket: TicketJson) -> bool:
    """Say whether a ticket says no words of its own: it changes the state of a known one."""
    return not (ticket.get("deleted") or ticket.get("title") or ticket.get("text"))


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _checked(given: Any, number: int) -> TicketJson:
    if not isinstance(given, Mapping):
        raise InputError(f"ticket {number} is not an object")
    try:
        _Ticket.model_validate(given)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InputError(f"ticket {number}, {wrong['loc'][0]}: {wrong['msg']}") from None
    ticket: TicketJson = _safe(given, 0)
    ticket["id"] = str(ticket["id"]).strip()
    if not 1 <= len(ticket["id"]) <= MAX_ID_LENGTH:
        raise InputError(f"ticket {number}, id: must have 1 to {MAX_ID_LENGTH} characters")
    return ticket


def _safe(value: Any, depth: int) -> Any:
    """Return a value without what databases refuse. Raises `InputError`."""
    if depth > MAX_DEPTH:
        raise InputError(f"objects are nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("a number is too large")
    if isinstance(value, Mapping):
        return {safe_text(name): _safe(one, depth + 1) for name, one in value.items()}
    return [_safe(one, depth + 1) for one in value] if isinstance(value, list) else value
