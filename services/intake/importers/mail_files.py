"""Mails that have a file each (.eml): read together, as they answer each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from services.intake.importers.inputs import Input

_SUFFIXES = (".eml", ".emlx")


def with_mails_together(inputs: Sequence[Input]) -> list[Input]:
    """Return inputs with those that are a mail each as one, in the place of the first."""
    mails = [one for one in inputs if _is_mail(one)]
    if len(mails) < 2:  # noqa: PLR2004 - a single one answers none
        return [*inputs]
    first = mails[0]
    name = f"{first.name} and {len(mails) - 1} more"
    together = Input(name, "mails", first.open, first.path, parts=tuple(mails))
    return [
        together if one is first else one for one in inputs if one is first or not _is_mail(one)
    ]


def _is_mail(found: Input) -> bool:
    return found.kind == "file" and PurePath(found.name).suffix.lower() in _SUFFIXES
