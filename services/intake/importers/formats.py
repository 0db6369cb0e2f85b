"""The formats of files, by the names that people choose one with."""

from __future__ import annotations

FORMATS = ("csv", "jsonl", "json", "yaml", "xml", "mail", "slack")
