"""The fields of settings: how a value of the environment is read and checked."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from services.secrets.keyring import is_key


def token_field(prefix: str) -> BeforeValidator:
    """Return the check that a token begins with a prefix."""

    def check(value: str) -> str:
        if not value.startswith(prefix):
            raise ValueError(prefix)
        return value

    return BeforeValidator(check)


def upper(value: str) -> str:
    """Return capitals. Of `str.upper` itself pydantic would parse the signature at every start."""
    return value.upper()


def words(value: str) -> list[str]:
    """Return what commas and spaces separate."""
    return value.replace(",", " ").split()


def keys(value: str) -> list[str]:
    """Return keys of secrets. Raises `ValueError` for what is no key."""
    found = words(value)
    if not all(map(is_key, found)):
        raise ValueError("no key")
    return found


Words = Annotated[frozenset[str], NoDecode, BeforeValidator(words)]
# Not `{1,100}` in the pattern: compiling that takes a tenth of the time of `deja status`.
Prefix = Annotated[str, Field(pattern=r"^[\w-]+$", max_length=100)]
SECONDS = "be a number of seconds, not {value!r}"
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def setting(name: str, default: Any = None, *, must: str = "") -> Any:
    """Return the field of an environment variable. An error says what it `must` be.

    In that text `{value}` stands for the rejected value: leave it out for secrets.
    """
    return Field(default, validation_alias=name, description=must)
