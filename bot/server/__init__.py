"""HTTP or Socket Mode, the worker, connected workspaces, the schedule."""
