"""`deja topics faq`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.options import LIMIT_OPTION, PRIVATE, WORKSPACE
from bot.cli.terminal import (
    console,
    count,
    load_settings,
    notes,
    open_database,
    paged,
    print_json,
    progress_bar,
)
from bot.cli.topics.topic_tables import scope_named, view_named
from bot.clock import utc_now
from services.memory.item_names import names_of
from services.topics.scopes import newest_run

if TYPE_CHECKING:
    from bot.settings import Settings
    from services.search.embedders.chat_api import ChatModel
    from services.topics.faq_entries import FaqEntry

NO_ENTRY = "No topic has an accepted answer yet: `deja trends --unanswered` lists what waits."

# What Markdown would read as markup, anywhere and at the beginning of a line.
_MARKUP = re.compile(r"([\\`*_\[\]<>~|])")
_LINE_MARKUP = re.compile(r"^(\s*)([#+-]|\d+(?=[.)]))", re.MULTILINE)


@click.command()
@LIMIT_OPTION
@click.option("--markdown", is_flag=True, help="Print a page in Markdown.")
@click.option(
    "--reword",
    is_flag=True,
    help="Let the model at DEJA_LLM_URL word them: they leave this machine.",
)
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line an entry.")
def faq(
    limit: int | None,
    markdown: bool,
    reword: bool,
    channel: str | None,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print an FAQ: for each topic its best question and the best answer that was accepted.

    Both are sentences of the tickets that are named below. An answer that helped other tickets
    goes first, one that failed more often than it helped is left out, and "Done." is none.

    With --reword a language model words each entry from its own question and answer; what says
    more than these stays in the words of the tickets.

    \b
    Examples:
      deja topics faq
      deja topics faq --markdown > faq.md
      deja topics faq --channel helpdesk-internal --json
      deja topics faq --reword --markdown > faq.md
    """
    from services.topics.faq_entries import faq_entries

    if markdown and as_json:
        raise click.UsageError("Say either --markdown or --json.")
    settings = load_settings()
    model = _chat_model(settings) if reword else None
    with open_database(settings) as database, database.read() as session:
        scope = scope_named(session, team_id, channel)
        view = view_named(session, scope, utc_now(), newest_run(session, scope))
        found = faq_entries(session, view)[:limit]
        names = names_of(session, [one.item_id for entry in found for one in entry.sources])
    if model is not None:
        found = _reworded(found, model)
    if as_json:
        for entry in found:
            print_json(_line(entry, names))
    elif not found:
        notes.print(NO_ENTRY)
    elif markdown:
        click.echo(_page(found, names))
    else:
        with paged():
            _print_entries(found, names)
            have = "has" if len(found) == 1 else "have"
            console.print(f"{count(len(found), 'topic')} of {len(view.shown)} {have} an answer.")


def _chat_model(settings: Settings) -> ChatModel:
    # Entries in the words of tickets do not wait for the libraries of models.
    from bot.model_choice import chat_model_of

    return chat_model_of(settings)


def _reworded(entries: Sequence[FaqEntry], model: ChatModel) -> list[FaqEntry]:
    """Return entries as a language model words them, and tell what was sent and what became."""
    from services.topics.reworded import reword

    what = count(len(entries), "question and answer", "questions and answers")
    leave = "leaves" if len(entries) == 1 else "leave"
    notes.print(f"{what} {leave} this machine for {model.access.host}.", markup=False)
    with progress_bar("Wording", len(entries)) as bar:
        done = reword(entries, model, bar.update)
    if done.stopped is not None:
        notes.print(done.stopped, markup=False)
    if done.kept:
        notes.print(f"{count(done.kept, 'entry', 'entries')} in the words of the tickets.")
    return done.entries


def _line(entry: FaqEntry, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "topic": entry.topic.topic_id,
        "title": entry.topic.title,
        "question": entry.question,
        "answer": entry.answer,
        "from": [names[one.item_id] for one in entry.sources],
        "helped": entry.helped,
        "worded_by": entry.worded_by,
    }


def _print_entries(found: Sequence[FaqEntry], names: Mapping[int, str]) -> None:
    for entry in found:
        console.print(entry.question, style="bold", markup=False)
        console.print(entry.answer, markup=False)
        sources = ", ".join(names[one.item_id] for one in entry.sources)
        origin = "from" if entry.worded_by is None else f"worded by {entry.worded_by} from"
        facts = [f"topic {entry.topic.topic_id}", f"{origin} {sources}"]
        if entry.helped:
            facts.append(f"helped with {count(entry.helped, 'other ticket')}")
        console.print(" · ".join(facts), style="dim", markup=False)
        console.print()


def _page(found: Sequence[FaqEntry], names: Mapping[int, str]) -> str:
    """Return a page in Markdown in which a ticket's text cannot be markup."""
    parts = ["# Frequently asked questions"]
    for entry in found:
        sources = ", ".join(_source(names[one.item_id], one.url) for one in entry.sources)
        by = entry.worded_by
        origin = "From" if by is None else f"Worded by {_escaped(by)} from"
        parts += [f"## {_escaped(entry.question)}", _escaped(entry.answer), f"{origin} {sources}"]
    return "\n\n".join(parts)


def _source(name: str, url: str | None) -> str:
    is_web = url is not None and re.fullmatch(r"https?://[^\s<>]+", url)
    return f"[{_escaped(name)}](<{url}>)" if is_web else _escaped(name)


def _escaped(text: str) -> str:
    return _LINE_MARKUP.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", " ".join(text.split())))
