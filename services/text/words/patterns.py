"""Patterns of links and of Slack's emoji codes, and what stands for mentions."""

from __future__ import annotations

import re

from services.text.words.hinted_patterns import HintedPattern

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
# Times of day and spans: "at 10", "bis 11 Uhr", "in 20 min", "10:30", "1:1", "3pm".
_TIME = re.compile(
    r"(?<![\w.])(?:at|around|till|until|til|to|from|by|before|after|in|since|for|um|ab|bis|auf|gegen"
    r"|seit|vor|nach|von|las|hasta|desde|sobre|a|en) \d{1,2}(?:[:.h]\d\d)?(?![\w.%])"
    r"|(?<![\w.])\d{1,4} ?(?:am|pm|uhr|hs?|hrs?|hours?|mins?|minutes?|secs?|seconds?|days?|weeks?"
    r"|months?|years?|stunden?|std|minuten?|sek|sekunden?|tagen?|wochen?|monaten?|jahren?|horas?"
    r"|minutos?|segundos?|seg|d[ií]as?|semanas?|mes(?:es)?|a[ñn]os?)(?!\w)"
    r"|(?<![\w.])\d{1,2}[:\-]\d{1,2}(?![\w.])|(?<!\w)24/7(?!\w)"
    # Days: "until the 14th", "bis zum 14.", "hasta el 14", "ab 3.4.", "until 3/4".
    r"|(?<!\w)(?:until|till|til|by|from|since|before|after|on) (?:the )?\d{1,2}"
    r"(?:(?:st|nd|rd|th)(?!\w| floor)|/\d{1,2}(?![\w/]))"
    r"|(?<!\w)(?:bis|ab|vom|seit|am)(?: zum| dem)? \d{1,2}(?:\.(?:\d{1,2}\.?)?|$)(?! (?:stock|og))"
    r"(?!\w)"
    r"|(?<!\w)(?:hasta|desde|vuelvo)(?: el| dia)+ \d{1,2}(?:/\d{1,2})?(?![\w/])",
    re.IGNORECASE,
)
# A time has no number of five figures.
TIMES = HintedPattern(_TIME, hint=re.compile(r"\d++(?<!\d{5})"))
