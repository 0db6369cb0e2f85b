"""Errors that programs print: the root cause, and where in the application it happened.

Of a chain of errors the one counts that began it. Of its frames those of the application count, the
innermost first; those of libraries only where there are no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import zip_longest

from services.text.small_talk.talk import KEPT_TEXTS
from services.text.stack_traces.trace_errors import (
    PANIC,
    FoundError,
    Link,
    bare_type,
    error_of,
    last_line_of,
    message_of,
)
from services.text.stack_traces.trace_frames import Frame, frame_of, is_file_of_frame
from services.text.words.hinted_patterns import contains_any

# Frames that tell errors apart: who called those is another matter.
MAX_FRAMES = 3
# A text with more traces is a log.
MAX_TRACES = 8
# Longer lines are data.
MAX_LINE = 1_000
# Lines between an error and its frames, or among these: a message of several lines, the source.
MAX_GAP = 3

# What marks the terms of errors, and those of errors that are called the same way; no other term
# begins with it.
MARK, WHOLE_MARK = "@", "@="

# What every trace has in one of its lines: at the beginning of a line, or else after one of the
# marks. To look for that is ten times as fast as to read the lines. A line that begins with a
# longer number than those of frames begins with an id: "21944: It jams".
_LINE_START = re.compile(
    r'\n[ \t\xa0|+]*(?:at \S|bei \S|en [^\s(]+\(|File "|#?\d{1,3}:?\s+\S|from \S+:\d|\S+\.go:\d)'
)
_MARKS = ("@", "(at ", ":in ", "Source File:", "Quelldatei:", "Archivo fuente:")
_AFTER_MARK = re.compile(
    rf"\(at [^()\n]{{1,{MAX_LINE}}}:\d+\)[ \t]*$"
    rf"|@(?:\w+:|/)\S{{,{MAX_LINE}}}:\d|:\d+:in |Source File:|Quelldatei:|Archivo fuente:",
    re.MULTILINE,
)

_EARLIER_WAS_FIRST = re.compile(
    r"During handling of the above exception|The above exception was the direct cause"
)
_END_OF_INNER = re.compile(r"-+ .*(?:inner|intern).* -+$", re.IGNORECASE)
_SKIPPED = re.compile(
    r"Traceback \(most recent|goroutine \d+|Stack trace:|stack backtrace:|\.\.\. \d+ more"
    r"|created by |\[signal |thrown in |Suppressed: |exit status|note: |Thread \d+"
    r"|(?:Line|Zeile|L[ií]nea): \d+$|[~^ |+-]*$"
)

_POINTER = re.compile(
    r"(?:\bat |@|\baddress )0x[0-9a-f]+|\b0x[0-9a-f]{9,}\b|(?<=\w)@[0-9a-f]{6,8}\b"
)


@dataclass(frozen=True)
class Trace:
    """An error: its type, and up to `MAX_FRAMES` places, the innermost first.

    `message` is what it says, without numbers; it tells errors of one place apart. `is_own` is
    false where all places are of libraries, which say nothing of who called them.
    """

    error: str
    places: tuple[str, ...]
    message: str = ""
    is_own: bool = True

    def __str__(self) -> str:
        return " in ".join(filter(None, (self.error, self.places[0] if self.places else "")))

    @property
    def nearby(self) -> str:
        """What it has in common with errors of its type at its place: a term."""
        return _term(MARK, self.error, self.places[0])

    @property
    def whole(self) -> str | None:
        """What it has in common with the same error, called the same way; None if unknown."""
        if not (self.error and self.is_own):
            return None
        if len(self.places) > 1:
            return _term(WHOLE_MARK, self.error, *self.places)
        says_something = any(map(str.isalpha, self.message))
        return _term(WHOLE_MARK, self.error, *self.places, self.message) if says_something else None


@dataclass(frozen=True)
class ReadTraces:
    """The errors of a text, and the text without their frames."""

    errors: tuple[Trace, ...]
    rest: str

    @property
    def terms(self) -> list[str]:
        """The marked terms by which tickets with these errors find each other."""
        terms = [term for one in self.errors for term in (one.nearby, one.whole) if term]
        return list(dict.fromkeys(terms))

    @property
    def words(self) -> str:
        """The places in words, for whoever looks for one of them."""
        return " ".join(dict.fromkeys(place for one in self.errors for place in one.places))


@dataclass
class _Block:
    """One error of a chain with its frames, and how it is linked to the block before."""

    error: str
    message: str
    link: Link = ""
    frames: list[Frame] = field(default_factory=list)

    @property
    def innermost_first(self) -> Sequence[Frame]:
        is_reversed = bool(self.frames) and self.frames[-1].is_last_call_last
        return self.frames[::-1] if is_reversed else self.frames


@lru_cache(KEPT_TEXTS)
def read_traces(text: str) -> ReadTraces:
    """Return the errors with frames in a text of plain lines."""
    if "\n" not in text or not _may_have_frames(text):
        return ReadTraces((), text)
    reader = _Reader()
    lines = [" ".join(line.split()) for line in text.split("\n")]
    pairs = list(zip_longest(lines, lines[1:], fillvalue=""))
    if not any(_is_frame(*pair) for pair in pairs):  # most texts that have the hint
        return ReadTraces((), text)
    kept = [line for line, following in pairs if reader.keeps(line, following)]
    errors = dict.fromkeys(_traces(reader.blocks))
    if not errors:
        return ReadTraces((), text)
    rest = _POINTER.sub(" ", "\n".join(filter(None, kept)))
    return ReadTraces(tuple(errors)[:MAX_TRACES], rest)


def _may_have_frames(text: str) -> bool:
    if _LINE_START.search(f"\n{text}"):
        return True
    return contains_any(text, _MARKS) and _AFTER_MARK.search(text) is not None


def _is_frame(line: str, following: str) -> bool:
    return len(line) <= MAX_LINE and frame_of(line, following[:MAX_LINE]) is not None


def shared_error(ours: Iterable[Trace], theirs: Iterable[Trace]) -> tuple[Trace, bool] | None:
    """Return an error in both, and whether it is called the same way in both, or None."""
    by_whole = {one.whole: one for one in theirs if one.whole}
    by_place = {one.nearby: one for one in theirs}
    same = next((one for one in ours if one.whole in by_whole), None)
    if same is not None:
        return same, True
    near = next((one for one in ours if one.nearby in by_place), None)
    return None if near is None else (near, False)


def _term(mark: str, *parts: str) -> str:
    """Return what two texts have in common that name the same: short, and no word of a language."""
    joined = "\0".join(parts).casefold()
    return mark + blake2b(joined.encode(), digest_size=8).hexdigest()


class _Reader:
    """Reads lines in order into blocks."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self._open: _Block | None = None
        self._gap = 0
        self._next_link: Link = ""
        self._last = ""

    def keeps(self, line: str, following: str) -> bool:
        """Read a line; say whether it is none of a frame."""
        if len(line) > MAX_LINE:
            return True
        kept = self._keeps(line, following[:MAX_LINE])
        self._last = line or self._last
        return kept

    def _keeps(self, line: str, following: str) -> bool:
        frame = frame_of(line, following)
        if frame is not None:
            self._add(frame)
            return bool(frame.message)
        if is_file_of_frame(line) or _SKIPPED.match(line):
            return False
        if _EARLIER_WAS_FIRST.match(line):
            self._open, self._next_link = None, "wrapper"
            return False
        if _END_OF_INNER.match(line):
            self._begin("", "", "wrapper")
            return False
        return self._keeps_other(line)

    def _add(self, frame: Frame) -> None:
        block = self._open
        is_apart = block is None or (bool(block.frames) and self._gap > MAX_GAP)
        # Before frames of Python stands what was logged; the error stands after them.
        if block is None or is_apart or (frame.is_last_call_last and not block.frames):
            block = self._begin(*self._error_before(frame))
        if frame.error:
            block = self._begin(bare_type(frame.error), message_of(frame.message), "")
        block.frames.append(frame)
        self._gap, self._next_link = 0, ""

    def _error_before(self, frame: Frame) -> FoundError:
        """Return the error that the line before names, in a type with its package."""
        found = None if frame.is_last_call_last else last_line_of(self._last)
        is_sure = found is not None and re.match(r"[\w$]+(?:\.|\\)[\w$.\\]+:? ?", self._last)
        return found if found is not None and is_sure else FoundError("", "", self._next_link)

    def _keeps_other(self, line: str) -> bool:
        block = self._open
        in_python = block is not None and bool(block.frames) and block.frames[-1].is_last_call_last
        found = last_line_of(line) if in_python else error_of(line)
        if found is None:
            return self._keeps_rest(line, in_python)
        if in_python and block is not None:
            block.error, block.message = found[0], found[1]
            self._open = None
        else:
            self._begin(*found[:2], found[2] or self._next_link)
            self._next_link = ""
        return True

    def _keeps_rest(self, line: str, in_python: bool) -> bool:
        block = self._open
        if block is not None and block.error == PANIC and not block.message:
            block.message = message_of(line)
            return True
        self._gap += 1
        if block is not None and self._gap > MAX_GAP:
            self._open = None
        return not in_python or self._gap > 1

    def _begin(self, error: str, message: str, link: Link) -> _Block:
        self._open = _Block(error, message, link)
        self.blocks.append(self._open)
        self._gap = 0
        return self._open


def _traces(blocks: Sequence[_Block]) -> Iterator[Trace]:
    """Yield the root cause of each chain that has frames."""
    for chain in _chains(blocks):
        frames = [frame for block in chain for frame in block.innermost_first]
        own = list(dict.fromkeys(one.place for one in frames if one.place and not one.is_library))
        places = own or list(dict.fromkeys(one.place for one in frames if one.place))
        error = next((block for block in chain if block.error), chain[0])
        # A place by itself, without an error, is a link to a source.
        if places and (error.error or len(places) > 1):
            yield Trace(error.error, tuple(places[:MAX_FRAMES]), error.message, bool(own))


def _chains(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield linked blocks together, the root cause first."""
    chain: list[_Block] = []
    for block in blocks:
        if chain and block.link == "cause":
            chain.insert(0, block)
        elif chain and block.link == "wrapper":
            chain.append(block)
        else:
            if chain:
                yield chain
            chain = [block]
    if chain:
        yield chain
