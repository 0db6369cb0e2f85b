"""The end of an installation: all work for the workspace stops before Slack is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App


def register(app: App, uninstall: Callable[[], None]) -> None:
    """Listen to what Slack says when the app is removed, in whatever order it says it."""

    @app.event("app_uninstalled")
    def on_uninstalled() -> None:
        uninstall()

    @app.event("tokens_revoked")
    def on_revoked(event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):  # somebody's own token is none of ours
            uninstall()
