"""`deja topics`: list, show and change topics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.group import CommandGroup
from bot.cli.options import COUNT, ID, PRIVATE, WORKSPACE
from bot.cli.terminal import me, notes, open_database, print_json, print_table
from bot.cli.topics.topic_faq import faq
from bot.cli.topics.topic_review import review
from bot.cli.topics.topic_tables import (
    edit_line,
    edit_row,
    edit_text,
    print_lines,
    print_run,
    scope_named,
    view_named,
)
from bot.clock import utc_now
from services.errors import NotFoundError
from services.memory.item_names import find_item, names_of
from services.topics.edits import newest_edits
from services.topics.members import tickets_of
from services.topics.views import view_with

if TYPE_CHECKING:
    from services.topics.curation import Curator
    from services.topics.scopes import Scope


@click.group(cls=CommandGroup)
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
            "solved" if one.is_solved else "open",
        ]
        for one in tickets
    ]
    print_table(f"{found.topic_id}: {found.title}", ["item", "ticket", "from", "state"], rows)


@topics.command()
@click.argument("topic", type=ID)
@click.argument("title")
@PRIVATE
@WORKSPACE
def rename(topic: int, title: str, channel: str | None, team_id: str | None) -> None:
    """Give TOPIC the name TITLE, which it keeps; later runs do not change it.

    `deja topics undo` gives it its old name.

    Example: deja topics rename 12 "Printers and paper"
    """
    _curate(channel, team_id, [topic], lambda curator: curator.rename(topic, title))
    notes.print(f"Topic {topic} has its new name.")


@topics.command()
@click.argument("topic", type=ID)
@click.argument("others", type=ID, nargs=-1, required=True)
@PRIVATE
@WORKSPACE
def merge(topic: int, others: Sequence[int], channel: str | None, team_id: str | None) -> None:
    """Join OTHERS to TOPIC, which keeps its name; later runs keep them together.

    `deja topics undo` parts them again.

    Example: deja topics merge 12 14 15
    """
    _curate(channel, team_id, [topic], lambda curator: curator.merge(topic, others))
    joined = f"{len(set(others))} joined to topic {topic}."
    notes.print(f"{joined} `deja topics undo` parts them again.")


@topics.command()
@click.argument("topic", type=ID)
@PRIVATE
@WORKSPACE
def split(topic: int, channel: str | None, team_id: str | None) -> None:
    """Split TOPIC in two where its tickets differ most; later runs keep them apart.

    The larger part keeps number and name. `deja topics undo` joins them again.

    Example: deja topics split 12
    """
    made: list[int] = []
    _curate(channel, team_id, [topic], lambda curator: made.append(curator.split(topic).id))
    notes.print(f"Topic {topic} is two now: {topic} and {made[0]}.")


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
    notes.print(f"{item} {now}.", markup=False)


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
        notes.print(f"Topic {topic} is shown again.")
    else:
        _curate(channel, team_id, [topic], lambda curator: curator.hide(topic))
        notes.print(f"Topic {topic} is hidden; `--undo` shows it again.")


@topics.command()
@click.option("--limit", type=COUNT, default=20, show_default=True, help="Show so many at most.")
@PRIVATE
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a change.")
def changes(limit: int, channel: str | None, team_id: str | None, as_json: bool) -> None:
    """List what people changed about topics, the newest first.

    Example: deja topics changes
    """
    with open_database() as database, database.read() as session:
        found = newest_edits(session, scope_named(session, team_id, channel), limit)
        names = names_of(session, [one.item_id for one in found if one.item_id is not None])
    if as_json:
        for one in found:
            print_json(edit_line(one, names))
    elif found:
        rows = [edit_row(one, names) for one in found]
        print_table("What people changed", ["change", "when", "who", "what", "undone by"], rows)
    else:
        notes.print("Nobody has changed a topic.")


@topics.command()
@click.argument("change", type=ID, required=False)
@PRIVATE
@WORKSPACE
def undo(change: int | None, channel: str | None, team_id: str | None) -> None:
    """Undo the last change of topics, or that with the number CHANGE.

    Each further undo takes back the change before it. `deja topics changes` has the numbers.

    \b
    Examples:
      deja topics undo
      deja topics undo 7
    """
    from services.topics.undo import Undo

    done: list[str] = []

    def take_back(curator: Curator) -> list[int]:
        edit = Undo(curator).undo(change)
        items = [] if edit.item_id is None else [edit.item_id]
        done.append(edit_text(edit, names_of(curator.session, items)))
        return [edit.topic_id, *edit.other_ids]

    _curate(channel, team_id, [], take_back)
    notes.print(f"Undone: {done[0]}.", markup=False)


topics.add_command(faq)
topics.add_command(review)


def _curate(
    channel: str | None,
    team_id: str | None,
    topic_ids: Collection[int],
    work: Callable[[Curator], object],
) -> None:
    """Do `work` on these topics; a worker then updates their messages in Slack.

    Where `work` returns the ids of topics, these are the changed ones.
    """
    # What only lists topics does not wait for the libraries that change them.
    from bot.jobs.kinds import enqueue_jobs
    from bot.jobs.topic_jobs import update_jobs
    from services.topics.curation import Curator

    now = utc_now()
    cause = f"cli:{now.isoformat()}"
    with open_database() as database:
        with database.read() as session:
            scope = scope_named(session, team_id, channel)
        with database.write() as session:
            curator = Curator(session, scope, me(), now)
            found = work(curator)
            changed = found if isinstance(found, list) else topic_ids
            session.flush()
            jobs = update_jobs(session, scope, changed, cause, now)
            enqueue_jobs(session, scope.workspace_id, jobs, now)
    if curator.named:
        _name_by_meaning(scope, curator.named, cause)


def _name_by_meaning(scope: Scope, topic_ids: Collection[int], cause: str) -> None:
    """Name topics by what their tickets mean, which takes a model."""
    from bot.cli.terminal import open_services
    from bot.jobs.topic_names import name_by_meaning_and_show

    with open_services() as services:
        name_by_meaning_and_show(services, scope, topic_ids, cause, utc_now())
