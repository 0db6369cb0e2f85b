"""Records of GitHub's archives of a repository, whose ids are addresses, as its API writes them."""

from __future__ import annotations

import re
from typing import Any

_ADDRESS = re.compile(r"https?://[^/\s]+/[^/\s]+/[^/\s]+/(?:issues|pull)/(\d+)")
_KINDS = frozenset({"issue", "issue_comment", "pull_request"})


def as_of_api(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an archive's issue as the API writes one; all others as they are.

    A comment keeps the address of its issue under `issue`, and has no number.
    """
    kind, address = fields.get("type"), fields.get("url")
    found = _ADDRESS.match(address) if isinstance(address, str) else None
    if found is None or kind not in _KINDS or "user" not in fields:
        return fields
    login = str(fields["user"] or "").rpartition("/")[2]
    issue = {**fields, "html_url": address, "user": {"login": login}}
    del issue["url"], issue["type"]
    if kind == "issue_comment":
        return issue
    issue |= {"number": int(found[1]), "state": "closed" if fields.get("closed_at") else "open"}
    return issue | ({"pull_request": {"url": address}} if kind == "pull_request" else {})
