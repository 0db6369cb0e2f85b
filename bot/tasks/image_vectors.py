"""Pictures of tickets are embedded, so that they are found by a picture and by words."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.jobs.event_kinds import NewImages, NewMessage
from bot.jobs.kinds import BotJob, Lease
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.files import fetch_file
from bot.tasks.channel_sync import ChannelSync
from bot.wiring import Services
from services.channels.audience import Audience
from services.errors import InputError, ModelError
from services.intake.image_texts import may_read
from services.intake.image_vectors import embedded_images, save_image_vectors
from services.intake.pictures import open_in_colour
from services.judgement.bands import Match
from services.search.embedders.image_embedding import ImageEmbedder
from services.text.slack.images import MAX_IMAGE_BYTES, ImageFile

# Of what is similar to a ticket, those that are found by a picture alone.
MAX_PICTURED = 2

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImageVectors:
    """Embeds pictures that a channel's settings allow to be read."""

    services: Services
    slack: Slack
    channels: ChannelSync

    def embed(self, job: NewImages, lease: Lease, now: datetime) -> list[BotJob]:
        """Embed the pictures of a ticket that the model has not read yet."""
        channel = self.channels.ensure_channel(job.channel, now)
        embedder = self.services.image_embedder
        if embedder is None or not may_read(channel):
            return []
        try:
            fingerprint = embedder.fingerprint
            with self.services.database.read() as session:
                ids = [one.id for one in job.images]
                known = embedded_images(session, channel, ids, fingerprint)
            new = [one for one in job.images if one.id not in known]
            vectors = {one.id: self._vector(one, embedder) for one in new}
        except ModelError as error:
            logger.warning("pictures are not searched: %s", error)
            return []
        found = {file_id: vector for file_id, vector in vectors.items() if vector is not None}
        with self.services.database.write() as session:
            save_image_vectors(session, channel, job.ts, found, fingerprint)
        return []

    def _vector(self, image: ImageFile, embedder: ImageEmbedder) -> NDArray[np.float32] | None:
        """Return the vector of a picture; None where trying again would not help."""
        try:
            picture = open_in_colour(fetch_file(self.slack, image.url, MAX_IMAGE_BYTES))
        except (InputError, GoneError) as error:
            logger.warning("a picture was not embedded: %s", error)
            return None
        if picture is None:
            logger.warning("a picture was not embedded: it cannot be opened")
            return None
        return np.asarray(embedder.read_pictures([picture])[0], dtype=np.float32)


def new_image_jobs(services: Services, jobs: Sequence[NewMessage]) -> list[BotJob]:
    """Return the jobs that embed the pictures of messages; none without a model for them."""
    if services.image_embedder is None:
        return []
    return [
        NewImages(key=f"pictures:{job.key}", channel=job.channel, ts=job.ts, images=job.images)
        for job in jobs
        if job.images
    ]


def past_image_jobs(
    services: Services, channel: str, pictures: Mapping[str, tuple[ImageFile, ...]]
) -> list[BotJob]:
    """Return the jobs that embed the pictures of earlier messages of a channel, by `ts`."""
    embedder = services.image_embedder
    if embedder is None:
        return []
    return [
        NewImages(
            key=f"pictures:{channel}:{ts}:{embedder.model}", channel=channel, ts=ts, images=images
        )
        for ts, images in pictures.items()
        if images
    ]


def with_pictured(
    services: Services, item_id: int, matches: Sequence[Match], audience: Audience, limit: int
) -> list[Match]:
    """Return up to `limit` matches; in place of the last ones, tickets with nearly its picture."""
    if services.similar_pictures is None:
        return list(matches)
    try:
        pictured = services.similar_pictures.to_item(item_id, audience=audience, limit=MAX_PICTURED)
    except ModelError as error:
        logger.warning("pictures are not searched: %s", error)
        return list(matches)
    near = {one.item_id for one in matches if one.band is not None}
    new = {one.item_id: one for one in pictured if one.item_id not in near}
    rest = [one for one in matches if one.item_id not in new]
    return [*rest[: limit - len(new)], *new.values()]
