"""How long tickets are kept: rules by channel and state, and what is too old by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from models import Change, Channel, Item, Part, Resolution, RetentionRule
from models.queries import LIVE
from services.channels.settings import record_change, shown_name
from services.erasure.subjects import Subject
from services.errors import NotFoundError
from services.memory.ticket_status import IS_SOLVED

RuleState = Literal["solved", "open"]
STATES: tuple[RuleState, ...] = get_args(RuleState)

# The name of the rules in the record of erasures.
RULES = "retention"
SETTING = "kept for"

MAX_DAYS = 36_500


@dataclass(frozen=True)
class KeptFor:
    """A rule as people see it: `channel` is None for all that have no rule of their own."""

    channel: str | None
    state: RuleState
    days: int | None


def in_words(days: int | None) -> str:
    """Return how long something is kept."""
    return "never erased" if days is None else f"{days} days"


def set_rule(
    session: Session,
    workspace_id: int,
    channel: Channel | None,
    state: RuleState,
    days: int | None,
    *,
    by: str,
    now: datetime,
) -> None:
    """Set how long the tickets of a channel, or of all others (None), are kept."""
    rule = _find(session, workspace_id, channel, state)
    before = "-" if rule is None else in_words(rule.days)
    if rule is None:
        rule = RetentionRule(
            workspace_id=workspace_id, channel_id=channel and channel.id, state=state
        )
        session.add(rule)
    rule.days, rule.set_by, rule.set_at = days, by, now
    words = (f"{state}: {before}", f"{state}: {in_words(days)}")
    _record(session, workspace_id, channel, words, by=by, now=now)


def remove_rule(
    session: Session,
    workspace_id: int,
    channel: Channel | None,
    state: RuleState,
    *,
    by: str,
    now: datetime,
) -> None:
    """Remove a rule. Raises `NotFoundError` if there is none."""
    rule = _find(session, workspace_id, channel, state)
    if rule is None:
        place = "for all channels" if channel is None else f"of {shown_name(channel)}"
        raise NotFoundError(f"There is no rule {place} for {state} tickets: `deja retain list`.")
    words = (f"{state}: {in_words(rule.days)}", f"{state}: -")
    _record(session, workspace_id, channel, words, by=by, now=now)
    session.delete(rule)


def list_rules(session: Session, workspace_id: int) -> list[KeptFor]:
    """Return the rules of a workspace, that for all channels first."""
    rows = session.execute(
        select(RetentionRule, Channel)
        .outerjoin(Channel, Channel.id == RetentionRule.channel_id)
        .where(RetentionRule.workspace_id == workspace_id)
        .order_by(RetentionRule.channel_id.is_not(None), Channel.name, RetentionRule.id)
    )
    return [
        KeptFor(
            None if channel is None else shown_name(channel), cast(RuleState, rule.state), rule.days
        )
        for rule, channel in rows
    ]


def too_old(session: Session, workspace_id: int, now: datetime) -> Subject | None:
    """Return what the rules of a workspace no longer keep; None without a rule that ends.

    A solved ticket is as old as its answer, an open one as its first message. One without a known
    date is as old as its import. Products are kept.
    """
    rules = session.scalars(
        select(RetentionRule)
        .where(RetentionRule.workspace_id == workspace_id)
        .order_by(RetentionRule.id)
    ).all()
    ended = [
        _condition(rule, rules, now - timedelta(days=rule.days)) for rule in rules if rule.days
    ]
    if not ended:
        return None
    said = or_(Item.text != "", Item.title.is_not(None), Item.id.in_(select(Part.item_id)))
    inner = Item.id.in_(select(Part.item_id).where(Part.head_id != Part.item_id))
    return Subject(
        workspace_id, "age", RULES, and_(Item.kind == "ticket", said, ~inner, or_(*ended))
    )


def nothing_old(workspace_id: int) -> Subject:
    """Return what rules that were removed no longer keep: nothing more than was erased by them."""
    return Subject(workspace_id, "age", RULES, false())


def _condition(
    rule: RetentionRule, rules: Sequence[RetentionRule], before: datetime
) -> ColumnElement[bool]:
    if rule.channel_id is not None:
        here = Item.channel_id == rule.channel_id
    else:
        own: dict[str, list[int]] = defaultdict(list)
        for one in rules:
            if one.channel_id is not None:
                own[one.state].append(one.channel_id)
        here = or_(Item.channel_id.is_(None), Item.channel_id.not_in(own[rule.state]))
    if rule.state == "open":
        return and_(here, ~IS_SOLVED, Item.created_at < before)
    marked = (
        select(func.max(Resolution.marked_at))
        .where(Resolution.item_id == Item.id, Resolution.undone_at.is_(None))
        .scalar_subquery()
    )
    solved_at = func.coalesce(marked, Item.resolved_at, Item.created_at)
    return and_(here, LIVE, IS_SOLVED, solved_at < before)


def _find(
    session: Session, workspace_id: int, channel: Channel | None, state: str
) -> RetentionRule | None:
    of_channel = RetentionRule.channel_id == (channel.id if channel else None)
    found: RetentionRule | None = session.scalar(
        select(RetentionRule).where(
            RetentionRule.workspace_id == workspace_id, of_channel, RetentionRule.state == state
        )
    )
    return found


def _record(
    session: Session,
    workspace_id: int,
    channel: Channel | None,
    words: tuple[str, str],
    *,
    by: str,
    now: datetime,
) -> None:
    if channel is not None:
        record_change(session, channel, SETTING, words, by=by, now=now)
    elif words[0] != words[1]:
        session.add(
            Change(
                workspace_id=workspace_id,
                setting=SETTING,
                before=words[0],
                after=words[1],
                changed_by=by,
                changed_at=now,
            )
        )
