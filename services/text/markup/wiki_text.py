"""Jira's texts as plain text: its wiki markup, and the document trees of its newer API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.text.words.hinted_patterns import Replacement, contains_any
from services.text.words.word_lists import words

# Any of these marks a text as wiki markup; `*bold*` alone may be anything.
_WIKI = re.compile(
    r"\{(?:code|noformat|quote|color|panel)(?::[^{}\n]*)?\}|^h[1-6]\. |^\|\|.*\|\||\[~[^\[\]\s]+\]"
    r"|\{\{[^{}\n]+\}\}|![^!\s|]+\.\w{3,4}(?:\|[^!\n]*)?!",
    re.MULTILINE,
)
_BLOCK_MACRO = re.compile(r"\{(?:code|noformat|quote|panel|color|anchor|toc)(?::[^{}\n]*)?\}")
# From the first one of several spaces on: from each of them, many would take long.
_BREAK = re.compile(r"(?<! ) *\n *")
# What is replaced, with marks of which it has one. A pattern that begins with a sign is found
# faster than one that first looks behind it.
_MARKED: tuple[tuple[tuple[str, ...], re.Pattern[str], Replacement], ...] = (
    (("{",), _BLOCK_MACRO, " "),
    (("\\\\",), re.compile(r"\\\\(?=\s|$)", re.MULTILINE), "\n"),
    (tuple(f"h{level}." for level in range(1, 7)), re.compile(r"^h[1-6]\. *", re.MULTILINE), ""),
    (("bq.",), re.compile(r"^bq\. *", re.MULTILINE), ""),
    (("!",), re.compile(r"!([^!\s|]+\.\w{3,4})(?:\|[^!\n]*)?!"), " "),
    (("[~",), re.compile(r"\[~[^\[\]\s]+\]"), " "),
    (("[",), re.compile(r"\[([^|\[\]\n]+)\|([^\]\s|]+)(?:\|[^\[\]\n]*)?\]"), r"\1 \2"),
    (("{{",), re.compile(r"\{\{([^{}\n]+)\}\}"), r"\1"),
    (
        ("||",),
        re.compile(r"^\|\|(.*)\|\|\s*$", re.MULTILINE),
        lambda row: row[1].replace("||", " | "),
    ),
    (("*",), re.compile(r"\*(?<![\w*]\*)(\S(?:[^*\n]*\S)?)\*(?![\w*])"), r"\1"),
    (("+",), re.compile(r"\+(?<![\w+]\+)(\S(?:[^+\n]*\S)?)\+(?![\w+])"), r"\1"),
    ((" \n", "\n "), _BREAK, "\n"),
    (("\n\n\n",), re.compile(r"\n{3,}"), "\n\n"),
)
# What begins and ends lines of code, in which nothing is markup and lines are indented.
_CODE_MARK = re.compile(r"\{(code|noformat)(:[^{}\n]*)?\}")
_LINE_END = re.compile(r"[^\S\n]*\n")
_BREAKS_AFTER = words(
    "paragraph heading codeBlock blockquote listItem tableRow rule panel hardBreak taskItem"
)


def looks_like_wiki(text: str) -> bool:
    """Say whether a text has marks that only Jira's wiki markup has."""
    # Most texts have none of the characters: to look for them is fast.
    may_be = any(mark in text for mark in ("{", "||", "[~", "!", "\nh")) or text[:1] == "h"
    return may_be and _WIKI.search(text) is not None


def wiki_to_text(text: str) -> str:
    """Return wiki markup as people read it: without macros, pictures and mentions."""
    parts = _words_and_code(text)
    parts[::2] = [_without_markup(part) for part in parts[::2]]
    return "\n".join(part.strip("\n") for part in parts if part.strip()).strip()


def _words_and_code(text: str) -> list[str]:
    """Split a text at its blocks of code; every second part is one, without its marks.

    Takes time in proportion to the text, also where many blocks begin and none ends.
    """
    marks = list(_CODE_MARK.finditer(text))
    ends: list[re.Match[str] | None] = []
    next_ends: dict[str, re.Match[str]] = {}
    for mark in reversed(marks):
        ends.append(next_ends.get(mark[1]))
        if mark[2] is None:
            next_ends[mark[1]] = mark
    parts, done = [], 0
    for mark, end in zip(marks, reversed(ends), strict=True):
        line = _LINE_END.match(text, mark.end())
        if mark.start() < done or line is None or end is None:
            continue
        parts += [text[done : mark.start()], text[line.end() : end.start()].rstrip()]
        done = end.end()
    return [*parts, text[done:]]


def _without_markup(text: str) -> str:
    for marks, pattern, replacement in _MARKED:
        if contains_any(text, marks):
            text = pattern.sub(replacement, text)
    return text


def is_document(value: object) -> bool:
    """Say whether a value is a document tree of Jira's API (Atlassian Document Format)."""
    return (
        isinstance(value, Mapping)
        and value.get("type") == "doc"
        and isinstance(value.get("content"), list)
    )


def document_to_text(document: Mapping[str, Any]) -> str:
    """Return the text of a document tree."""
    text = "".join(_pieces(document))
    return re.sub(r"\n{3,}", "\n\n", _BREAK.sub("\n", text)).strip()


def _pieces(document: Mapping[str, Any]) -> Iterator[str]:
    stack: list[Any] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, Mapping):
            yield _own_text(node)
            if node.get("type") in _BREAKS_AFTER:
                stack.append("\n")
            content = node.get("content")
            stack.extend(reversed(content if isinstance(content, list) else []))


def _own_text(node: Mapping[str, Any]) -> str:
    kind, attributes = node.get("type"), node.get("attrs")
    if kind == "text":
        return str(node.get("text") or "")
    if kind == "listItem":
        return "- "
    if kind in {"inlineCard", "blockCard"} and isinstance(attributes, Mapping):
        return str(attributes.get("url") or "")
    return ""
