"""The markup of forums: [b]bold[/b], [url=…]link[/url], [quote="Ann"]what she wrote[/quote]."""

from __future__ import annotations

import re

# A program's `[i]`, `[s]` or `[/login]` looks like a tag, so that only those in pairs are some.
# phpBB writes the number of the post into each: [b:1x2y3z4w].
_TAG = re.compile(
    r"\[(/?)(?:(b|i|u|s|url|email|img|code|list|color|size|font|center|spoiler|attachment|\*)"
    r"(?:=[^\[\]\n]*+)?|(quote)(?:[= ][^\[\]\n]*+)?)(?::\w+)*+\]",
    re.IGNORECASE,
)
# Items of a list have an end in some forums only.
_ITEM = "*"


def without_bbcode(text: str) -> str:
    """Return a text without the tags of forums; a quote has `> ` before each of its lines.

    Tags without their counterpart stay as they are, as does all that is in `[code]`.
    """
    if "[/" not in text:
        return text
    tags = _paired_tags(text)
    parts: list[str] = []
    position = quote_start = depth = 0
    for tag in tags:
        parts.append(text[position : tag.start()])
        position = tag.end()
        if not tag[3]:
            continue
        depth += -1 if tag[1] else 1
        if not tag[1] and depth == 1:
            quote_start = len(parts)
        elif not depth:
            quoted = "".join(parts[quote_start:]).strip()
            parts[quote_start:] = ["> " + quoted.replace("\n", "\n> ") + "\n"]
            position += text[position : position + 1] == "\n"
    return "".join([*parts, text[position:]])


def _name(tag: re.Match[str]) -> str:
    return (tag[2] or tag[3]).lower()


def _paired_tags(text: str) -> list[re.Match[str]]:
    """Return the tags that have a counterpart, and the items of lists, in their order."""
    tags = _outside_code(list(_TAG.finditer(text)))
    paired: set[int] = set()
    open_: dict[str, list[int]] = {}
    for number, tag in enumerate(tags):
        name = _name(tag)
        if name == _ITEM:
            continue
        if not tag[1]:
            open_.setdefault(name, []).append(number)
        elif open_.get(name):
            paired |= {open_[name].pop(), number}
    paired |= _items(tags, paired)
    return [tag for number, tag in enumerate(tags) if number in paired]


def _items(tags: list[re.Match[str]], paired: set[int]) -> set[int]:
    """Return which tags are items of a list that has an end."""
    depth = 0
    items = set()
    for number, tag in enumerate(tags):
        if _name(tag) == "list" and number in paired:
            depth += -1 if tag[1] else 1
        elif _name(tag) == _ITEM and depth:
            items.add(number)
    return items


def _outside_code(tags: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the tags without those between `[code]` and its end."""
    ends = [number for number, tag in enumerate(tags) if tag[1] and _name(tag) == "code"]
    last_end = ends[-1] if ends else -1
    found = []
    in_code = False
    for number, tag in enumerate(tags):
        is_code = _name(tag) == "code"
        if in_code and not (is_code and tag[1]):
            continue
        in_code = is_code and not tag[1] and number < last_end
        found.append(tag)
    return found
