"""Lines of stack traces that name an error: its type, its message, and how it is linked."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_NAME = r"(?:[\w$]+(?:\.|\\|::))*[A-Z][\w$]*"
_KNOWN = r"(?:[\w$]+(?:\.|\\|::))*[A-Z][\w$]*(?:Error|Exception|Failure|Fault|Interrupt|Throwable)"
_ERROR = re.compile(
    rf"(?:E )?(?:[|+] ?)*(?:Uncaught )?({_NAME})(?: \[[^\]]*\])?(?:: ?(.*)| \((.*)\):?)?$"
)
_ERROR_WITHIN = re.compile(rf"(?<![\w.$\\])({_KNOWN})(?![\w$])(?:: ?(.*))?")
_LINK = re.compile(r"(?:Caused by: |\[cause\]: |-+> ?(?:\(Inner Exception #\d+\) )?)(.*)$")
_INNER = re.compile(r"^.*? ---> (.*)$")
_NEXT = re.compile(r"Next (.*)$")
_PHP_PLACE = re.compile(r"^(.*?) in (/\S+|[A-Z]:\\\S+)(?::\d+| on line \d+)$")
_GO_PANIC = re.compile(r"panic: (?:\S+Error \{.*?\} )?(.*?)(?: \[recovered\].*)?$")
_RUST_PANIC = re.compile(
    r"thread '.*?' (?:\(\d+\) )?panicked at (?:'(.*)', )?\S+\.rs:\d+(?::\d+)?:?$"
)
_SIGNAL = re.compile(r"\b(SIG(?:SEGV|ABRT|BUS|FPE|ILL|TRAP)|EXC(?:EPTION)?_[A-Z_]+)\b")
_SEGFAULT = re.compile(r"\bSegmentation fault\b", re.IGNORECASE)

# What differs between two runs of one error; names do not: "No module named 'numpy'".
_NUMBER = re.compile(r"\b0x[0-9a-f]+\b|\d+", re.IGNORECASE)

PANIC = "panic"

Link = Literal["", "cause", "wrapper"]


class FoundError(NamedTuple):
    """An error that a line names, its message without numbers, and its link to the one before.

    It is the `cause` of that, or its `wrapper`.
    """

    type: str
    message: str = ""
    link: Link = ""


def error_of(line: str) -> FoundError | None:
    """Return the type of the error that a line names, its message, and its link to the one before.

    By itself a name is one of an error by its ending; after "Caused by:" any is.
    """
    special = _special(line)
    if special is not None:
        return special
    link: Link = ""
    if (linked := _LINK.match(line)) is not None:
        line, link = linked.group(1), "cause"
    elif (later := _NEXT.match(line)) is not None:
        line, link = later.group(1), "wrapper"
    while (inner := _INNER.match(line)) is not None:
        line = inner.group(1)
    match = _ERROR.match(line) if link else None
    match = match or _ERROR_WITHIN.search(line)
    return None if match is None else FoundError(*_type_and_message(match), link)


def last_line_of(line: str) -> FoundError | None:
    """Return the error of a line that ends frames of Python: of any name."""
    match = _ERROR.match(line)
    return None if match is None else FoundError(*_type_and_message(match))


def _type_and_message(match: re.Match[str]) -> tuple[str, str]:
    return bare_type(match.group(1)), message_of(next(filter(None, match.groups()[1:]), ""))


def _special(line: str) -> FoundError | None:
    """Return a panic, or a signal that ended a program."""
    for shape in (_GO_PANIC, _RUST_PANIC):
        if (panic := shape.match(line)) is not None:
            return FoundError(PANIC, message_of(panic.group(1) or ""))
    if (signal := _SIGNAL.search(line)) is not None:
        return FoundError(signal.group(1))
    return FoundError("SIGSEGV") if _SEGFAULT.search(line) else None


def bare_type(error: str) -> str:
    """Return the type of an error without its package."""
    return re.split(r"\.|\\|::", error)[-1]


def message_of(text: str) -> str:
    """Return what an error says, without numbers, and without the place that PHP adds."""
    php = _PHP_PLACE.match(text)
    return " ".join(_NUMBER.sub("#", php.group(1) if php else text).split())
