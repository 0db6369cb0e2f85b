"""*Create issue…*: the form that opens an issue in a tracker, and the message about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.form_fields import (
    choice,
    chosen,
    form,
    form_values,
    input_field,
    option,
    sent,
    text_input,
)
from bot.blocks.parts import (
    RESOLUTION_LENGTH,
    Block,
    context,
    link,
    notification,
    person,
    section,
    words,
)
from bot.blocks.sent_ids import ROW_ID, row_in_channel
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.channels.issue_sources import IssuePlace
from services.phrases import Phrase, phrase

FORM = "deja_issue_form"

# Slack's limits for options and for the text of a field.
MAX_PLACES = 100
LABEL_LENGTH = 75
MAX_TITLE_LENGTH = 250
MAX_TEXT_LENGTH = 3000

NO_TITLE = phrase("An issue needs a title.")
NO_PLACE = phrase("Choose where.")

_PLACE = re.compile(rf"(?P<source>{ROW_ID}):(?P<project>[A-Z][A-Z0-9_]{{1,49}})?")


@dataclass(frozen=True)
class IssueFields:
    """What was sent: the source and project, title and text of the issue, and its ticket."""

    channel: str
    item_id: int
    source_id: int
    project: str
    title: str
    text: str


def issue_view(
    about: str, places: Sequence[IssuePlace], said: tuple[str, str], earlier: str, say: Texts
) -> Block:
    """Return the form, filled in; Slack sends `about` back with it.

    `said` are the ticket's title and text. `earlier` are links to the issues that were created of
    this ticket before.
    """
    options = [option(one.label[:LABEL_LENGTH], one.value) for one in places[:MAX_PLACES]]
    where = choice("static_select", options, options[0]["value"])
    title, text = said
    subject = text_input(MAX_TITLE_LENGTH, title)
    body = text_input(MAX_TEXT_LENGTH, text[:MAX_TEXT_LENGTH], multiline=True)
    hint = say(
        "Whoever can read it there sees this text, and the link of this thread, which is added."
    )
    known = [context(say("Created from this ticket before: {links}", links=earlier))]
    blocks = [
        *(known if earlier else ()),
        input_field("place", say("Where"), where),
        input_field("title", say("Title"), subject),
        input_field("text", say("Text"), body, hint=hint, optional=True),
    ]
    return form(FORM, about, blocks, say, title=say("Create issue"), submit=say("Create"))


def read_issue(view: Mapping[str, Any]) -> IssueFields | dict[str, Phrase]:
    """Return what was sent in a form, or what is wrong with which field."""
    values = form_values(view)
    about = row_in_channel(view.get("private_metadata") or "")
    place = _PLACE.fullmatch(chosen(values, "place") or "")
    title = " ".join(str(sent(values, "title").get("value") or "").split())
    if about is None or place is None:
        return {"place": NO_PLACE}
    if not title:
        return {"title": NO_TITLE}
    return IssueFields(
        channel=about[0],
        item_id=about[1],
        source_id=int(place["source"]),
        project=place["project"] or "",
        title=title[:MAX_TITLE_LENGTH],
        text=str(sent(values, "text").get("value") or "")[:MAX_TEXT_LENGTH],
    )


def render_issue(
    created_id: int, name: str, url: str, by: str, say: Texts, *, answer: str | None = None
) -> Message:
    """Return the message in the ticket's thread about an issue.

    `answer` is there if the issue is closed; it may be empty.
    """
    mark = f"deja-issue-{created_id}"
    issue = link(name, url)
    created = say("{issue} was created by {person}.", issue=issue, person=person(by, say))
    if answer is None:
        return Message(
            notification(say("An issue was created: {issue}", issue=words(name))),
            [section(f":ticket: {created}", block_id=mark)],
            mark,
        )
    closed = say("{issue} is closed: this ticket is solved.", issue=issue)
    blocks = [section(f":white_check_mark: {closed}", block_id=mark)]
    if said := words(answer, RESOLUTION_LENGTH):
        blocks.append(section(f"> {said}"))
    blocks.append(context(created))
    return Message(
        notification(say("The issue is closed: {issue}", issue=words(name))), blocks, mark
    )
