"""What a reader yields for each entry of a file: a row, a skipped entry, or an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.answer_marks import AnswerMark
from services.intake.overrides import Reaction
from services.memory.channel_facts import ChannelFacts
from services.memory.new_items import NewItem
from services.text.small_talk.follow_ups import FollowUpKind

# A channel as a row names it.
ChannelRef = str | ChannelFacts | None


@dataclass(frozen=True)
class Row:
    """An item whose channel is not looked up yet: `channel` is a name, or Slack's facts about one.

    `step` is the reader's progress: the line number, or in an export the number of the day file. If
    the source has no date, `item.created_at` is the time of the import and `item.is_dated` False.
    `warnings` say what of the row was left out; `joined` is how many more rows are part of the
    item. `reactions` override what the message is; where it is no ticket, `skipped` says why.
    A follow-up says `follow_up` of its ticket; `mark` is what a ✅ on the message says. A row that
    `is_part` is a further message of another row's ticket, and counted as joined; `split_by` is who
    made a message a ticket of its own. One that `ends_ticket` is no ticket since its last edit.
    """

    step: int
    item: NewItem
    channel: ChannelRef = None
    warnings: Sequence[str] = ()
    joined: int = 0
    reactions: Sequence[Reaction] = ()
    skipped: str | None = None
    follow_up: FollowUpKind | None = None
    mark: AnswerMark | None = None
    is_part: bool = False
    split_by: str | None = None
    ends_ticket: bool = False

    @property
    def is_ticket(self) -> bool:
        """Whether it is stored as a ticket, or with its words as what somebody took out."""
        return self.follow_up is None and not self.ends_ticket


@dataclass(frozen=True)
class MarkedReply:
    """A reply that people marked as what solved its thread's ticket.

    Where that ticket is not known, it is skipped for the reason in `skipped`.
    """

    step: int
    channel: ChannelFacts
    mark: AnswerMark
    skipped: str


@dataclass(frozen=True)
class Skipped:
    """A valid entry that is left out on purpose.

    `ticket` is what it says if that is private or deleted: stored earlier, it is to be hidden.
    """

    step: int
    reason: str
    ticket: NewItem | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class RowError:
    """An entry that cannot be read; in an export `file` and `index` (from 0) say which message."""

    step: int
    reason: str
    file: str | None = None
    index: int | None = None

    @property
    def location(self) -> dict[str, str | int]:
        """Where it is: a line, a file, or a file and an index."""
        if self.file is None:
            return {"line": self.step}
        return {"file": self.file} | ({} if self.index is None else {"index": self.index})


ImportEntry = Row | MarkedReply | Skipped | RowError


@dataclass(frozen=True)
class RowDefaults:
    """What the rows of a file have in common. `channel` is for rows that name none.

    `source` is None where the rows' own layout names it.
    """

    source: str | None
    kind: str
    now: datetime
    channel: str | None = None
