"""Boilerplate: what a form, a tracker or a mail program wrote, not a person.

Two tickets of one template share it, whatever they are about. Removed are HTML comments and tags,
user agents, the headings of forms ("Steps to reproduce:"), and the prefixes of a subject line
("Re: Fwd:", "[EXTERNAL]").

It is removed where it would decide, in `judgement.near_exact`. The model still reads it: without it
the right tickets of gitbugs_seamonkey rank lower (benchmarks/README.md). Where terms are weighted
by IDF, those of a template count next to nothing.
"""

from __future__ import annotations

import re

from services.text.words.hinted_patterns import HintedPattern

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Listed by name, because `vector<int>` is not markup.
_TAG = re.compile(
    r"</?(?:details|summary|[ou]l|li|p|br|hr|div|span|b|i|u|em|strong|img|h[1-6]|table|tbody|thead"
    r"|tr|t[dh]|code|pre|blockquote|font)(?:\s[^<>\n]*)?/?>",
    re.IGNORECASE,
)
_USER_AGENT = HintedPattern(
    re.compile(r"(?:\buser[- ]?agent\b\s*[:=]?\s*)?\bmozilla/\d[^\n]*", re.IGNORECASE),
    hint=re.compile(r"/\d"),
)
# Only where nothing follows on the line: "Environment: staging" says something. Listed by name,
# because "VPN on the train:" is not a heading.
_HEADING = re.compile(
    r"^[\s>*_#-]*(?:(?:your )?steps? to reproduce|(?:actual|expected|current|observed)"
    r" (?:results?|behaviou?r)|results?|environment|notes?|description|details|summary|comments?"
    r"|additional (?:info(?:rmation)?|context|notes?)|attachments?|workaround|severity"
    r"|priority"
    r"|browser(?: configuration| ?/ ?version)?|operating system|version|problem type|category"
    r"|beschreibung|schritte zum reproduzieren"
    r"|(?:erwartetes|tats[aä]chliches) (?:ergebnis|verhalten)"
    r"|umgebung|anmerkungen?|anhang|descripci[oó]n|pasos para reproducir"
    r"|(?:resultado|comportamiento) (?:esperado|actual|obtenido)|entorno|notas?|adjuntos?)"
    r"[*_ ]*[:?]?[*_ ]*$",
    re.IGNORECASE | re.MULTILINE,
)
# Quote marks at the start of a line, and lines of nothing but marks.
_MARKS = re.compile(r"^[ \t]*(?:>[ \t]*)+|^[\s>*_#=`~-]+$", re.MULTILINE)
_SUBJECT = re.compile(
    r"^\s*(?:(?:(?:re|fwd?|aw|wg|rv)\s*:|\[(?:ext|external|extern|bulk|spam\??)\])\s*)+",
    re.IGNORECASE,
)


def without_boilerplate(text: str) -> str:
    """Return `text` without boilerplate.

    Where nothing else is left it is returned unchanged: a form sent empty is a ticket, too.
    """
    rest = _SUBJECT.sub("", text)
    if "<" in rest:
        rest = _TAG.sub(" ", _COMMENT.sub(" ", rest))
    rest = _USER_AGENT.sub(" ", rest)
    for boilerplate in (_HEADING, _MARKS):
        rest = boilerplate.sub(" ", rest)
    return rest if any(map(str.isalnum, rest)) else text
