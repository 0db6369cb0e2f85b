"""The status: what Déjà remembers, in numbers, and how it behaves in a channel."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Channel, Embedding, Item, Verdict, Workspace
from models.queries import LIVE
from services.channels.audience import Audience
from services.channels.settings import SPEAKING
from services.judgement.caution import Caution, caution_of
from services.judgement.noise_budget import noise_budget_of
from services.phrases import Phrase, counted, phrase

_SILENT = {
    "off": phrase("off: I remember nothing"),
    "request": phrase("I answer only when asked"),
}


def count_workspaces(session: Session) -> int:
    """Return the number of workspaces."""
    return session.scalar(select(func.count(Workspace.id))) or 0


def count_items(session: Session, where: ColumnElement[bool]) -> dict[str, int]:
    """Return how many live items pass `where`, by kind."""
    rows = session.execute(select(Item.kind, func.count()).where(where, LIVE).group_by(Item.kind))
    return {"ticket": 0, "product": 0} | {kind: number for kind, number in rows}


def count_embeddings(session: Session, fingerprint: str) -> int:
    """Return the number of stored vectors of a model."""
    return (
        session.scalar(select(func.count(Embedding.id)).where(Embedding.fingerprint == fingerprint))
        or 0
    )


def count_current_verdicts(session: Session) -> dict[str, int]:
    """Return the number of current verdicts, by verdict."""
    rows = session.execute(
        select(Verdict.verdict, func.count())
        .where(Verdict.undone_at.is_(None))
        .group_by(Verdict.verdict)
    )
    return {"duplicate": 0, "related": 0, "distinct": 0} | {
        verdict: number for verdict, number in rows
    }


def describe_memory(session: Session, audience: Audience) -> tuple[Phrase, Phrase]:
    """Return how much is remembered as an audience may know it, as a name and a value."""
    readable = count_items(session, audience.items)["ticket"]
    counts = counted(readable, "{n} ticket that you can read", "{n} tickets that you can read")
    return phrase("Remembered"), counts


def describe_channel(session: Session, channel: Channel) -> list[tuple[Phrase, Phrase]]:
    """Return how much a channel holds and how Déjà works there, as names and values."""
    in_channel = count_items(session, Item.channel_id == channel.id)
    return [
        (phrase("From this channel"), _tickets(in_channel)),
        (phrase("In this channel"), _behaviour(session, channel)),
    ]


def _behaviour(session: Session, channel: Channel) -> Phrase:
    if channel.mode not in SPEAKING:
        return _SILENT[channel.mode]
    if channel.muted_at is not None:
        return phrase("muted")
    if not noise_budget_of(session, channel).is_kept:
        return phrase("quiet, because too many of my suggestions were wrong")
    if channel.mode == "quiet":
        return phrase("I answer only repeated tickets")
    return _on_similar(caution_of(session, channel))


def _on_similar(caution: Caution) -> Phrase:
    if caution.is_silent:
        return phrase("I answer only repeated tickets, because most similar ones were rejected")
    if caution.step:
        return phrase("I answer repeated tickets, and similar ones only when they are very close")
    return phrase("I answer repeated and similar tickets")


def _tickets(counts: dict[str, int]) -> Phrase:
    return counted(counts["ticket"], "{n} ticket", "{n} tickets")
