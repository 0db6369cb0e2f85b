"""Boards of tasks: Trello, Asana, ClickUp."""

from __future__ import annotations

from services.intake.importers.layouts.layout import Layout, marks

TRELLO = Layout(
    "trello",
    "Trello",
    (
        marks("id short", "id list", "name", "desc"),
        marks("card id", "card name", "list name"),
    ),
    {
        "id": ("id", "card id"),
        "title": ("name", "card name"),
        "text": ("desc", "card description"),
        "created": ("created",),
        # The last activity may be of any kind.
        "resolved": (),
        "status": ("state", "list name"),
        "author": (),
        "url": ("short url", "url", "card url"),
        "answer": (),
        "channel": (),
        "replies": ("comments",),
    },
    markup="markdown",
)
ASANA = Layout(
    "asana",
    "Asana",
    (marks("gid", "name", "notes"), marks("task id", "name", "section/column")),
    {
        "id": ("gid", "task id"),
        "title": ("name",),
        "text": ("notes",),
        "created": ("created at",),
        "resolved": ("completed at",),
        "status": (),
        "author": ("created by.name",),
        "url": ("permalink url",),
        "answer": (),
        "channel": (),
    },
)
CLICKUP = Layout(
    "clickup",
    "ClickUp",
    (
        marks("task id", "task name", "task content"),
        marks("id", "name", "status.status", "date created"),
    ),
    {
        "id": ("task id", "id"),
        "title": ("task name", "name"),
        "text": ("task content", "text content", "description"),
        "created": ("date created",),
        "resolved": ("date closed", "date done"),
        "status": ("status", "status.status"),
        "author": ("creator.username",),
        "url": ("url",),
        "answer": (),
        "channel": (),
        "replies": ("comments",),
    },
)
LAYOUTS = (TRELLO, ASANA, CLICKUP)
