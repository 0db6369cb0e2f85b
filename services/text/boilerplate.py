"""Boilerplate: what a form, a tracker or a mail program wrote, and nobody said.

Two tickets of one template are alike in it, whatever they are about. Left out are comments and tags
of HTML, what a browser says of itself, the headings of forms ("Steps to reproduce:"), and the
prefixes of a subject line ("Re: Fwd:", "[EXTERNAL]").

It is left out where it would decide, in `judgement.near_exact`. The model reads it all the same:
without it the right tickets of gitbugs_seamonkey stand lower (benchmarks/README.md). Where words
are weighed by how rare they are, those of a template weigh next to nothing.
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Named, because `vector<int>` is said.
_TAG = re.compile(
    r"</?(?:details|summary|[ou]l|li|p|br|hr|div|span|b|i|u|em|strong|img|h[1-6]|table|tbody|thead"
    r"|tr|t[dh]|code|pre|blockquote|font)(?:\s[^<>\n]*)?/?>",
    re.IGNORECASE,
)
_USER_AGENT = re.compile(r"(?:\buser[- ]?agent\b\s*[:=]?\s*)?\bmozilla/\d[^\n]*", re.IGNORECASE)
# Only where nothing follows in the line: the rest of "Environment: staging" is said. Named, because
# "VPN on the train:" is too.
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
# Quote marks at a line's start, and lines of nothing but marks.
_MARKS = re.compile(r"^[ \t]*(?:>[ \t]*)+|^[\s>*_#=`~-]+$", re.MULTILINE)
_SUBJECT = re.compile(
    r"^\s*(?:(?:(?:re|fwd?|aw|wg|rv)\s*:|\[(?:ext|external|extern|bulk|spam\??)\])\s*)+",
    re.IGNORECASE,
)


def without_boilerplate(text: str) -> str:
    """Return `text` without what is the same in every ticket of its kind.

    Where nothing else is left it is returned as it was: a form that was sent empty is one too.
    """
    said = _SUBJECT.sub("", text)
    for written in (_COMMENT, _TAG, _USER_AGENT, _HEADING, _MARKS):
        said = written.sub(" ", said)
    return said if any(character.isalnum() for character in said) else text
