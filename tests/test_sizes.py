"""The check of lengths counts what people have to read."""

from __future__ import annotations

from tests.sizes import Size, function_sizes, module_size

SOURCE = '''"""A module."""
import click

@click.command(
)
def command(
    first: str,
) -> None:
    """Help.

    More help.
    """
    print(first)

class Thing:
    def method(self):
        if True:
            def inner():
                return 1
        return inner
'''


def test_a_function_is_counted_without_its_help() -> None:
    """Options and help are what a command says; methods and inner functions are counted, too."""
    assert function_sizes("m.py", SOURCE) == [
        Size(4, "m.py:6 command"), Size(5, "m.py:16 method"), Size(2, "m.py:18 inner"),
    ]  # fmt: skip


def test_a_module_is_counted_whole() -> None:
    """Every line counts, empty ones and comments, too."""
    assert module_size("m.py", SOURCE).lines == 20
