"""Topics as people see them: figures, what became of each, and the tickets that show it best."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Item, Topic, TopicRun
from services.topics.members import RunSelection, TopicTicket, representatives_of
from services.topics.naming.themes import theme_of, titles_of, titles_shown
from services.topics.scopes import Scope, is_stale, newest_run, newest_shown
from services.topics.statistics import figures_of, solving_times
from services.topics.title_words import unreadable_titles
from services.topics.trends import WEEK, Trend

# What is much more and much less than expected, in tickets a ticket.
MORE, LESS = 1.5, 0.5


@dataclass(frozen=True)
class TopicView:
    """A topic with the figures of its tickets that may be shown.

    `representatives` are the tickets that show it best, the exemplar first; `median` is the time
    that solving one took, None where it is not known; `quality` and `purity` are shares;
    `change` says what became of it since the run before; `days` are its tickets of each day of the
    last eight weeks, the newest last, whatever the run took; topics of one `theme` go together.
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
        """Whether it is asked much more (1) or much less (-1) than before, or neither (0)."""
        if self.trend.is_rise or self.trend.count >= MORE * max(self.trend.expected, 1):
            return 1
        return -1 if self.trend.count <= LESS * self.trend.expected - 1 else 0

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
        """How many of its tickets wait for an answer."""
        return self.size - self.solved_count


@dataclass(frozen=True)
class NamedChannel:
    """A channel by its name; `slack_id` is None where it was imported."""

    slack_id: str | None
    name: str


@dataclass(frozen=True)
class Theme:
    """What topics of one subject are about together; `topics` are some, the largest first."""

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
    """The newest run of a scope: its topics, the largest first, and how much fits nowhere.

    `channels` are those that it was narrowed to, as far as its readers may read them; none: all.
    `theme_titles` are those that may be shown, by the themes' numbers.
    """

    run_id: int
    made_at: datetime
    taken: RunSelection
    topics: tuple[TopicView, ...]
    unclustered: int
    gone: tuple[str, ...]
    channels: tuple[NamedChannel, ...] = ()
    theme_titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_exploration(self) -> bool:
        """Whether it is a look at a told number of topics, which are not the team's own."""
        return self.taken.scope.is_exploration

    @property
    def since(self) -> datetime | None:
        """Since when tickets are shown, None: all."""
        return self.taken.since

    @property
    def tickets(self) -> int:
        """How many tickets were grouped."""
        return sum(topic.size for topic in self.topics) + self.unclustered

    def news_of(self, topic: TopicView) -> str:
        """Return what became of a topic, in a word; "" where that is no news, as in a first run."""
        is_first = all(one.change == "born" for one in self.topics)
        return "" if is_first or topic.change == "same" else topic.change

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The shown topics by theme."""
        return self.by_theme(self.shown)

    def by_theme(self, topics: Sequence[TopicView]) -> tuple[Theme, ...]:
        """Return topics by theme, the largest first; none where that would say nothing.

        That is where all are of one theme, or each is one. A theme without a title of its own has
        that of its largest topic, and so has a theme of one.
        """
        of: dict[int, list[TopicView]] = {}
        for topic in topics:
            of.setdefault(topic.theme, []).append(topic)
        if not 1 < len(of) < len(topics):
            return ()
        themes = [Theme(self._called(number, some), tuple(some)) for number, some in of.items()]
        return tuple(sorted(themes, key=lambda one: (-one.size, one.topics[0].topic_id)))

    def _called(self, theme: int, topics: Sequence[TopicView]) -> str:
        largest = next((topic for topic in topics if not topic.is_hidden), topics[0]).title
        return largest if len(topics) == 1 else self.theme_titles.get(theme, largest)

    def find(self, topic_id: int | None) -> TopicView | None:
        """Return a topic of the run, hidden or not; None where it has none of that id."""
        return next((topic for topic in self.topics if topic.topic_id == topic_id), None)

    @property
    def shown(self) -> tuple[TopicView, ...]:
        """The topics that nobody hid."""
        return tuple(topic for topic in self.topics if not topic.is_hidden)


def view_run(
    session: Session, scope: Scope, now: datetime, run: TopicRun | None = None
) -> RunView | None:
    """Return a run of a scope, or a look at it, as it stands now; None where it may not be shown.

    The newest of both where no other is told.

    Tickets that are gone or hidden since are not in it, and no topic without any. An older run is
    shown in the topics of now. However many tickets there are, only those that show a topic best
    are read.
    """
    run = newest_shown(session, scope) if run is None else run
    if run is None or is_stale(session, run):
        return None
    scope = scope.of(run)
    taken = RunSelection.by(run, scope)
    figures = figures_of(session, taken, now)
    here = [topic_id for topic_id, of_topic in figures.items() if topic_id and of_topic.size]
    shown = representatives_of(session, taken, here)
    medians = solving_times(session, taken)
    rows = session.scalars(select(Topic).where(scope.topics, Topic.id.in_(shown))).all()
    gone = list(run.gone_topics.values())
    names = [name for topic in rows for name in (topic.title, *topic.terms)]
    lost = unreadable_titles(session, scope.audience, [*names, *gone, *titles_of(run).values()])
    topics = [
        TopicView(
            topic_id=topic.id,
            title=_title(topic, shown[topic.id], lost),
            terms=tuple(term for term in topic.terms if term not in lost),
            representatives=tuple(shown[topic.id]),
            size=figures[topic.id].size,
            solved_count=figures[topic.id].solved,
            quality=topic.quality,
            purity=topic.purity,
            median=medians.get(topic.id),
            change=run.topics[topic.id].change if topic.id in run.topics else "same",
            trend=figures[topic.id].trend,
            days=figures[topic.id].days,
            theme=theme_of(topic, run),
            is_hidden=topic.hidden_at is not None,
        )
        for topic in rows
    ]
    topics.sort(key=lambda topic: (-topic.size, topic.topic_id))
    return RunView(
        run.id,
        run.made_at,
        taken,
        tuple(topics),
        figures[None].size if None in figures else 0,
        tuple(title for title in gone if title not in lost),
        _channels(session, taken),
        titles_shown(run, rows, lost),
    )


def view_with(session: Session, scope: Scope, topic_id: int, now: datetime) -> RunView | None:
    """Return the newest run that may have a topic, or look if it is one of a look; None: none may.

    So that what others group meanwhile takes no topic away from whoever is about to open it.
    """
    one = session.scalar(select(Topic).where(scope.topics_of_both_kinds, Topic.id == topic_id))
    run = None if one is None else newest_run(session, scope.of(one))
    return None if run is None else view_run(session, scope, now, run)


def _channels(session: Session, taken: RunSelection) -> tuple[NamedChannel, ...]:
    """Return the channels that a run was narrowed to; no other is named than its readers read."""
    here = select(Item.id).where(Item.channel_id == Channel.id, taken.readable).exists()
    named = select(Channel.slack_id, Channel.name).where(Channel.id.in_(taken.channels), here)
    rows = session.execute(named.order_by(Channel.name, Channel.id))
    return tuple(NamedChannel(slack_id, name or slack_id or "") for slack_id, name in rows)


def _title(topic: Topic, tickets: Sequence[TopicTicket], lost: Collection[str]) -> str:
    """Return what a topic is called; where its tickets say that no more, what the best one says."""
    if topic.named_by is not None or topic.title not in lost:
        return topic.title
    return tickets[0].title
