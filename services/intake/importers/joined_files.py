"""Files that are read as one: mails (.eml), and the pages of messages, as Zulip writes them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Any, BinaryIO

from services.intake.importers.inputs import Input

_SUFFIXES = (".eml", ".emlx")
# Zulip writes a thousand messages to a file, an API a page; those of a topic are in any of them.
_MESSAGES = re.compile(
    r"(?P<name>(?:.*[-_ .])?(?:messages?|posts|chats?|transcripts?)(?:[-_ ]?(?:page|part))?)[-_ ]?"
    r"(?P<page>\d+)\.json",
    re.IGNORECASE,
)


def named_apart(inputs: Sequence[Input], others: Sequence[Input]) -> list[Input]:
    """Return inputs, those that are called like others with the name of their folder."""
    taken = {one.name for one in others}
    return [
        replace(one, name=f"{one.path.parent}/{one.name}") if one.name in taken else one
        for one in inputs
    ]


def with_parts_together(inputs: Sequence[Input]) -> list[Input]:
    """Return inputs with those that belong together as one, in the place of the first."""
    found = _together(inputs, _is_mail, _as_mails)
    # The channels of two exports have the same numbers.
    pages = Counter(filter(None, map(_series, found)))
    for series in [one for one, number in pages.items() if number > 1]:
        found = _together(found, partial(_is_of, series), _as_one_file)
    return found


def _together(
    inputs: Sequence[Input],
    belongs: Callable[[Input], bool],
    joined: Callable[[Sequence[Input]], Input],
) -> list[Input]:
    parts = [one for one in inputs if belongs(one)]
    if len(parts) < 2:  # noqa: PLR2004 - nothing to join
        return [*inputs]
    first = parts[0]
    one_input = joined(parts)
    return [
        one_input if one is first else one for one in inputs if one is first or not belongs(one)
    ]


def _is_mail(found: Input) -> bool:
    return found.kind == "file" and PurePath(found.name).suffix.lower() in _SUFFIXES


def _series(found: Input) -> tuple[PurePath, str] | None:
    """Return where a page of messages is, and what all of its pages are called; None of others."""
    page = _MESSAGES.fullmatch(PurePath(found.name).name) if found.kind == "file" else None
    return (_place(found), str(PurePath(found.name).with_name(page["name"]))) if page else None


def _is_of(series: tuple[PurePath, str], found: Input) -> bool:
    return _series(found) == series


def _place(found: Input) -> PurePath:
    """Return the archive that an input is in, or its folder."""
    is_alone = found.path.name == PurePath(found.name).name
    return found.path.parent if is_alone else found.path


def _as_mails(parts: Sequence[Input]) -> Input:
    first = parts[0]
    return Input(_name(parts), "mails", first.open, first.path, parts=tuple(parts))


def _as_one_file(parts: Sequence[Input]) -> Input:
    """Return files of JSON as one of several documents."""
    open_ = partial(_opened, [one.open for one in parts])
    return replace(parts[0], name=_name(parts), open=open_, is_cut=any(one.is_cut for one in parts))


def _name(parts: Sequence[Input]) -> str:
    return f"{parts[0].name} and {len(parts) - 1} more"


def _opened(opens: Sequence[Callable[[], BinaryIO]]) -> BinaryIO:
    return io.BufferedReader(_Joined(opens))


class _Joined(io.RawIOBase):
    """The bytes of several files, one after the other, with a line end between them."""

    def __init__(self, opens: Sequence[Callable[[], BinaryIO]]) -> None:
        super().__init__()
        self._opens = opens
        self._start()

    def _start(self) -> None:
        self._rest = [*self._opens]
        self._current: BinaryIO = io.BytesIO()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read again."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to the beginning, or stay. Raises `OSError` for any other place."""
        if whence == io.SEEK_SET and offset == 0:
            self._current.close()
            self._start()
        elif offset or whence != io.SEEK_CUR:
            raise OSError("only the beginning can be found")
        return 0

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes; return how many, 0 at the end of the last file."""
        while True:
            block = self._current.read(len(buffer))
            if block or not self._rest:
                buffer[: len(block)] = block
                return len(block)
            self._current.close()
            self._current = self._rest.pop(0)()
            buffer[:1] = b"\n"
            return 1

    def close(self) -> None:
        """Close the file that is being read."""
        self._current.close()
        super().close()
