"""The longest modules and functions: `python -m tests.sizes` fails if one is too long.

A function's docstring is not counted: that of a command is its help. Migrations are, as the tables
they make are data.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_MODULE, MAX_FUNCTION = 300, 40
# Each of their functions describes one version of the tables.
DATA = "migrations/versions/"
SHOWN = 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Size:
    """How many lines a module or a function has."""

    lines: int
    name: str


def module_size(name: str, source: str) -> Size:
    """Return how long a module is."""
    return Size(len(source.splitlines()), name)


def function_sizes(name: str, source: str) -> list[Size]:
    """Return how long each function of a module is, without its decorators and its docstring."""
    return [
        Size(_lines(one), f"{name}:{one.lineno} {one.name}")
        for one in _functions(ast.parse(source))
    ]


def _functions(node: ast.AST) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child
        # Expressions hold no functions, and are most of the tree.
        if not isinstance(child, ast.expr):
            yield from _functions(child)


def _lines(function: Function) -> int:
    lines = _length(function)
    if ast.get_docstring(function, clean=False) is not None:
        lines -= _length(function.body[0])
    return lines


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def main() -> None:
    """Print the longest modules and functions, and exit with 1 if one is too long."""
    listed = subprocess.run(["git", "ls-files", "*.py"], check=True, capture_output=True, text=True)
    sources = {name: Path(name).read_text(encoding="utf-8") for name in listed.stdout.split()}
    modules = [module_size(name, source) for name, source in sources.items()]
    functions = [
        size
        for name, source in sources.items()
        if not name.startswith(DATA)
        for size in function_sizes(name, source)
    ]
    sys.stdout.write(_table("modules", modules, MAX_MODULE))
    sys.stdout.write(_table("functions", functions, MAX_FUNCTION))
    is_over = max(modules).lines > MAX_MODULE or max(functions).lines > MAX_FUNCTION
    sys.exit(is_over)


def _table(what: str, sizes: Sequence[Size], limit: int) -> str:
    longest = sorted(sizes, reverse=True)
    over = sum(one.lines > limit for one in sizes)
    median = longest[len(longest) // 2].lines
    title = f"{len(sizes)} {what}: median {median} lines, {over} over {limit}. The longest:"
    rows = [f"{one.lines:6} {one.name}" for one in longest[: max(SHOWN, over)]]
    return "\n".join([title, *rows, ""])


if __name__ == "__main__":
    main()
