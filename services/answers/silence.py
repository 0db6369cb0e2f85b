"""Silence: why a remembered ticket got no answer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Answer, Channel, Item
from models.queries import live_ids
from services.channels.audience import Audience
from services.channels.settings import SPEAKING
from services.judgement.caution import caution_of
from services.judgement.duplicates import JudgedItem
from services.judgement.noise_budget import ANSWER_WINDOW, MAX_ANSWERED, noise_budget_of
from services.phrases import Phrase, phrase

NOTHING_SIMILAR = phrase("Nothing earlier that everyone here can read is similar enough.")


def restrict_to_readable(session: Session, judged: JudgedItem, audience: Audience) -> JudgedItem:
    """Return a judged item without the matches that `audience` may not read."""
    ids = {one.item_id for one in judged.matches} | {one.item_id for one in judged.nearest}
    named = live_ids(session, ids, audience.items)
    return replace(
        judged,
        matches=[one for one in judged.matches if one.item_id in named],
        nearest=[one for one in judged.nearest if one.item_id in named],
    )


def why_silent(session: Session, channel: Channel, judged: JudgedItem) -> list[Phrase]:
    """Return why a remembered ticket has no answer, the most important reason first."""
    if not judged.matches:
        return [NOTHING_SIMILAR]
    reasons = [phrase("There is something similar, but I did not mention it.")]
    duplicates = [match for match in judged.matches if match.band == "duplicate"]
    if channel.mode not in SPEAKING:
        reasons.append(phrase("In this channel I answer only when asked (mode: On request)."))
    elif channel.mode == "quiet" and not duplicates:
        reasons.append(phrase("In this channel I answer only repeated tickets (mode: Quiet)."))
    if channel.muted_at is not None:
        reasons.append(phrase("I'm muted in this channel."))
    if not noise_budget_of(session, channel).is_kept:
        reasons.append(
            phrase("Too many of my suggestions here were wrong, so I'm staying quiet for now.")
        )
    caution = caution_of(session, channel)
    if caution.description is not None and not any(map(caution.admits, judged.matches)):
        reasons.append(caution.description)
    if len(reasons) == 1:
        reasons.append(
            phrase(
                "I answer at most {answered} of {all} tickets in a row, and others were a closer "
                "match.",
                all=ANSWER_WINDOW,
                answered=MAX_ANSWERED,
            )
        )
    return reasons


def answer_ts(session: Session, channel: Channel, item: Item) -> str | None:
    """Return the `ts` of the answer in a ticket's thread, None if there is none."""
    return session.scalar(
        select(Answer.message_ts).where(
            Answer.channel_id == channel.id, Answer.thread_ts == item.head_ts
        )
    )
