"""Messages of Zulip, which name their topic beside their channel."""

from __future__ import annotations

from typing import Any

# What Zulip puts before the name of a topic that is resolved.
_RESOLVED = "✔ "


def with_topic(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a message of Zulip with what names its topic, which other channels may have as well.

    A topic that is resolved says so before its name. Messages without a topic stand apart.
    """
    channel = fields.get("recipient_id", fields.get("recipient"))
    topic = fields.get("subject")
    is_message = isinstance(topic, str) and isinstance(channel, int) and "content" in fields
    if not is_message or not any(name in fields for name in ("date_sent", "timestamp")):
        return fields
    name = str(topic).removeprefix(_RESOLVED)
    new = {"subject": name, "topic_id": f"{channel}/{name}" if name else str(fields.get("id"))}
    return {**fields, **new, **({"topic_state": "resolved"} if name != topic else {})}
