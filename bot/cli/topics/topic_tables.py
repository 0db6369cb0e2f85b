"""Shared by the commands on topics: scopes by channel name, and tables of topics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.blocks.topic_filters import filters_of
from bot.cli.terminal import console, count, print_json, print_table
from bot.i18n.texts import ENGLISH
from services.channels.settings import find_channel
from services.errors import InputError, NotFoundError
from services.memory.item_names import names_of
from services.memory.workspaces import find_workspace
from services.phrases import format_value
from services.topics.members import memberships_of
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody
from services.topics.views import RunView, TopicView, view_run

if TYPE_CHECKING:
    from models import TopicAction, TopicEdit, TopicRun

BAR = 12
ARROWS = {1: "↑", 0: "", -1: "↓"}

# Terminals narrower than this show only the first columns.
WIDE, MAX_NARROW_COLUMNS = 120, 6
# Those narrower than this have no bars and no time that solving took.
SMALL, MAX_SMALL_COLUMNS = 70, 5
# Those narrower than `WIDE` or `SMALL` show only the first of these.
COLUMNS = (
    "topic", "title", "tickets", "change", "solved", "takes", "quality", "purity", "terms"
)  # fmt: skip
# More topics that are gone are counted.
MAX_GONE = 8

NO_RUN = (
    "There are no topics to show: nothing was grouped yet, or who can read the tickets has changed "
    "since. Run `deja cluster` with the same --channel."
)

NO_TOPICS = "No two tickets are about the same: there are no topics."
ALL_HIDDEN = "All topics are hidden."


def chosen_channels(
    session: Session, workspace_id: int, names: Sequence[str]
) -> tuple[Scope, list[int]]:
    """Return the scope of the channels of these names, and their ids."""
    found = [find_channel(session, workspace_id, name) for name in names]
    scopes = {scope.audience_id: scope for scope in map(scope_of_channel, found)}
    if not found:
        return scope_of_everybody(workspace_id), []
    if len(scopes) > 1:
        raise InputError(
            "A private or shared channel has topics of its own: name it alone with --channel."
        )
    [scope] = scopes.values()
    return scope, [channel.id for channel in found]


def scope_named(session: Session, team_id: str | None, channel: str | None) -> Scope:
    """Return the scope of a channel's readers; without a channel, of everybody."""
    workspace_id = find_workspace(session, team_id).id
    scope, _ = chosen_channels(session, workspace_id, [] if channel is None else [channel])
    return scope


def view_named(
    session: Session, scope: Scope, now: datetime, run: TopicRun | None = None
) -> RunView:
    """Return a run of a scope, by default the newest. Raises `NotFoundError` without one."""
    view = view_run(session, scope, now, run)
    if view is None:
        raise NotFoundError(NO_RUN)
    return view


def print_lines(session: Session, view: RunView, *, hidden: bool = False) -> None:
    """Print a JSON line a topic, and a last one with what fits nowhere.

    Where `hidden` ones are among them, each says whether it is.
    """
    items: dict[int | None, list[int]] = {None: []}
    for one in memberships_of(session, view.selection):
        items.setdefault(one.topic_id, []).append(one.item_id)
    names = names_of(session, chain.from_iterable(items.values()))
    shown = view.topics if hidden else view.shown
    themes = {one.topic_id: theme.title for theme in view.by_theme(shown) for one in theme.topics}
    for topic in shown:
        line = {
            "topic": topic.topic_id,
            "title": topic.title,
            "terms": list(topic.terms),
            "exemplar": names[topic.representatives[0].item_id],
            "quality": round(topic.quality, 3),
            "items": [names[item_id] for item_id in items[topic.topic_id]],
            "theme": themes.get(topic.topic_id),
        }
        print_json({**line, "hidden": topic.is_hidden} if hidden else line)
    print_json({"unclustered": [names[item_id] for item_id in items[None]]})


def print_run(view: RunView, *, hidden: bool = False) -> None:
    """Print the table of a run's topics, and what became of others."""
    shown = view.topics if hidden else view.shown
    largest = max((topic.size for topic in shown), default=1)
    columns = list(COLUMNS)
    themes = view.by_theme(shown)
    rows: list[list[str]] = []
    headings, starts = set(), set()
    for theme in themes:
        starts.add(len(rows))
        indent = ""
        if len(theme.topics) > 1:
            headings.add(len(rows))
            rows.append(["", theme.title, f"{theme.size:>5}", "", f"{theme.solved:.0%}", *[""] * 4])
            indent = "  "
        rows += [_row(view, topic, largest, indent) for topic in theme.topics]
    rows = rows or [_row(view, topic, largest) for topic in shown]
    if console.width < WIDE:
        left = MAX_NARROW_COLUMNS if console.width >= SMALL else MAX_SMALL_COLUMNS
        columns, rows = columns[:left], [row[:left] for row in rows]
    if shown:
        in_themes = f" in {count(len(themes), 'theme')}" if themes else ""
        counted = f"{count(len(shown), 'topic')}{in_themes} of {count(view.tickets, 'ticket')}"
        title = [counted, *filters_of(view, ENGLISH)]
        print_table(" · ".join(title), columns, rows, headings=headings, starts=starts)
    else:
        console.print(ALL_HIDDEN if view.topics else NO_TOPICS)
    _print_left_out([topic for topic in view.topics if topic not in shown])
    if number := view.unclustered:
        console.print(f"{count(number, 'ticket fits', 'tickets fit')} nowhere.")
    if view.gone:
        gone, more = ", ".join(view.gone[:MAX_GONE]), len(view.gone) - MAX_GONE
        rest = f" and {more} more" if more > 0 else ""
        console.print(f"Gone since the last time: {gone}{rest}.", markup=False)


def _print_left_out(topics: Collection[TopicView]) -> None:
    """Say how much is hidden, so that the figures add up."""
    if topics:
        number, size = len(topics), sum(topic.size for topic in topics)
        are = "is" if number == 1 else "are"
        console.print(
            f"{count(number, 'topic')} of {count(size, 'ticket')} {are} hidden: "
            "`deja topics list --hidden`."
        )


def _row(view: RunView, topic: TopicView, largest: int, indent: str = "") -> list[str]:
    return [
        str(topic.topic_id),
        f"{indent}{topic.title}",
        f"{topic.size:>5} {_bar(topic.size / largest)}".rstrip(),
        f"{ARROWS[topic.direction]} {_news(view, topic)}".strip(),
        f"{topic.solved:.0%}",
        "" if topic.median is None else format_value(topic.median),
        f"{topic.quality:.0%}",
        f"{topic.purity:.0%}",
        ", ".join(topic.terms[:4]),
    ]


def _bar(share: float) -> str:
    return "█" * max(1, round(BAR * share)) if console.width >= SMALL else ""


def _news(view: RunView, topic: TopicView) -> str:
    if topic.is_hidden:
        return "hidden"
    news = view.news_of(topic)
    return "new" if news == "born" else news


def edit_text(edit: TopicEdit, names: Mapping[int, str]) -> str:
    """Return what somebody changed about topics in words; `names` are those of tickets by id."""
    others = ", ".join(map(str, edit.other_ids))
    ticket = names.get(edit.item_id or 0, "a ticket that is gone")
    topic = f"topic {edit.topic_id}"
    texts: dict[TopicAction, str] = {
        "merge": f"{others} joined to {topic}",
        "split": f"{topic} split, with {others} as the other part",
        "move": f"{ticket} moved to {topic}",
        "unmove": f"{ticket} left to the next run",
        "rename": f"{topic} renamed",
        "hide": f"{topic} hidden",
        "unhide": f"{topic} shown again",
        "apart": f"{topic} and {others} are different",
    }
    return texts[edit.action]


def edit_row(edit: TopicEdit, names: Mapping[int, str]) -> list[str]:
    """Return the row of a table for a change of topics."""
    undone = "" if edit.undone_at is None else edit.undone_by or ""
    when = f"{edit.made_at:%Y-%m-%d %H:%M}"
    return [str(edit.id), when, edit.made_by, edit_text(edit, names), undone]


def edit_line(edit: TopicEdit, names: Mapping[int, str]) -> dict[str, object]:
    """Return the JSON line of a change of topics."""
    return {
        "change": edit.id,
        "action": edit.action,
        "topic": edit.topic_id,
        "others": edit.other_ids,
        "item": names.get(edit.item_id or 0),
        "by": edit.made_by,
        "at": edit.made_at.isoformat(),
        "undone_by": edit.undone_by,
    }
