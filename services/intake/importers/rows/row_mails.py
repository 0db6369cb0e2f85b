"""What a row of mails says of its conversation: its subject, who wrote it and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.intake.importers.columns.mail_columns import FROM, TO, names_people
from services.intake.importers.plans.plan import Plan
from services.intake.importers.records import Record, raw_id
from services.intake.importers.replies.conversations import MailFacts
from services.intake.importers.replies.reply_titles import (
    bare_title,
    is_forward_title,
    is_reply_title,
)
from services.intake.importers.rows.row_threads import time_of_row

# What stands around addresses.
_AROUND = re.compile(r"[\s<>;,\"'()\[\]]+")


def mail_facts(record: Record, plan: Plan) -> MailFacts | None:
    """Return what a mail is about, and who writes to whom; None if it has no subject."""
    title = raw_id(record, plan.mapping.get("title", ())) or ""
    key = bare_title(title)
    if not key:
        return None
    own = plan.mapping.get("author", ())
    authors = {name for column in own for name in _people(record.values.get(column))}
    others: set[str] = set()
    for column, value in record.values.items():
        if names_people(column, FROM):
            authors |= {*_people(value)}
        elif names_people(column, TO):
            others |= {*_people(value)}
    people, at = frozenset(authors | others), time_of_row(record, plan)
    seconds = None if at is None else at.timestamp()
    is_reply, is_forward = is_reply_title(title), is_forward_title(title)
    return MailFacts(key, is_reply, is_forward, frozenset(authors), people, seconds)


def _people(value: object) -> Iterator[str]:
    """Yield the addresses in a cell, else the names: "Diaz, Ana; Li, Bo"."""
    text = value.casefold() if isinstance(value, str) else ""
    addresses = [one for one in _AROUND.split(text) if "@" in one.strip("@")]
    yield from addresses or filter(None, (name.strip(" '\"") for name in text.split(";")))
