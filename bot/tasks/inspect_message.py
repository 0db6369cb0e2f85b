"""The shortcuts *Inspect this message* and *Find similar*."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.inspection import (
    Decided,
    Followed,
    Inspection,
    Joined,
    Overridden,
    SimilarItem,
    inspection_reply,
)
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.private_replies import reason_job, reply_job
from bot.jobs.request_kinds import InspectShortcut, SimilarShortcut
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.follow_ups import followed_by
from bot.tasks.request import Request
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.ticket_searches import similar_to_item, similar_to_text
from bot.wiring import Services
from models import Channel, Item, MessageOverride
from models.queries import live_items
from services.answers.silence import answer_ts, restrict_to_readable, why_silent
from services.intake.classify import (
    BOT,
    REPLY,
    ChannelRules,
    Classification,
    MessageKind,
    classify,
)
from services.intake.follow_ups import find_follow_up
from services.intake.image_texts import image_texts
from services.intake.ingest import parts_of
from services.intake.overrides import current_overrides, kinds_of
from services.intake.slack_messages import find_part, find_ticket, permalink
from services.issues.verdicts import current_verdicts
from services.judgement.duplicates import JudgedItem
from services.judgement.same_pictures import find_same_pictures
from services.memory.comparable_text import comparable_text
from services.memory.workspaces import find_workspace
from services.phrases import phrase
from services.text.cleaning.headline import headline
from services.text.slack.images import images_of, with_image_texts
from services.text.slack.markup import clean_slack
from services.text.slack.message import message_text

NOT_STORED = phrase(
    "I don't remember it: it was written before I joined or while I was turned off, or it "
    "was deleted. Older messages can be read in with /deja settings."
)
NO_WORDS = phrase("The message has no words to compare: a link or an emoji alone says too little.")
CHOSEN_IN_SETTINGS = phrase("Which bots and forms open tickets is chosen in /deja settings.")
FOLLOWS = phrase("It is not a ticket of its own.")
KEPT = phrase("I remember it as a ticket.")

# Decisions that an inspection shows.
MAX_DECISIONS = 3


@dataclass(frozen=True)
class InspectMessage:
    """Answers whoever asks about one message, and nobody else."""

    services: Services
    channels: ChannelSync
    access: RequesterAccess

    def inspect(self, job: InspectShortcut, lease: Lease, now: datetime) -> list[BotJob]:
        """Reply what the bot made of a message, and why."""
        channel = self.channels.ensure_channel(job.channel, now)
        message = {**job.message, "ts": job.ts}
        with self.services.database.read() as session:
            overrides = current_overrides(session, channel.id, [job.ts])
            item = find_ticket(session, channel, job.ts)
            joined = _joined(session, channel, job.ts)
            row = find_follow_up(session, channel.id, job.ts)
            followed = None if row is None else followed_by(session, row)
            images = [one.id for one in images_of(message)]
            read = image_texts(session, channel, images)
        rules = ChannelRules.of(channel, kinds_of(overrides), read)
        found = classify(message, self.channels.me.bots, rules)
        request = self.access.request("", channel, job.user)
        said = clean_slack(with_image_texts("", (read[one] for one in images if one in read)))
        report = Inspection(
            [KEPT], read=said or None, overridden=_overridden(overrides.get(job.ts))
        )
        is_added = found.kind is MessageKind.FOLLOW_UP and item is not None and joined is not None
        if (found.ticket is None and not is_added) or followed is not None:
            report = _no_ticket(report, found, followed, channel)
        elif item is None:
            report = replace(report, lines=[NOT_STORED])
        elif not comparable_text(item):
            report = replace(report, lines=[KEPT, NO_WORDS], joined=joined)
        else:
            report = self._compared(job, item, replace(report, joined=joined), request)
        return [reply_job(inspection_reply(report, request.say), job)]

    def similar(self, job: SimilarShortcut, lease: Lease, now: datetime) -> list[BotJob]:
        """Reply with the most similar tickets that whoever asks may read."""
        channel = self.channels.ensure_channel(job.channel, now)
        text = message_text(job.message)
        request = self.access.request(text, channel, job.user)
        with self.services.database.read() as session:
            item = find_ticket(session, channel, job.ts)
        if item is not None:
            reply = similar_to_item(self.services, item.id, request, now)
        elif text:
            reply = similar_to_text(self.services, request, now)
        else:
            return [reason_job(NO_WORDS, job)]
        return [reply_job(reply, job)]

    def _compared(
        self, job: InspectShortcut, item: Item, report: Inspection, request: Request
    ) -> Inspection:
        """Add what a ticket resembles, of which whoever asks may read less than others here."""
        [judged] = self.services.duplicates.judge_items([item.id])
        with self.services.database.read() as session:
            readable = restrict_to_readable(session, judged, request.audience)
            stored = session.get_one(Channel, request.channel.id)
            url = find_workspace(session, self.channels.me.team_id).url
            ts = answer_ts(session, stored, item)
            lines = [KEPT] if ts else [KEPT, *why_silent(session, stored, readable)]
            answer = permalink(url, job.channel, ts, item.head_ts) if ts else None
            similar = _nearest(session, item, readable)
            pictured = _with_same_picture(session, item, request)
            decisions = _decisions(session, item, request)
        return replace(
            report,
            lines=lines,
            answer=answer,
            nearest=similar,
            same_picture=pictured,
            decisions=decisions,
        )


def _nearest(session: Session, item: Item, judged: JudgedItem) -> SimilarItem | None:
    """Return the ticket nearest to one by meaning, if any is near."""
    if not judged.nearest:
        return None
    nearest = judged.nearest[0]
    other = session.get_one(Item, nearest.item_id)
    is_later = (other.created_at, other.id) > (item.created_at, item.id)
    title = headline(other.title, other.text)
    return SimilarItem(title, other.url, nearest.similarity, is_later)


def _decisions(session: Session, item: Item, request: Request) -> list[Decided]:
    """Return the newest decisions on a ticket and others that whoever asks may read."""
    verdicts = current_verdicts(session, item.id)
    others = live_items(session, verdicts, request.audience.items)
    newest = sorted(others, key=lambda other_id: verdicts[other_id].id, reverse=True)
    return [
        Decided(
            verdicts[one].verdict,
            verdicts[one].decided_by,
            headline(others[one].title, others[one].text),
            others[one].url,
        )
        for one in newest[:MAX_DECISIONS]
    ]


def _no_ticket(
    report: Inspection, found: Classification, followed: Followed | None, channel: Channel
) -> Inspection:
    if followed is not None and found.reason != REPLY:
        reason = FOLLOWS
    else:
        reason = phrase("It is not a ticket: {reason}.", reason=found.sentence)
    lines = [reason, CHOSEN_IN_SETTINGS] if found.reason == BOT else [reason]
    can_be_ticket = channel.mode != "off" and found.kind is not MessageKind.IGNORED
    emoji = channel.ticket_emoji if can_be_ticket else None
    return replace(report, lines=lines, followed=followed, ticket_emoji=emoji)


def _with_same_picture(session: Session, item: Item, request: Request) -> SimilarItem | None:
    """Return the first ticket with a picture of this one, of what whoever asks may read."""
    found = find_same_pictures(session, [item.id], request.audience).get(item.id)
    if not found:
        return None
    other = session.get_one(Item, min(found))
    return SimilarItem(headline(other.title, other.text), other.url)


def _overridden(override: MessageOverride | None) -> Overridden | None:
    if override is None:
        return None
    return Overridden(override.kind == "ticket", override.emoji, override.set_by)


def _joined(session: Session, channel: Channel, ts: str) -> Joined | None:
    """Return the burst that a message is part of; None for a ticket of its own."""
    part = find_part(session, channel, ts)
    if part is None:
        return None
    first, *rest = parts_of(session, part.head_id)
    if part.split_by is None and not rest:
        return None
    url = None if first.id == part.item_id else first.url
    return Joined(part.item_id, 1 + len(rest), url, part.split_by)
