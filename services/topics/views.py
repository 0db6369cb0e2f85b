"""Runs and topics as people see them: statistics, changes, representatives, themes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from models import Channel, Item, Topic, TopicRun
from services.topics.members import RunSelection, TopicTicket, representatives_of
from services.topics.scopes import Scope, is_stale, newest_run, newest_shown
from services.topics.shown_themes import shown_theme_titles, theme_of
from services.topics.statistics import TopicStatistics, median_solving_times, statistics_of
from services.topics.title_words import unreadable_titles
from services.topics.trends import WEEK, Trend

# Ratios of tickets to expected tickets that are much more and much less.
MUCH_MORE, MUCH_LESS = 1.5, 0.5


@dataclass(frozen=True)
class TopicView:
    """A topic with the statistics of its tickets that may be shown.

    `representatives` has the exemplar first; `median` is the time that solving a ticket took, None
    if unknown; `quality` and `purity` are shares; `change` says what became of the topic since the
    run before; `days` counts all its tickets of each day of the last eight weeks, the newest last;
    topics with one number `theme` are of one theme.
    """

    topic_id: int
    title: str
    terms: tuple[str, ...]
    representatives: tuple[TopicTicket, ...]
    size: int
    solved_count: int
    quality: float
    purity: float
    median: timedelta | None
    change: str
    trend: Trend
    days: tuple[int, ...]
    theme: int
    is_hidden: bool

    @property
    def direction(self) -> int:
        """1 if it is asked about much more than expected, -1 if much less, else 0."""
        if self.trend.is_rise or self.trend.count >= MUCH_MORE * max(self.trend.expected, 1):
            return 1
        return -1 if self.trend.count <= MUCH_LESS * self.trend.expected - 1 else 0

    @property
    def weeks(self) -> tuple[int, ...]:
        """How many of its tickets came in each of the last weeks, the newest last."""
        starts = range(0, len(self.days), WEEK)
        return tuple(sum(self.days[start : start + WEEK]) for start in starts)

    @property
    def solved(self) -> float:
        """The share of its tickets that are solved."""
        return self.solved_count / max(self.size, 1)

    @property
    def open_count(self) -> int:
        """How many of its tickets are open."""
        return self.size - self.solved_count


@dataclass(frozen=True)
class NamedChannel:
    """A channel by its name; `slack_id` is None if it was imported."""

    slack_id: str | None
    name: str


@dataclass(frozen=True)
class Theme:
    """A theme with some of its topics, the largest first."""

    title: str
    topics: tuple[TopicView, ...]

    @property
    def size(self) -> int:
        """How many tickets it has."""
        return sum(topic.size for topic in self.topics)

    @property
    def solved(self) -> float:
        """The share of its tickets that are solved."""
        return sum(topic.solved_count for topic in self.topics) / max(self.size, 1)


@dataclass(frozen=True)
class RunView:
    """A run: its topics, the largest first, the number of tickets in none, and topics now gone.

    `channels` are those that it was narrowed to and that its readers may read, none for all.
    `theme_titles` are the titles of themes that may be shown, by number. `is_first` tells that it
    found no topic of an earlier run again, so that none of its topics is news.
    """

    run_id: int
    made_at: datetime
    selection: RunSelection
    topics: tuple[TopicView, ...]
    unclustered: int
    gone: tuple[str, ...]
    channels: tuple[NamedChannel, ...] = ()
    theme_titles: Mapping[int, str] = field(default_factory=dict)
    is_first: bool = False

    @property
    def is_exploration(self) -> bool:
        """Whether it has a fixed number of topics, which are apart from the team's."""
        return self.selection.scope.is_exploration

    @property
    def since(self) -> datetime | None:
        """The time since which tickets are shown, None for all."""
        return self.selection.since

    @property
    def tickets(self) -> int:
        """How many tickets were grouped."""
        return sum(topic.size for topic in self.topics) + self.unclustered

    def news_of(self, topic: TopicView) -> str:
        """Return what became of a topic, "" if that is no news, as in a first run."""
        return "" if self.is_first or topic.change == "same" else topic.change

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The shown topics by theme."""
        return self.by_theme(self.shown)

    def by_theme(self, topics: Sequence[TopicView]) -> tuple[Theme, ...]:
        """Return topics by theme, the largest first.

        None if all are of one theme, or each of its own. A theme without a title, or with a single
        topic, has the title of its largest topic.
        """
        by_number: dict[int, list[TopicView]] = {}
        for topic in topics:
            by_number.setdefault(topic.theme, []).append(topic)
        if not 1 < len(by_number) < len(topics):
            return ()
        themes = [
            Theme(self._theme_title(number, some), tuple(some))
            for number, some in by_number.items()
        ]
        return tuple(sorted(themes, key=lambda one: (-one.size, one.topics[0].topic_id)))

    def _theme_title(self, theme: int, topics: Sequence[TopicView]) -> str:
        largest = next((topic for topic in topics if not topic.is_hidden), topics[0]).title
        return largest if len(topics) == 1 else self.theme_titles.get(theme, largest)

    def find(self, topic_id: int | None) -> TopicView | None:
        """Return the topic of the run with an id, hidden or not, None without one."""
        return next((topic for topic in self.topics if topic.topic_id == topic_id), None)

    @property
    def shown(self) -> tuple[TopicView, ...]:
        """The topics that nobody hid."""
        return tuple(topic for topic in self.topics if not topic.is_hidden)


def rising_first(topics: Iterable[TopicView]) -> list[TopicView]:
    """Return the topics that rise, by how many times the expected count it was."""
    rising = [topic for topic in topics if topic.trend.is_rise]
    return sorted(rising, key=lambda one: (-one.trend.change, -one.trend.count, one.topic_id))


def rises_by_theme(view: RunView) -> list[list[TopicView]]:
    """Return the topics that rise, those of one theme together, the largest rise first."""
    rising = sorted(
        (topic for topic in view.shown if topic.trend.is_rise),
        key=lambda topic: (-topic.trend.count, topic.topic_id),
    )
    found: dict[int, list[TopicView]] = {}
    for topic in rising:
        found.setdefault(topic.theme, []).append(topic)
    return list(found.values())


def view_run(
    session: Session, scope: Scope, now: datetime, run: TopicRun | None = None
) -> RunView | None:
    """Return a run of an audience as it is now, by default the newest of either kind.

    None if it must not be shown. Tickets that were deleted or hidden since are left out, and so are
    topics without any. An older run is shown with the topics of now. Only representatives are read,
    however many tickets there are.
    """
    run = newest_shown(session, scope) if run is None else run
    if run is None or is_stale(session, run):
        return None
    scope = scope.of(run)
    selection = RunSelection.by(run, scope)
    statistics = statistics_of(session, selection, now)
    shown = [topic_id for topic_id, found in statistics.items() if topic_id and found.size]
    tickets = representatives_of(session, selection, shown)
    medians = median_solving_times(session, selection)
    # Reading vectors would load NumPy, which takes longer than all the rest.
    found = select(Topic).where(scope.topics, Topic.id.in_(tickets))
    topics = session.scalars(found.options(defer(Topic.centroid))).all()
    titles = [title for topic in topics for title in (topic.title, *topic.terms)]
    stored = [*titles, *run.gone_topics.values(), *run.theme_titles.values()]
    unreadable = unreadable_titles(session, scope.audience, stored)
    views = [
        _view_topic(
            topic, run, tickets[topic.id],
            statistics=statistics[topic.id], median=medians.get(topic.id), unreadable=unreadable,
        )
        for topic in topics
    ]  # fmt: skip
    return RunView(
        run.id,
        run.made_at,
        selection,
        tuple(sorted(views, key=lambda topic: (-topic.size, topic.topic_id))),
        statistics[None].size if None in statistics else 0,
        tuple(title for title in run.gone_topics.values() if title not in unreadable),
        _channels(session, selection),
        shown_theme_titles(run, topics, unreadable),
        is_first=all(one.change == "born" for one in run.topics.values()),
    )


def _view_topic(
    topic: Topic,
    run: TopicRun,
    tickets: Sequence[TopicTicket],
    *,
    statistics: TopicStatistics,
    median: timedelta | None,
    unreadable: Collection[str],
) -> TopicView:
    """Return a topic of a run with its representatives `tickets`."""
    return TopicView(
        topic_id=topic.id,
        title=_title(topic, tickets, unreadable),
        terms=tuple(term for term in topic.terms if term not in unreadable),
        representatives=tuple(tickets),
        size=statistics.size,
        solved_count=statistics.solved,
        quality=topic.quality,
        purity=topic.purity,
        median=median,
        change=run.topics[topic.id].change if topic.id in run.topics else "same",
        trend=statistics.trend,
        days=statistics.days,
        theme=theme_of(topic, run),
        is_hidden=topic.hidden_at is not None,
    )


def view_with(session: Session, scope: Scope, topic_id: int, now: datetime) -> RunView | None:
    """Return the newest run of the kind that a topic is of, None if there is none to show.

    So a topic that somebody is about to open is found whatever others group in the meantime.
    """
    known = select(Topic).where(scope.topics_of_both_kinds, Topic.id == topic_id)
    topic = session.scalar(known.options(defer(Topic.centroid)))
    run = None if topic is None else newest_run(session, scope.of(topic))
    return None if run is None else view_run(session, scope, now, run)


def _channels(session: Session, selection: RunSelection) -> tuple[NamedChannel, ...]:
    """Return the channels that a run was narrowed to and that its readers may read."""
    here = select(Item.id).where(Item.channel_id == Channel.id, selection.readable).exists()
    named = select(Channel.slack_id, Channel.name).where(Channel.id.in_(selection.channels), here)
    rows = session.execute(named.order_by(Channel.name, Channel.id))
    return tuple(NamedChannel(slack_id, name or slack_id or "") for slack_id, name in rows)


def _title(topic: Topic, tickets: Sequence[TopicTicket], unreadable: Collection[str]) -> str:
    """Return a topic's title, or the headline of its exemplar if the title is unreadable."""
    if topic.named_by is not None or topic.title not in unreadable:
        return topic.title
    return tickets[0].title
