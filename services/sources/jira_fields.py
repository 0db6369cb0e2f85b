"""What the fields of Jira's issues and comments say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.errors import SourceError
from services.intake.importers.rows.text_cleaning import clean_text
from services.intake.importers.vocabulary.states import state_of
from services.sources.api import inner
from services.sources.connector import ApiRecord

KEY = re.compile(r"[A-Z][A-Z0-9_]*-\d+", re.ASCII)

# The category of the states of issues that are closed.
CLOSED = "done"


def state_word(fields: Mapping[str, Any]) -> str | None:
    """Return an issue's state: by the category, where its own name says nothing."""
    name = inner(fields, "status", "name")
    category = inner(fields, "status", "statusCategory", "key")
    state = state_of(name) if isinstance(name, str) else None
    is_closed = state in ("resolved", "closed")
    if isinstance(category, str) and (state is None or is_closed != (category == CLOSED)):
        return category
    return name if isinstance(name, str) else None


def kept_comment(comment: ApiRecord) -> ApiRecord:
    """Return what of a comment is read."""
    kept = {name: comment.get(name) for name in ("body", "created", "jsdPublic", "visibility")}
    return {**kept, "author": inner(comment, "author", "displayName")}


def document(text: str) -> dict[str, Any]:
    """Return lines of text as version 3 of the API takes them."""
    lines = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]}
        for line in text.splitlines()
        if line
    ]
    return {"type": "doc", "version": 1, "content": lines}


def comment_text(comment: ApiRecord) -> str:
    """Return what a comment says."""
    return clean_text(comment.get("body"), "wiki")


def is_by_program(comment: ApiRecord) -> bool:
    """Say whether an app wrote a comment."""
    return bool(inner(comment, "author", "accountType") == "app")


def fields_of(issue: ApiRecord) -> Mapping[str, Any]:
    """Return an issue's fields. Raises `SourceError`."""
    fields = issue.get("fields")
    if not isinstance(fields, Mapping):
        raise SourceError("An issue has no fields: is this the API of Jira?")
    return fields


def key_of(issue: ApiRecord) -> str:
    """Return an issue's key. Raises `SourceError`."""
    key = issue.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise SourceError("An issue has no key: is this the API of Jira?")
    return key
