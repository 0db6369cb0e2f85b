"""The words in pictures become part of their messages' tickets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.event_kinds import NewMessage, UnreadImages
from bot.jobs.kinds import BotJob, Lease
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.files import fetch_file
from bot.tasks.channel_sync import ChannelSync
from bot.wiring import Services
from models import Channel
from services.errors import InputError
from services.intake.image_reading import ImageReader, find_reader
from services.intake.image_texts import image_texts, save_image_texts
from services.intake.slack_messages import SlackTicket
from services.text.slack_images import MAX_IMAGE_BYTES, ImageFile, with_image_texts

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
        texts = {one.id: self._text(one, reader) for one in job.images}
        with self.services.database.write() as session:
            save_image_texts(session, channel, job.ts, texts, now)
        if not any(texts.values()):
            return []
        return [NewMessage.from_payload(f"read:{job.key}", job.message)]

    def _text(self, image: ImageFile, reader: ImageReader) -> str:
        """Return what a picture says, "" where it cannot be read: trying again would not help."""
        try:
            return reader.read(fetch_file(self.slack, image.url, MAX_IMAGE_BYTES))
        except (InputError, GoneError) as error:
            logger.warning("a picture was not read: %s", error)
            return ""


def may_read(channel: Channel) -> bool:
    """Say whether the pictures of a channel are read."""
    return channel.reads_images and channel.mode != "off"


def read_text(session: Session, message: SlackTicket, channel: Channel) -> str:
    """Return a message's text with what was read in its pictures, where that is allowed (still)."""
    if not message.images or not may_read(channel):
        return message.text
    read = image_texts(session, channel.id, [one.id for one in message.images])
    texts = [read[one.id] for one in message.images if one.id in read]
    return with_image_texts(message.text, texts)


def unread_job(session: Session, job: NewMessage, channel: Channel) -> UnreadImages | None:
    """Return the job that reads the pictures of a message that were not read yet, if any."""
    if not job.images or not may_read(channel) or find_reader() is None:
        return None
    known = image_texts(session, channel.id, [one.id for one in job.images])
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
