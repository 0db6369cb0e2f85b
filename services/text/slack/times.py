"""Slack's time stamps (`ts`): seconds since 1970 as text, which name a message in its channel."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeGuard

# Writes seconds as Slack's `ts`, so that times sort alike as text and as numbers.
TS_FORMAT = "{:017.6f}"

_TS = re.compile(r"[0-9]{1,10}\.[0-9]{1,9}")


def is_ts(value: object) -> TypeGuard[str]:
    """Say whether `value` is one of Slack's time stamps, such as "1700000000.000100"."""
    return isinstance(value, str) and _TS.fullmatch(value) is not None


def sent_at(ts: str) -> datetime:
    """Return when a message was sent."""
    return datetime.fromtimestamp(float(ts), UTC)
