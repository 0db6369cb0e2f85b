"""The clock: read here alone, and handed to everything else as a parameter."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time. The worker and the command line read the clock; services are told."""
    return datetime.now(UTC)
