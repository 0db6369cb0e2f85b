"""Erases on every surface at once: rows, waiting jobs, posts in Slack, the index, files."""
