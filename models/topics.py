"""Topics: what tickets are about. They last from run to run, with what people changed by hand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from models.base import CASCADE, Base
from models.types import FloatVector, RowId, Vector, partial_index

# A team has one lasting set of topics. An exploration, a run with a fixed number of topics, has
# topics of its own, so that it changes nothing of the team's.
TopicKind = Literal["team", "exploration"]

KIND = String(16)


@dataclass(frozen=True)
class TopicInRun:
    """What a run found about one topic.

    `change` says what became of the topic since the run before, when it had `previous_size`
    tickets; `theme` is the number of its theme, None in runs made before there were themes.
    """

    change: str
    previous_size: int
    theme: int | None


class TopicsById(TypeDecorator[dict[int, TopicInRun]]):
    """The topics of a run by id, stored as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Mapping[int, TopicInRun] | None, dialect: Dialect
    ) -> dict[str, Any]:
        return {str(topic_id): asdict(topic) for topic_id, topic in (value or {}).items()}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[int, TopicInRun]:
        return {int(topic_id): TopicInRun(**topic) for topic_id, topic in value.items()}


class TitlesById(TypeDecorator[dict[int, str]]):
    """Titles by the number of what they name, stored as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Mapping[int, str] | None, dialect: Dialect
    ) -> dict[str, str]:
        return {str(number): title for number, title in (value or {}).items()}

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[int, str]:
        return {int(number): str(title) for number, title in value.items()}


class Topic(Base):
    """What some tickets of an audience are about.

    `audience_id` is 0 for what everybody in the workspace may read, or the id of a channel for what
    the readers of that channel may. `named_by` is who gave the title, None if it was made from
    the tickets. `parent_id` is the topic that people split this one off from; `is_merged` is true
    where people merged others into it; `merged_into` is the topic that this one was merged into,
    which has its tickets until that is undone. `centroid` is the mean of its tickets' vectors (of
    the model `fingerprint`) at unit length, `(dim,)`. `quality` and `purity` are shares from 0 to
    1.
    """

    __tablename__ = "topics"
    __table_args__ = (Index("ix_topics_scope", "workspace_id", "audience_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    audience_id: Mapped[int] = mapped_column(RowId)
    kind: Mapped[TopicKind] = mapped_column(KIND, default="team", server_default="team")
    title: Mapped[str]
    terms: Mapped[list[str]]
    named_by: Mapped[str | None]
    quality: Mapped[float]
    purity: Mapped[float]
    fingerprint: Mapped[str] = mapped_column(String(128))
    centroid: Mapped[FloatVector] = mapped_column(Vector)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    is_merged: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[int | None] = mapped_column(RowId)
    hidden_by: Mapped[str | None]
    hidden_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


# Few tickets have a rank. Without this index every row would be read to find the representatives.
_BEST = partial_index(
    "ix_topic_items_best", "audience_id", "kind", "rank", where="rank IS NOT NULL"
)


class TopicItem(Base):
    """The topic that a ticket is in: for each audience and kind at most one.

    `fit` is its cosine to the topic's mean. `rank` is its rank among the topic's representatives, 0
    for the exemplar, None for most tickets. `moved_by` is who put it there, None if a run did.
    """

    __tablename__ = "topic_items"
    __table_args__ = (Index(None, "topic_id"), _BEST)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    audience_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    kind: Mapped[TopicKind] = mapped_column(KIND, primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete=CASCADE))
    fit: Mapped[float]
    rank: Mapped[int | None]
    moved_by: Mapped[str | None]


class TopicRun(Base):
    """One clustering of an audience's tickets: which tickets, and what became of each topic.

    It shows the tickets since `since` with ids up to `newest_item`: an import may bring in tickets
    of any date later. `channel_ids` are the channels it was narrowed to, none for all.

    `topics` is what it found about each topic, by id; `theme_titles` the titles of their themes, by
    number; `gone_topics` the titles of topics that no longer have tickets, by id. `input_digest` is
    a digest of what the topics were computed from, "" if the next run must cluster again.
    `pool_epochs` are the epochs of the pools that it read (`Pool.epoch`, by id): once one has
    changed, other people may read these tickets and the run must not be shown.

    `fixed_k` is the number of topics that people chose for the team's topics, None where it is
    found; later runs keep it. `questions` are the pairs of topics that its summary asks about.

    `job_key` is the key of the job that made it. Its summary is the message `message_ts` in
    `posted_channel` (Slack's ids), with the picture `file_id`; `posted_titles` are the titles that
    these show.
    """

    __tablename__ = "topic_runs"
    __table_args__ = (Index("ix_topic_runs_scope", "workspace_id", "audience_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    audience_id: Mapped[int] = mapped_column(RowId)
    kind: Mapped[TopicKind] = mapped_column(KIND, default="team", server_default="team")
    since: Mapped[datetime | None]
    newest_item: Mapped[int] = mapped_column(RowId, default=0, server_default="0")
    channel_ids: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    tickets: Mapped[int]
    unclustered: Mapped[int]
    topics: Mapped[dict[int, TopicInRun]] = mapped_column(
        TopicsById, default=dict, server_default="{}"
    )
    theme_titles: Mapped[dict[int, str]] = mapped_column(
        TitlesById, default=dict, server_default="{}"
    )
    gone_topics: Mapped[dict[int, str]] = mapped_column(
        TitlesById, default=dict, server_default="{}"
    )
    input_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    pool_epochs: Mapped[dict[str, int]] = mapped_column(JSON)
    fixed_k: Mapped[int | None]
    questions: Mapped[list[tuple[int, int]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    job_key: Mapped[str | None]
    posted_channel: Mapped[str | None] = mapped_column(String(64))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    file_id: Mapped[str | None] = mapped_column(String(64))
    posted_titles: Mapped[list[str]] = mapped_column(default=list, server_default="[]")


class TopicAlert(Base):
    """An incident: a channel was alerted to a topic that people asked about more than usual.

    It begins with the message; `last_seen_at` is when the topic was last rising. `run_id` is the
    run that the message shows. `message_ts` is the message (Slack's id), None once it is deleted.
    `topic_id` is None if the topic no longer exists.
    """

    __tablename__ = "topic_alerts"
    __table_args__ = (Index(None, "channel_id", "topic_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    run_id: Mapped[int] = mapped_column(ForeignKey("topic_runs.id", ondelete=CASCADE))
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    message_ts: Mapped[str | None] = mapped_column(String(32))
