"""`deja topics review`."""

from __future__ import annotations

import sys

import click

from bot.cli.options import PRIVATE, WORKSPACE
from bot.cli.terminal import next_key, open_database
from bot.cli.topics.topic_tables import scope_named


@click.command("review")
@click.option("--more", is_flag=True, help="Ask on after three different pairs in a row.")
@click.option(
    "--keys", "from_input", is_flag=True, help="Read keys from standard input: for scripts."
)
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Do not ask; print one JSON line per pair.")
def review(
    more: bool, from_input: bool, channel: str | None, team_id: str | None, as_json: bool
) -> None:
    """Say which topics are one, one key each: stored at once, undone with u.

    Only you can say how fine topics should be. The most alike pairs come first, with a few tickets
    of each. After three pairs in a row that are different, or twenty answers, nothing more is
    asked until there are new topics. Topics that are one are merged, and different ones are kept
    apart, by later runs, too.

    \b
    Examples:
      deja topics review
      deja topics review --json
      printf 'ynn' | deja topics review --keys
    """
    if not (as_json or from_input or sys.stdin.isatty()):
        raise click.UsageError("A review needs a terminal; give --json, or --keys to read keys.")
    # What only lists topics does not wait for the libraries that change them.
    from bot.cli.topics.topic_interview import Interview
    from services.topics.questions import find_more_questions, find_questions

    with open_database() as database:
        with database.read() as session:
            scope = scope_named(session, team_id, channel)
        interview = Interview(database, scope, find_more_questions if more else find_questions)
        if as_json:
            interview.print_lines()
        else:
            interview.run(next_key if from_input else click.getchar)
