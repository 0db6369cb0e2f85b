"""`deja topics`: list, show and change topics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.options import ID, WORKSPACE
from bot.cli.terminal import me, notes, open_database, print_json, print_table
from bot.cli.topic_tables import (
    PRIVATE,
    print_lines,
    print_run,
    scope_named,
    view_named,
)
from bot.clock import utc_now
from services.errors import InputError, NotFoundError
from services.memory.item_names import find_item, names_of
from services.text.cleaning import plain_text
from services.topics.members import tickets_of
from services.topics.views import view_with

if TYPE_CHECKING:
    from services.topics.curation import Curator


@click.group()
def topics() -> None:
    """Look at the topics that `deja cluster` found, and make them your own."""


@topics.command("list")
@click.option("--hidden", is_flag=True, help="Those that were hidden, too.")
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
def list_(hidden: bool, channel: str | None, team_id: str | None, as_json: bool) -> None:
    """List the topics of the newest run, the largest first.

    Example: deja topics list
    """
    with open_database() as database, database.read() as session:
        view = view_named(session, scope_named(session, team_id, channel), utc_now())
        if as_json:
            print_lines(session, view, hidden=hidden)
            return
    print_run(view, hidden=hidden)


@topics.command()
@click.argument("topic", type=ID)
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a ticket.")
def show(topic: int, channel: str | None, team_id: str | None, as_json: bool) -> None:
    """Show the tickets of TOPIC, the most typical first.

    Example: deja topics show 12
    """
    with open_database() as database, database.read() as session:
        view = view_with(session, scope_named(session, team_id, channel), topic, utc_now())
        found = None if view is None else view.find(topic)
        if view is None or found is None:
            raise NotFoundError(f"There is no topic {topic}. See `deja topics list`.")
        tickets = tickets_of(session, view.selection, topic)
        names = names_of(session, [one.item_id for one in tickets])
    if as_json:
        for one in tickets:
            print_json({"item": names[one.item_id], "title": one.title, "solved": one.is_solved})
        return
    rows = [
        [
            names[one.item_id],
            one.title,
            f"{one.created_at:%Y-%m-%d}" if one.created_at else "",
            "solved" if one.is_solved else "",
        ]
        for one in tickets
    ]
    print_table(f"{found.topic_id}: {found.title}", ["item", "ticket", "from", ""], rows)


@topics.command()
@click.argument("topic", type=ID)
@click.argument("title")
@PRIVATE
@WORKSPACE
def rename(topic: int, title: str, channel: str | None, team_id: str | None) -> None:
    """Give TOPIC the name TITLE, which it keeps; later runs do not change it.

    To undo it, rename it back: `deja audit` has the old name.

    Example: deja topics rename 12 "Printers and paper"
    """
    _curate(channel, team_id, [topic], lambda curator: curator.rename(topic, title))
    notes.print(f"Topic {topic} has its new name.", highlight=False)


@topics.command()
@click.argument("topic", type=ID)
@click.argument("others", type=ID, nargs=-1, required=True)
@click.option("--yes", "-y", "is_sure", is_flag=True, help="Do not ask.")
@PRIVATE
@WORKSPACE
def merge(
    topic: int, others: Sequence[int], is_sure: bool, channel: str | None, team_id: str | None
) -> None:
    """Join OTHERS to TOPIC for good, after asking; later runs keep them together.

    There is no undo: `deja topics split` parts a topic where its tickets differ most, which need
    not be where it was joined, and the names of OTHERS are in `deja audit` alone.

    Example: deja topics merge 12 14 15
    """
    if not is_sure:
        names = _titles(channel, team_id, [topic, *others])
        joined = ", ".join(f"“{plain_text(name)}”" for name in names[1:])
        question = f"Join {joined} to “{plain_text(names[0])}”? This cannot be undone"
        click.confirm(question, abort=True, err=True)
    _curate(channel, team_id, [topic], lambda curator: curator.merge(topic, others))
    notes.print(f"{len(set(others))} joined to topic {topic}.", highlight=False)


@topics.command()
@click.argument("topic", type=ID)
@PRIVATE
@WORKSPACE
def split(topic: int, channel: str | None, team_id: str | None) -> None:
    """Split TOPIC in two where its tickets differ most; later runs keep them apart.

    The larger part keeps number and name. To undo it, merge both.

    Example: deja topics split 12
    """
    made: list[int] = []
    _curate(channel, team_id, [topic], lambda curator: made.append(curator.split(topic).id))
    notes.print(f"Topic {topic} is two now: {topic} and {made[0]}.", highlight=False)


@topics.command()
@click.argument("item")
@click.argument("topic", type=ID, required=False)
@click.option("--undo", is_flag=True, help="Let the next run place it by itself again.")
@PRIVATE
@WORKSPACE
def move(
    item: str, topic: int | None, undo: bool, channel: str | None, team_id: str | None
) -> None:
    """Put the ticket ITEM into TOPIC, where it stays.

    \b
    Examples:
      deja topics move T-1042 12
      deja topics move T-1042 --undo
    """
    if undo is (topic is not None):
        raise click.UsageError("Say either a topic or --undo.")

    def put(curator: Curator) -> None:
        found = find_item(curator.session, curator.scope.workspace_id, item)
        if topic is None:
            curator.unmove(found.id)
        else:
            curator.move(found.id, topic)

    _curate(channel, team_id, [] if topic is None else [topic], put)
    now = "is placed by the next run" if topic is None else f"is in topic {topic} now"
    notes.print(f"{item} {now}.", highlight=False, markup=False)


@topics.command()
@click.argument("topic", type=ID)
@click.option("--undo", is_flag=True, help="Show it again.")
@PRIVATE
@WORKSPACE
def hide(topic: int, undo: bool, channel: str | None, team_id: str | None) -> None:
    """Leave TOPIC out of lists, maps, summaries and alerts, now and in later runs.

    \b
    Examples:
      deja topics hide 12
      deja topics hide 12 --undo
    """
    if undo:
        _curate(channel, team_id, [topic], lambda curator: curator.unhide(topic))
        notes.print(f"Topic {topic} is shown again.", highlight=False)
    else:
        _curate(channel, team_id, [topic], lambda curator: curator.hide(topic))
        notes.print(f"Topic {topic} is hidden; `--undo` shows it again.", highlight=False)


def _titles(channel: str | None, team_id: str | None, topic_ids: Sequence[int]) -> list[str]:
    """Return the titles of topics. Raises `NotFoundError` or `InputError` for what cannot be."""
    from services.topics.curation import ITSELF, Curator

    with open_database() as database, database.read() as session:
        curator = Curator(session, scope_named(session, team_id, channel), me(), utc_now())
        if topic_ids[0] in topic_ids[1:]:
            raise InputError(ITSELF)
        return [curator.find(one).title for one in dict.fromkeys(topic_ids)]


def _curate(
    channel: str | None,
    team_id: str | None,
    topic_ids: Collection[int],
    work: Callable[[Curator], object],
) -> None:
    """Do `work` on these topics; a worker then updates their messages in Slack."""
    # What only lists topics does not wait for the libraries that change them.
    from bot.jobs.kinds import enqueue_jobs
    from bot.jobs.topic_jobs import update_jobs
    from services.topics.curation import Curator

    now = utc_now()
    with open_database() as database:
        with database.read() as session:
            scope = scope_named(session, team_id, channel)
        with database.write() as session:
            work(Curator(session, scope, me(), now))
            session.flush()
            jobs = update_jobs(session, scope, topic_ids, f"cli:{now.isoformat()}", now)
            enqueue_jobs(session, scope.workspace_id, jobs, now)
