"""How far this machine's clock is from Slack's: signed requests and retention depend on it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.slack.directory import Directory

# Slack's requests are refused where the clocks are further apart (slack_sdk's SignatureVerifier).
MAX_ERROR = timedelta(minutes=5)


def clock_ahead(slack: Directory, now: datetime) -> timedelta:
    """Return how far `now` is ahead of Slack's time, to the second; zero if Slack does not say."""
    known = slack.clock()
    if known is None:
        return timedelta()
    return timedelta(seconds=round((now - known).total_seconds()))


def clock_fault(slack: Directory, now: datetime) -> str | None:
    """Say in a line how wrong this machine's clock is; None if Slack's requests are accepted."""
    ahead = clock_ahead(slack, now)
    if abs(ahead) < MAX_ERROR:
        return None
    side = "ahead of" if ahead > timedelta() else "behind"
    return f"this machine's clock is {abs(ahead)} {side} Slack's: set it"
