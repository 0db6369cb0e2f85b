"""Messages as events bring them, and which of them are or stay tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.jobs.event_kinds import LateTicket, NewMessage
from models import Channel, Workspace
from services.intake.classify import (
    BOT,
    ChannelRules,
    Classification,
    MessageKind,
    classify_content,
    classify_reply,
)
from services.intake.follow_ups import NewFollowUp
from services.intake.slack_messages import SlackTicket
from services.memory.new_items import ItemKey, NewItem, SaveOutcome


@dataclass(frozen=True)
class IncomingMessage:
    """A message with its item and what it is."""

    job: NewMessage
    item: NewItem
    found: Classification

    @classmethod
    def of(
        cls, job: NewMessage, workspace: Workspace, channel: Channel, rules: ChannelRules
    ) -> IncomingMessage:
        """Return a message as its channel's rules read it."""
        content = job.ticket.with_image_texts(rules.image_texts)
        item = content.item(job.channel, channel_id=channel.id, team_url=workspace.url)
        return cls(job, item, _classify(job, content, rules))

    @property
    def is_by_reaction(self) -> bool:
        """Whether somebody's reaction caused the job, not the message itself."""
        return self.job.kind_in_any_channel is not None

    @property
    def follow_up(self) -> NewFollowUp | None:
        """The message as a follow-up, if it is one."""
        kind = self.found.follow_up
        return None if kind is None else NewFollowUp(self.item, kind)

    def is_late_ticket(self, outcome: SaveOutcome) -> bool:
        """Say whether an edit or a reaction made it a ticket, after people may have answered it."""
        is_new = self.is_by_reaction or bool(self.job.revision and outcome == "added")
        return is_new and self.job.thread_ts is None and self.found.ticket is not None

    @property
    def late_ticket(self) -> LateTicket:
        """The job to do if it is a late ticket."""
        job = self.job
        return LateTicket(key=f"late:{job.key}", team=job.team, channel=job.channel, ts=job.ts)

    @property
    def takes_edit(self) -> bool:
        """Whether the message stays a ticket if it was one."""
        return not self.is_by_reaction and not self.found.ends_ticket

    @property
    def may_be_stored(self) -> bool:
        """Say whether the message may have been a ticket or a follow-up before."""
        return bool(self.job.revision) or self.is_by_reaction

    @property
    def may_change_what_is_stored(self) -> bool:
        """Say whether something is to be done about a message that is no ticket."""
        return self.follow_up is not None or self.may_be_stored


def kept_messages(
    messages: Sequence[IncomingMessage], was_ticket: Callable[[IncomingMessage], bool]
) -> list[IncomingMessage]:
    """Return the messages that are stored: tickets, and edits of such that leave them tickets.

    Of several events about one message the newest says what it is. `was_ticket` says whether a
    message is stored.
    """
    newest: dict[ItemKey, IncomingMessage] = {}
    for one in messages:
        known = newest.get(one.item.key)
        if known is None or one.job.revision >= known.job.revision:
            newest[one.item.key] = one
    tickets = {one.item.key for one in messages if one.found.is_stored}
    kept = {
        key
        for key, one in newest.items()
        if one.found.is_stored or (one.takes_edit and (key in tickets or was_ticket(one)))
    }
    return [one for one in messages if one.item.key in kept]


def _classify(job: NewMessage, content: SlackTicket, rules: ChannelRules) -> Classification:
    """Return what a message is, if need be by its reactions or by who is chosen in its channel."""
    kind = job.kind_in_any_channel
    if job.by_bot or kind == MessageKind.BOT:
        is_ticket = job.sender is not None and job.sender.id in rules.ticket_senders
    else:
        is_ticket = kind in (None, MessageKind.TICKET)
    if is_ticket or rules.overrides.get(job.ts) == "ticket":
        return classify_content(content, rules)
    if kind is None:
        return Classification(MessageKind.BOT, BOT, content)
    if kind in (MessageKind.REPLY, MessageKind.FOLLOW_UP):
        return classify_reply(content)
    return Classification(MessageKind(str(kind)), content=content)
