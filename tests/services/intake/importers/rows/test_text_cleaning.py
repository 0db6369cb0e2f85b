"""Markup is taken off texts, and what only looks like markup stays."""

from __future__ import annotations

import pytest

from services.intake.importers.layouts.layout import Markup
from services.intake.importers.rows.text_cleaning import clean_text


@pytest.mark.parametrize("markup", ["any", "markdown", "html", "wiki"])
@pytest.mark.parametrize(
    "text",
    [
        "sum += row[i] + row[s]; the page is [/admin/roles]",
        "Section [/code] of the config has a[b] = c[u]",
        "The key [color] is read after [/settings]",
    ],
)
def test_brackets_of_programs_stay(text: str, markup: Markup) -> None:
    """An index, a section or a route has no counterpart that ends it."""
    assert clean_text(text, markup) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[b]Gate[/b] [I]jams[/I] at row[i]", "Gate jams at row[i]"),
        ("[b:1a2b]Gate[/b:1a2b] [url=https://a.example/b]jams[/url]", "Gate jams"),
        ("[b][i]Gate[/b] jams[/i]", "Gate jams"),
        ("[list=1:9z][*:9z]oil[/*:m:9z][*]wait[/list:o:9z] [*]", "oilwait [*]"),
        ("[code]x[b] = y[i][/b][/code]", "x[b] = y[i][/b]"),
        ("[quote=Kim]It jams.\nAlways.[/quote]\nOil it.", "> It jams.\n> Always.\nOil it."),
        ("[quote]a [quote author=Bo]b[/quote] c[/quote]\nd", "> a b c\nd"),
    ],
)
def test_tags_of_forums_in_pairs_are_taken_off(text: str, plain: str) -> None:
    """Also those that overlap; in code they are a part of it, and a quote has marks instead."""
    assert clean_text(text) == plain


def test_markdown_has_no_tags_of_forums() -> None:
    """GitHub shows them as they are."""
    text = "Write [b]bold[/b] and it is not bold"
    assert clean_text(text, "markdown") == text


@pytest.mark.parametrize(
    "text",
    [
        "The rule `<!-- no-lint -->` is lost, as is `` `<!-- x -->` ``",
        "~~~html\n<!-- menu -->\n```\n~~~\nis not shown",
        "````\n```\n<!-- menu -->\n````\nis not shown",
        "It ends with\n```\n<!-- menu -->",
    ],
)
def test_comments_in_code_stay(text: str) -> None:
    """In a code span and in a block of code, whatever marks it has."""
    assert clean_text(text, "markdown") == text


@pytest.mark.parametrize(
    "code",
    ["    <a>\n    <!-- menu -->", "\t<!-- menu -->\n\t<a>", "    <a>\n\n    x <!-- menu --> y"],
)
def test_comments_in_indented_code_stay(code: str) -> None:
    """Four spaces or a tab before each line mark it as well as backticks do."""
    text = f"The page has\n\n{code}\n\nand is empty."
    assert "<!-- menu -->" in clean_text(text, "markdown")


@pytest.mark.parametrize(
    "before", ["The page is empty.\n    ", "- The page\n\n    ", "1. The page\n\n    ", "  "]
)
def test_indented_comments_of_a_template_are_taken_off(before: str) -> None:
    """Spaces continue a paragraph or an item of a list, and fewer of them are no code."""
    assert "menu" not in clean_text(f"{before}<!-- menu -->\nGate jams.", "markdown")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<!-- Tell us\nmore -->\nGate jams", "Gate jams"),
        ("Press ` now <!-- a\n\nb -->twice ` there", "Press ` now twice ` there"),
        ("Press `\n<!-- which key? -->\nand ` twice", "Press `\nand ` twice"),
        ("<!-- ``` -->Gate <!-- ~~~ -->jams", "Gate jams"),
        ("<!-->Gate<!---> jams <!-- why? -->", "Gate jams"),
    ],
)
def test_comments_of_a_template_are_taken_off(text: str, plain: str) -> None:
    """Also beside a backtick that begins no code."""
    assert clean_text(text, "markdown") == plain


def test_code_in_wiki_markup_stays_as_it_is() -> None:
    """Nothing in it is markup, and a comment is no signature."""
    text = "h3. Query\n{code:sql}\n  -- *all* of them\n  select [a|b];\n{code}\nIt *hangs*."
    assert clean_text(text, "wiki") == "Query\n -- *all* of them\n select [a|b];\nIt hangs."


def test_an_escaped_sign_tells_that_a_tag_is_meant_as_one() -> None:
    """One tag alone may be what somebody wrote of."""
    assert clean_text("Lamp <br/>flickers &amp; hums") == "Lamp\nflickers & hums"
    assert clean_text("A <br/> is shown in the mail") == "A <br/> is shown in the mail"
