"""The names of optimised models: `all-MiniLM-L6-v2 (int8)` is made of `all-MiniLM-L6-v2`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args

# What the weights of an optimised model are: as they were, or rounded to whole numbers of a byte.
Form = Literal["float32", "int8"]
FORMS: tuple[Form, ...] = get_args(Form)

_NAME = re.compile(rf"(.+) \(({'|'.join(FORMS)})\)")


def optimised_name(source: str, form: Form) -> str:
    """Return the name of an optimised model; of a folder or a repository the last part counts."""
    return f"{Path(source).name} ({form})"


def is_optimised(name: str) -> bool:
    """Say whether this is the name of an optimised model."""
    return _NAME.fullmatch(name) is not None


def source_name(name: str) -> str:
    """Return the name of the model that an optimised one is made of; others have their own."""
    match = _NAME.fullmatch(name)
    return name if match is None else match[1]
