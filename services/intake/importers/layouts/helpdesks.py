"""Help desks: Zendesk, Freshdesk, HubSpot, Intercom, Help Scout, Zammad, osTicket, Front."""

from __future__ import annotations

import re

from services.intake.importers.layouts.layout import Layout, Values, marks

_ZENDESK_HOST = re.compile(r"https?://([\w.-]+?)\.zendesk\.com/", re.IGNORECASE)


def _agent_address(values: Values, id_: str) -> str | None:
    url = values.get("url")
    host = _ZENDESK_HOST.search(url) if isinstance(url, str) else None
    return f"https://{host[1]}.zendesk.com/agent/tickets/{id_}" if host else None


ZENDESK = Layout(
    "zendesk",
    "Zendesk",
    (
        marks("id", "subject", "description", "requester id"),
        marks("id", "subject", "raw subject"),
        marks("id", "subject", "via.channel", "status"),
    ),
    {
        "id": ("id",),
        "title": ("subject", "raw subject"),
        "text": ("description", "comment.body"),
        "created": ("created at",),
        "resolved": ("solved at", "metric set.solved at"),
        "author": ("via.source.from.name", "requester.name"),
        "url": (),
        "channel": (),
        "answer": (),
        "replies": ("comments",),
    },
    account=("url", _ZENDESK_HOST),
    link=_agent_address,
)
ZENDESK_VIEW = Layout(
    "zendesk",
    "Zendesk (a view as CSV)",
    (
        marks("summation column", "id", "subject"),
        marks("id", "subject", "requester", "group", "assignee", "via"),
    ),
    {
        "id": ("id",),
        "title": ("subject",),
        "text": ("description",),
        "created": ("created at", "requested"),
        "resolved": ("solved at", "solved"),
        "author": ("requester",),
        "answer": (),
    },
)
ZOHO = Layout(
    "zoho",
    "Zoho Desk",
    (marks("ticket reference id", "ticket id", "subject"),),
    {
        "id": ("ticket id",),
        "title": ("subject",),
        "text": ("description",),
        "created": ("created time",),
        "resolved": ("ticket closed time", "closed time"),
        "status": ("status",),
        "author": ("contact name",),
        "answer": ("resolution",),
        "channel": (),
    },
    markup="html",
)
FRESHDESK = Layout(
    "freshdesk",
    "Freshdesk",
    (
        marks("ticket id", "subject", "created time"),
        marks("display id", "subject", "responder id"),
        marks("id", "subject", "description text"),
        marks("id", "subject", "responder id", "requester id", "fr escalated"),
    ),
    {
        "id": ("ticket id", "display id", "id"),
        "title": ("subject",),
        # The plain text of the API has no line breaks.
        "text": ("description html", "description", "structured description", "description text"),
        "created": ("created time", "created at"),
        "resolved": (
            "resolved time",
            "closed time",
            "stats.resolved at",
            "stats.closed at",
            "ticket states.resolved at",
            "ticket states.closed at",
        ),
        "status": ("status name", "status"),
        "author": ("full name", "requester name", "requester.name", "contact"),
        "answer": ("resolution note", "resolution notes", "resolution notes html"),
        "replies": ("conversations", "notes"),
        "channel": (),
    },
    {"2": "open", "3": "pending", "4": "resolved", "5": "closed", "6": "pending", "7": "pending"},
    markup="html",
)
HUBSPOT = Layout(
    "hubspot",
    "HubSpot",
    (
        marks("ticket name", "ticket status"),
        marks("ticket name", "pipeline"),
        marks("id", "properties.subject"),
        marks("id", "properties.content"),
    ),
    {
        "id": ("ticket id", "record id", "id", "properties.hs object id"),
        "title": ("ticket name", "properties.subject"),
        "text": ("ticket description", "properties.content"),
        "created": ("create date", "properties.createdate", "created at"),
        "resolved": ("close date", "properties.closed date"),
        "status": ("ticket status", "properties.hs pipeline stage"),
        "outcome": ("resolution", "properties.hs resolution"),
        "author": ("contact", "associated contact"),
        "answer": (),
        "channel": (),
    },
    # The stages of the pipeline that every portal begins with; those of others have long numbers.
    {"1": "open", "2": "pending", "3": "open", "4": "closed"},
)
INTERCOM = Layout(
    "intercom",
    "Intercom",
    (
        marks("id", "conversation parts.conversation parts"),
        marks("id", "source.body", "state"),
        marks("id", "source.body", "source.author.type"),
    ),
    {
        "id": ("id",),
        "title": ("title", "source.subject"),
        "text": ("source.body",),
        "created": ("created at",),
        "resolved": ("statistics.last close at", "statistics.first close at"),
        "status": ("state",),
        "author": ("source.author.name", "source.author.email"),
        "url": ("links.conversation web",),
        "answer": (),
        "replies": ("conversation parts.conversation parts",),
    },
    markup="html",
)
HELP_SCOUT = Layout(
    "helpscout",
    "Help Scout",
    (
        marks("number", "subject", "embedded.threads"),
        marks("number", "subject", "mailbox id"),
        marks("number", "subject", "preview"),
    ),
    {
        "id": ("number", "id"),
        "title": ("subject",),
        "text": (),
        "created": ("created at",),
        "resolved": ("closed at",),
        "author": ("primary customer.email", "created by.email"),
        "url": ("links.web.href",),
        "answer": (),
        "replies": ("embedded.threads", "threads"),
    },
    markup="html",
)
ZAMMAD = Layout(
    "zammad",
    "Zammad",
    (marks("number", "title", "articles"), marks("number", "title", "customer id", "group id")),
    {
        "id": ("number",),
        "title": ("title",),
        "text": ("article.body",),
        "created": ("created at",),
        "resolved": ("close at",),
        "status": ("state", "state.name", "state id"),
        "answer": (),
        "replies": ("articles",),
    },
    # The states that every installation begins with.
    {
        "1": "open",
        "2": "open",
        "3": "pending",
        "4": "closed",
        "5": "closed",
        "6": "closed",
        "7": "pending",
    },
    markup="html",
)
OSTICKET = Layout(
    "osticket",
    "osTicket",
    (marks("ticket number", "subject", "date created"),),
    {
        "id": ("ticket number",),
        "title": ("subject",),
        "created": ("date created",),
        "resolved": ("closed date",),
        "status": ("current status", "status"),
        "author": ("from",),
    },
)
FRONT = Layout(
    "front",
    "Front",
    (
        marks("id", "subject", "last message.body"),
        marks("id", "subject", "status", "recipient.handle"),
    ),
    {
        "id": ("id",),
        "title": ("subject",),
        "text": (),
        "created": ("created at",),
        "author": ("recipient.name", "recipient.handle"),
        "answer": (),
        "replies": ("messages",),
    },
    {"archived": "closed", "assigned": "open", "unassigned": "open"},
    markup="html",
    notes=frozenset({"comments"}),
)  # fmt: skip
FRONT_CSV = Layout(
    "front",
    "Front (messages as CSV)",
    (marks("message id", "conversation id", "direction", "extract"),),
    {
        "id": ("conversation id",),
        "title": ("subject",),
        "text": ("text", "extract"),
        "created": ("message date",),
        "author": ("contact name", "contact handle"),
        "answer": (),
        "replies": (),
        "parent": (),
    },
    {"archived": "closed", "assigned": "open", "unassigned": "open"},
)
SALESFORCE = Layout(
    "salesforce",
    "Salesforce",
    (marks("case number", "subject"), marks("casenumber", "subject")),
    {
        "id": ("case number", "casenumber"),
        "title": ("subject",),
        "text": ("description",),
        "created": ("created date", "createddate", "date/time opened", "opened date"),
        "resolved": ("closed date", "closeddate", "date/time closed"),
        "author": ("contact name", "supplied name", "suppliedname", "contact.name"),
        "answer": ("resolution", "resolution c"),
        "replies": ("case comments", "case comments.records"),
        "channel": (),
    },
    notes=frozenset({"comments"}),  # labelled "Internal Comments"
)
LAYOUTS = (
    INTERCOM, ZOHO, FRESHDESK, ZENDESK, ZENDESK_VIEW, HUBSPOT, HELP_SCOUT, ZAMMAD, OSTICKET, FRONT,
    FRONT_CSV, SALESFORCE,
)  # fmt: skip
