"""The plain text of a value: HTML, wiki markup and document trees become lines."""

from __future__ import annotations

import re
from typing import Any

from services.intake.importers.layouts.layout import Markup
from services.text.cleaning import plain_text
from services.text.html_text import has_tags, html_to_text, without_html
from services.text.wiki_text import document_to_text, is_document, looks_like_wiki, wiki_to_text

# A line break that an exporter wrote as backslash and n. In a path (C:\new) a letter stands on
# both sides, and no break is meant.
_WRITTEN_BREAK = re.compile(r"((?:\\r)?\\n){2,}|(?<=[.!?,:;)\s])(?:\\r)?\\n")
# A placeholder that whoever made the set never filled: {product_purchased}.
_PLACEHOLDER = re.compile(r"\{([a-z]+(?:_[a-z]+)*)\}")


def clean_text(value: Any, markup: Markup = "any") -> str:
    """Return a value as the plain text of a ticket; "" where it says nothing."""
    if isinstance(value, dict):
        return plain_text(document_to_text(value)) if is_document(value) else ""
    if isinstance(value, list):
        return plain_text("\n".join(filter(None, (clean_text(one, markup) for one in value))))
    if value is None or isinstance(value, bool):
        return ""
    text = _without_bbcode(_with_breaks(str(value)))
    if markup == "wiki" or (markup == "any" and looks_like_wiki(text)):
        text = wiki_to_text(text)
    if markup == "html" and has_tags(text):
        return plain_text(html_to_text(text))
    if markup == "markdown":
        text = _without_comments(text)
    if markup != "markdown" or text.lstrip()[:1] == "<":
        text = without_html(text)
    return plain_text(text)


def _with_breaks(text: str) -> str:
    if "\\n" not in text or "\n" in text.strip():
        return text
    return _WRITTEN_BREAK.sub(lambda found: "\n\n" if found[1] else "\n", text)


# Comments of a template tell who writes what to write, and nobody sees them then. In code they are
# a part of it.
_COMMENT = re.compile(r"(```.*?(?:```|$))|<!--.*?-->\n?", re.DOTALL)


def _without_comments(text: str) -> str:
    if "<!--" not in text:
        return text
    return _COMMENT.sub(lambda found: found[1] or "", text)


# The markup of forums: [b]bold[/b], [url=…]link[/url], [quote="Ann"]what she wrote[/quote].
_QUOTE = re.compile(r"\[quote[^\]\n]*\](.*?)\[/quote(?::\w+)?\]\n?", re.DOTALL | re.IGNORECASE)
_BBCODE = re.compile(
    r"\[/?(?:b|i|u|s|url|img|code|list|color|size|font|center|spoiler|attachment|\*)"
    r"(?:=[^\]\n]*)?(?::\w+)?\]",
    re.IGNORECASE,
)


def _without_bbcode(text: str) -> str:
    if "[/" not in text:
        return text
    quoted = _QUOTE.sub(lambda found: "> " + found[1].strip().replace("\n", "\n> ") + "\n", text)
    return _BBCODE.sub("", quoted)


def fill_placeholders(text: str, values: dict[str, Any]) -> str:
    """Fill in `{product_purchased}` and its like from the columns of the row."""
    if "{" not in text:
        return text

    def filled(found: re.Match[str]) -> str:
        value = values.get(found[1].replace("_", " "))
        return str(value) if isinstance(value, str) and value.strip() else found[0]

    return _PLACEHOLDER.sub(filled, text)
