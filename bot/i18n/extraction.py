"""Extraction of the code's texts into the template of the catalogues."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir

# The functions that take texts, and which of their arguments are texts, counted from 1; "c" marks
# the context. A text that is a value, not an argument of these, is marked with `translatable`.
KEYWORDS = {
    "say": (1,),
    "phrase": (1,),
    "translatable": (1,),
    "counted": (2, 3),
    "in_context": ((1, "c"), 2),
}
ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "services")
_METHODS = [("**.py", f"{__name__}:calls"), ("web/**.html", "jinja2.ext:babel_extract")]

Call = tuple[int, str, tuple[str | None, ...], list[str]]


def extract(root: Path = ROOT) -> Catalog:
    """Return every translatable text in the code, with the files that it is in."""
    template = Catalog(fuzzy=False)
    for package in PACKAGES:
        found = extract_from_dir(root / package, _METHODS, keywords=KEYWORDS)
        for name, line, text, _comments, context in found:
            template.add(text, locations=[(f"{package}/{name}", line)], context=context)
    return template


def calls(
    file: IO[bytes], keywords: Collection[str], _tags: Collection[str], options: object
) -> Iterator[Call]:
    """Return the calls in a Python file, as an extraction method of Babel does.

    Babel's own method overlooks calls inside f-strings before Python 3.12. Raises `ValueError` for
    a text that is an f-string, because nobody could translate it.
    """
    del options
    tree = ast.parse(file.read())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
        name = _name(node.func)
        if name in keywords:
            yield node.lineno, name, tuple(_text(one, name) for one in node.args), []


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _text(argument: ast.expr, name: str) -> str | None:
    match argument:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(lineno=line):
            raise ValueError(f"line {line}: {name}() cannot translate an f-string")
    return None
