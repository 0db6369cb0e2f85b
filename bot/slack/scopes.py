"""What the app may do in a workspace: the fewest permissions it works with, as the manifest says.

Private channels need `groups:history` and `groups:read` besides.
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
