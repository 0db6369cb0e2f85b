"""What machines wrote into a text: blobs, which say nothing, and logs, which repeat themselves.

Blobs (base64, hex dumps, minified code) are cut from what is compared. Of log lines that differ
only in times, numbers and ids the first stays, without its time. What is shown keeps both.
"""

from __future__ import annotations

import re

from services.text.words.hinted_patterns import HintedPattern

# No language has such a long word; a key, a checksum or a line of base64 is at least as long.
MIN_BLOB = 60
# Nobody writes so much in a line with so few spaces; in this share of it minified code has signs.
MIN_MINIFIED = 300
MAX_SPACES = 0.06
MIN_SIGNS = 0.07

# Below this there is no room for a blob, nor for two lines of a log.
MIN_LENGTH = MIN_BLOB

_BLOB = re.compile(
    # Web tokens are pieces of base64 with dots between; the first two begin with `{"`.
    r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)*"
    rf"|(?<![^\s\"'(,<>{{\[])[A-Za-z0-9+/_=-]{{{MIN_BLOB},}}(?:\s*\n[A-Za-z0-9+/]*=+$)?",
    re.MULTILINE,
)
_HEX_DUMP = re.compile(
    r"^[ \t]*(?:0x)?[0-9a-f]{4,16}(?::|[ \t])[ \t]*(?:[0-9a-f]{2,8}[ \t]+){4,}[^\n]*$"
    r"|^[ \t]*(?:[0-9a-f]{2}[ \t:]+){12,}(?:[0-9a-f]{2})?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEX_LETTER = re.compile(r"(?<![g-z])[a-f]\d|\d[a-f](?![g-z])|\b0{4}", re.IGNORECASE)
_SIGNS = re.compile(r"[{}()\[\];,=<>&|!?:.]")

_TIME = (
    r"(?:\d{4}[-/.]\d{2}[-/.]\d{2}[T ]+\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?"
    r"(?:Z|[ ]?[+-]\d{2}:?\d{2})?"
    r"|[A-Z][a-z]{2}[ ]{1,2}\d{1,2}[ ]\d{2}:\d{2}:\d{2}"
    r"|\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?:[ ][+-]\d{4})?"
    r"|\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)"
)
_STAMP = re.compile(rf"^[ \t]*[\[(]?{_TIME}[\])]?[ \t:,-]*")
_LEVELS = (
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "ERR", "FATAL", "CRITICAL",
    "SEVERE",
)  # fmt: skip
_LEVEL = re.compile(rf"\b(?:{'|'.join(_LEVELS)})\b")
# What a line of a log has; in most texts no line has it.
_LOG = HintedPattern(
    re.compile(f"{_STAMP.pattern}|{_LEVEL.pattern}", re.MULTILINE),
    _LEVELS,
    hint=re.compile(r":(?<=\d:)\d\d"),
)
# Codes such as E4411 and the numbers of answers such as 503 tell lines apart.
_VARIABLE = re.compile(
    rf"{_TIME}|\b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b|\b0x[0-9a-f]+\b"
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b|\b(?![45]\d\d\b)\d+(?:[.,:]\d+)*(?:ms|s|m|h|kb|mb|gb|%)?\b",
    re.IGNORECASE,
)


def without_machine_text(text: str) -> str:
    """Return `text` without blobs, and with the lines of logs that say the same only once."""
    if len(text) < MIN_LENGTH:
        return text
    # A blob has no space in it: most texts have no such long word, which is fast to see.
    has_long = max(map(len, text.split()), default=0) >= MIN_BLOB
    rest = _BLOB.sub(_unless_words, text) if has_long else text
    if "\n" in rest:
        rest = _HEX_DUMP.sub(_unless_numbers, rest)
    if len(rest) >= MIN_MINIFIED:
        rest = "\n".join(line for line in rest.split("\n") if not _is_minified(line))
    return _folded_logs(rest) if "\n" in rest else rest


def _unless_words(match: re.Match[str]) -> str:
    """Keep what only looks like a blob: a ruler, or words with hyphens between them."""
    found = match.group()
    has_digit = any(map(str.isdigit, found))
    words = [word for word in re.split(r"[-_/=]+", found) if word]
    is_path = not words or (len(words) > 1 and max(map(len, words)) < MIN_BLOB // 3)
    return found if is_path or not (has_digit or "=" in found or _has_mixed_case(found)) else " "


def _has_mixed_case(text: str) -> bool:
    return not text.islower() and not text.isupper() and any(map(str.isalpha, text))


def _unless_numbers(match: re.Match[str]) -> str:
    """Keep the rows of a table of numbers: a dump has digits from a to f."""
    return "" if _HEX_LETTER.search(match.group()) else match.group()


def _is_minified(line: str) -> bool:
    if len(line) < MIN_MINIFIED or line.count(" ") > MAX_SPACES * len(line):
        return False
    return len(_SIGNS.findall(line)) >= MIN_SIGNS * len(line)


def _folded_logs(text: str) -> str:
    if not _LOG.search(text):
        return text
    seen: set[str] = set()
    kept = []
    for line in text.split("\n"):
        said = _STAMP.sub("", line)
        if said == line and not _LEVEL.search(line):
            kept.append(line)
            continue
        template = _VARIABLE.sub("#", said)
        if template not in seen:
            seen.add(template)
            kept.append(said)
    return "\n".join(kept)
