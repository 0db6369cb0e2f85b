"""What the commands on topics share: whose topics, and how they are printed."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import datetime
from itertools import chain

import click
from sqlalchemy.orm import Session

from bot.blocks.topics import narrowing
from bot.cli.terminal import console, print_json, print_table
from bot.texts import ENGLISH
from models import TopicRun
from services.channels import find_channel
from services.errors import InputError, NotFoundError
from services.names import names_of
from services.phrases import span
from services.topic_scopes import Scope, scope_of_channel, scope_of_everybody
from services.topic_tickets import placings_of
from services.topic_views import RunView, TopicView, view_run
from services.workspaces import find_workspace

BAR = 12
ARROWS = {1: "↑", 0: "", -1: "↓"}

# On a narrower terminal only the first columns are shown.
WIDE, NARROW = 120, 6
# More topics that are gone are counted.
MOST_GONE = 8

NO_RUN = (
    "Nothing was grouped yet, or who reads what has changed since: run `deja cluster` with the "
    "same --channel."
)

WORKSPACE = click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
PRIVATE = click.option(
    "--channel", metavar="NAME", help="A private or shared channel, which has topics of its own."
)


def chosen_channels(
    session: Session, workspace_id: int, names: Sequence[str]
) -> tuple[Scope, list[int]]:
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


def scope_named(session: Session, workspace: str | None, channel: str | None) -> Scope:
    """Return the scope of a channel's readers; without a channel, of everybody."""
    workspace_id = find_workspace(session, workspace).id
    scope, _ = chosen_channels(session, workspace_id, [] if channel is None else [channel])
    return scope


def view_named(
    session: Session, scope: Scope, now: datetime, run: TopicRun | None = None
) -> RunView:
    """Return a run of a scope, the newest, as it stands now. Raises `NotFoundError` without one."""
    view = view_run(session, scope, now, run)
    if view is None:
        raise NotFoundError(NO_RUN)
    return view


def me() -> str:
    """Return who works at this machine, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "deja"


def print_lines(session: Session, view: RunView, *, hidden: bool = False) -> None:
    """Print a JSON line a topic, and a last one with what fits nowhere."""
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


def print_run(view: RunView, *, hidden: bool = False) -> None:
    """Print the table of a run's topics, and what became of others."""
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
        title = [f"{len(shown)} {topics_} of {view.tickets:,} tickets", *narrowing(view, ENGLISH)]
        print_table(" · ".join(title), columns, rows)
    else:
        console.print("No two tickets are about the same: there are no topics.")
    if number := view.unclustered:
        console.print(f"{number:,} {'ticket fits' if number == 1 else 'tickets fit'} nowhere.")
    if view.gone:
        gone, more = ", ".join(view.gone[:MOST_GONE]), len(view.gone) - MOST_GONE
        rest = f" and {more} more" if more > 0 else ""
        console.print(f"Gone since the last time: {gone}{rest}.", highlight=False, markup=False)


def _news(view: RunView, topic: TopicView) -> str:
    news = view.news_of(topic)
    return "new" if news == "born" else news
