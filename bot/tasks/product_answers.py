"""Answers in channels for products: each question gets one, with products of the catalog."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.products import is_sold_out, products_reply
from bot.i18n.texts import texts_in
from bot.jobs.event_kinds import NewMessage
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.update_kinds import ProductOffer
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.tasks.channel_sync import ChannelSync
from bot.wiring import Services
from models import Channel
from models.queries import items_by_id
from services.channels.audience import audience_of_channel
from services.channels.settings import SPEAKING
from services.intake.classify import PRODUCTS, Classification
from services.memory.new_items import NewItem
from services.text.cleaning.compared_text import readable_text

MAX_OFFERED = 5

# Cosine similarities of raw vectors: of each product that is shown, and, by mode, of the best one,
# below which nothing is. Of eleven questions about the sample catalog in three languages nine reach
# 0.35 with the right kind of product; of thirteen other messages one does, which is about a lamp.
# At 0.5 that one is left out, and so are five of the questions.
MIN_PRODUCT_SIMILARITY = 0.35
MIN_BEST_SIMILARITY = {"quiet": 0.5, "full": MIN_PRODUCT_SIMILARITY}


@dataclass(frozen=True)
class ProductAnswers:
    """Answers questions with products."""

    services: Services
    slack: Slack
    channels: ChannelSync

    def offer(self, job: ProductOffer, lease: Lease, now: datetime) -> list[BotJob]:
        """Post the products that fit a question once in its thread."""
        channel = self.channels.ensure_channel(job.channel, now)
        if not _speaks(channel):
            return []
        matches = self.services.similar.to_text(
            job.text, kind="product", audience=audience_of_channel(channel), limit=MAX_OFFERED
        )
        fitting = [one for one in matches if one.similarity >= MIN_PRODUCT_SIMILARITY]
        best = MIN_BEST_SIMILARITY[channel.mode]
        if not any(one.similarity >= best for one in fitting):
            return []
        with self.services.database.read() as session:
            items = items_by_id(session, [one.item_id for one in fitting])
        # Sold-out products come last; otherwise the order stays.
        products = sorted((items[one.item_id] for one in fitting), key=is_sold_out)
        reply, mark = products_reply(products, texts_in(channel)), f"deja-offer-{job.ts}"
        blocks = [{**reply.blocks[0], "block_id": mark}, *reply.blocks[1:]]
        with suppress(GoneError):
            self.slack.post_once(job.channel, job.ts, Message(reply.text, blocks, mark))
        return []


def offer_job(
    job: NewMessage, channel: Channel, item: NewItem, found: Classification
) -> ProductOffer | None:
    """Return the job that answers a message with products; None if it asks for none.

    Edits and thread replies are not answered.
    """
    if found.reason != PRODUCTS or not _speaks(channel) or item.revision or item.thread_ts:
        return None
    if not readable_text(None, item.text):
        return None
    return ProductOffer(
        key=f"offer:{job.key}", team=job.team, channel=job.channel, ts=job.ts, text=item.text
    )


def _speaks(channel: Channel) -> bool:
    return channel.kind == "products" and channel.mode in SPEAKING and channel.muted_at is None
