"""The words in pictures become part of their messages' tickets."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.event_kinds import NewMessage, UnreadImages
from bot.jobs.kinds import BotJob, Lease
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.files import fetch_file
from bot.tasks.channel_sync import ChannelSync
from bot.wiring import Services
from models import Channel, Database
from services.errors import InputError
from services.intake.image_reader import ImageReader, find_reader
from services.intake.image_texts import delete_image_texts, image_texts, may_read
from services.intake.picture_hashes import picture_hash
from services.intake.slack_messages import find_ticket
from services.intake.store_image_texts import ImageReading, save_readings
from services.text.slack.images import MAX_IMAGE_BYTES, ImageFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Images:
    """Reads pictures that a channel's settings allow to be read."""

    services: Services
    slack: Slack
    channels: ChannelSync

    def read(self, job: UnreadImages, lease: Lease, now: datetime) -> list[BotJob]:
        """Read pictures; return the job that stores their message with what they say."""
        channel = self.channels.ensure_channel(job.channel, now)
        reader = find_reader()
        if reader is None or not may_read(channel):
            return []
        readings = {one.id: _reading(self.slack, one, reader) for one in job.images}
        with self.services.database.write() as session:
            save_readings(session, channel, job.ts, readings, now)
        if all(one.is_empty for one in readings.values()):
            return []
        message = NewMessage.from_payload(f"read:{job.key}", job.message)
        return [replace(message, images_read=True)]


def read_now(
    database: Database,
    slack: Slack,
    channel: Channel,
    pictures: Mapping[str, Sequence[ImageFile]],
    now: datetime,
) -> list[str]:
    """Read the pictures of messages, by `ts`, that were not read yet; return the `ts` of these.

    None where the channel's settings do not allow it, or nothing here can read pictures.
    """
    reader = find_reader()
    if reader is None or not may_read(channel):
        return []
    with database.read() as session:
        known = image_texts(session, channel, [one.id for own in pictures.values() for one in own])
    unread = {ts: [one for one in own if one.id not in known] for ts, own in pictures.items()}
    unread = {ts: own for ts, own in unread.items() if own}
    for ts, own in unread.items():
        readings = {one.id: _reading(slack, one, reader) for one in own}
        with database.write() as session:
            save_readings(session, channel, ts, readings, now)
    return list(unread)


def _reading(slack: Slack, image: ImageFile, reader: ImageReader) -> ImageReading:
    """Return what a picture says; nothing where trying to read it again would not help."""
    try:
        picture = fetch_file(slack, image.url, MAX_IMAGE_BYTES)
        text = reader.read(picture)
    except (InputError, GoneError) as error:
        logger.warning("a picture was not read: %s", error)
        return ImageReading()
    return ImageReading(text, picture_hash(picture, text))


def unread_jobs(
    database: Database, jobs: Sequence[NewMessage], channels: Mapping[str, Channel]
) -> list[BotJob]:
    """Return the jobs that read the pictures of messages that were not read yet."""
    wanted = [job for job in jobs if job.images and not job.images_read]
    if not wanted or find_reader() is None:
        return []
    with database.read() as session:
        found = [_unread_job(session, job, channels[job.channel]) for job in wanted]
    return [job for job in found if job is not None]


def forget_unused(
    database: Database, jobs: Sequence[NewMessage], channels: Mapping[str, Channel]
) -> None:
    """Delete what was read in the pictures of messages that did not become tickets by it."""
    read = [job for job in jobs if job.images_read]
    if not read:
        return
    with database.write() as session:
        for job in read:
            if find_ticket(session, channels[job.channel], job.ts) is None:
                delete_image_texts(session, channels[job.channel].id, job.ts)


def _unread_job(session: Session, job: NewMessage, channel: Channel) -> UnreadImages | None:
    if not may_read(channel):
        return None
    known = image_texts(session, channel, [one.id for one in job.images])
    unread = tuple(one for one in job.images if one.id not in known)
    if not unread:
        return None
    return UnreadImages(
        key=f"images:{job.key}",
        channel=job.channel,
        ts=job.ts,
        images=unread,
        message=job.payload(),
    )
