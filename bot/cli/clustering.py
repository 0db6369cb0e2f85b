"""`deja cluster`, `deja topics` and `deja trends`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from bot.cli.options import SINCE, moment
from bot.cli.terminal import console, notes, print_json, print_table, progress_bar, services
from bot.worker import utc_now
from services.channels import find_channel
from services.clustering import STRICTNESS
from services.errors import InputError, NotFoundError
from services.names import find_item, names_of
from services.partitions import MOST_TOPICS
from services.phrases import span
from services.topic_curation import Curator
from services.topic_pages import draw_run, page_of_run
from services.topic_picture import DARK, LIGHT
from services.topic_scopes import Scope, scope_of_channel, scope_of_everybody
from services.topic_tickets import placings_of, tickets_of
from services.topic_views import RunView, TopicView, Unanswered, unanswered, view_run
from services.topics import Wanted
from services.workspaces import find_workspace

HEADING = "What people ask about"
BAR = 12
ARROWS = {1: "↑", 0: "", -1: "↓"}
SPARKS = "▁▂▃▄▅▆▇█"
# On a narrower terminal only the first columns are shown.
WIDE, NARROW = 120, 6

NO_RUN = (
    "Nothing was grouped yet, or who reads what has changed since: run `deja cluster` with the "
    "same --channel."
)

_WORKSPACE = click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
_PRIVATE = click.option(
    "--channel", metavar="NAME", help="A private or shared channel, which has topics of its own."
)


@click.command()
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 30d or 2026-11-01.")
@click.option("--channel", "channels", multiple=True, metavar="NAME", help="May be repeated.")
@click.option("--k", type=click.IntRange(1, MOST_TOPICS), help="How many topics; found by itself.")
@click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    default=STRICTNESS,
    show_default=True,
    help="0: every ticket belongs somewhere; 1: only what fits very well.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Draw the map.")
@click.option("--dark", is_flag=True, help="Draw it on a dark ground.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one page.")
@_WORKSPACE
def cluster(
    since: timedelta | datetime | None,
    channels: Sequence[str],
    k: int | None,
    strictness: float,
    as_json: bool,
    png: Path | None,
    dark: bool,
    html: Path | None,
    workspace: str | None,
) -> None:
    """Group the backlog into topics, name them, and say what changed since the last time.

    Of the channels that everybody in the workspace reads and what was imported; a private or
    shared channel has topics of its own: name it alone with --channel.

    \b
    Examples:
      deja cluster
      deja cluster --since 30d --channel helpdesk --png map.png
      deja cluster --html report.html
      deja cluster --json > topics.jsonl
    """
    now = utc_now()
    for file in (png, html):  # told before the work, not after it
        if file is not None and not file.parent.is_dir():
            raise InputError(f"There is no folder {file.parent}.")
    with services() as deja:
        with deja.database.read() as session:
            workspace_id = find_workspace(session, workspace).id
            scope, chosen = _chosen(session, workspace_id, channels)
        start = None if since is None else moment(since, now)
        wanted = Wanted(start, tuple(chosen), k, strictness)
        with progress_bar("Grouping", 100) as bar:
            deja.topics.run(scope, wanted, by=_me(), now=now, tell=bar.reach)
        with deja.database.read() as session:
            view = _view(session, scope, now)
            if png is not None:
                note = f"{view.tickets:,} tickets, {len(view.shown)} topics, {now:%Y-%m-%d}"
                look = DARK if dark else LIGHT
                draw_run(session, view, png, heading=HEADING, note=note, look=look)
            if html is not None:
                page = page_of_run(session, view, heading=HEADING, made=now.date())
                html.write_text(page, encoding="utf-8")
            if as_json:
                _print_lines(session, view)
                return
    _print_run(view)
    for file in (png, html):
        if file is not None:
            notes.print(f"Written: {file}", highlight=False, markup=False)


@click.group()
def topics() -> None:
    """Look at the topics that `deja cluster` found, and make them your own."""


@topics.command("list")
@click.option("--hidden", is_flag=True, help="Those that were hidden, too.")
@_PRIVATE
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
def list_(hidden: bool, channel: str | None, workspace: str | None, as_json: bool) -> None:
    """List the topics of the newest run, the largest first.

    Example: deja topics list
    """
    with services() as deja, deja.database.read() as session:
        view = _view(session, _scope(session, workspace, channel), utc_now())
        if as_json:
            _print_lines(session, view, hidden=hidden)
            return
    _print_run(view, hidden=hidden)


@topics.command()
@click.argument("topic", type=int)
@_PRIVATE
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a ticket.")
def show(topic: int, channel: str | None, workspace: str | None, as_json: bool) -> None:
    """Show the tickets of TOPIC, the most typical first.

    Example: deja topics show 12
    """
    with services() as deja, deja.database.read() as session:
        view = _view(session, _scope(session, workspace, channel), utc_now())
        found = _topic(view, topic)
        tickets = tickets_of(session, view.taken, topic)
        names = names_of(session, [one.item_id for one in tickets])
    if as_json:
        for one in tickets:
            print_json({"item": names[one.item_id], "title": one.title, "solved": one.is_solved})
        return
    rows = [
        [
            names[one.item_id],
            one.title,
            f"{one.created_at:%Y-%m-%d}",
            "solved" if one.is_solved else "",
        ]
        for one in tickets
    ]
    print_table(f"{found.topic_id}: {found.title}", ["item", "ticket", "from", ""], rows)


@topics.command()
@click.argument("topic", type=int)
@click.argument("title")
@_PRIVATE
@_WORKSPACE
def rename(topic: int, title: str, channel: str | None, workspace: str | None) -> None:
    """Give TOPIC the name TITLE, which it keeps. To undo it, rename it back (`deja audit`).

    Example: deja topics rename 12 "Printers and paper"
    """
    _curate(channel, workspace, lambda curator: curator.rename(topic, title))
    notes.print(f"Topic {topic} has its new name.")


@topics.command()
@click.argument("topic", type=int)
@click.argument("others", type=int, nargs=-1, required=True)
@_PRIVATE
@_WORKSPACE
def merge(topic: int, others: Sequence[int], channel: str | None, workspace: str | None) -> None:
    """Join OTHERS to TOPIC for good; later runs keep them together. There is no undo: split it.

    Example: deja topics merge 12 14 15
    """
    _curate(channel, workspace, lambda curator: curator.merge(topic, others))
    notes.print(f"{len(others)} joined to topic {topic}.")


@topics.command()
@click.argument("topic", type=int)
@_PRIVATE
@_WORKSPACE
def split(topic: int, channel: str | None, workspace: str | None) -> None:
    """Split TOPIC in two; later runs keep them apart. To undo it, merge both.

    Example: deja topics split 12
    """
    _curate(channel, workspace, lambda curator: curator.split(topic))
    notes.print(f"Topic {topic} is two now: see `deja topics list`.")


@topics.command()
@click.argument("item")
@click.argument("topic", type=int)
@_PRIVATE
@_WORKSPACE
def move(item: str, topic: int, channel: str | None, workspace: str | None) -> None:
    """Put the ticket ITEM into TOPIC, where it stays. To undo it, move it back (`deja audit`).

    Example: deja topics move T-1042 12
    """

    def put(curator: Curator) -> None:
        found = find_item(curator.session, curator.scope.workspace_id, item)
        curator.move(found.id, topic)

    _curate(channel, workspace, put)
    notes.print(f"{item} is in topic {topic} now.", highlight=False, markup=False)


@topics.command()
@click.argument("topic", type=int)
@click.option("--undo", is_flag=True, help="Show it again.")
@_PRIVATE
@_WORKSPACE
def hide(topic: int, undo: bool, channel: str | None, workspace: str | None) -> None:
    """Leave TOPIC out of lists, maps and digests.

    Example: deja topics hide 12
    """
    if undo:
        _curate(channel, workspace, lambda curator: curator.unhide(topic))
        notes.print(f"Topic {topic} is shown again.")
    else:
        _curate(channel, workspace, lambda curator: curator.hide(topic))
        notes.print(f"Topic {topic} is hidden; `--undo` shows it again.")


@click.command()
@click.option("--unanswered", "radar", is_flag=True, help="What is asked again without an answer.")
@_PRIVATE
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a topic.")
def trends(radar: bool, channel: str | None, workspace: str | None, as_json: bool) -> None:
    """Show which topics are asked about more than they used to be, in the last seven days.

    A rise is told where so many tickets, by three people or more, have a chance below 1 in 1,000
    against the topic's own past; weekdays are taken into account.

    \b
    Examples:
      deja trends
      deja trends --unanswered
    """
    now = utc_now()
    with services() as deja, deja.database.read() as session:
        view = _view(session, _scope(session, workspace, channel), now)
        waiting = unanswered(session, view, now) if radar else []
    if radar:
        _print_radar(waiting, as_json)
        return
    found = sorted(view.shown, key=lambda one: (one.trend.p_value, -one.size))
    if as_json:
        for one in found:
            print_json(_trend_line(one))
        return
    rows = [
        [
            str(one.topic_id),
            one.title,
            str(one.trend.count),
            f"{one.trend.expected:.1f}",
            _sparks(one.weeks),
            "rise" if one.trend.is_rise else "",
        ]
        for one in found
    ]
    print_table("Trends", ["topic", "title", "last 7 days", "expected", "8 weeks", ""], rows)


def _print_radar(found: Sequence[Unanswered], as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json(
                {
                    "topic": one.topic.topic_id,
                    "title": one.topic.title,
                    "open": one.open_count,
                    "median_wait_hours": round(one.median_wait.total_seconds() / 3600, 1),
                    "question": one.question,
                }
            )
        return
    if not found:
        console.print("Whatever is asked more than once has an answer.")
        return
    rows = [
        [
            str(one.topic.topic_id),
            one.topic.title,
            str(one.open_count),
            str(span(one.median_wait)),
            one.question,
        ]
        for one in found
    ]
    columns = ["topic", "title", "open", "waiting", "question for an FAQ"]
    print_table("Asked again and not answered", columns, rows)


def _chosen(session: Session, workspace_id: int, names: Sequence[str]) -> tuple[Scope, list[int]]:
    """Return the scope of the channels of these names, and their ids."""
    found = [find_channel(session, workspace_id, name) for name in names]
    scopes = {scope.number: scope for scope in map(scope_of_channel, found)}
    if not found:
        return scope_of_everybody(workspace_id), []
    if len(scopes) > 1:
        raise InputError(
            "A private or shared channel has topics of its own: name it alone with --channel."
        )
    [scope] = scopes.values()
    return scope, [channel.id for channel in found]


def _scope(session: Session, workspace: str | None, channel: str | None) -> Scope:
    workspace_id = find_workspace(session, workspace).id
    scope, _ = _chosen(session, workspace_id, [] if channel is None else [channel])
    return scope


def _view(session: Session, scope: Scope, now: datetime) -> RunView:
    view = view_run(session, scope, now)
    if view is None:
        raise NotFoundError(NO_RUN)
    return view


def _topic(view: RunView, topic_id: int) -> TopicView:
    found = next((one for one in view.topics if one.topic_id == topic_id), None)
    if found is None:
        raise NotFoundError(f"There is no topic {topic_id}. See `deja topics list`.")
    return found


def _curate(channel: str | None, workspace: str | None, work: Callable[[Curator], object]) -> None:
    with services() as deja:
        with deja.database.read() as session:
            scope = _scope(session, workspace, channel)
        with deja.database.write() as session:
            work(Curator(session, scope, _me(), utc_now()))


def _me() -> str:
    """Return who works at this machine, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "deja"


def _print_lines(session: Session, view: RunView, *, hidden: bool = False) -> None:
    items: dict[int | None, list[int]] = {None: []}
    for one in placings_of(session, view.taken):
        items.setdefault(one.topic_id, []).append(one.item_id)
    names = names_of(session, chain.from_iterable(items.values()))
    for topic in view.topics if hidden else view.shown:
        print_json(
            {
                "topic": topic.topic_id,
                "title": topic.title,
                "terms": list(topic.terms),
                "exemplar": names[topic.representatives[0].item_id],
                "quality": round(topic.quality, 3),
                "items": [names[item_id] for item_id in items[topic.topic_id]],
            }
        )
    print_json({"unclustered": [names[item_id] for item_id in items[None]]})


def _print_run(view: RunView, *, hidden: bool = False) -> None:
    shown = view.topics if hidden else view.shown
    largest = max((topic.size for topic in shown), default=1)
    columns = ["topic", "title", "tickets", "", "solved", "takes", "quality", "purity", "terms"]
    rows = [
        [
            str(topic.topic_id),
            topic.title,
            f"{topic.size:>5} {'█' * max(1, round(BAR * topic.size / largest))}",
            f"{ARROWS[topic.direction]} {_news(view, topic)}".strip(),
            f"{topic.solved:.0%}",
            "" if topic.median is None else str(span(topic.median)),
            f"{topic.quality:.0%}",
            f"{topic.purity:.0%}",
            ", ".join(topic.terms[:4]),
        ]
        for topic in shown
    ]
    if len({topic.theme for topic in shown}) < len(shown):
        columns.insert(-1, "theme")
        for row, topic in zip(rows, shown, strict=True):
            row.insert(-1, view.theme_of(topic).title)
    if console.width < WIDE:
        columns, rows = columns[:NARROW], [row[:NARROW] for row in rows]
    if shown:
        topics_ = "topic" if len(shown) == 1 else "topics"
        print_table(f"{len(shown)} {topics_} of {view.tickets:,} tickets", columns, rows)
    else:
        console.print("No two tickets are about the same: there are no topics.")
    if number := view.unclustered:
        console.print(f"{number:,} {'ticket fits' if number == 1 else 'tickets fit'} nowhere.")
    if view.gone:
        console.print(f"Gone since the last time: {', '.join(view.gone)}.", markup=False)


def _news(view: RunView, topic: TopicView) -> str:
    news = view.news_of(topic)
    return "new" if news == "born" else news


def _sparks(weeks: Sequence[int]) -> str:
    """Return counts as small columns."""
    most = max(weeks, default=0) or 1
    return "".join(SPARKS[(len(SPARKS) - 1) * one // most] for one in weeks)


def _trend_line(topic: TopicView) -> dict[str, Any]:
    return {
        "topic": topic.topic_id,
        "title": topic.title,
        "last_7_days": topic.trend.count,
        "expected": round(topic.trend.expected, 2),
        "weeks": list(topic.weeks),
        "p_value": topic.trend.p_value,
        "reporters": topic.trend.reporters,
        "rise": topic.trend.is_rise,
    }
