"""Asks before the texts of a backlog are sent to an embedding API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cli.terminal import notes
from bot.model_choice import places_of
from models import Item
from models.queries import LIVE
from services.errors import InputError
from services.memory.vector_coverage import without_vectors

if TYPE_CHECKING:
    from bot.settings import Settings

# English has about four letters a token; other scripts have more tokens.
LETTERS_A_TOKEN = 4


def confirm_sending(
    settings: Settings, session: Session, fingerprint: str, *, yes: bool = False
) -> None:
    """Tell how much of the database would be sent, where, and what it costs; then ask.

    Raises `click.Abort` unless people agree.
    """
    length = func.length(Item.text) + func.coalesce(func.length(Item.title), 0)
    wanted = select(func.count(), func.sum(length)).where(LIVE & without_vectors(fingerprint))
    number, letters = session.execute(wanted).one()
    if number:
        _tell(settings, number, int(letters or 0))
        if not yes:
            click.confirm("Send them?", abort=True, err=True)


def agrees_to_send(
    settings: Settings, rows: int, some: Sequence[str], *, can_ask: bool, yes: bool
) -> bool:
    """Tell what sending the rows of a file costs, by `some` of their texts; return the answer.

    Raises `InputError` where nobody can answer and nobody has with `yes`.
    """
    if not some or not rows:
        return True
    _tell(settings, rows, rows * sum(map(len, some)) // len(some))
    if yes:
        return True
    if not can_ask:
        raise InputError("Nobody can be asked here: give --yes to send them.")
    return click.confirm("Send them?", default=False, err=True)


def _tell(settings: Settings, number: int, letters: int) -> None:
    api = places_of(settings).api
    tokens = max(1, letters // LETTERS_A_TOKEN)
    notes.print(
        f"The texts of {number:,} tickets and products leave this machine for "
        f"{'the API' if api is None else api.host}: about {tokens:,} tokens, "
        f"{_price(settings, tokens)}. New ones follow as they come.",
        markup=False,
    )


def _price(settings: Settings, tokens: int) -> str:
    if settings.embedding_price is None:
        return "and DEJA_EMBEDDING_PRICE is not set, so nobody knows what they cost"
    return f"which cost about {settings.embedding_price * tokens / 1e6:.2f}"
