"""Patterns of links and of Slack's emoji codes, and what stands for mentions."""

from __future__ import annotations

import re

from services.text.hinted_patterns import HintedPattern

# Stands in a ticket for a person whom it mentions amid a sentence: whom, only Slack knows.
SOMEBODY = "@…"

# Every link has one of them; looking for them is far faster than the pattern.
LINK_SCHEMES = ("http:", "https:", "ftp:", "mailto:", "tel:")
# The group is the host.
LINK = re.compile(
    r"(?:https?|ftp):(?://)?(?:[^\s/@]*@)?(?:www\.)?([^\s/?#:<>()\[\]|\"']*)\S*"
    r"|(?:mailto|tel):\S+",
    re.IGNORECASE,
)
# Before the colon of a link is the last letter of a scheme.
HINTED_LINK = HintedPattern(LINK, hint=re.compile(":(?<=[psol]:)", re.IGNORECASE))
# A link to a line of a source file, in a trace of a browser. The groups are the path, and what
# follows: line, column, bracket.
SOURCE_LINK = re.compile(
    r"https?://[^/\s]*(/[^\s()?#]*\.(?:m?[jt]sx?|cjs|vue|svelte|html?))(?:\?[^\s:()]*)?"
    r"((?::\d+){1,2}\)?)",
    re.IGNORECASE,
)
# A run of `:codes:` on its own; `std::vector::push` and `12:30:45` are not emoji.
EMOJI_CODES = HintedPattern(
    re.compile(r"(?<![\w:])(?::[a-z0-9_+'\-]+:)+(?![\w:])", re.IGNORECASE),
    hint=re.compile(r":[a-z0-9_+'\-]+:", re.IGNORECASE),
)
