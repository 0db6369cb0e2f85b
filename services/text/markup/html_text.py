"""HTML as text: paragraphs, lists, tables and line breaks stay, tags and styles go."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.text.words.word_lists import words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# A text that begins with one of these, or has several of them, was written as HTML. Other tags
# prove nothing: `vector<int>` is no markup, and Markdown may hold a `<details>`.
_TAG = re.compile(
    r"</?(?:html|body|div|p|br|span|table|tbody|tr|t[dh]|ul|ol|li|h[1-6]|b|i|u|strong|em|a|font"
    r"|blockquote|pre|style|head|meta|section|article|img|hr|center)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_DOCTYPE = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_MIN_TAGS = 3
_FENCE = "```"
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#39);")

_BLOCKS = words(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3"
    " h4 h5 h6 header hr li main nav ol p pre section table tbody thead tr ul"
)
_DROPPED = words("head script style template title noscript svg")
_ESCAPED = re.compile(
    r"\s*&lt;(?:!doctype|html|body|div|p|br|span|table|ul|ol|h[1-6]|font|meta|style)\b",
    re.IGNORECASE,
)
_SPACE = re.compile(r"[^\S\n]+")
_LINE_END = re.compile(r" *\n *")
_BLANK_LINES = re.compile(r"\n{3,}")


def looks_like_html(text: str) -> bool:
    """Say whether a text was written as HTML, and not as plain text or Markdown with some tags."""
    if "<" not in text:
        return False
    if _DOCTYPE.match(text) or _TAG.match(text.lstrip()[:2000]):
        return True
    # Whoever wrote &amp; for a sign did not write the tags beside it as text.
    enough = 1 if _ESCAPED_SIGN.search(text) else _MIN_TAGS
    return _FENCE not in text and sum(1 for _ in _some(_TAG.finditer(text))) >= enough


def has_tags(text: str) -> bool:
    """Say whether a text that may be HTML has any tags."""
    return "<" in text and _TAG.search(text) is not None


def html_to_text(source: str) -> str:
    """Return what a browser would show of HTML, as lines."""
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(source).root
    if root is None:
        return ""
    text = "".join(_pieces(root))
    text = _LINE_END.sub("\n", _SPACE.sub(" ", text.replace("\xa0", " ")))
    return _BLANK_LINES.sub("\n\n", text).strip()


def without_html(text: str) -> str:
    """Return `text` without HTML; a text that is none comes back as it is."""
    if looks_like_html(text):
        return html_to_text(text)
    if _ENTITY.search(text) and "<" not in text:
        plain = html.unescape(text).replace("\xa0", " ")
        # Written as HTML, and then as text in HTML: &lt;p&gt;It jams.&lt;/p&gt;
        return html_to_text(plain) if _ESCAPED.match(text) and has_tags(plain) else plain
    return text


def _some(found: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    for _, match in zip(range(_MIN_TAGS), found, strict=False):
        yield match


def _pieces(root: LexborNode) -> Iterator[str]:
    """Yield the pieces of text under a node, in order; an explicit stack, as mail nests deep."""
    stack: list[LexborNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        tag = node.tag or ""
        if tag == "-text":
            yield node.text_content or ""
        elif tag == "br":
            yield "\n"
        elif tag not in _DROPPED and not tag.startswith(("-", "!")):
            before, after = _around(tag)
            yield before
            stack.append(after)
            children = list(node.iter(include_text=True))
            stack.extend(reversed(children))


def _around(tag: str) -> tuple[str, str]:
    if tag == "li":
        return "\n- ", "\n"
    if tag in {"td", "th"}:
        return "", " | "
    if tag in {"p", "h1", "h2", "h3", "h4", "h5", "h6"}:
        return "\n", "\n\n"
    return ("\n", "\n") if tag in _BLOCKS else ("", "")
