"""Slack's markup as plain text, for live messages and for exports."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from services.text.small_talk.talk import KEPT_TEXTS, is_courtesy
from services.text.words.patterns import SOMEBODY
from services.text.words.plain import plain_text

_MENTION = re.compile(r"<@\w+>")
_CLAUSE_END = re.compile(r"[.!?,:;\n]")
_GOES_ON = re.compile(r"[ '’]*\w")
# What is said of the person mentioned, not to them: "please @a has no access".
_IS_SUBJECT = re.compile(
    r" +(?:has|hasn['’]t|needs|gets|hat|braucht|bekommt|kriegt|(?:no )?(?:tiene|necesita|recibe))\b"
    r"(?! (?:any(?:one|body)|some(?:one|body)|the|this|that|your?|jemand|wer|einer|das|der|die|es"
    r"|alguien|el|la)\b)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"<([^<>\n]*)>")
# The length is bounded so that a message of 40,000 asterisks costs no more than another.
_STYLE = re.compile(r"(?<![\w`])([*_~])(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w`])")
_STYLE_MARKS = "*_~"
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_QUOTE = re.compile(r"^(?:&gt;)+ ?", re.MULTILINE)


# The same text is classified, and stored as a ticket's.
@lru_cache(KEPT_TEXTS)
def clean_slack(text: str) -> str:
    """Return Slack's `mrkdwn` as the plain text people see.

    Links become their label (or address), channels and groups their name; mentions of people are
    removed; `*bold*` and the like lose their marks outside code; `&amp; &lt; &gt;` are unescaped.
    """
    parts = _CODE.split(text)
    for index, part in enumerate(parts):
        if index % 2:  # code: the group that the split captured
            parts[index] = _REFERENCE.sub(_reference, part).strip("`")
        else:
            parts[index] = _without_styles(_REFERENCE.sub(_reference, _unquoted(part)))
    # Only the three entities that Slack escapes; `html.unescape` knows hundreds more.
    joined = "".join(parts)
    for escaped in ("&lt;", "&gt;", "&amp;"):
        joined = joined.replace(escaped, html.unescape(escaped))
    return plain_text(joined)


def ticket_text(text: str) -> str:
    """Return what is kept of a ticket's `mrkdwn`: `clean_slack`, with `SOMEBODY` for some mentions.

    Those are the ones amid a sentence ("give @… access to the wiki"), and of whom something is said
    ("please @… has no access"). Who is addressed, before or after it, is left out.
    """
    return clean_slack(_MENTION.sub(_mention, text))


def _mention(match: re.Match[str]) -> str:
    if _IS_SUBJECT.match(match.string, match.end()):
        return SOMEBODY
    before = _CLAUSE_END.split(match.string[: match.start()])[-1]
    has_words = any(map(str.isalnum, _MENTION.sub("", before)))
    is_amid = has_words and not is_courtesy(before) and _GOES_ON.match(match.string, match.end())
    return SOMEBODY if is_amid else match.group()


def _without_styles(text: str) -> str:
    if not any(mark in text for mark in _STYLE_MARKS):  # most texts, and faster than the pattern
        return text
    for _ in _STYLE_MARKS:  # each may be nested in the others
        text = _STYLE.sub(r"\2", text)
    return text


def _unquoted(text: str) -> str:
    return _QUOTE.sub("", text) if "&gt;" in text else text


def _reference(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith("@"):
        return f"@{label}" if label else ""
    if target.startswith("#"):
        return f"#{label}" if label else ""
    if target.startswith("!"):
        return label.removeprefix("@") if label else ""
    return label or target
