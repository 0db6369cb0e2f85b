"""The permissions the app needs, as in the manifest.

Private channels need `groups:history` and `groups:read`, too.
"""

SCOPES = frozenset(
    [
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "im:history",
        "reactions:read",
        "users:read",
    ]
)
