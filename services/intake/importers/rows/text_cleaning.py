"""The plain text of a value: HTML, wiki markup and document trees become lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.intake.importers.layouts.layout import Markup
from services.text.markup.bbcode import without_bbcode
from services.text.markup.html_text import has_tags, html_to_text, without_html
from services.text.markup.markdown_comments import without_comments
from services.text.markup.wiki_text import (
    document_to_text,
    is_document,
    looks_like_wiki,
    wiki_to_text,
)
from services.text.words.plain import plain_text

# A line break that an exporter wrote as backslash and n. In a path (C:\new) a letter stands on
# both sides, and no break is meant.
_WRITTEN_BREAK = re.compile(r"((?:\\r)?\\n){2,}|(?<=[.!?,:;)\s])(?:\\r)?\\n")
# A placeholder that whoever made the set never filled: {product_purchased}.
_PLACEHOLDER = re.compile(r"\{([a-z]+(?:_[a-z]+)*)\}")


def clean_text(value: Any, markup: Markup = "any") -> str:
    """Return a value as the plain text of a ticket; "" where it says nothing."""
    if isinstance(value, dict):
        return plain_text(document_to_text(value)) if is_document(value) else ""
    if isinstance(value, list) and (pieces := _pieces(value)):
        value = "".join(pieces)
    if isinstance(value, list):
        return plain_text("\n".join(filter(None, (clean_text(one, markup) for one in value))))
    if value is None or isinstance(value, bool):
        return ""
    text = _with_breaks(str(value))
    return plain_text(_without_markdown(text) if markup == "markdown" else _unmarked(text, markup))


def _pieces(value: list[Any]) -> list[str]:
    """Return the pieces of a text of which some have a format; none of any other list.

    Telegram writes `["The door of ", {"type": "bold", "text": "hall 2"}, " jams."]`.
    """
    if not any(isinstance(one, str) for one in value) or all(isinstance(one, str) for one in value):
        return []
    pieces = [one.get("text") if isinstance(one, dict) else one for one in value]
    return [one for one in pieces if isinstance(one, str)]


def _without_markdown(text: str) -> str:
    text = without_comments(text)
    return without_html(text) if text.lstrip()[:1] == "<" else text


def _unmarked(text: str, markup: Markup) -> str:
    text = without_bbcode(without_comments(text))
    if markup == "wiki" or (markup == "any" and looks_like_wiki(text)):
        text = wiki_to_text(text)
    return html_to_text(text) if markup == "html" and has_tags(text) else without_html(text)


def _with_breaks(text: str) -> str:
    if "\\n" not in text or "\n" in text.strip():
        return text
    return _WRITTEN_BREAK.sub(lambda found: "\n\n" if found[1] else "\n", text)


def fill_placeholders(text: str, values: Mapping[str, Any]) -> str:
    """Fill in `{product_purchased}` and its like from the columns of the row."""
    if "{" not in text:
        return text

    def filled(found: re.Match[str]) -> str:
        value = values.get(found[1].replace("_", " "))
        return str(value) if isinstance(value, str) and value.strip() else found[0]

    return _PLACEHOLDER.sub(filled, text)
